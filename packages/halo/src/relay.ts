import type { AnswerKind, ChainFacts, Hex, RequestId } from '@halo/consent'
import { reasonOf } from '@halo/ports'
import { rankOf } from '@halo/vault'
import type { PeerContext } from './parts.ts'

/**
 * Brings an answer on chain. The first peer by rendezvous order does so at once; the others wait
 * their turn and relay only if nobody was faster, so that a dead or silent peer cannot hold an
 * answer back and five peers do not pay for one.
 * @returns the hash of this peer's own transaction, or null
 */
export async function relayAnswer(
  context: PeerContext,
  id: RequestId,
  kind: AnswerKind,
): Promise<Hex | null> {
  const operators = context
    .members()
    .filter((member) => member.isActive)
    .map((member) => member.peerId)
  const rank = Math.max(0, await rankOf(context.peerId, operators, id))
  if (rank === 0) return relayNow(context, id, kind)
  relayLater(context, id, kind, rank * context.relayStaggerMs)
  return null
}

/** Takes up again what was not relayed when the peer stopped. */
export async function resumeRelays(context: PeerContext): Promise<void> {
  for (const { id, kind } of await context.state.unrelayed(1000)) relayLater(context, id, kind, 0)
}

function relayLater(context: PeerContext, id: RequestId, kind: AnswerKind, delayMs: number): void {
  const timer = setTimeout(() => {
    relayNow(context, id, kind).catch((error: unknown) => {
      context.log('warn', 'relay-failed', { requestId: id, kind, reason: reasonOf(error) })
    })
  }, delayMs)
  context.stopped.addEventListener('abort', () => clearTimeout(timer), { once: true })
}

async function relayNow(context: PeerContext, id: RequestId, kind: AnswerKind): Promise<Hex | null> {
  const { ledger, state, writer } = context
  const answer = await state.answer(id, kind)
  const request = (await state.notice(id))?.request ?? (await ledger.findRequest(id))
  if (answer === null || request === null || context.stopped.aborted) return null
  const isOnChain = hasAnswer(kind, await ledger.facts(request))
  const relayed = isOnChain ? null : await writer.answer(kind, request, answer.signature)
  await state.markRelayed(id, kind)
  if (relayed?.tx != null)
    context.log('info', 'answer-relayed', { requestId: id, kind, isFirst: relayed.isFirst })
  return relayed?.tx?.hash ?? null
}

function hasAnswer(kind: AnswerKind, facts: ChainFacts): boolean {
  return kind === 'Revoke' ? facts.consent === 'revoked' : facts.consent !== 'none'
}
