import type { AccessRequest, AnswerKind, ChainFacts, Hex, Reason, RequestId } from '@halo/consent'
import { refusalByChain } from '@halo/consent'
import { nowSec, RefusedError } from '@halo/ports'
import { rankOf } from '@halo/vault'
import { runLater } from './later.ts'
import type { PeerContext } from './parts.ts'

/** Answers taken up again after a restart. */
const MAX_RESUMED = 1000

/**
 * Brings an answer on chain. The first peer by rendezvous order does so at once; the others wait
 * their turn and relay only if nobody was faster, so that a dead or silent peer cannot hold an
 * answer back and five peers do not pay for one.
 * @returns the hash of this peer's own transaction, or null
 * @throws RefusedError when it is too late for the answer; what the writer throws, while this peer
 * goes on trying
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
  const rank = await rankOf(context.peerId, operators, id)
  // A suspended peer earns nothing and is not waited for.
  if (rank < 0) return null
  try {
    if (rank === 0) return await relayNow(context, id, kind)
  } catch (error) {
    relayLater(context, id, kind, context.relayStaggerMs)
    throw error
  }
  relayLater(context, id, kind, rank * context.relayStaggerMs)
  return null
}

/** Takes up again what was not relayed when the peer stopped. */
export async function resumeRelays(context: PeerContext): Promise<void> {
  for (const { id, kind } of await context.state.unrelayed(MAX_RESUMED)) relayLater(context, id, kind, 0)
}

function relayLater(context: PeerContext, id: RequestId, kind: AnswerKind, delayMs: number): void {
  runLater(context, {
    key: `relay/${id}/${kind}`,
    delayMs,
    retryMs: context.relayStaggerMs,
    run: async () => {
      if (await context.state.isUnrelayed(id, kind)) await relayNow(context, id, kind)
    },
    event: 'relay-failed',
    fields: { requestId: id, kind },
  })
}

async function relayNow(context: PeerContext, id: RequestId, kind: AnswerKind): Promise<Hex | null> {
  const { ledger, state, writer } = context
  const answer = await state.answer(id, kind)
  if (answer === null) await state.markRelayed(id, kind)
  const request = (await state.request(id)) ?? (await ledger.findRequest(id))
  if (answer === null || request === null || context.stopped.aborted) return null
  const facts = await ledger.facts(request)
  const isOnChain = hasAnswer(kind, facts)
  const tooLate = isOnChain ? null : tooLateFor(context, kind, request, facts)
  const relayed = isOnChain || tooLate !== null ? null : await writer.answer(kind, request, answer.signature)
  await state.markRelayed(id, kind)
  if (tooLate !== null) throw new RefusedError(tooLate)
  if (relayed?.tx != null)
    context.log('info', 'answer-relayed', { requestId: id, kind, isFirst: relayed.isFirst })
  return relayed?.tx?.hash ?? null
}

function hasAnswer(kind: AnswerKind, facts: ChainFacts): boolean {
  return kind === 'Revoke' ? facts.consent === 'revoked' : facts.consent !== 'none'
}

/** Why the contract can never take this answer any more, or null. What was granted may always be withdrawn. */
function tooLateFor(
  context: PeerContext,
  kind: AnswerKind,
  request: AccessRequest,
  facts: ChainFacts,
): Reason | null {
  if (kind === 'Revoke' && facts.consent === 'granted') return null
  const reason = refusalByChain(request, facts, nowSec(context.clock))
  return reason === 'EXPIRED' || reason === 'REQUEST_REFUNDED' || reason === 'DECLINED' ? reason : null
}
