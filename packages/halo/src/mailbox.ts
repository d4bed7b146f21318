import type { AccessRequest, DatasetId, RequestId } from '@halo/consent'
import { hexOf, refusalByChain, requestIdOf, textHash } from '@halo/consent'
import type { RequestNotice, RequestStatus } from '@halo/ports'
import { nowSec, RefusedError } from '@halo/ports'
import { kemKeyHash } from '@halo/vault'
import { authorise } from './authorise.ts'
import type { PeerContext } from './parts.ts'

/**
 * Keeps a request for the patient's phone, after this peer has seen on chain that it was made and
 * paid. Waits there until it is answered or expires.
 * @throws RefusedError `REQUEST_UNKNOWN`, `KEY_MISMATCH`, `REQUEST_MISMATCH`, `BUSY`
 */
export async function takeNotice(context: PeerContext, notice: RequestNotice): Promise<void> {
  const { ledger, state } = context
  const { request } = notice
  const id = requestIdOf(request, ledger.deployment)
  if ((await state.notice(id)) !== null) return
  assertNoticeMatches(notice)
  const facts = await ledger.facts(request)
  if (facts.escrow === 'none') throw new RefusedError('REQUEST_UNKNOWN')
  const held = await state.noticesFor(request.dataset, context.maxRequestsPerDataset)
  if (held.length >= context.maxRequestsPerDataset) throw new RefusedError('BUSY')
  await state.addNotice(id, notice)
  context.log('info', 'request-held', { requestId: id })
}

function assertNoticeMatches(notice: RequestNotice): void {
  if (hexOf(kemKeyHash(notice.kemPublicKey)) !== notice.request.recipientKeyHash)
    throw new RefusedError('KEY_MISMATCH')
  if (textHash(notice.terms) !== notice.request.termsHash) throw new RefusedError('REQUEST_MISMATCH')
}

/** As many as one reply carries; the rest come when these are answered. */
const MOST_PENDING = 64

/** Requests that still wait for an answer, for the data sets named. */
export async function pendingNotices(
  context: PeerContext,
  query: { readonly datasets: readonly DatasetId[] },
): Promise<readonly RequestNotice[]> {
  const waiting: RequestNotice[] = []
  for (const dataset of query.datasets) {
    for (const notice of await context.state.noticesFor(dataset, context.maxRequestsPerDataset)) {
      if (waiting.length < MOST_PENDING && (await isWaiting(context, notice.request))) waiting.push(notice)
    }
  }
  return waiting
}

async function isWaiting(context: PeerContext, request: AccessRequest): Promise<boolean> {
  const facts = await context.ledger.facts(request)
  return refusalByChain(request, facts, nowSec(context.clock)) === 'NOT_ANSWERED'
}

/** How a request stands, as this peer sees it. */
export async function statusOf(
  context: PeerContext,
  query: { readonly requestId: RequestId },
): Promise<RequestStatus> {
  const { requestId } = query
  const isNoticed = (await context.state.notice(requestId)) !== null
  const { decision } = await authorise(context, requestId)
  return {
    requestId,
    isNoticed,
    isReady: decision.allowed,
    reason: decision.allowed ? null : decision.reason,
    delivery: await context.state.delivery(requestId),
  }
}
