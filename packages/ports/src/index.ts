/**
 * What the use cases need from the world, as narrow interfaces: blocks, peers, ledger, state, clock,
 * log; and the base of all errors. Adapters of layer 2 implement them, nodes wire them.
 *
 * @example
 * ```ts
 * import type { Clock } from '@halo/ports'
 * import { nowSec } from '@halo/ports'
 *
 * export const noon: Clock = { nowMs: () => 43_200_000 }
 * export const seconds: number = nowSec(noon)
 * ```
 * @packageDocumentation
 */
export type { BlockStore, CallOptions, StoredShard } from './block-store.ts'
export type { CheckedEntry, OpenedEntry } from './catalogue-entry.ts'
export {
  checkEntry,
  logOf,
  MAX_RECEIPT_BYTES,
  openEntry,
  readAnchor,
  redateReceipt,
  refreshReceipt,
} from './catalogue-entry.ts'
export type { ErrorDetails } from './errors.ts'
export { HaloError, RefusedError, reasonOf } from './errors.ts'
export type {
  AnchoredHead,
  Ledger,
  LedgerEvent,
  LedgerListener,
  LedgerTx,
  LedgerWriter,
  Member,
  RootAnchor,
} from './ledger.ts'
export type { Clock, Log, LogLevel, OnProgress, Progress } from './log.ts'
export { nowSec, systemClock } from './log.ts'
export { peerKeyOf } from './peer-key.ts'
export type { PeerAddress, PeerClient, PeerLink } from './peer-link.ts'
export type {
  Answer,
  Caller,
  CatalogueEntry,
  CatalogueQuery,
  CollectProof,
  Delivery,
  HaloProtocols,
  Listed,
  Publication,
  ReleasedShare,
  RequestNotice,
  RequestStatus,
  ShardDeposit,
  ShardQuery,
  ShareDeposit,
  StorageReceipt,
} from './protocol.ts'
export type { KeyValueStore, StateEntry } from './state.ts'
export { createMemoryStore } from './state.ts'
