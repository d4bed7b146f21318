import type { ChainFacts, RequestId } from '@halo/consent'
import type { AccessLogEntry } from './access-log.ts'
import { logAccess, readAccessLog } from './access-log.ts'
import type { WalletContext } from './parts.ts'

type Event = AccessLogEntry['event']

/** Events after which nothing more happens to a request that this wallet would not note itself. */
const FINAL: readonly Event[] = ['delivered', 'refunded']

/**
 * Brings the access log up to date with the chain: what was delivered, what was refunded, and answers
 * that reached the chain after this wallet had stopped waiting for them.
 */
export async function followRequests(context: WalletContext): Promise<readonly AccessLogEntry[]> {
  const entries = await readAccessLog(context)
  const closed = new Set(entries.filter(({ event }) => FINAL.includes(event)).map((entry) => entry.requestId))
  const open = entries.filter((entry) => entry.event === 'asked' && !closed.has(entry.requestId))
  for (const { requestId, dataset, organisation } of open) {
    const facts = requestId === null ? null : await factsOf(context, requestId)
    for (const event of facts === null ? [] : eventsOf(facts))
      await logAccess(context, { event, dataset, requestId, organisation, reason: null })
  }
  return readAccessLog(context)
}

async function factsOf(context: WalletContext, id: RequestId): Promise<ChainFacts | null> {
  const request = await context.ledger.findRequest(id)
  return request === null ? null : context.ledger.facts(request)
}

function eventsOf({ consent, escrow }: ChainFacts): readonly Event[] {
  const answers = {
    none: [],
    granted: ['approved'],
    declined: ['declined'],
    revoked: ['approved', 'withdrawn'],
  }
  const outcomes = { none: [], open: [], settled: ['delivered'], refunded: ['refunded'] }
  return [...answers[consent], ...outcomes[escrow]] as readonly Event[]
}
