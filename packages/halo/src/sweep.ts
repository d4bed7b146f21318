import type { Reason, RequestId } from '@halo/consent'
import { refusalByChain } from '@halo/consent'
import { nowSec, reasonOf } from '@halo/ports'
import type { PeerContext } from './parts.ts'

const FINAL: readonly Reason[] = ['DECLINED', 'WITHDRAWN', 'EXPIRED', 'REQUEST_REFUNDED']

/** Whether a request can never be served again. */
export function isOver(reason: Reason | null): reason is Reason {
  return reason !== null && FINAL.includes(reason)
}

/**
 * Forgets requests that are over, and with them the manifests that tie shards together: links are
 * lent to a peer for one request only.
 */
export async function sweepRequests(context: PeerContext): Promise<void> {
  try {
    for await (const id of context.state.heldRequests()) await forgetIfOver(context, id)
  } catch (error) {
    context.log('warn', 'sweep-failed', { reason: reasonOf(error, 'CHAIN_UNREACHABLE') })
  }
}

async function forgetIfOver(context: PeerContext, id: RequestId): Promise<void> {
  const request = await context.state.request(id)
  if (request === null) return
  const facts = await context.ledger.facts(request, { signal: context.stopped })
  if (!isOver(refusalByChain(request, facts, nowSec(context.clock)))) return
  await context.state.forgetRequest(id)
  context.log('info', 'request-forgotten', { requestId: id })
}
