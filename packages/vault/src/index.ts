/**
 * How a record is locked: sealed in chunks, erasure-coded into shards, its key split into committed
 * shares, shares sealed to their holders, and all of it described by a manifest the patient signs.
 * Pure: WebCrypto and plain bytes; no clock, no storage, no network; runs in Node and in a browser.
 *
 * @example
 * ```ts
 * import { combineKey, openRecord, sealRecord, splitKey } from '@halo/vault'
 *
 * export async function copySealed(
 *   record: AsyncIterable<Uint8Array>,
 *   store: { put(sealed: AsyncIterable<Uint8Array>): Promise<void>; get(): AsyncIterable<Uint8Array> },
 * ): Promise<number> {
 *   const sealing = sealRecord(record, { metadata: new Uint8Array() })
 *   await store.put(sealing.sealed)
 *   const { commitment } = await sealing.result
 *   const { shares, commitments } = await splitKey(sealing.dataKey, { shares: 5, threshold: 3 })
 *   sealing.dataKey.fill(0)
 *   const some = shares.slice(0, 3).map((share, at) => ({ index: at + 1, share }))
 *   const dataKey = await combineKey(some, { threshold: 3, commitments })
 *   const opening = openRecord(store.get(), { dataKey, commitment })
 *   let sizeBytes = 0
 *   for await (const piece of opening.record) sizeBytes += piece.length
 *   return (await opening.verified).recordBytes - sizeBytes
 * }
 * ```
 * @packageDocumentation
 */
export { MAX_METADATA_BYTES } from './envelope.ts'
export type { ErasureOptions, ReadUnit, Stripe } from './erasure.ts'
export { decodeShards, encodeShards } from './erasure.ts'
export type { ErasureEngine } from './erasure-engine.ts'
export { createWasmEngine } from './erasure-engine.ts'
export type { ErasureShape, ShardSize } from './erasure-shape.ts'
export {
  DEFAULT_UNIT_BYTES,
  MAX_SHARDS,
  MAX_STRIPE_BYTES,
  MAX_UNIT_BYTES,
  shardSizeOf,
} from './erasure-shape.ts'
export type { VaultErrorCode } from './errors.ts'
export { VaultError } from './errors.ts'
export type { KemKeyPair } from './hybrid-kem.ts'
export {
  createKemKeyPair,
  KEM_PUBLIC_KEY_BYTES,
  KEM_SECRET_KEY_BYTES,
  kemKeyHash,
  openSealed,
  releasedShareContext,
  SEAL_OVERHEAD_BYTES,
  sealTo,
  storedShareContext,
} from './hybrid-kem.ts'
export type { KeySplit, NumberedShare } from './key-shares.ts'
export { combineKey, isShareCommitted, SHARE_BYTES, shareCommitment, splitKey } from './key-shares.ts'
export type { SignedManifest } from './manifest.ts'
export {
  encodeManifest,
  MAX_MANIFEST_BYTES,
  manifestDigest,
  manifestSigner,
  parseManifest,
  signManifest,
} from './manifest.ts'
export type { ManifestCore, ManifestSuite, PlacedShard, PlacedShare, Placement } from './manifest-format.ts'
export { MANIFEST_SUITE, PACKED_SUITE } from './manifest-format.ts'
export type { Opening, OpenOptions, Verified } from './open.ts'
export { openRecord } from './open.ts'
export type { Packing } from './packing.ts'
export { measurePacking } from './packing.ts'
export { recordCommitment } from './record-commitment.ts'
export { rankOf, rendezvousOrder } from './rendezvous.ts'
export type { Sealing, SealOptions, SealResult } from './seal.ts'
export { sealedSizeOf, sealRecord } from './seal.ts'
export { DEFAULT_CHUNK_BYTES } from './sealed-format.ts'
export type { ShardHasher, ShardName, ShardRoot } from './shard-root.ts'
export { createShardHasher, isUnitOf, parseShardRoot } from './shard-root.ts'
export type { ShardStreamOptions } from './shard-streams.ts'
export { shardStreams } from './shard-streams.ts'
