import type { AccessRequest, RequestId, Terms } from '@halo/consent'
import {
  amountOf,
  durationOf,
  hexOf,
  parseDescriptor,
  parseTerms,
  refusalByChain,
  requestIdOf,
  statementOf,
  textHash,
} from '@halo/consent'
import type { Member, PeerLink, RequestNotice } from '@halo/ports'
import { nowSec } from '@halo/ports'
import { kemKeyHash } from '@halo/vault'
import { logAccess } from './access-log.ts'
import type { Holding } from './holdings.ts'
import { listHoldings } from './holdings.ts'
import type { WalletContext } from './parts.ts'

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

/** Requests of one peer for one data set that are looked at, so that none can keep a wallet busy. */
const MAX_NOTICES = 64

/**
 * Asks the Halo for requests that wait for this patient, one data set per connection, and checks
 * each against the chain; what does not check out is left out.
 */
export async function pendingRequests(context: WalletContext): Promise<readonly PendingRequest[]> {
  const found: PendingRequest[] = []
  for (const holding of await listHoldings(context)) found.push(...(await pendingFor(context, holding)))
  return found.sort((a, b) => a.answerBySec - b.answerBySec)
}

/**
 * Requests that wait for one data set, noted in the access log. Every peer says the same where all are honest: what is said more
 * than once is looked up once.
 */
export async function pendingFor(
  context: WalletContext,
  holding: Holding,
): Promise<readonly PendingRequest[]> {
  const members = (await context.ledger.members()).filter((member) => member.isActive)
  await using link = await context.openLink()
  const notices = await Promise.all(members.map((member) => noticesFrom(context, link, member, holding)))
  const told = new Map<RequestId, RequestNotice>()
  for (const notice of notices.flat()) {
    if (isForUs(context, holding, notice))
      told.set(requestIdOf(notice.request, context.ledger.deployment), notice)
  }
  const pending: PendingRequest[] = []
  for (const { request, terms } of told.values()) {
    const facts = await context.ledger.facts(request)
    if (refusalByChain(request, facts, nowSec(context.clock)) === 'NOT_ANSWERED')
      pending.push(describe(context, holding, request, parseTerms(terms)))
  }
  for (const shown of pending) await logRequest(context, 'asked', shown)
  return pending
}

async function noticesFrom(
  context: WalletContext,
  link: PeerLink,
  member: Member,
  holding: Holding,
): Promise<readonly RequestNotice[]> {
  try {
    const signal = AbortSignal.timeout(context.peerTimeoutMs)
    const notices = await link.peer(member).pending({ datasets: [holding.dataset] }, { signal })
    return notices.slice(0, MAX_NOTICES)
  } catch {
    return []
  }
}

/** All that can be checked without the chain; the chain then vouches for every field of the request. */
function isForUs(context: WalletContext, holding: Holding, notice: RequestNotice): boolean {
  const { request } = notice
  return (
    request.dataset === holding.dataset &&
    request.patient === context.keyring.datasetKey(holding.keyIndex).address &&
    hexOf(kemKeyHash(notice.kemPublicKey)) === request.recipientKeyHash &&
    textHash(notice.terms) === request.termsHash &&
    isTerms(notice.terms)
  )
}

function isTerms(text: string): boolean {
  try {
    parseTerms(text)
    return true
  } catch {
    return false
  }
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

/** Notes what happened to a request, with who asked. */
export async function logRequest(
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
