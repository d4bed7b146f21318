import type { DatasetId, Reason, RequestId } from '@halo/consent'
import { nowSec } from '@halo/ports'
import { decode, encode } from '@ipld/dag-cbor'
import type { WalletContext } from './parts.ts'

/** What a patient reads in their access log. */
export interface AccessLogEntry {
  readonly atSec: number
  readonly event: 'published' | 'asked' | 'approved' | 'declined' | 'withdrawn' | 'delivered' | 'refunded'
  readonly dataset: DatasetId
  readonly requestId: RequestId | null
  /** Who asked, as they call themselves; unverified. */
  readonly organisation: string | null
  readonly reason: Reason | null
}

/** Adds an entry, once per event and request. */
export async function logAccess(context: WalletContext, entry: Omit<AccessLogEntry, 'atSec'>): Promise<void> {
  const name = `log/${entry.event}/${entry.requestId ?? entry.dataset}`
  await context.store.putNew(name, encode({ ...entry, atSec: nowSec(context.clock) }))
}

/** The access log, oldest first. */
export async function readAccessLog(context: WalletContext): Promise<readonly AccessLogEntry[]> {
  const entries = await context.store.list('log/')
  return entries
    .map((entry) => decode<AccessLogEntry>(entry.value))
    .sort((a, b) => a.atSec - b.atSec || ORDER.indexOf(a.event) - ORDER.indexOf(b.event))
}

const ORDER: readonly AccessLogEntry['event'][] = [
  'published',
  'asked',
  'approved',
  'declined',
  'delivered',
  'withdrawn',
  'refunded',
]

/** Who made a request that this wallet has seen, as they call themselves, or null. */
export async function organisationOf(context: WalletContext, requestId: RequestId): Promise<string | null> {
  const asked = await context.store.get(`log/asked/${requestId}`)
  return asked === null ? null : decode<AccessLogEntry>(asked).organisation
}
