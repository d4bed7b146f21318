import type { AccessRequest } from '@halo/consent'
import { parseAddress, plainAccessRequest, requestIdOf, signMessage, statementOf } from '@halo/consent'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Evidence, EvidenceFacts, EvidencePart, EvidenceRequest } from '../src/index.ts'
import { EVIDENCE_PARTS, encodeEvidence, parseEvidence, verifyEvidence } from '../src/index.ts'
import {
  DEPLOYMENT,
  datasetOf,
  logRecord,
  makeEvidence,
  requestFor,
  signAccess,
  signConsent,
  signDeletions,
  signRecord,
} from './evidence-bundle.ts'
import { STRANGER } from './evidence-samples.ts'

const test = suite('proofs/evidence-linking')

type Parts = Omit<Evidence, 'deployment'>
const { evidence, facts } = await makeEvidence()
const { deployment, ...OURS } = evidence
const OTHERS = await makeOthers()
const FACTS = knowBoth()

/** All parts for another record of the same owner: genuine, and logged by the same operator. */
async function makeOthers(): Promise<Parts> {
  const record = await signRecord('{"kind":"tremor"}', Uint8Array.of(1))
  const request = requestFor(datasetOf(record))
  return {
    record,
    inclusion: logRecord(record, null),
    consent: await signConsent(request, ['Grant']),
    access: await signAccess(request),
    deletion: await signDeletions(request.dataset),
  }
}

/** All there is to know, of both records' logs, without the file of either. */
function knowBoth(): EvidenceFacts {
  const { recordCommitment: _, ...rest } = facts
  const [held] = facts.anchors ?? []
  if (held === undefined || OTHERS.inclusion === undefined) throw new Error('the sample lacks a part')
  const { size, root } = OTHERS.inclusion
  return { ...rest, anchors: [held, { ...held, size, root }] }
}

/** What comes of parts, through their file. */
function judge(parts: Parts): Readonly<Record<string, string>> {
  const found = verifyEvidence(parseEvidence(encodeEvidence({ deployment, ...parts })), FACTS).parts
  return Object.fromEntries(found.map(({ part, verdict, reason }) => [part, `${verdict} ${reason}`]))
}

function isVerified(found: Readonly<Record<string, string>>, part: EvidencePart): boolean {
  return found[part]?.startsWith('verified') ?? false
}

/** Some of the parts. */
function pick(from: Parts, ...parts: readonly EvidencePart[]): Parts {
  return Object.fromEntries(
    parts.filter((part) => from[part] !== undefined).map((part) => [part, from[part]]),
  )
}

test('verifies all that two records have, each for itself', () => {
  for (const whole of [OURS, OTHERS]) {
    const found = judge(whole)
    for (const part of EVIDENCE_PARTS) assert.ok(isVerified(found, part), `${part} ${found[part]}`)
  }
})

test('never verifies two parts together that are of two records', () => {
  for (const ours of EVIDENCE_PARTS) {
    for (const others of EVIDENCE_PARTS.filter((part) => part !== ours && OTHERS[part] !== undefined)) {
      const found = judge({ ...pick(OURS, ours), ...pick(OTHERS, others) })
      const isBoth = isVerified(found, ours) && isVerified(found, others)
      assert.not(isBoth, `${ours} ${found[ours]}, ${others} ${found[others]}`)
    }
  }
})

test('never verifies a part of another record among all others but the record', () => {
  const { record: _, ...rest } = OURS
  const expected: Readonly<Record<string, string>> = {
    inclusion: 'missing RECORD_NOT_LINKED',
    consent: 'missing OWNER_NOT_SHOWN',
    access: 'broken DELIVERY_NOT_SIGNED',
    deletion: 'broken OTHER_DATASET',
  }
  for (const [part, outcome] of Object.entries(expected)) {
    const { anchor: __, ...unproven } = rest
    const found = judge({ ...unproven, ...pick(OTHERS, part as EvidencePart) })
    assert.is(found[part], outcome)
    assert.is(found['inclusion'], 'missing RECORD_NOT_LINKED')
  }
})

test('without the record, ties neither an entry to a data set nor a data set to its owner', () => {
  const { record: _, ...rest } = OURS
  assert.equal(judge(rest), {
    record: 'missing RECORD_ABSENT',
    inclusion: 'missing RECORD_NOT_LINKED',
    anchor: 'verified ANCHORED_IN_BLOCK',
    consent: 'missing OWNER_NOT_SHOWN',
    access: 'missing OWNER_NOT_SHOWN',
    deletion: 'verified DELETION_STATED',
  })
  for (const part of ['consent', 'access', 'deletion'] as const)
    assert.is(judge(pick(OURS, 'inclusion', part))['inclusion'], 'missing RECORD_NOT_LINKED', part)
  const events = OURS.access?.events ?? []
  assert.is(judge({ access: { deliveries: [], events } })['access'], 'missing OWNER_NOT_SHOWN')
  const { deliveries } = OURS.access ?? { deliveries: [] }
  const delivered = judge({ ...pick(OURS, 'consent'), access: { deliveries, events: [] } })
  assert.is(delivered['access'], 'missing OWNER_NOT_SHOWN')
})

test('still sees a wrong path, a wrong signature and a deleted salt where there is no record', () => {
  const { consent, inclusion } = OURS
  if (consent === undefined || inclusion === undefined) throw new Error('the sample lacks a part')
  const path = inclusion.path.toReversed()
  assert.is(judge({ consent, inclusion: { ...inclusion, path } })['inclusion'], 'broken ENTRY_NOT_IN_TREE')
  const extension = ['another line']
  const signed = judge({ consent, inclusion: { ...inclusion, extension } })['inclusion']
  assert.is(signed, 'broken LOG_SIGNATURE_WRONG')
  assert.is(judge({ inclusion: { ...inclusion, salt: null } })['inclusion'], 'missing SALT_DELETED')
})

test('takes nobody for the owner of a data set that is not of them', async () => {
  const request = { ...requestFor(datasetOf(OURS.record as never)), patient: parseAddress(STRANGER.address) }
  const consent = await grantBy(STRANGER, request)
  const access = await signAccess(request)
  const { record: _, consent: __, access: ___, ...rest } = OURS
  const delivered = { deliveries: access.deliveries, events: [] }
  const unlinked = judge({ ...rest, consent, access: delivered })
  assert.is(unlinked['consent'], 'missing OWNER_NOT_SHOWN')
  assert.is(unlinked['access'], 'missing OWNER_NOT_SHOWN')
  assert.is(unlinked['inclusion'], 'missing RECORD_NOT_LINKED')
  const linked = judge({ ...OURS, consent, access: delivered })
  assert.is(linked['consent'], 'broken OTHER_OWNER')
  assert.is(linked['access'], 'broken OTHER_OWNER')
})

test('takes the deliveries of a request for another data set for none of this one', () => {
  const { deliveries } = OTHERS.access as NonNullable<Parts['access']>
  const found = judge({ ...OURS, ...pick(OTHERS, 'consent'), access: { deliveries, events: [] } })
  assert.is(found['consent'], 'broken OTHER_DATASET')
  assert.is(found['access'], 'broken OTHER_DATASET')
})

test('takes a log that is anchored elsewhere for none of this Halo, though all else fits', () => {
  const { inclusion } = OURS
  if (inclusion === undefined) throw new Error('the sample lacks a part')
  for (const change of [{ contract: inclusion.log.operator }, { chainId: 1 }]) {
    const log = { ...inclusion.log, ...change }
    const found = judge({ ...OURS, inclusion: { ...inclusion, log, signatures: [] } })
    assert.is(found['inclusion'], 'broken OTHER_LOG')
    assert.is(found['anchor'], 'broken OTHER_LOG')
  }
})

/** An answer to a request by whoever it names as the patient. */
async function grantBy(
  signer: typeof STRANGER,
  request: AccessRequest,
): Promise<NonNullable<Parts['consent']>> {
  const requestId = requestIdOf(request, DEPLOYMENT)
  const statement = statementOf('Grant', request)
  const signature = await signMessage(signer, 'Grant', { requestId, statement }, DEPLOYMENT)
  const answers = [{ kind: 'Grant', statement, signature }] as const
  return { request: plainAccessRequest(request) as EvidenceRequest, answers }
}

test.run()
