import { readFileSync } from 'node:fs'
import { verifyTypedData } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf, codeOfAsync } from '../../../test/claims/code-of.ts'
import type { Deletion, SignedDeletion } from '../src/index.ts'
import { recoverDeletionSigner, signDeletion } from '../src/index.ts'
import { DOMAIN, id32, OPERATORS } from './evidence-samples.ts'

const test = suite('proofs/deletion')
const OPERATOR = OPERATORS[0] as (typeof OPERATORS)[number]
const DELETION: Deletion = {
  dataset: id32('a'),
  shareDestroyed: true,
  shardsDeleted: 2,
  timeSec: 1_790_700_000,
}
const FIELDS = [
  { type: 'bytes32', name: 'dataset' },
  { type: 'bool', name: 'shareDestroyed' },
  { type: 'uint32', name: 'shardsDeleted' },
  { type: 'uint64', name: 'timeSec' },
]

test('is typed data that other libraries verify', async () => {
  const vectors = JSON.parse(
    readFileSync(new URL('../../../test/vectors/proofs/event.json', import.meta.url), 'utf8'),
  ) as { deletions: readonly SignedDeletion[] }
  assert.ok(vectors.deletions.length >= 2)
  for (const { operator, signature, ...deletion } of vectors.deletions) {
    const domain = { name: 'Halo', version: '1', ...DOMAIN }
    assert.is(verifyTypedData(domain, { Deletion: FIELDS }, deletion, signature), operator)
    assert.is(recoverDeletionSigner({ ...deletion, signature }, DOMAIN), operator)
  }
})

test('tells who signed, and takes another field for another deletion', async () => {
  const signed = await signDeletion(OPERATOR, DELETION, DOMAIN)
  assert.is(signed.operator, OPERATOR.address)
  const changes: readonly Partial<Deletion>[] = [
    { dataset: id32('b') },
    { shareDestroyed: false },
    { shardsDeleted: 3 },
    { timeSec: 1 },
  ]
  for (const change of changes)
    assert.is.not(recoverDeletionSigner({ ...signed, ...change }, DOMAIN), OPERATOR.address)
})

test('refuses fields out of range, and a deletion of nothing', async () => {
  const wrong: readonly Partial<Record<keyof Deletion, unknown>>[] = [
    { dataset: '0x' },
    { shareDestroyed: 1 },
    { shardsDeleted: -1 },
    { shardsDeleted: 2 ** 32 },
    { shardsDeleted: 0.5 },
    { shareDestroyed: false, shardsDeleted: 0 },
    { timeSec: 1_790_000_000_000 },
    { timeSec: Number.NaN },
  ]
  for (const change of wrong) {
    const deletion = { ...DELETION, ...change } as Deletion
    assert.is(await codeOfAsync(() => signDeletion(OPERATOR, deletion, DOMAIN)), 'EVENT_INVALID')
    assert.is(
      codeOf(() => recoverDeletionSigner({ ...deletion, signature: '0x' }, DOMAIN)),
      'EVENT_INVALID',
    )
  }
})

test.run()
