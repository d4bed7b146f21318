import type { AccessLogEntry } from './access-log.ts'
import { logAccess, readAccessLog } from './access-log.ts'
import type { WalletContext } from './parts.ts'

/** Brings the access log up to date with the chain: what was delivered, what was refunded. */
export async function followRequests(context: WalletContext): Promise<readonly AccessLogEntry[]> {
  const entries = await readAccessLog(context)
  const asked = entries.filter((entry) => entry.event === 'asked')
  for (const { requestId, dataset, organisation } of asked) {
    const request = requestId === null ? null : await context.ledger.findRequest(requestId)
    if (request === null) continue
    const { escrow } = await context.ledger.facts(request)
    const event = escrow === 'settled' ? 'delivered' : escrow === 'refunded' ? 'refunded' : null
    if (event !== null) await logAccess(context, { event, dataset, requestId, organisation, reason: null })
  }
  return readAccessLog(context)
}
