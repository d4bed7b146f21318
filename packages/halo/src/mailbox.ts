import type { AccessRequest, DatasetId, RequestId } from '@halo/consent'
import { hexOf, parseDescriptor, refusalByChain, requestIdOf, textHash } from '@halo/consent'
import type { RequestNotice, RequestStatus } from '@halo/ports'
import { nowSec, RefusedError } from '@halo/ports'
import { kemKeyHash } from '@halo/vault'
import { authorise } from './authorise.ts'
import type { PeerContext } from './parts.ts'
import { isOver } from './sweep.ts'

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
  const reason = refusalByChain(request, facts, nowSec(context.clock))
  if (isOver(reason)) throw new RefusedError(reason)
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
/** Requests looked up on the chain for one call, which anyone may make. */
const MOST_LOOKUPS = 256

/**
 * Requests that still wait for an answer, for the data sets named. Those that pay what the patient
 * asks come first, so that a flood of cheap ones does not hide them.
 */
export async function pendingNotices(
  context: PeerContext,
  query: { readonly datasets: readonly DatasetId[] },
  signal: AbortSignal,
): Promise<readonly RequestNotice[]> {
  const waiting: RequestNotice[] = []
  let lookups = 0
  for (const dataset of query.datasets) {
    for (const notice of await openNotices(context, dataset)) {
      if (waiting.length === MOST_PENDING || lookups === MOST_LOOKUPS) return waiting
      signal.throwIfAborted()
      lookups++
      if (await isWaiting(context, notice.request)) waiting.push(notice)
    }
  }
  return waiting
}

/** What is held and not known here to be over, best offers first. */
async function openNotices(context: PeerContext, dataset: DatasetId): Promise<readonly RequestNotice[]> {
  const held = await context.state.noticesFor(dataset, context.maxRequestsPerDataset)
  const nowAtSec = nowSec(context.clock)
  const open: RequestNotice[] = []
  for (const notice of held) {
    if (notice.request.answerBySec >= nowAtSec && !(await isAnswered(context, notice.request)))
      open.push(notice)
  }
  const entry = await context.state.catalogueEntry(dataset)
  const asked = entry === null ? null : parseDescriptor(entry.descriptor)
  const paysEnough = ({ request }: RequestNotice): boolean =>
    asked === null || (request.currency === asked.currency && request.price >= asked.price)
  return [...open.filter(paysEnough), ...open.filter((notice) => !paysEnough(notice))]
}

/** Whether this peer has an answer that reached the chain. */
async function isAnswered({ state, ledger }: PeerContext, request: AccessRequest): Promise<boolean> {
  const id = requestIdOf(request, ledger.deployment)
  for (const kind of ['Grant', 'Decline'] as const) {
    if ((await state.answer(id, kind)) !== null && !(await state.isUnrelayed(id, kind))) return true
  }
  return false
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
