/**
 * Shards as IPFS blocks on disk, in Helia, on the same libp2p node as the Halo protocols. A shard is
 * one raw block per unit and a dag-cbor root `{ v: 1, size, units }` whose CID names it.
 *
 * @example
 * ```ts
 * import type { HeliaBlockStoreOptions } from '@halo/ipfs'
 * import { openHeliaBlockStore } from '@halo/ipfs'
 *
 * export async function keep(options: HeliaBlockStoreOptions, unit: Uint8Array): Promise<string> {
 *   await using blocks = await openHeliaBlockStore(options)
 *   const units = async function* () {
 *     yield unit
 *   }
 *   return (await blocks.putShard(units())).cid
 * }
 * ```
 * @packageDocumentation
 */
import type { BlockStore, Log } from '@halo/ports'
import type { Libp2p, ServiceMap } from '@libp2p/interface'
import { HeliaBlockStore } from './helia-block-store.ts'
import type { IsServing } from './served-blocks.ts'

export type { IpfsErrorCode } from './errors.ts'
export { IpfsError } from './errors.ts'
export type { IsServing } from './served-blocks.ts'
export { MAX_UNIT_BYTES, MAX_UNITS } from './shard-root.ts'

/** Where blocks are kept and over which node they are exchanged. */
export interface HeliaBlockStoreOptions {
  /** Own directory, created with mode 0700; one process at a time. */
  readonly dir: string
  /** Started node; stays the caller's to stop, after the store. Its guard decides who may use bitswap. */
  readonly libp2p: Libp2p<ServiceMap>
  readonly log: Log
  /**
   * How long a fetch waits for one block, in milliseconds.
   * @defaultValue 30 000
   */
  readonly fetchTimeoutMs?: number
  /**
   * Which blocks any connected member may have over bitswap, asked for each; what throws serves nothing.
   * Bitswap carries no request and no consent: a peer serves its shards by `/halo/shard/1` instead.
   * @defaultValue none
   */
  readonly isServing?: IsServing
}

/** A {@link BlockStore} on Helia. Its errors are {@link IpfsError}s. */
export type HeliaBlocks = BlockStore

/**
 * Opens the store: reads which shards are pinned, removes what a crash left behind, starts bitswap.
 * Dispose it before the libp2p node stops.
 */
export async function openHeliaBlockStore(options: HeliaBlockStoreOptions): Promise<HeliaBlocks> {
  const store = new HeliaBlockStore(options)
  await store.open(options)
  return store
}
