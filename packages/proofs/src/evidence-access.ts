import type { SignedAccessEvent } from './access-event.ts'
import { recoverAccessEventSigner } from './access-event.ts'
import { recoverMessageSigner } from './eip712-signer.ts'
import type { AccessEvidence } from './evidence.ts'
import type { EvidenceContext, EvidenceFinding } from './evidence-context.ts'
import { find, findItem, isOperator } from './evidence-context.ts'
import { EVIDENCE_MESSAGES, hashRequest } from './evidence-messages.ts'

/** Who had the record: deliveries for the request, accesses to the data set. */
export function findAccess(context: EvidenceContext): EvidenceFinding {
  const { access } = context.evidence
  if (access === undefined) return find('ACCESS_ABSENT')
  const findings = [
    findDeliveries(context, access),
    ...access.events.map((_, at) => findEvent(context, access, at)),
  ]
  const wrong = findings.filter((finding) => finding !== null)
  const worst = wrong.find(({ verdict }) => verdict === 'broken') ?? wrong[0]
  return worst ?? find('ACCESS_SHOWN', { deliveries: access.deliveries.length, events: access.events.length })
}

/** What keeps the deliveries from being verified, or null. */
function findDeliveries(context: EvidenceContext, { deliveries }: AccessEvidence): EvidenceFinding | null {
  const { consent, deployment } = context.evidence
  if (deliveries.length === 0) return null
  if (consent === undefined) return find('REQUEST_ABSENT')
  if (consent.answers.some(({ kind }) => kind === 'Decline')) return find('ACCESS_REFUSED')
  const requestId = hashRequest(consent.request, deployment)
  const domain = { chainId: deployment.chainId, verifyingContract: deployment.escrow }
  const unsigned = deliveries.findIndex(
    ({ operator, signature }) =>
      recoverMessageSigner('Delivery', EVIDENCE_MESSAGES.Delivery, { requestId }, domain, signature) !==
      operator,
  )
  if (unsigned >= 0) return findItem('DELIVERY_NOT_SIGNED', unsigned)
  const operators = deliveries.map(({ operator }) => operator)
  const repeated = operators.findIndex((operator, at) => operators.indexOf(operator) !== at)
  if (repeated >= 0) return findItem('REPEATED', repeated)
  const foreign = operators.findIndex((operator) => isOperator(context, operator) === false)
  if (foreign >= 0) return findItem('NOT_AN_OPERATOR', foreign)
  return context.facts.operators === undefined ? find('OPERATORS_UNKNOWN') : null
}

/** What keeps one access from being verified, or null. */
function findEvent(context: EvidenceContext, { events }: AccessEvidence, at: number): EvidenceFinding | null {
  const { evidence, dataset, owner } = context
  const event = events[at] as SignedAccessEvent
  const domain = { chainId: evidence.deployment.chainId, verifyingContract: evidence.deployment.consent }
  const researcher = evidence.consent?.request.researcher ?? event.receiver
  if (recoverAccessEventSigner(event, domain) !== event.signer) return findItem('EVENT_NOT_SIGNED', at)
  if (event.recordHash !== dataset) return findItem('OTHER_DATASET', at)
  if (event.owner !== owner) return findItem('OTHER_OWNER', at)
  if (event.receiver !== researcher && event.receiver !== owner) return findItem('OTHER_RECEIVER', at)
  if (events.findIndex(({ signature }) => signature === event.signature) !== at)
    return findItem('REPEATED', at)
  if (event.signer === owner || event.signer === event.receiver) return null
  const isKnown = isOperator(context, event.signer)
  if (isKnown === null) return find('OPERATORS_UNKNOWN')
  return isKnown ? null : findItem('NOT_AN_OPERATOR', at)
}
