/** What a shard is once it is on disk. */
export interface StoredShard {
  /** CID of the shard's root, a canonical dag-cbor list of its unit blocks. */
  readonly cid: string
  /** Sum of the unit sizes. */
  readonly sizeBytes: number
  /** Number of units, one per stripe. */
  readonly units: number
}

/** Keeps shards as content-addressed blocks. What a call has returned survives SIGKILL. */
export interface BlockStore extends AsyncDisposable {
  /**
   * Stores and pins one shard, unit by unit, in bounded memory. Nothing stays behind when it fails.
   * @param units each at most 1 MiB, in stripe order; not kept after the call
   */
  putShard(units: AsyncIterable<Uint8Array>, options?: CallOptions): Promise<StoredShard>
  /**
   * One unit of a shard held here, checked against its hash. Never asks the network.
   * @throws HaloError `BLOCK_NOT_HELD` or `BLOCK_DAMAGED`
   */
  readUnit(cid: string, index: number, options?: CallOptions): Promise<Uint8Array>
  /** The root block of a shard held here, for a receiver that checks units one by one. Never asks the network. */
  readRoot(cid: string, options?: CallOptions): Promise<Uint8Array>
  /** Describes a shard held here, or null. Never asks the network. */
  describe(cid: string, options?: CallOptions): Promise<StoredShard | null>
  /** Fetches a shard from other members over IPFS and pins it. */
  fetchShard(cid: string, options?: CallOptions): Promise<StoredShard>
  /**
   * Unpins and deletes a shard and checks that none of its own blocks is left; blocks another shard
   * also uses stay. Afterwards `readUnit` and `describe` find nothing, though others may still hold it.
   * @returns number of blocks removed
   */
  deleteShard(cid: string, options?: CallOptions): Promise<number>
  /** Shards held and the bytes they take on disk, for status, metrics and capacity. */
  usage(): Promise<{ readonly shards: number; readonly sizeBytes: number }>
}

/** How a caller stops what it started. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}
