import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { TypedDataEncoder, verifyTypedData } from 'ethers'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf, codeOfAsync } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import type { AccessEvent, Hex, SignedAccessEvent } from '../src/index.ts'
import { commitLocation, recoverAccessEventSigner, signAccessEvent } from '../src/index.ts'
import { addressOf, DOMAIN, id32, OPERATORS, PATIENT, RESEARCHER } from './evidence-samples.ts'
import { bytes32Of } from './receipt-samples.ts'

const test = suite('proofs/access-event')

const EVENT: AccessEvent = {
  recordHash: id32('a'),
  owner: addressOf(PATIENT),
  receiver: addressOf(RESEARCHER),
  timeSec: 1_790_000_000,
  location: commitLocation('Ward 3, Example Hospital', bytes32Of('location')),
  expirySec: 1_790_604_800,
}
const TYPE =
  'AccessEvent(bytes32 recordHash,address owner,address receiver,uint64 timeSec,bytes32 location,uint64 expirySec)'

test('is the typed data whose type the tuple of the paper has', () => {
  const fields = TYPE.slice('AccessEvent('.length, -1)
    .split(',')
    .map((field) => field.split(' '))
    .map(([type = '', name = '']) => ({ type, name }))
  assert.is(TypedDataEncoder.from({ AccessEvent: fields }).encodeType('AccessEvent'), TYPE)
  const vectors = JSON.parse(
    readFileSync(new URL('../../../test/vectors/proofs/event.json', import.meta.url), 'utf8'),
  ) as { events: readonly SignedAccessEvent[] }
  assert.ok(vectors.events.length >= 2)
  for (const { signer, signature, ...event } of vectors.events) {
    const domain = { name: 'Halo', version: '1', ...DOMAIN }
    assert.is(verifyTypedData(domain, { AccessEvent: fields }, event, signature), signer)
    assert.is(recoverAccessEventSigner({ ...event, signature }, DOMAIN), signer)
  }
})

test('tells who signed, and takes another field for another event', async () => {
  const operator = OPERATORS[0] as (typeof OPERATORS)[number]
  const signed = await signAccessEvent(operator, EVENT, DOMAIN)
  assert.is(signed.signer, operator.address)
  const changes: readonly Partial<AccessEvent>[] = [
    { recordHash: id32('b') },
    { owner: addressOf(RESEARCHER) },
    { receiver: addressOf(PATIENT) },
    { timeSec: EVENT.timeSec - 1 },
    { location: id32('0') },
    { expirySec: EVENT.expirySec + 1 },
  ]
  assert.equal(Object.keys(EVENT).sort(), changes.flatMap((change) => Object.keys(change)).sort())
  for (const change of changes)
    assert.is.not(recoverAccessEventSigner({ ...signed, ...change }, DOMAIN), operator.address)
  assert.is.not(recoverAccessEventSigner(signed, { ...DOMAIN, chainId: 1 }), operator.address)
})

test('refuses fields that are missing or out of range, times in milliseconds too', async () => {
  const wrong: readonly Partial<Record<keyof AccessEvent, unknown>>[] = [
    { recordHash: '0xaa' },
    { recordHash: EVENT.recordHash.toUpperCase() },
    { recordHash: undefined },
    { owner: EVENT.owner.toLowerCase() },
    { owner: `0x${'g'.repeat(40)}` },
    { receiver: null },
    { timeSec: -1 },
    { timeSec: 1.5 },
    { timeSec: Number.NaN },
    { timeSec: 1_790_000_000_000, expirySec: 1_790_000_000_001 },
    { timeSec: '1790000000' },
    { location: 'Ward 3' },
    { expirySec: EVENT.timeSec - 1 },
    { expirySec: Number.POSITIVE_INFINITY },
  ]
  for (const change of wrong) {
    const event = { ...EVENT, ...change } as AccessEvent
    assert.is(
      await codeOfAsync(() => signAccessEvent(PATIENT, event, DOMAIN)),
      'EVENT_INVALID',
      JSON.stringify(change),
    )
    assert.is(
      codeOf(() => recoverAccessEventSigner({ ...event, signature: '0x' }, DOMAIN)),
      'EVENT_INVALID',
    )
  }
})

test('takes no signature of a kind that it could not check again', async () => {
  const contractWallet = { signTypedData: async (): Promise<string> => `0x${'ab'.repeat(200)}` }
  assert.is(await codeOfAsync(() => signAccessEvent(contractWallet, EVENT, DOMAIN)), 'EVENT_INVALID')
})

test('hides a place behind its salt', async () => {
  await holds(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      (where, salt) => {
        const expected: Hex = `0x${createHash('sha256').update(salt).update(where, 'utf8').digest('hex')}`
        assert.is(commitLocation(where, salt), expected)
      },
    ),
  )
  const salt = bytes32Of('salt')
  assert.is.not(commitLocation('Köln', salt), commitLocation('Köln', bytes32Of('other')))
  assert.is(
    codeOf(() => commitLocation('here', salt.subarray(1))),
    'EVENT_INVALID',
  )
  assert.is(
    codeOf(() => commitLocation('\ud800', salt)),
    'EVENT_INVALID',
  )
  assert.is(
    codeOf(() => commitLocation('x'.repeat(1_025), salt)),
    'EVENT_INVALID',
  )
})

test.run()
