import type { AccessRequest, AnswerKind, ChainFacts, Hex, Reason, RequestId } from '@halo/consent'
import { refusalByChain } from '@halo/consent'
import { nowSec, RefusedError } from '@halo/ports'
import { parseManifest, rankOf } from '@halo/vault'
import { isWithdrawn } from './authorise.ts'
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
  const rank = await rankOf(context.peerId, await relayersOf(context, id, kind), id)
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

/** Who takes turns: a grant is known to the record's holders alone, other answers to every member. */
async function relayersOf(context: PeerContext, id: RequestId, kind: AnswerKind): Promise<readonly string[]> {
  const active = context.members().filter((member) => member.isActive)
  const manifest = (await context.state.answer(id, kind))?.manifest
  const placement = manifest == null ? null : parseManifest(manifest).placement
  const holders = new Set(placement?.shares.map(({ peerId }) => peerId))
  return active.map(({ peerId }) => peerId).filter((peerId) => placement === null || holders.has(peerId))
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
  if (kind === 'Grant' && (await isWithdrawn(context, id))) {
    await state.markRelayed(id, kind)
    return null
  }
  const facts = await ledger.facts(request)
  if (kind === 'Revoke' && facts.consent === 'none') {
    // Nothing to withdraw on chain yet: when a grant lands there, the listener comes back to this.
    if (tooLateFor(context, kind, request, facts) !== null) await state.markRelayed(id, kind)
    return null
  }
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
