import type { SignedAccessEvent } from './access-event.ts'
import { recoverAccessEventSigner } from './access-event.ts'
import type { Hex } from './eip712.ts'
import { recoverMessageSigner } from './eip712-signer.ts'
import type { AccessEvidence, Evidence, EvidenceRequest } from './evidence.ts'
import type { EvidenceContext, EvidenceFinding } from './evidence-context.ts'
import { find, findItem, findRepeated, findUnknown, isStranger } from './evidence-context.ts'
import { EVIDENCE_MESSAGES, hashRequest } from './evidence-messages.ts'

/** A request is made at most 90 days before its answer is due: `_ANSWER_MAX_SEC` of contracts/src/Escrow.sol. */
export const ANSWER_MAX_SEC = 7_776_000
/** More names make no sentence. */
const MAX_NAMED_SIGNERS = 8

/**
 * Who had the record: deliveries for the request, accesses to the data set.
 * @param consent what came of the patient's answers
 */
export function findAccess(context: EvidenceContext, consent: EvidenceFinding): EvidenceFinding {
  const { evidence, owner } = context
  const { access, record } = evidence
  if (access === undefined) return find('ACCESS_ABSENT')
  const found = [findDeliveries(context, access), findEvents(context, access, consent)]
  const wrong = found.filter((finding) => finding !== null)
  const worst = wrong.find(({ verdict }) => verdict === 'broken') ?? wrong[0]
  if (worst !== undefined) return worst
  if (record === undefined) return find('OWNER_NOT_SHOWN', { owner: owner ?? '' })
  const { deliveries, events } = access
  const shown = [wordDeliveries(evidence), wordAccesses(access, owner)]
    .filter((text) => text !== '')
    .join(' ')
  return find('ACCESS_SHOWN', { deliveries: deliveries.length, events: events.length, shown })
}

/**
 * What keeps the deliveries from being verified, or null. Signatures, which take milliseconds each, come after
 * whatever is seen without them.
 */
function findDeliveries(context: EvidenceContext, { deliveries }: AccessEvidence): EvidenceFinding | null {
  const { evidence, dataset, owner } = context
  const { consent, deployment } = evidence
  if (deliveries.length === 0) return null
  if (consent === undefined) return find('REQUEST_ABSENT')
  if (consent.request.dataset !== dataset) return find('OTHER_DATASET')
  if (consent.request.patient !== owner) return find('OTHER_OWNER')
  if (consent.answers.some(({ kind }) => kind === 'Decline')) return find('ACCESS_REFUSED')
  const signers = deliveries.map(({ operator }) => operator)
  const repeated = findRepeated(signers)
  if (repeated >= 0) return findItem('REPEATED', repeated)
  // A delivery names no time: who becomes an operator before all access ends may yet have signed it.
  const untilSec = consent.request.answerBySec + consent.request.accessForSec
  const foreign = signers.findIndex((signer) => isStranger(context, signer, untilSec))
  if (foreign >= 0) return findItem('NOT_AN_OPERATOR', foreign)
  const requestId = hashRequest(consent.request, deployment)
  const domain = { chainId: deployment.chainId, verifyingContract: deployment.escrow }
  const unsigned = deliveries.findIndex(
    ({ operator, signature }) =>
      recoverMessageSigner('Delivery', EVIDENCE_MESSAGES.Delivery, { requestId }, domain, signature) !==
      operator,
  )
  if (unsigned >= 0) return findItem('DELIVERY_NOT_SIGNED', unsigned)
  return findUnknown(context, signers)
}

/** What keeps the accesses from being verified, or null; what is seen without their signatures comes first. */
function findEvents(
  context: EvidenceContext,
  { events }: AccessEvidence,
  consent: EvidenceFinding,
): EvidenceFinding | null {
  const repeated = findRepeated(events.map(contentOf))
  if (repeated >= 0) return findItem('REPEATED', repeated)
  const contradiction = findFirst(events, (event, at) => findContradiction(context, event, at))
  if (contradiction !== null) return contradiction
  const { chainId, consent: verifyingContract } = context.evidence.deployment
  const unsigned = events.findIndex(
    (event) => recoverAccessEventSigner(event, { chainId, verifyingContract }) !== event.signer,
  )
  if (unsigned >= 0) return findItem('EVENT_NOT_SIGNED', unsigned)
  return findFirst(events, (event, at) => findDoubt(context, event, at, consent))
}

/** The same access by the same signer is the same, though ECDSA has many signatures of one message. */
function contentOf({ signature: _, ...content }: SignedAccessEvent): string {
  const { recordHash, owner, receiver, timeSec, location, expirySec, signer } = content
  return [recordHash, owner, receiver, timeSec, location, expirySec, signer].join()
}

/** How an access contradicts the rest of the bundle or what the caller knows, or null. */
function findContradiction(
  context: EvidenceContext,
  event: SignedAccessEvent,
  at: number,
): EvidenceFinding | null {
  const { evidence, dataset, owner } = context
  const { receiver, signer, timeSec } = event
  if (event.recordHash !== dataset) return findItem('OTHER_DATASET', at)
  if (event.owner !== owner) return findItem('OTHER_OWNER', at)
  const isParty = signer === owner || signer === receiver
  if (!isParty && isStranger(context, signer, timeSec)) return findItem('NOT_AN_OPERATOR', at)
  if (receiver === owner || evidence.consent === undefined) return null
  const { request, answers } = evidence.consent
  if (receiver !== request.researcher) return findItem('OTHER_RECEIVER', at)
  if (answers.some(({ kind }) => kind === 'Decline')) return find('ACCESS_REFUSED')
  return findWrongTime(event, request, at)
}

/** An access names no request, and a request not when it was made: this is what must hold whenever that was. */
function findWrongTime(
  { timeSec }: SignedAccessEvent,
  { answerBySec, accessForSec }: EvidenceRequest,
  at: number,
): EvidenceFinding | null {
  if (timeSec < answerBySec - ANSWER_MAX_SEC) return findItem('ACCESS_TOO_EARLY', at)
  return timeSec > answerBySec + accessForSec ? findItem('ACCESS_TOO_LATE', at) : null
}

/** What is not known of who vouches for an access, or null. Who says to have received it shows nothing by that. */
function findDoubt(
  context: EvidenceContext,
  { receiver, signer }: SignedAccessEvent,
  at: number,
  consent: EvidenceFinding,
): EvidenceFinding | null {
  if (signer === context.owner) return null
  if (signer === receiver)
    return consent.verdict === 'verified' ? null : find('RECEIVER_ALONE', { item: at + 1, signer })
  const unknown = findUnknown(context, [signer])
  return unknown?.reason === 'SIGNER_UNKNOWN' ? find('SIGNER_UNKNOWN', { item: at + 1, signer }) : unknown
}

function findFirst(
  events: readonly SignedAccessEvent[],
  look: (event: SignedAccessEvent, at: number) => EvidenceFinding | null,
): EvidenceFinding | null {
  for (const [at, event] of events.entries()) {
    const finding = look(event, at)
    if (finding !== null) return finding
  }
  return null
}

/** How many released their share, and for whom: a delivery is for a request, which names who asked. */
function wordDeliveries({ access, consent }: Evidence): string {
  const count = access?.deliveries.length ?? 0
  if (count === 0 || consent === undefined) return ''
  const who =
    count === 1
      ? '1 operator signed that it released its share'
      : `${count} operators signed that they released their shares`
  return `${who} of the key for the request of researcher ${consent.request.researcher}. When is not signed.`
}

/** How many accesses, and who signed them. */
function wordAccesses({ events }: AccessEvidence, owner: Hex | null): string {
  if (events.length === 0) return ''
  const roles = new Map(events.map(({ signer, receiver }) => [signer, roleOf(signer, receiver, owner)]))
  const names = Array.from(roles, ([signer, role]) => `${role} ${signer}`)
  const more = names.length - MAX_NAMED_SIGNERS
  const named = names.slice(0, MAX_NAMED_SIGNERS).join(', ')
  const signers = `${named}${more > 0 ? ` and ${more} others` : ''}`
  return `Signed accesses: ${events.length}, signed by ${signers}. An access names its receiver, but no request.`
}

function roleOf(signer: Hex, receiver: Hex, owner: Hex | null): string {
  if (signer === owner) return 'owner'
  return signer === receiver ? 'receiver' : 'operator'
}
