import { readFileSync } from 'node:fs'
import { secp256k1 } from '@noble/curves/secp256k1.js'

import { TypedDataEncoder, toBeHex, Wallet } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ANSWER_MAX_SEC } from '../src/evidence-access.ts'
import type { AccessEvent, Evidence, EvidenceFinding, Hex, SignedAccessEvent } from '../src/index.ts'
import { encodeEvidence, parseEvidence, signAccessEvent, signDeletion, verifyEvidence } from '../src/index.ts'
import { datasetOf, makeEvidence, requestFor, signConsent } from './evidence-bundle.ts'
import { addressOf, DOMAIN, OPERATORS, PATIENT, RESEARCHER, STRANGER } from './evidence-samples.ts'

const test = suite('proofs/evidence-access')

type Access = NonNullable<Evidence['access']>
const { evidence: WHOLE, facts: FACTS } = await makeEvidence()
const ACCESS = WHOLE.access as Access
const CONSENT = WHOLE.consent as NonNullable<Evidence['consent']>
const DELETION = WHOLE.deletion as NonNullable<Evidence['deletion']>
const REQUEST = requestFor(datasetOf(WHOLE.record as NonNullable<Evidence['record']>))
const { signer: _, signature: __, ...EVENT } = ACCESS.events[0] as SignedAccessEvent
const OPERATOR = OPERATORS[0] as Wallet
/** Junk in the form of a signature: whoever recovers it does not get who is named. */
const JUNK: Hex = `0x${'11'.repeat(64)}1b`
const EVENT_TYPES = {
  AccessEvent: Object.entries({
    recordHash: 'bytes32',
    owner: 'address',
    receiver: 'address',
    timeSec: 'uint64',
    location: 'bytes32',
    expirySec: 'uint64',
  }).map(([name, type]) => ({ name, type })),
}
const DELETION_TYPES = {
  Deletion: Object.entries({
    dataset: 'bytes32',
    shareDestroyed: 'bool',
    shardsDeleted: 'uint32',
    timeSec: 'uint64',
  }).map(([name, type]) => ({ name, type })),
}

/** What comes of a part of the bundle with some changes. */
function judge(
  changes: Partial<Evidence>,
  part: 'access' | 'deletion' = 'access',
  facts = FACTS,
): EvidenceFinding {
  const bundle = parseEvidence(encodeEvidence({ ...WHOLE, ...changes }))
  const found = verifyEvidence(bundle, facts).parts.find((each) => each.part === part)
  if (found === undefined) throw new Error('a part was not judged')
  return found
}

/** What comes of accesses alone, with no deliveries. */
function judgeEvents(events: readonly SignedAccessEvent[], changes: Partial<Evidence> = {}): EvidenceFinding {
  return judge({ access: { deliveries: [], events }, ...changes })
}

/** The bundle's access, signed by somebody and with changes. */
function signEvent(signer: Wallet, changes: Partial<AccessEvent> = {}): Promise<SignedAccessEvent> {
  const event = { ...EVENT, ...changes }
  return signAccessEvent(signer, { ...event, expirySec: Math.max(event.expirySec, event.timeSec) }, DOMAIN)
}

/** The bundle with no request. */
function lackingConsent(access: Access): Evidence {
  const { consent: ___, ...rest } = WHOLE
  return { ...rest, access }
}

/** Another valid signature of the same message by the same key. */
function signAgain(
  signer: Wallet,
  types: Record<string, { name: string; type: string }[]>,
  value: object,
): Hex {
  const domain = { name: 'Halo', version: '1', ...DOMAIN }
  const digest = Buffer.from(TypedDataEncoder.hash(domain, types, { ...value }).slice(2), 'hex')
  const bytes = secp256k1.sign(digest, Buffer.from(signer.privateKey.slice(2), 'hex'), {
    prehash: false,
    format: 'recovered',
    extraEntropy: new Uint8Array(32).fill(7),
  })
  const v = (27 + (bytes[0] as number)).toString(16)
  return `0x${Buffer.from(bytes.subarray(1)).toString('hex')}${v}`
}

test('names whoever signed an access, and says that none names a request', async () => {
  const events = [await signEvent(OPERATOR), await signEvent(PATIENT), await signEvent(RESEARCHER)]
  const { verdict, reason, because } = judgeEvents(events)
  assert.is(`${verdict} ${reason}`, 'verified ACCESS_SHOWN')
  const named = `operator ${OPERATOR.address}, owner ${PATIENT.address}, receiver ${RESEARCHER.address}`
  assert.is(because, `Signed accesses: 3, signed by ${named}. An access names its receiver, but no request.`)
  const { because: delivered } = judge({ access: { ...ACCESS, events: [] } })
  assert.is(
    delivered,
    `2 operators signed that they released their shares of the key for the request of researcher ${RESEARCHER.address}. When is not signed.`,
  )
})

test('keeps the sentence short, however many sign', async () => {
  const operators = Array.from({ length: 20 }, (____, i) => new Wallet(toBeHex(i + 1, 32)))
  const events = await Promise.all(operators.map((each) => signEvent(each)))
  const known = { ...FACTS, operators: operators.map((each) => ({ address: addressOf(each) })) }
  const { parts } = verifyEvidence({ ...WHOLE, access: { deliveries: [], events } }, known)
  const { because = '' } = parts.find(({ part }) => part === 'access') ?? {}
  assert.match(because, / and 12 others\./)
  assert.ok(because.length < 1_000, `${because.length} characters`)
})

test('takes the word of who says to have received it for no access that anybody allowed', async () => {
  const own = await signEvent(STRANGER, { receiver: addressOf(STRANGER) })
  const alone = verifyEvidence(lackingConsent({ deliveries: [], events: [own] }), FACTS).parts[4]
  assert.is(`${alone?.verdict} ${alone?.reason}`, 'missing RECEIVER_ALONE')
  assert.match(alone?.because ?? '', STRANGER.address)
  const researchers = await signEvent(RESEARCHER)
  const unasked = verifyEvidence(lackingConsent({ deliveries: [], events: [researchers] }), FACTS).parts[4]
  assert.is(unasked?.reason, 'RECEIVER_ALONE')
  assert.is(judgeEvents([researchers]).reason, 'ACCESS_SHOWN')
  const answers = CONSENT.answers.map((answer) => ({ ...answer, signature: JUNK }))
  assert.is(judgeEvents([researchers], { consent: { ...CONSENT, answers } }).reason, 'RECEIVER_ALONE')
})

test('finds no access of the researcher right after a refusal, and leaves the owner theirs', async () => {
  const consent = await signConsent(REQUEST, ['Decline'])
  for (const signer of [OPERATOR, PATIENT, RESEARCHER]) {
    const { verdict, reason, because } = judgeEvents([await signEvent(signer)], { consent })
    assert.is(`${verdict} ${reason}`, 'broken ACCESS_REFUSED', signer.address)
    assert.match(because, /names no request/)
  }
  assert.is(judge({ consent, access: { ...ACCESS, events: [] } }).reason, 'ACCESS_REFUSED')
  const owners = await signEvent(PATIENT, { receiver: addressOf(PATIENT) })
  assert.is(judgeEvents([owners], { consent }).reason, 'ACCESS_SHOWN')
})

test('knows how long before its answer a request can be made', () => {
  const source = readFileSync(new URL('../../../contracts/src/Escrow.sol', import.meta.url), 'utf8')
  const [, days] = /_ANSWER_MAX_SEC = ([0-9]+) days;/.exec(source) ?? []
  assert.is(ANSWER_MAX_SEC, Number(days) * 86_400)
})

test('finds no access right that was before the request can have been made, or after it had ended', async () => {
  const reasonAt = async (timeSec: number, changes: Partial<AccessEvent> = {}): Promise<string> =>
    judgeEvents([await signEvent(OPERATOR, { timeSec, ...changes })]).reason
  const { answerBySec, accessForSec } = REQUEST
  const [firstSec, lastSec] = [answerBySec - ANSWER_MAX_SEC, answerBySec + accessForSec]
  assert.is(await reasonAt(firstSec - 1), 'ACCESS_TOO_EARLY')
  assert.is(await reasonAt(1), 'ACCESS_TOO_EARLY')
  assert.is(await reasonAt(firstSec), 'ACCESS_SHOWN')
  assert.is(await reasonAt(lastSec), 'ACCESS_SHOWN')
  assert.is(await reasonAt(lastSec + 1), 'ACCESS_TOO_LATE')
  assert.is(await reasonAt(lastSec + 1, { receiver: addressOf(PATIENT) }), 'ACCESS_SHOWN')
  const late = await signEvent(OPERATOR, { timeSec: lastSec + 1 })
  const unasked = verifyEvidence(lackingConsent({ deliveries: [], events: [late] }), FACTS).parts[4]
  assert.is(unasked?.reason, 'ACCESS_SHOWN')
})

test('counts nothing twice that the same person signed twice, in whatever signature', async () => {
  const [event] = ACCESS.events
  if (event === undefined) throw new Error('the sample has no access')
  const again = { ...event, signature: signAgain(OPERATOR, EVENT_TYPES, EVENT) }
  assert.is.not(again.signature, event.signature)
  assert.is(judgeEvents([again]).reason, 'ACCESS_SHOWN')
  const { reason, details } = judgeEvents([event, again])
  assert.equal([reason, details['item']], ['REPEATED', 2])
  const [deleted] = DELETION
  if (deleted === undefined) throw new Error('the sample has no deletion')
  const { operator: ___, signature: ____, ...deletion } = deleted
  const restated = { ...deleted, signature: signAgain(OPERATOR, DELETION_TYPES, deletion) }
  assert.is(judge({ deletion: [restated] }, 'deletion').reason, 'DELETION_STATED')
  assert.is(judge({ deletion: [deleted, restated] }, 'deletion').reason, 'REPEATED')
})

test('takes what two people sign, or one signs of two accesses, for two', async () => {
  const later = await signEvent(OPERATOR, { timeSec: EVENT.timeSec + 1 })
  const events = [await signEvent(OPERATOR), await signEvent(PATIENT), later]
  assert.is(judgeEvents(events).details['events'], 3)
})

test('takes what two operators state, or one states of two deletions, for two', async () => {
  const [deleted] = DELETION
  if (deleted === undefined) throw new Error('the sample has no deletion')
  const second = OPERATORS[1] as Wallet
  const deletion = [
    deleted,
    await signDeletion(second, deleted, DOMAIN),
    await signDeletion(OPERATOR, { ...deleted, shareDestroyed: false }, DOMAIN),
    await signDeletion(OPERATOR, { ...deleted, shardsDeleted: 3 }, DOMAIN),
    await signDeletion(OPERATOR, { ...deleted, timeSec: deleted.timeSec + 1 }, DOMAIN),
  ]
  const { reason, details } = judge({ deletion }, 'deletion')
  assert.equal([reason, details['operators']], ['DELETION_STATED', 2])
})

test('needs no operator for what the owner states, and one for what others do', async () => {
  const { operators: ___, ...unknowing } = FACTS
  const reasonOf = async (signer: Wallet): Promise<unknown> => {
    const access = { deliveries: [], events: [await signEvent(signer)] }
    return verifyEvidence({ ...WHOLE, access }, unknowing).parts[4]?.reason
  }
  assert.is(await reasonOf(PATIENT), 'ACCESS_SHOWN')
  assert.is(await reasonOf(OPERATOR), 'OPERATORS_UNKNOWN')
})

test('sees what is there twice, or signed by no operator, before it recovers any signer', () => {
  const [event, delivery, deletion] = [ACCESS.events[0], ACCESS.deliveries[0], DELETION[0]]
  if (!event || !delivery || !deletion) throw new Error('the sample lacks a part')
  const twice = <T extends object>(item: T): readonly (T & { readonly signature: Hex })[] =>
    Array.from({ length: 2 }, () => ({ ...item, signature: JUNK }))
  const strange = <T extends object>(item: T, role: string): readonly (T & { readonly signature: Hex })[] => [
    { ...item, [role]: addressOf(STRANGER), signature: JUNK },
  ]
  const complete = { ...FACTS, operatorsUntilSec: Number.MAX_SAFE_INTEGER }
  const outcomes = [
    judgeEvents(twice(event)),
    judge({ access: { deliveries: twice(delivery), events: [] } }),
    judge({ deletion: twice(deletion) }, 'deletion'),
    judge({ access: { deliveries: [], events: strange(event, 'signer') } }, 'access', complete),
    judge({ access: { deliveries: strange(delivery, 'operator'), events: [] } }, 'access', complete),
    judge({ deletion: strange(deletion, 'operator') }, 'deletion', complete),
  ]
  const [repeated, foreign] = ['REPEATED', 'NOT_AN_OPERATOR']
  assert.equal(
    outcomes.map(({ reason }) => reason),
    [repeated, repeated, repeated, foreign, foreign, foreign],
  )
  const unsigned = [
    judgeEvents([{ ...event, signature: JUNK }]),
    judge({ access: { deliveries: [{ ...delivery, signature: JUNK }], events: [] } }),
    judge({ deletion: [{ ...deletion, signature: JUNK }] }, 'deletion'),
  ]
  assert.equal(
    unsigned.map(({ reason }) => reason),
    ['EVENT_NOT_SIGNED', 'DELIVERY_NOT_SIGNED', 'DELETION_NOT_SIGNED'],
  )
})

test.run()
