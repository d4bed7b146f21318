/**
 * The researcher's use cases: search, request, follow, collect, verify, refund. The data key exists
 * only here, for as long as one record is opened.
 *
 * @example
 * ```ts
 * import type { ResearchParts } from '@halo/research'
 * import { openResearch } from '@halo/research'
 *
 * export async function cheapest(parts: ResearchParts): Promise<bigint | undefined> {
 *   const offers = await openResearch(parts).search({ kind: 'glucose-cgm' })
 *   return offers.map((offer) => offer.descriptor.price).sort((a, b) => (a < b ? -1 : 1))[0]
 * }
 * ```
 * @packageDocumentation
 */
import type { RequestId } from '@halo/consent'
import type { LedgerTx } from '@halo/ports'
import type { Collected, CollectOptions, RecordSink } from './collect.ts'
import { collectRecord } from './collect.ts'
import type { ResearchContext, ResearchOptions, ResearchParts } from './parts.ts'
import type { Asking, OwnRequest, RequestState } from './request.ts'
import { findRequest, listRequests, makeRequest, refundRequest, stateOf } from './request.ts'
import type { Offer, Wanted } from './search.ts'
import { searchOffers } from './search.ts'

export type { Collected, CollectOptions, Evidence, RecordSink } from './collect.ts'
export type { ResearchErrorCode } from './errors.ts'
export { ResearchError } from './errors.ts'
export type { ResearchOptions, ResearchParts } from './parts.ts'
export type { Asking, OwnRequest, RequestState } from './request.ts'
export type { Offer, Wanted } from './search.ts'
export type { Proof, Verification } from './verify.ts'
export { verifyRecord } from './verify.ts'

/** A researcher's client. */
export interface Research {
  /** Data sets on offer, newest first, each checked against its anchor. */
  search(wanted?: Wanted): Promise<readonly Offer[]>
  /** Pays into escrow and tells the peers. */
  request(
    asking: Asking,
  ): Promise<{ readonly request: OwnRequest; readonly tx: LedgerTx; readonly peers: number }>
  requests(): Promise<readonly OwnRequest[]>
  status(id: RequestId): Promise<RequestState>
  /** Collects, opens and verifies the record; nothing reaches `commit` unless everything checks out. */
  collect(id: RequestId, openSink: () => Promise<RecordSink>, options?: CollectOptions): Promise<Collected>
  /** Confirms delivery, which pays the patient. */
  confirm(id: RequestId): Promise<LedgerTx>
  /** Takes back what is due and pays it out. */
  refund(id: RequestId): Promise<{ readonly refund: LedgerTx | null; readonly payout: LedgerTx | null }>
}

/** A researcher's client over its parts. */
export function openResearch(parts: ResearchParts, options: ResearchOptions = {}): Research {
  const context: ResearchContext = { ...parts, peerTimeoutMs: options.peerTimeoutMs ?? 10_000 }
  return {
    search: (wanted) => searchOffers(context, wanted),
    request: (asking) => makeRequest(context, asking),
    requests: () => listRequests(context),
    status: async (id) => stateOf(context, await findRequest(context, id)),
    collect: async (id, openSink, collectOptions) =>
      collectRecord(context, await findRequest(context, id), openSink, collectOptions),
    confirm: async (id) => parts.writer.settle((await findRequest(context, id)).request),
    refund: async (id) => refundRequest(context, await findRequest(context, id)),
  }
}
