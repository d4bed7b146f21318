import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AccessRequest, AnswerKind, Bytes32 } from '@halo/consent'
import { requestIdOf, statementOf } from '@halo/consent'
import { encodeEvidence, encodeReceipt, parseEvidence } from '@halo/proofs'
import { checkProof } from '@halo/verifier'
import type { SignedAnswer } from '@halo/wallet'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  DEPLOYMENT,
  datasetOf,
  makeEvidence,
  requestFor,
  signConsent,
} from '../../../packages/proofs/test/evidence-bundle.ts'
import { id32 } from '../../../packages/proofs/test/evidence-samples.ts'
import { readDeliverySource } from '../src/proof/delivery-source.ts'
import { assembleEvidence, nameProof } from '../src/proof/proof-source.ts'
import { chooseConsent } from '../src/proof/wallet-source.ts'
import { keepOutput, refusalOf } from './kept-output.ts'

const test = suite('cli/proof-source')

const { evidence } = await makeEvidence()
const { record, inclusion, consent, access } = evidence
if (record?.opening === undefined || inclusion === undefined || consent === undefined || access === undefined)
  throw new Error('the sample lacks a part')
const { opening } = record
const grant = consent.answers[0]
const deployment = { ...DEPLOYMENT, anchor: evidence.deployment.anchor as typeof DEPLOYMENT.anchor }
const hex = (text: string): string => text.slice(2)

/** What collect writes of the sample, as far as a proof is made of it. */
const MANIFEST = {
  requestId: id32('1'),
  proof: {
    metadata: hex(opening.metadata),
    salt: hex(opening.salt),
    entry: {
      commitment: record.recordCommitment,
      patient: record.owner,
      descriptor: record.descriptor,
      signature: record.signature,
      receipt: Buffer.from(encodeReceipt(inclusion)).toString('hex'),
    },
  },
  evidence: {
    request: consent.request,
    consent: grant,
    deliveries: access.deliveries.map(({ signature }) => signature),
  },
}

async function openDelivery(manifest: string): Promise<{ readonly dir: string } & AsyncDisposable> {
  const dir = await mkdtemp(join(tmpdir(), 'halo-delivery-'))
  await mkdir(dir, { recursive: true })
  await writeFile(join(dir, 'manifest.json'), manifest)
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) }
}

test('makes of a delivery what the delivery shows, salt and metadata of the record only when asked to', async () => {
  await using delivery = await openDelivery(JSON.stringify(MANIFEST))
  const closed = assembleEvidence(await readDeliverySource(delivery.dir, false), deployment)
  assert.is(closed.record?.opening, undefined)
  assert.not.match(encodeEvidence(closed), hex(opening.salt))
  const opened = assembleEvidence(await readDeliverySource(delivery.dir, true), deployment)
  assert.equal(opened.record?.opening, opening)
  const { parts } = checkProof({ kind: 'bundle', evidence: parseEvidence(encodeEvidence(opened)) })
  assert.equal(
    parts.map(({ reason }) => reason),
    [
      'RECORD_SIGNED',
      'LOG_UNCONFIRMED',
      'CHAIN_NOT_ASKED',
      'GRANTED',
      'OPERATORS_UNKNOWN',
      'DELETION_ABSENT',
    ],
  )
  assert.equal(
    opened.access?.deliveries.map(({ operator }) => operator),
    access.deliveries.map(({ operator }) => operator),
  )
})

test('says so of a delivery that is none, is damaged or was written by an earlier version', async () => {
  const { entry: _, ...proof } = MANIFEST.proof
  for (const text of ['', 'null', '[]', '{"proof":{}}', JSON.stringify({ ...MANIFEST, proof })]) {
    await using delivery = await openDelivery(text)
    const refusal = await refusalOf(readDeliverySource(delivery.dir, false))
    assert.equal([refusal.code, /Collect the record again/.test(refusal.message)], ['FILE_UNREADABLE', true])
  }
  const none = await refusalOf(readDeliverySource(join(tmpdir(), 'no-such-delivery'), false))
  assert.match(none.message, /There is no delivery/)
})

/** What a wallet keeps of answers to a request. */
async function answersTo(request: AccessRequest, ...kinds: readonly AnswerKind[]): Promise<SignedAnswer[]> {
  const { answers } = await signConsent(request, kinds)
  return answers.map(({ kind, signature }) => ({
    kind,
    request,
    statement: statementOf(kind, request),
    signature,
  }))
}

test('takes the only answered request of a data set, or the one that is named', async () => {
  const first = requestFor(datasetOf(record))
  const second = { ...first, nonce: id32('a') as Bytes32 }
  const answers = [
    ...(await answersTo(first, 'Revoke')),
    ...(await answersTo(first, 'Grant')),
    ...(await answersTo(second, 'Decline')),
  ]
  const { output, notes } = keepOutput()
  const kindsOf = (given: readonly SignedAnswer[], id: string | null): readonly string[] | undefined =>
    chooseConsent(given, DEPLOYMENT, id as never, output)?.answers.map(({ kind }) => kind)
  assert.equal(kindsOf(answers.slice(0, 2), null), ['Grant', 'Revoke'])
  assert.is(kindsOf([], null), undefined)
  assert.equal(notes, [])
  assert.is(kindsOf(answers, null), undefined)
  assert.match(notes[0] ?? '', /^2 requests were answered.*--request/)
  assert.equal(kindsOf(answers, requestIdOf(second, DEPLOYMENT)), ['Decline'])
  assert.throws(() => kindsOf(answers, id32('b')), /no such request/)
})

test('names a proof after the data set, whose id people have seen, and not after the commitment', () => {
  assert.is(nameProof(record), `${consent.request.dataset.slice(2, 10)}.halo-proof.json`)
})

test.run()
