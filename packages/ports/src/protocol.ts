import type {
  AccessRequest,
  Address,
  AnswerKind,
  Bytes32,
  DatasetId,
  Hex,
  Reason,
  RequestId,
} from '@halo/consent'

/** Proof of storage, signed by the peer's libp2p key over the canonical encoding of the other fields. */
export interface StorageReceipt {
  readonly peerId: string
  /** Opaque id under which the thing is stored, 16 bytes. */
  readonly id: Uint8Array
  /** CID of a shard, or `sha256:<hex>` of a sealed share. */
  readonly content: string
  readonly sizeBytes: number
  readonly storedAtSec: number
  readonly signature: Uint8Array
}

/** One shard to keep, under an id that says nothing about what it belongs to. */
export interface ShardDeposit {
  readonly id: Uint8Array
  readonly sizeBytes: number
  /** Size of every unit but the last, at most 1 MiB. */
  readonly unitBytes: number
  /** In stripe order; pulled by the receiver in a bounded window. */
  readonly units: AsyncIterable<Uint8Array>
}

/** One key share to keep, sealed to the peer's KEM key; at most 4 KiB. */
export interface ShareDeposit {
  readonly id: Uint8Array
  readonly sealed: Uint8Array
}

/** A data set and what its patient says of it. */
interface Stated {
  /** Of the record; with the patient's address it makes the data set's id. */
  readonly commitment: Bytes32
  readonly patient: Address
  /** Canonical JSON of the catalogue entry, at most 4 KiB; its keccak-256 is signed and logged. */
  readonly descriptor: string
  /** EIP-712 `Anchor` by the patient. */
  readonly signature: Hex
}

/**
 * A data set to be logged and offered, or, with the receipt of the member that logged it, only offered. One of
 * salt and receipt is null: a receipt has the salt in it.
 */
export interface Publication extends Stated {
  /** 32 random bytes that hide what the log's leaf stands for. */
  readonly salt: Uint8Array | null
  /** Encoded receipt of `@halo/proofs`, at most 4 KiB. */
  readonly receipt: Uint8Array | null
}

/** That a data set is logged: the receipt, and the transaction that this peer itself has paid for it. */
export interface Listed {
  readonly receipt: Uint8Array
  readonly txHash: Hex | null
}

/** A catalogue entry as peers list it; `checkEntry` and the chain say whether it holds. */
export interface CatalogueEntry extends Stated {
  /** Encoded receipt of `@halo/proofs`; it has the salt in it. */
  readonly receipt: Uint8Array
}

/** Which page of a peer's catalogue is wanted. */
export interface CatalogueQuery {
  /**
   * The entries that follow this data set's place in the order of ids, listed or not, and after the last one those
   * from the first on; no entry twice. Null lets the peer begin anywhere, each time somewhere else.
   */
  readonly after: DatasetId | null
  /** At most 100. Fewer come only when there are fewer in all. */
  readonly limit: number
}

/** What a researcher hands to the peers after the request was made on chain. */
export interface RequestNotice {
  readonly request: AccessRequest
  /** 1216 bytes; its SHA-256 is bound on chain. */
  readonly kemPublicKey: Uint8Array
  /** The accepted terms, at most 8 KiB of UTF-8; their keccak-256 is bound on chain. */
  readonly terms: string
}

/** The patient's answer, handed to every peer; with a grant comes the manifest, for this request only. */
export interface Answer {
  readonly kind: AnswerKind
  readonly requestId: RequestId
  readonly signature: Hex
  /** Only with `Grant`: the encoded signed manifest, placement included. */
  readonly manifest: Uint8Array | null
}

/** How a request stands, as one peer sees it. */
export interface RequestStatus {
  readonly requestId: RequestId
  readonly isNoticed: boolean
  readonly isReady: boolean
  /** Why nothing is released now; null when `isReady`. */
  readonly reason: Reason | null
  /** EIP-712 `Delivery` by this peer's operator once it has released its key share, else null. */
  readonly delivery: Hex | null
}

/** Proof to one peer of who collects, not older than five minutes. */
export interface CollectProof {
  readonly requestId: RequestId
  readonly beforeSec: number
  /** EIP-712 `Collect` by the researcher, naming this peer. */
  readonly signature: Hex
}

/** A key share re-sealed to the researcher, and the operator's statement that it was released. */
export interface ReleasedShare {
  /** Share number, from 1. */
  readonly index: number
  readonly sealed: Uint8Array
  /** EIP-712 `Delivery` by the operator; enough of them settle the escrow. */
  readonly delivery: Hex
}

/** The sealed record, rebuilt, with the part of the manifest that shows no location. */
export interface Delivery {
  /** Encoded signed manifest without placement. */
  readonly manifest: Uint8Array
  /** EIP-712 `Grant` by the patient, by which this peer gives it: the researcher keeps it as evidence. */
  readonly grant: Hex
  readonly sealedBytes: number
  /** In order, pulled by the reader; fails with reason `SHARDS_TOO_FEW` when too few shards are reachable. */
  readonly sealed: AsyncIterable<Uint8Array>
}

/** Asks a member for one shard of a request that this member's own reading of the chain allows. */
export interface ShardQuery {
  readonly requestId: RequestId
  readonly id: Uint8Array
  /** First unit wanted. */
  readonly fromUnit: number
}

/**
 * The Halo protocols, from both sides: a peer implements them with `Context` = {@link Caller}, a
 * client calls them with `Context` = `CallOptions`. A refusal is a `RefusedError` with its reason.
 */
export interface HaloProtocols<Context> {
  /** `/halo/store/2`, open to clients. */
  storeShard(deposit: ShardDeposit, context: Context): Promise<StorageReceipt>
  storeShare(deposit: ShareDeposit, context: Context): Promise<StorageReceipt>
  publish(publication: Publication, context: Context): Promise<Listed>
  /** `/halo/request/3`, open to clients. */
  catalogue(query: CatalogueQuery, context: Context): Promise<readonly CatalogueEntry[]>
  notify(notice: RequestNotice, context: Context): Promise<void>
  pending(
    query: { readonly datasets: readonly DatasetId[] },
    context: Context,
  ): Promise<readonly RequestNotice[]>
  answer(answer: Answer, context: Context): Promise<{ readonly txHash: Hex | null }>
  status(query: { readonly requestId: RequestId }, context: Context): Promise<RequestStatus>
  /** `/halo/release/1`, open to clients. */
  release(proof: CollectProof, context: Context): Promise<ReleasedShare>
  /** `/halo/collect/2`, open to clients. */
  collect(proof: CollectProof, context: Context): Promise<Delivery>
  /** `/halo/shard/1`, members only: the shard's root block first, then its units from `fromUnit` on. */
  readShard(query: ShardQuery, context: Context): Promise<AsyncIterable<Uint8Array>>
}

/** Who calls a peer. */
export interface Caller {
  readonly peerId: string
  /** Whether the registry lists the caller as active, read at the start of the call. */
  readonly isMember: boolean
  /** Aborts when the caller goes away or the call's time is up. */
  readonly signal: AbortSignal
}
