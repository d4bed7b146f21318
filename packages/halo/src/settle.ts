import type { AccessRequest, Hex, RequestId } from '@halo/consent'
import { nowSec, reasonOf } from '@halo/ports'
import { rankOf } from '@halo/vault'
import { runLater } from './later.ts'
import type { PeerContext } from './parts.ts'

/** Settlements taken up again after a restart. */
const MAX_RESUMED = 1000
/** How long another peer may take to say whether it delivered. */
const STATUS_TIMEOUT_MS = 5000

/**
 * Sees to it that the patient is paid even when the researcher does not confirm: some time after
 * this peer released its share, it gathers the other operators' delivery statements and settles.
 * Peers take turns, so that one transaction is paid for.
 */
export async function settleLater(
  context: PeerContext,
  request: AccessRequest,
  id: RequestId,
): Promise<void> {
  const facts = await context.ledger.facts(request)
  const leftMs = (facts.accessUntilSec - Math.max(nowSec(context.clock), facts.chainTimeSec)) * 1000
  const patienceMs = Math.max(
    0,
    Math.min(context.settleAfterMs, (request.accessForSec * 1000) / 4, leftMs / 2),
  )
  const delayMs = patienceMs + (await turnOf(context, id)) * context.relayStaggerMs
  runLater(context, {
    key: `settle/${id}`,
    delayMs,
    retryMs: Math.max(delayMs, context.relayStaggerMs),
    run: () => settleIfDelivered(context, request, id),
    event: 'settle-failed',
    fields: { requestId: id },
  })
}

/** Takes up again what this peer released for and has not seen paid when it stopped. Never rejects. */
export async function resumeSettlements(context: PeerContext): Promise<void> {
  const logFailure = (error: unknown, fields: { readonly requestId?: string } = {}): void => {
    if (!context.stopped.aborted)
      context.log('warn', 'settle-failed', { ...fields, reason: reasonOf(error, 'CHAIN_UNREACHABLE') })
  }
  const unsettled = await context.state.unsettled(MAX_RESUMED).catch((error: unknown) => {
    logFailure(error)
    return []
  })
  for (const id of unsettled) {
    if (context.stopped.aborted) return
    await resumeSettlement(context, id).catch((error: unknown) => logFailure(error, { requestId: id }))
  }
}

async function resumeSettlement(context: PeerContext, id: RequestId): Promise<void> {
  const call = { signal: context.stopped }
  const request = (await context.state.request(id)) ?? (await context.ledger.findRequest(id, call))
  if (request !== null) await settleLater(context, request, id)
}

async function turnOf(context: PeerContext, id: RequestId): Promise<number> {
  const active = context.members().filter((member) => member.isActive)
  return Math.max(
    0,
    await rankOf(
      context.peerId,
      active.map((member) => member.peerId),
      id,
    ),
  )
}

async function settleIfDelivered(context: PeerContext, request: AccessRequest, id: RequestId): Promise<void> {
  const facts = await context.ledger.facts(request)
  const isInTime = Math.max(nowSec(context.clock), facts.chainTimeSec) <= facts.accessUntilSec
  const isOpen = facts.escrow === 'open' && isInTime
  if (isOpen && facts.consent === 'granted') {
    const signatures = await gatherDeliveries(context, id)
    const tx = await context.writer.settleWithDeliveries(request, signatures)
    context.log('info', 'escrow-settled', { requestId: id, gas: tx.gas })
  }
  // A node that lags may not show the consent yet: then this is tried again after a restart.
  if (!isOpen || facts.consent !== 'none') await context.state.markSettled(id)
}

async function gatherDeliveries(context: PeerContext, id: RequestId): Promise<readonly Hex[]> {
  const own = await context.state.delivery(id)
  const others = context.members().filter((member) => member.isActive && member.peerId !== context.peerId)
  const replies = await Promise.allSettled(
    others.map((member) =>
      context.link.peer(member).status({ requestId: id }, { signal: AbortSignal.timeout(STATUS_TIMEOUT_MS) }),
    ),
  )
  const found = replies.map((reply) => (reply.status === 'fulfilled' ? reply.value.delivery : null))
  return [own, ...found].filter((signature) => signature !== null)
}
