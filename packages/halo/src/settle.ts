import type { AccessRequest, Hex, RequestId } from '@halo/consent'
import { reasonOf } from '@halo/ports'
import { rankOf } from '@halo/vault'
import type { PeerContext } from './parts.ts'

/**
 * Sees to it that the patient is paid even when the researcher does not confirm: some time after
 * this peer released its share, it gathers the other operators' delivery statements and settles.
 * Peers take turns, so that one transaction is paid for.
 */
export function settleLater(context: PeerContext, request: AccessRequest, id: RequestId): void {
  const settle = async (): Promise<void> => {
    if (!context.stopped.aborted) await settleIfDelivered(context, request, id)
  }
  turnOf(context, id)
    .then((rank) => {
      const delayMs =
        Math.min(context.settleAfterMs, (request.accessForSec * 1000) / 4) + rank * context.relayStaggerMs
      const timer = setTimeout(() => {
        settle().catch((error: unknown) => {
          context.log('warn', 'settle-failed', { requestId: id, reason: reasonOf(error) })
        })
      }, delayMs)
      context.stopped.addEventListener('abort', () => clearTimeout(timer), { once: true })
    })
    .catch(() => undefined)
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
  if (facts.escrow !== 'open' || facts.consent !== 'granted') return
  const signatures = await gatherDeliveries(context, id)
  const tx = await context.writer.settleWithDeliveries(request, signatures)
  context.log('info', 'escrow-settled', { requestId: id, gas: tx.gas })
}

async function gatherDeliveries(context: PeerContext, id: RequestId): Promise<readonly Hex[]> {
  const own = await context.state.delivery(id)
  const others = context.members().filter((member) => member.isActive && member.peerId !== context.peerId)
  const replies = await Promise.allSettled(
    others.map((member) =>
      context.link.peer(member).status({ requestId: id }, { signal: AbortSignal.timeout(5000) }),
    ),
  )
  const found = replies.map((reply) => (reply.status === 'fulfilled' ? reply.value.delivery : null))
  return [own, ...found].filter((signature) => signature !== null)
}
