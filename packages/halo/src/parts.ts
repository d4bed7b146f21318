import type { Hex, RequestId } from '@halo/consent'
import type {
  BlockStore,
  Clock,
  KeyValueStore,
  Ledger,
  LedgerWriter,
  Log,
  Member,
  PeerLink,
  StorageReceipt,
} from '@halo/ports'
import type { NoteSigner, TileStore } from '@halo/proofs'
import type { ErasureEngine } from '@halo/vault'
import type { Catalogue } from './catalogue.ts'
import type { Commits } from './commits.ts'
import type { CutOffs } from './cut-off.ts'
import type { LaterStage } from './later.ts'
import type { RecordLog } from './record-log.ts'
import type { Room } from './room.ts'
import type { PeerState } from './state.ts'

/** What a peer signs and opens with; the keys themselves stay in the node's keystore. */
export interface PeerKeys {
  /** 32-byte seed of the peer's hybrid KEM key. */
  readonly kemSecretKey: Uint8Array
  /** Signs a receipt with the libp2p key. */
  signReceipt(fields: Omit<StorageReceipt, 'peerId' | 'signature'>): Promise<StorageReceipt>
  /** Signs checkpoints of this member's log with the libp2p key, in the name of the log's origin. */
  readonly logSigner: NoteSigner
  /** Signs the operator's `Delivery` statement. */
  signDelivery(requestId: RequestId): Promise<Hex>
}

/** What a peer is made of. */
export interface HaloPeerParts {
  readonly peerId: string
  readonly blocks: BlockStore
  readonly store: KeyValueStore
  /** Where this member's log of records is. */
  readonly tiles: TileStore
  readonly ledger: Ledger
  readonly writer: LedgerWriter
  /** Reaches other members over this peer's own node. */
  readonly link: PeerLink
  /** The registry as last read from the chain. */
  readonly members: () => readonly Member[]
  readonly keys: PeerKeys
  readonly erasure: ErasureEngine
  readonly clock: Clock
  readonly log: Log
}

/** Bounds and delays of a peer. */
export interface HaloPeerOptions {
  /**
   * Blocks on top of a consent, its own included, before anything is released, and on top of a log's root, be it of
   * this member or another, before its receipt is given or listed.
   * @defaultValue 1
   */
  readonly confirmations?: number
  /**
   * How long each further peer waits before it, too, relays an answer, so that five peers do not
   * pay for one answer.
   * @defaultValue 3000
   */
  readonly relayStaggerMs?: number
  /**
   * How long after releasing its share a peer settles for a researcher who did not confirm; never
   * later than a quarter of the access time.
   * @defaultValue 600000
   */
  readonly settleAfterMs?: number
  /**
   * Requests held for one data set; more are refused as BUSY.
   * @defaultValue 1000
   */
  readonly maxRequestsPerDataset?: number
  /**
   * Bytes of shards and shares held at most; beyond that deposits are refused as STORAGE_FULL.
   * @defaultValue 100 GiB
   */
  readonly capacityBytes?: number
  /**
   * Data sets in the catalogue at most, of up to 4 KiB each; more are refused as BUSY. Their ids are
   * kept in memory.
   * @defaultValue 100000
   */
  readonly maxListings?: number
  /**
   * Data sets that are new to the log or the catalogue in an hour at most; more are refused as BUSY. Listing costs
   * nothing, so that anyone could fill both in minutes otherwise.
   * @defaultValue 1000
   */
  readonly listingsPerHour?: number
  /**
   * Roots anchored in an hour at most, each for all that was logged since the one before. Nobody pays a peer
   * for them, and anyone may ask.
   * @defaultValue 600
   */
  readonly anchorsPerHour?: number
  /**
   * Least time from one anchoring to the next: the longer, the fewer transactions, and the longer a wallet
   * waits. With 0 the next begins when the last one is through.
   * @defaultValue 0
   */
  readonly anchorEveryMs?: number
  /**
   * How long after an anchoring failed, or the chain took blocks back, this peer sees to it that all it has logged is
   * on the chain; twice as long before each further attempt, up to ten minutes, without end.
   * @defaultValue 5000
   */
  readonly anchorRetryMs?: number
  /**
   * How often the chain is asked whether a root is as deep as `confirmations` says, while somebody waits for it.
   * @defaultValue 1000
   */
  readonly chainPollMs?: number
  /**
   * How often what closed requests left here is looked for and forgotten.
   * @defaultValue 600000
   */
  readonly sweepEveryMs?: number
  /**
   * How long a holder may take for one unit of a shard before another holder is asked instead.
   * @defaultValue 15000
   */
  readonly holderTimeoutMs?: number
}

/** Parts, options and state as the use cases of one peer share them. */
export interface PeerContext extends HaloPeerParts {
  readonly state: PeerState
  readonly cutOffs: CutOffs
  readonly confirmations: number
  readonly relayStaggerMs: number
  readonly settleAfterMs: number
  readonly maxRequestsPerDataset: number
  readonly room: Room
  readonly catalogue: Catalogue
  readonly commits: Commits
  /** Roots on the chain, each once it is as deep as `confirmations` says. */
  readonly deepRoots: Pick<Ledger, 'rootAnchor'>
  /** This member's log. */
  readonly records: RecordLog
  readonly holderTimeoutMs: number
  /** Work that is put off, by its keys. */
  readonly later: Map<string, LaterStage>
  /** Sees to it, soon, that all this member has logged is on the chain. */
  readonly anchorLater: () => void
  /** Aborts when the peer stops. */
  readonly stopped: AbortSignal
}
