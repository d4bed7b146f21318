import type { Reason } from '@halo/consent'
import { refusalByChain, requestIdOf } from '@halo/consent'
import { nowSec, reasonOf } from '@halo/ports'
import type { PeerContext } from './parts.ts'

const FINAL: readonly Reason[] = ['DECLINED', 'WITHDRAWN', 'EXPIRED', 'REQUEST_REFUNDED']

/** Whether a request can never be served again. */
export function isOver(reason: Reason | null): reason is Reason {
  return reason !== null && FINAL.includes(reason)
}

const MOST_AT_ONCE = 10_000

/**
 * Forgets requests that are over, and with them the manifests that tie shards together: links are
 * lent to a peer for one request only.
 */
export async function sweepRequests(context: PeerContext): Promise<void> {
  try {
    for (const { request } of await context.state.notices(MOST_AT_ONCE)) {
      const facts = await context.ledger.facts(request)
      if (!isOver(refusalByChain(request, facts, nowSec(context.clock)))) continue
      const id = requestIdOf(request, context.ledger.deployment)
      await context.state.forgetRequest(id)
      context.log('info', 'request-forgotten', { requestId: id })
    }
  } catch (error) {
    context.log('warn', 'sweep-failed', { reason: reasonOf(error, 'CHAIN_UNREACHABLE') })
  }
}
