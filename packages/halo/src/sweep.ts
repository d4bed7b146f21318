import type { Reason, RequestId } from '@halo/consent'
import { refusalByChain } from '@halo/consent'
import { nowSec, reasonOf } from '@halo/ports'
import type { PeerContext } from './parts.ts'

const FINAL: readonly Reason[] = ['DECLINED', 'WITHDRAWN', 'EXPIRED', 'REQUEST_REFUNDED']

/** Whether a request can never be served again. */
export function isOver(reason: Reason | null): reason is Reason {
  return reason !== null && FINAL.includes(reason)
}

/** Forgets, now and again, what is over. Disposing it ends the pass that runs and waits for its end. */
export interface Sweeper extends AsyncDisposable {
  /** One pass over all requests held; the one that runs already, if there is one. Never rejects. */
  sweep(): Promise<void>
}

/** Starts sweeping. One pass runs at a time, however long the chain takes to answer. */
export function openSweeper(context: PeerContext, everyMs: number): Sweeper {
  let running: Promise<void> | null = null
  const sweep = (): Promise<void> => {
    running ??= sweepRequests(context).finally(() => {
      running = null
    })
    return running
  }
  const timer = setInterval(sweep, everyMs)
  return {
    sweep,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await running
    },
  }
}

/**
 * Forgets requests that are over, and with them the manifests that tie shards together: links are
 * lent to a peer for one request only. One that cannot be looked up does not keep the others.
 */
async function sweepRequests(context: PeerContext): Promise<void> {
  const failures: Reason[] = []
  let forgotten = 0
  try {
    for await (const id of context.state.heldRequests()) {
      if (context.stopped.aborted) return
      const outcome = await forgetIfOver(context, id)
      if (outcome === 'forgotten') forgotten++
      else if (outcome !== 'kept') failures.push(outcome)
    }
  } catch (error) {
    failures.push(reasonOf(error))
  }
  const [reason] = failures
  if (context.stopped.aborted) return
  if (reason !== undefined) context.log('warn', 'sweep-failed', { failures: failures.length, reason })
  context.log('debug', 'sweep-done', { forgotten })
}

/** What became of a request held, or why that could not be found out. */
async function forgetIfOver(context: PeerContext, id: RequestId): Promise<'forgotten' | 'kept' | Reason> {
  try {
    const request = await context.state.request(id)
    if (request === null) return 'kept'
    const facts = await context.ledger.facts(request, { signal: context.stopped })
    if (!isOver(refusalByChain(request, facts, nowSec(context.clock)))) return 'kept'
    await context.state.forgetRequest(id)
    context.log('info', 'request-forgotten', { requestId: id })
    return 'forgotten'
  } catch (error) {
    return reasonOf(error, 'CHAIN_UNREACHABLE')
  }
}
