import { requestIdOf, signMessage } from '@halo/consent'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Evidence, EvidenceFacts, EvidencePart, Hex } from '../src/index.ts'
import {
  checksumAddress,
  EVIDENCE_PARTS,
  encodeEvidence,
  parseEvidence,
  proveAnchor,
  signAccessEvent,
  signDeletion,
  verifyEvidence,
} from '../src/index.ts'
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
import { addressOf, DOMAIN, id32, OPERATORS, PATIENT, STRANGER } from './evidence-samples.ts'
import { forgeAnchor, packAnchor } from './forged-state.ts'

const test = suite('proofs/evidence-verify')

const { evidence: WHOLE, facts: FACTS } = await makeEvidence()
const RECORD = WHOLE.record as NonNullable<Evidence['record']>
const INCLUSION = WHOLE.inclusion as NonNullable<Evidence['inclusion']>
const CONSENT = WHOLE.consent as NonNullable<Evidence['consent']>
const ACCESS = WHOLE.access as NonNullable<Evidence['access']>
const DELETION = WHOLE.deletion as NonNullable<Evidence['deletion']>
const REQUEST = requestFor(datasetOf(RECORD))
/** The same owner's record of something else. */
const OTHER_RECORD = await signRecord('{"kind":"tremor"}', Uint8Array.of(1))

/** A bundle through its file, as a reader has it. */
function reread(evidence: Evidence): Evidence {
  return parseEvidence(encodeEvidence(evidence))
}

/** Reason of one part. */
function reasonOf(part: EvidencePart, changes: Partial<Evidence>, facts: EvidenceFacts = FACTS): string {
  const found = verifyEvidence(reread({ ...WHOLE, ...changes }), facts).parts.find(
    (each) => each.part === part,
  )
  return found?.reason ?? 'none'
}

/** Facts without one of them. */
function without(name: keyof EvidenceFacts): EvidenceFacts {
  const { [name]: _, ...rest } = FACTS
  return rest
}

/** The bundle without one of its parts. */
function lacking(part: EvidencePart): Evidence {
  const { [part]: _, ...rest } = WHOLE
  return rest
}

test('names an operator in the form in which people compare addresses', () => {
  const operator = checksumAddress(INCLUSION.log.operator)
  assert.is.not(operator, INCLUSION.log.operator)
  for (const facts of [FACTS, without('operators')]) {
    const entry = verifyEvidence(reread(WHOLE), facts).parts[1]
    assert.match(entry?.because ?? '', operator)
    assert.is(entry?.details['operator'], operator)
  }
})

test('verifies a bundle that has every part', () => {
  const { verdict, because, parts } = verifyEvidence(reread(WHOLE), FACTS)
  assert.is(verdict, 'verified')
  assert.is(because, 'Every part holds, and all belong together.')
  assert.equal(
    parts.map(({ part, verdict: each, reason }) => `${part} ${each} ${reason}`),
    [
      'record verified RECORD_MATCHES',
      'inclusion verified LOGGED_AND_SIGNED',
      'anchor verified ANCHORED_IN_BLOCK',
      'consent verified GRANTED_THEN_WITHDRAWN',
      'access verified ACCESS_SHOWN',
      'deletion verified DELETION_STATED',
    ],
  )
  for (const { because: sentence } of parts) assert.not.match(sentence, /[{}]/)
})

test('verifies each part that is alone, as far as it goes, and calls the others missing', () => {
  const expected: Readonly<Record<EvidencePart, string>> = {
    record: 'verified',
    inclusion: 'verified',
    anchor: 'missing',
    consent: 'missing',
    access: 'missing',
    deletion: 'verified',
  }
  for (const part of EVIDENCE_PARTS) {
    const alone = reread({ deployment: WHOLE.deployment, [part]: WHOLE[part] })
    for (const found of verifyEvidence(alone, FACTS).parts) {
      const isShown = found.part === part || (part === 'inclusion' && found.part === 'anchor')
      const wanted =
        found.part === 'anchor' && isShown && part === 'inclusion' ? 'verified' : expected[found.part]
      assert.is(found.verdict, isShown ? wanted : 'missing', `${found.part} of ${part}`)
    }
  }
})

test('verifies nothing in an empty bundle, and says so', () => {
  const { verdict, because, parts } = verifyEvidence(reread({ deployment: WHOLE.deployment }), FACTS)
  assert.is(verdict, 'missing')
  assert.match(because, /^This file is not enough to rely on\. This file does not show/)
  assert.ok(parts.every((part) => part.verdict === 'missing'))
  assert.is(parts.length, EVIDENCE_PARTS.length)
})

test('stays whole when a part is left out, but for what ties the record to a log', () => {
  for (const part of EVIDENCE_PARTS) {
    const isTie = part === 'record' || part === 'inclusion'
    const { verdict } = verifyEvidence(reread(lacking(part)), FACTS)
    assert.is(verdict, isTie ? 'missing' : 'verified', part)
  }
})

test('takes no file for verified in whose log nobody is known to stand, whatever else holds', () => {
  const { verdict, because, parts } = verifyEvidence(reread(WHOLE))
  assert.ok(parts.some((part) => part.verdict === 'verified'))
  assert.is(verdict, 'missing')
  assert.match(because, /^This file is not enough to rely on\./)
  const { operators: _, ...byChain } = FACTS
  assert.is(verifyEvidence(reread(WHOLE), byChain).verdict, 'verified')
})

test('claims no more than the caller knows', () => {
  const found = verifyEvidence(reread(WHOLE)).parts.map(({ verdict, reason }) => `${verdict} ${reason}`)
  assert.equal(found, [
    'verified RECORD_SIGNED',
    'missing LOG_UNCONFIRMED',
    'missing BLOCK_NOT_CONFIRMED',
    'verified GRANTED_THEN_WITHDRAWN',
    'missing OPERATORS_UNKNOWN',
    'missing OPERATORS_UNKNOWN',
  ])
  assert.is(reasonOf('record', {}, without('recordCommitment')), 'RECORD_SIGNED')
  assert.is(reasonOf('inclusion', {}, without('operators')), 'LOGGED_AND_ANCHORED')
  assert.is(reasonOf('anchor', {}, without('blockHash')), 'ANCHORED')
  assert.is(reasonOf('anchor', {}, without('anchors')), 'ANCHORED_IN_BLOCK')
  const { anchor: _, ...plain } = WHOLE
  assert.is(verifyEvidence(plain).parts[2]?.reason, 'CHAIN_NOT_ASKED')
  const unanchored = { ...plain, inclusion: { ...INCLUSION, anchor: null } }
  assert.is(verifyEvidence(unanchored).parts[2]?.reason, 'NOT_ANCHORED_YET')
})

test('takes no contract for the chain that only the bundle names', () => {
  const unsaid = without('deployment')
  const { verdict, because, parts } = verifyEvidence(reread(WHOLE), unsaid)
  assert.is(verdict, 'verified')
  assert.match(because, /Only this file names the contracts/)
  const found = parts.map(({ verdict: each, reason }) => `${each} ${reason}`)
  assert.equal(found, [
    'verified RECORD_MATCHES',
    'verified LOGGED_AND_SIGNED',
    'missing HALO_UNKNOWN',
    'verified GRANTED_THEN_WITHDRAWN',
    'verified ACCESS_SHOWN',
    'verified DELETION_STATED',
  ])
  assert.equal(
    parts.filter(({ because: sentence }) => /Only this file names/.test(sentence)).map(({ part }) => part),
    ['anchor'],
    'once for all parts, and where it is why one is missing',
  )
  const unknown = verifyEvidence(reread(WHOLE))
  assert.is(unknown.verdict, 'missing')
  assert.match(unknown.because, /Only this file names the contracts/, 'what holds in it holds for these')
  assert.not.match(unknown.parts.map(({ because: sentence }) => sentence).join(), /Only this file names/)
  assert.match(parts[2]?.because ?? '', `${WHOLE.deployment.anchor} holds this state of the log since block`)
  const { anchor: _, ...plain } = WHOLE
  assert.is(verifyEvidence(reread(plain), unsaid).parts[2]?.reason, 'HALO_UNKNOWN')
  const unsigned = { ...WHOLE, inclusion: { ...INCLUSION, signatures: [] } }
  const entered = verifyEvidence(reread(unsigned), unsaid).parts[1]
  assert.is(`${entered?.verdict} ${entered?.reason}`, 'missing HALO_UNKNOWN')
  for (const sentence of [entered, parts[2]]) assert.not.match(sentence?.because ?? '', /undefined|[{}]/)
})

test('calls nothing anchored by a contract of the maker, whose block the chain has', () => {
  const contract = checksumAddress('0x00000000000000000000000000000000000bad00')
  const log = { ...INCLUSION.log, contract: contract.toLowerCase() }
  const { size, root } = INCLUSION
  const word = packAnchor(1, 1_000_000_000)
  const anchor = forgeAnchor({ log, size, root, word, number: 5, timeSec: 1_790_000_000 })
  const inclusion = { ...INCLUSION, log, signatures: [], anchor: null }
  const deployment = { ...WHOLE.deployment, anchor: contract }
  const blockHash = proveAnchor(anchor, log, size, root)?.blockHash
  if (blockHash === undefined) throw new Error('the forged proof does not fit')
  const judge = (facts: EvidenceFacts): readonly string[] =>
    verifyEvidence(reread({ deployment, inclusion, anchor }), { ...facts, blockHash }).parts.map(
      ({ verdict, reason }) => `${verdict} ${reason}`,
    )
  const unsaid = judge(without('deployment'))
  assert.equal(unsaid.slice(1, 3), ['missing HALO_UNKNOWN', 'missing HALO_UNKNOWN'])
  assert.equal(judge(FACTS).slice(1, 3), ['broken OTHER_HALO', 'broken OTHER_HALO'])
})

test('still breaks what the chain denies where nobody said which contracts are meant', () => {
  const unsaid = without('deployment')
  assert.is(reasonOf('anchor', {}, { ...unsaid, anchors: [] }), 'ANCHOR_DENIED')
  assert.is(reasonOf('anchor', {}, { ...unsaid, blockHash: id32('0') }), 'OTHER_BLOCK')
})

test('calls a state of the log malformed, not wrongly signed, that has a line in no form', () => {
  const signatures = [...INCLUSION.signatures, '— junk AAAA=']
  const unparsed = { ...WHOLE, inclusion: { ...INCLUSION, signatures } }
  const found = verifyEvidence(unparsed, FACTS).parts[1]
  assert.is(`${found?.verdict} ${found?.reason}`, 'broken CHECKPOINT_MALFORMED')
})

test('knows the log of an operator by any of the keys it has had', () => {
  const [operator, ...others] = FACTS.operators ?? []
  if (operator === undefined) throw new Error('the sample has no operator')
  const { logKey: _, ...keyless } = operator
  const changed = { ...keyless, logKey: new Uint8Array(32).fill(9) }
  for (const operators of [
    [changed, operator, ...others],
    [operator, changed],
    [keyless, changed, operator],
  ])
    assert.is(reasonOf('inclusion', {}, { ...FACTS, operators }), 'LOGGED_AND_SIGNED')
  assert.is(reasonOf('inclusion', {}, { ...FACTS, operators: [changed, ...others] }), 'LOG_KEY_DIFFERS')
})

test('names the block that has to be known from the chain', () => {
  const { because = '' } = verifyEvidence(reread(WHOLE)).parts[2] ?? {}
  assert.ok(because.includes(String(FACTS.blockHash)))
  assert.match(because, /Compare that hash with a source you trust/)
})

test('refuses what is made for the contracts of another Halo', () => {
  const deployment = { ...WHOLE.deployment, escrow: WHOLE.deployment.consent }
  const { verdict, parts } = verifyEvidence(reread(WHOLE), { ...FACTS, deployment })
  assert.is(verdict, 'broken')
  assert.ok(parts.every(({ reason }) => reason === 'OTHER_HALO'))
})

test('breaks a part that holds, but for another record, owner or request', async () => {
  const otherRequest = requestFor(datasetOf(OTHER_RECORD))
  const foreign: readonly (readonly [EvidencePart, Partial<Evidence>, string])[] = [
    ['inclusion', { inclusion: logRecord(OTHER_RECORD, null) }, 'OTHER_RECORD'],
    ['inclusion', { inclusion: logRecord({ ...RECORD, descriptor: '{}' }, null) }, 'OTHER_RECORD'],
    ['consent', { consent: await signConsent(otherRequest, ['Grant']) }, 'OTHER_DATASET'],
    [
      'access',
      { access: await signAccess({ ...REQUEST, nonce: otherRequest.recipientKeyHash }) },
      'DELIVERY_NOT_SIGNED',
    ],
    ['access', { access: { ...(await signAccess(otherRequest)), deliveries: [] } }, 'OTHER_DATASET'],
    ['deletion', { deletion: await signDeletions(otherRequest.dataset) }, 'OTHER_DATASET'],
  ]
  for (const [part, changes, reason] of foreign)
    assert.is(reasonOf(part, changes), reason, `${part} ${reason}`)
  const event = { ...(ACCESS.events[0] as (typeof ACCESS.events)[number]), owner: addressOf(STRANGER) }
  const events = [await signAccessEvent(STRANGER, event, DOMAIN)]
  assert.is(reasonOf('access', { access: { deliveries: [], events } }), 'OTHER_OWNER')
  const received = [
    await signAccessEvent(
      PATIENT,
      { ...event, owner: addressOf(PATIENT), receiver: addressOf(STRANGER) },
      DOMAIN,
    ),
  ]
  assert.is(reasonOf('access', { access: { deliveries: [], events: received } }), 'OTHER_RECEIVER')
})

test('takes no other than the owner, the receiver and the operators for witnesses', async () => {
  const event = ACCESS.events[0] as (typeof ACCESS.events)[number]
  const ofStranger = await signAccessEvent(STRANGER, event, DOMAIN)
  const deleted = await signDeletion(STRANGER, DELETION[0] as (typeof DELETION)[number], DOMAIN)
  const fewer = { ...FACTS, operators: FACTS.operators?.slice(0, 1) ?? [] }
  const judge = (untilSec?: number): readonly string[] => {
    const until = untilSec === undefined ? {} : { operatorsUntilSec: untilSec }
    return [
      reasonOf('access', { access: { deliveries: [], events: [ofStranger] } }, { ...FACTS, ...until }),
      reasonOf('deletion', { deletion: [deleted] }, { ...FACTS, ...until }),
      reasonOf('access', {}, { ...fewer, ...until }),
      reasonOf('deletion', {}, { ...fewer, ...until }),
    ]
  }
  const unknown = Array(4).fill('SIGNER_UNKNOWN')
  assert.equal(judge(), unknown)
  assert.equal(judge(Math.min(event.timeSec, deleted.timeSec) - 1), unknown)
  const { answerBySec, accessForSec } = CONSENT.request
  const endSec = answerBySec + accessForSec
  const onlyDeliveries = { access: { ...ACCESS, events: [] } }
  const outcomes = [endSec - 1, endSec].map((operatorsUntilSec) =>
    reasonOf('access', onlyDeliveries, { ...fewer, operatorsUntilSec }),
  )
  assert.equal(outcomes, ['SIGNER_UNKNOWN', 'NOT_AN_OPERATOR'])
  assert.equal(judge(Math.max(endSec, event.timeSec, deleted.timeSec)), Array(4).fill('NOT_AN_OPERATOR'))
})

test('counts nobody twice', () => {
  const [delivery] = ACCESS.deliveries
  const [event] = ACCESS.events
  const twice = <T>(item: T | undefined): readonly T[] => (item === undefined ? [] : [item, item])
  assert.is(reasonOf('access', { access: { deliveries: twice(delivery), events: [] } }), 'REPEATED')
  assert.is(reasonOf('access', { access: { deliveries: [], events: twice(event) } }), 'REPEATED')
  assert.is(reasonOf('deletion', { deletion: twice(DELETION[0]) }), 'REPEATED')
})

test('says which answer the patient gave, and refuses deliveries after a refusal', async () => {
  const outcome = async (...kinds: readonly ('Grant' | 'Decline' | 'Revoke')[]): Promise<string> =>
    reasonOf('consent', { consent: await signConsent(REQUEST, kinds) })
  assert.is(await outcome('Grant'), 'GRANTED')
  assert.is(await outcome('Decline'), 'DECLINED')
  assert.is(await outcome('Revoke'), 'WITHDRAWN')
  const declined = await signConsent(REQUEST, ['Decline'])
  assert.is(reasonOf('access', { consent: declined }), 'ACCESS_REFUSED')
})

test('takes no other words for those of the request, though the patient signed them', async () => {
  const requestId = requestIdOf(REQUEST, DEPLOYMENT)
  const statement = 'I allow everything.'
  const signature = await signMessage(PATIENT, 'Grant', { requestId, statement }, DEPLOYMENT)
  const answers = [{ kind: 'Grant', statement, signature }] as const
  assert.is(reasonOf('consent', { consent: { ...CONSENT, answers } }), 'STATEMENT_DIFFERS')
})

test('believes the chain rather than the bundle', () => {
  const [held] = FACTS.anchors ?? []
  if (held === undefined) throw new Error('no anchor')
  const { anchor: _, ...plain } = WHOLE
  const ask = (anchors: EvidenceFacts['anchors']): string =>
    verifyEvidence(plain, { ...FACTS, anchors: anchors ?? [] }).parts[2]?.reason ?? 'none'
  assert.is(ask([held]), 'ANCHORED')
  assert.is(ask([]), 'ANCHOR_DENIED')
  assert.is(ask([{ ...held, size: held.size + 1 }]), 'ANCHOR_DENIED')
  assert.is(
    ask([{ ...held, log: { ...held.log, operator: addressOf(OPERATORS[1] as typeof PATIENT) } }]),
    'ANCHOR_DENIED',
  )
  assert.is(ask([{ ...held, atSec: held.atSec + 1 }]), 'ANCHOR_DIFFERS')
  assert.is(reasonOf('anchor', {}, { ...FACTS, anchors: [] }), 'ANCHOR_DENIED')
  assert.is(reasonOf('anchor', {}, { ...FACTS, blockHash: id32('0') }), 'OTHER_BLOCK')
})

test('needs somebody who vouches for the log', () => {
  const { anchor: _, ...plain } = WHOLE
  const reason = (facts: EvidenceFacts): string => verifyEvidence(plain, facts).parts[1]?.reason ?? 'none'
  assert.is(reason({}), 'LOG_UNCONFIRMED')
  const unsigned = { ...plain, inclusion: { ...INCLUSION, signatures: [] } }
  assert.is(verifyEvidence(unsigned, without('anchors')).parts[1]?.reason, 'LOG_UNCONFIRMED')
  assert.is(verifyEvidence(unsigned, FACTS).parts[1]?.reason, 'LOGGED_AND_ANCHORED')
  const wrongKey =
    FACTS.operators?.map((operator) => ({ ...operator, logKey: new Uint8Array(32).fill(9) })) ?? []
  const { anchors: __, ...unasked } = FACTS
  assert.is(reason({ ...unasked, operators: wrongKey }), 'LOG_KEY_DIFFERS')
  assert.is(reason({ ...FACTS, operators: wrongKey }), 'LOG_KEY_DIFFERS')
})

test('cannot tell the entry once the salt is deleted', () => {
  assert.is(reasonOf('inclusion', { inclusion: { ...INCLUSION, salt: null } }), 'SALT_DELETED')
})

test('sees a record file that was changed', () => {
  const recordCommitment: Hex = id32('0')
  assert.is(reasonOf('record', {}, { ...FACTS, recordCommitment }), 'RECORD_DIFFERS')
})

test.run()
