import type { AccessRequest, AnswerKind, Hex, Reason, RequestId, Terms } from '@halo/consent'
import {
  amountOf,
  durationOf,
  explainReason,
  hexOf,
  parseDescriptor,
  parseTerms,
  refusalByChain,
  requestIdOf,
  signMessage,
  statementOf,
  textHash,
} from '@halo/consent'
import type { Answer, Member, PeerLink, RequestNotice } from '@halo/ports'
import { nowSec } from '@halo/ports'
import { kemKeyHash } from '@halo/vault'
import { logAccess } from './access-log.ts'
import { WalletError } from './errors.ts'
import type { Holding } from './holdings.ts'
import { findHolding, listHoldings } from './holdings.ts'
import type { WalletContext } from './parts.ts'
import { untilTrue } from './until.ts'

/** A request as the patient is shown it. Nothing else is ever signed. */
export interface PendingRequest {
  readonly id: RequestId
  readonly request: AccessRequest
  readonly terms: Terms
  /** Price in words. */
  readonly price: string
  readonly isBelowAsk: boolean
  readonly answerBySec: number
  /** Time to collect after consent, in words. */
  readonly accessFor: string
  /** The very text that is signed on approval. */
  readonly statement: string
}

/** What became of an answer. */
export interface Answered {
  readonly id: RequestId
  readonly kind: AnswerKind
  /** How many peers took the answer. */
  readonly peers: number
  readonly txHash: Hex | null
}

/**
 * Asks the Halo for requests that wait for this patient, one data set per connection, and checks
 * each against the chain; what does not check out is left out.
 */
export async function pendingRequests(context: WalletContext): Promise<readonly PendingRequest[]> {
  const members = (await context.ledger.members()).filter((member) => member.isActive)
  const found = new Map<RequestId, PendingRequest>()
  for (const holding of await listHoldings(context)) {
    await using link = await context.openLink()
    const notices = await Promise.all(members.map((member) => noticesFrom(context, link, member, holding)))
    for (const notice of notices.flat()) {
      const pending = await checkNotice(context, holding, notice)
      if (pending !== null) found.set(pending.id, pending)
    }
  }
  for (const pending of found.values()) await logRequest(context, 'asked', pending)
  return [...found.values()].sort((a, b) => a.answerBySec - b.answerBySec)
}

async function noticesFrom(
  context: WalletContext,
  link: PeerLink,
  member: Member,
  holding: Holding,
): Promise<readonly RequestNotice[]> {
  try {
    const signal = AbortSignal.timeout(context.peerTimeoutMs)
    return await link.peer(member).pending({ datasets: [holding.dataset] }, { signal })
  } catch {
    return []
  }
}

async function checkNotice(
  context: WalletContext,
  holding: Holding,
  notice: RequestNotice,
): Promise<PendingRequest | null> {
  const { request } = notice
  const isOurs =
    request.dataset === holding.dataset &&
    request.patient === context.keyring.datasetKey(holding.keyIndex).address
  const isBound =
    hexOf(kemKeyHash(notice.kemPublicKey)) === request.recipientKeyHash &&
    textHash(notice.terms) === request.termsHash
  if (!isOurs || !isBound) return null
  const facts = await context.ledger.facts(request)
  if (refusalByChain(request, facts, nowSec(context.clock)) !== 'NOT_ANSWERED') return null
  const terms = termsOrNull(notice.terms)
  return terms === null ? null : describe(context, holding, request, terms)
}

function describe(
  context: WalletContext,
  holding: Holding,
  request: AccessRequest,
  terms: Terms,
): PendingRequest {
  const asked = parseDescriptor(holding.descriptor)
  return {
    id: requestIdOf(request, context.ledger.deployment),
    request,
    terms,
    price: amountOf(request),
    isBelowAsk: request.currency !== asked.currency || request.price < asked.price,
    answerBySec: request.answerBySec,
    accessFor: durationOf(request.accessForSec),
    statement: statementOf('Grant', request),
  }
}

function termsOrNull(text: string): Terms | null {
  try {
    return parseTerms(text)
  } catch {
    return null
  }
}

/**
 * Signs consent for a request that waits now, hands it with the manifest to every peer, and returns
 * once the chain shows it.
 * @throws WalletError `REQUEST_NOT_FOUND`, `ANSWER_NOT_TAKEN`, `REQUEST_CLOSED`
 */
export async function approveRequest(context: WalletContext, id: RequestId): Promise<Answered> {
  const pending = await findPending(context, id)
  const holding = await holdingOf(context, pending.request)
  const answered = await sendAnswer(context, 'Grant', pending.request, holding)
  await logRequest(context, 'approved', pending)
  return answered
}

/** Declines a request that waits now; the researcher is told and refunded. @throws as {@link approveRequest} */
export async function declineRequest(context: WalletContext, id: RequestId): Promise<Answered> {
  const pending = await findPending(context, id)
  const holding = await holdingOf(context, pending.request)
  const answered = await sendAnswer(context, 'Decline', pending.request, holding)
  await logRequest(context, 'declined', pending)
  return answered
}

/**
 * Withdraws a consent given earlier: peers stop at once, also running streams.
 * @throws WalletError `REQUEST_NOT_FOUND`, `REQUEST_CLOSED`, `ANSWER_NOT_TAKEN`
 */
export async function withdrawConsent(context: WalletContext, id: RequestId): Promise<Answered> {
  const request = await context.ledger.findRequest(id)
  const holding = request === null ? null : await findHolding(context, request.dataset)
  if (request === null || holding === null) throw notFound()
  const facts = await context.ledger.facts(request)
  if (facts.consent !== 'granted')
    throw closed(refusalByChain(request, facts, nowSec(context.clock)) ?? 'NOT_ANSWERED')
  const answered = await sendAnswer(context, 'Revoke', request, holding)
  const entry = {
    event: 'withdrawn',
    dataset: request.dataset,
    requestId: id,
    organisation: null,
    reason: null,
  } as const
  await logAccess(context, entry)
  return answered
}

async function findPending(context: WalletContext, id: RequestId): Promise<PendingRequest> {
  const pending = (await pendingRequests(context)).find((candidate) => candidate.id === id)
  if (pending !== undefined) return pending
  const request = await context.ledger.findRequest(id)
  const isOurs = request !== null && (await findHolding(context, request.dataset)) !== null
  if (!isOurs) throw notFound()
  throw closed(
    refusalByChain(request, await context.ledger.facts(request), nowSec(context.clock)) ?? 'REQUEST_MISMATCH',
  )
}

async function holdingOf(context: WalletContext, request: AccessRequest): Promise<Holding> {
  const holding = await findHolding(context, request.dataset)
  if (holding === null) throw notFound()
  return holding
}

async function sendAnswer(
  context: WalletContext,
  kind: AnswerKind,
  request: AccessRequest,
  holding: Holding,
): Promise<Answered> {
  const { deployment } = context.ledger
  const requestId = requestIdOf(request, deployment)
  const message = { requestId, statement: statementOf(kind, request) }
  const signature = await signMessage(context.keyring.datasetKey(holding.keyIndex), kind, message, deployment)
  const answer: Answer = { kind, requestId, signature, manifest: kind === 'Grant' ? holding.manifest : null }
  const replies = await handToPeers(context, answer)
  const wanted = { Grant: 'granted', Decline: 'declined', Revoke: 'revoked' }[kind]
  await untilTrue(context, async () => (await context.ledger.facts(request)).consent === wanted, notTaken)
  return {
    id: requestId,
    kind,
    peers: replies.length,
    txHash: replies.find((reply) => reply.txHash)?.txHash ?? null,
  }
}

async function handToPeers(
  context: WalletContext,
  answer: Answer,
): Promise<readonly { readonly txHash: Hex | null }[]> {
  await using link = await context.openLink()
  const members = (await context.ledger.members()).filter((member) => member.isActive)
  const signal = AbortSignal.timeout(context.chainTimeoutMs)
  const replies = await Promise.allSettled(
    members.map((member) => link.peer(member).answer(answer, { signal })),
  )
  const taken = replies.filter((reply) => reply.status === 'fulfilled').map((reply) => reply.value)
  if (taken.length === 0) throw notTaken()
  return taken
}

async function logRequest(
  context: WalletContext,
  event: 'asked' | 'approved' | 'declined',
  pending: PendingRequest,
): Promise<void> {
  const { request, id, terms } = pending
  await logAccess(context, {
    event,
    dataset: request.dataset,
    requestId: id,
    organisation: terms.organisation,
    reason: null,
  })
}

function notFound(): WalletError {
  return new WalletError(
    'REQUEST_NOT_FOUND',
    'No such request waits for this wallet. List the requests again.',
  )
}

function closed(reason: Reason): WalletError {
  return new WalletError('REQUEST_CLOSED', explainReason(reason), { details: { reason } })
}

function notTaken(): WalletError {
  return new WalletError(
    'ANSWER_NOT_TAKEN',
    'The answer did not reach the chain in time. Check that peers are up and try again.',
  )
}
