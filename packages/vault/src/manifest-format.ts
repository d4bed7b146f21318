import { encode } from '@ipld/dag-cbor'
import { sha256 } from '@noble/hashes/sha2.js'
import { CID } from 'multiformats/cid'
import { areEqual } from './bytes.ts'
import {
  type ErasureShape,
  isErasureShape,
  MAX_SHARDS,
  MAX_UNIT_BYTES,
  shardSizeOf,
} from './erasure-shape.ts'
import { bytesAt, exactlyAt, invalidField, listAt, mapAt, textAt, wholeAt } from './manifest-fields.ts'
import { MAX_EXPANSION } from './packing.ts'
import { HEADER_BYTES, MAX_CHUNK_BYTES, MIN_CHUNK_BYTES, TAG_BYTES } from './sealed-format.ts'

/** The algorithms of a manifest whose record is sealed as it is. */
export const MANIFEST_SUITE = 'aes256gcm-stream/rs/shamir/xwing'
/** The algorithms of a manifest whose record is packed by gzip before it is sealed. */
export const PACKED_SUITE = 'gzip/aes256gcm-stream/rs/shamir/xwing'
/** How a record was made unreadable, in the order of the steps. */
export type ManifestSuite = typeof MANIFEST_SUITE | typeof PACKED_SUITE

/** What the patient signs, and all that a researcher sees: no locations. */
export interface ManifestCore {
  readonly version: 1
  readonly suite: ManifestSuite
  /** 32 bytes: the record commitment. */
  readonly commitment: Uint8Array
  /** Length of the record itself, unpacked. */
  readonly recordBytes: number
  readonly sealedBytes: number
  readonly chunkBytes: number
  /** Shares needed to rebuild the data key. */
  readonly threshold: number
  /** One per share, 32 bytes each, in share order. */
  readonly commitments: readonly Uint8Array[]
  /** SHA-256 of the encoded placement; the placement's random ids keep it from being guessed. */
  readonly placementHash: Uint8Array
}

/** Where a record's shards and key shares are; only holders and wallet see it. */
export interface Placement {
  readonly version: 1
  readonly erasure: ErasureShape
  /** In shard order, `data + parity` of them. */
  readonly shards: readonly PlacedShard[]
  /** In share order: share number i is `shares[i - 1]`. */
  readonly shares: readonly PlacedShare[]
}

/** One shard at its holder. */
export interface PlacedShard {
  readonly peerId: string
  /** Opaque id, 16 bytes. */
  readonly id: Uint8Array
  /** CIDv1 text. */
  readonly cid: string
  readonly sizeBytes: number
}

/** One sealed key share at its holder. */
export interface PlacedShare {
  readonly peerId: string
  /** Opaque id, 16 bytes. */
  readonly id: Uint8Array
}

const CORE_KEYS = [
  'version',
  'suite',
  'commitment',
  'recordBytes',
  'sealedBytes',
  'chunkBytes',
  'threshold',
  'commitments',
  'placementHash',
] as const

/** Checked copy of a core. @throws VaultError `MANIFEST_INVALID` {field} */
export function parseCore(value: unknown): ManifestCore {
  const core = mapAt(value, 'core', CORE_KEYS)
  const commitments = listAt(core.commitments, 'core.commitments', 2, MAX_SHARDS).map((commitment, at) =>
    bytesAt(commitment, `core.commitments[${at}]`, 32),
  )
  const suite = parseSuite(core.suite)
  const recordBytes = wholeAt(core.recordBytes, 'core.recordBytes', 0)
  const leastBytes = suite === PACKED_SUITE ? Math.ceil(recordBytes / MAX_EXPANSION) : recordBytes
  return {
    version: exactlyAt(core.version, 'core.version', 1),
    suite,
    commitment: bytesAt(core.commitment, 'core.commitment', 32),
    recordBytes,
    sealedBytes: wholeAt(core.sealedBytes, 'core.sealedBytes', leastBytes + HEADER_BYTES + TAG_BYTES + 1),
    chunkBytes: wholeAt(core.chunkBytes, 'core.chunkBytes', MIN_CHUNK_BYTES, MAX_CHUNK_BYTES),
    threshold: wholeAt(core.threshold, 'core.threshold', 2, commitments.length),
    commitments,
    placementHash: bytesAt(core.placementHash, 'core.placementHash', 32),
  }
}

function parseSuite(value: unknown): ManifestSuite {
  return value === PACKED_SUITE ? value : exactlyAt(value, 'core.suite', MANIFEST_SUITE)
}

/** Checked copy of a placement. @throws VaultError `MANIFEST_INVALID` {field} */
export function parsePlacement(value: unknown): Placement {
  const placement = mapAt(value, 'placement', ['version', 'erasure', 'shards', 'shares'])
  const erasure = parseErasure(placement.erasure)
  const count = erasure.data + erasure.parity
  return {
    version: exactlyAt(placement.version, 'placement.version', 1),
    erasure,
    shards: listAt(placement.shards, 'placement.shards', count, count).map(parseShard),
    shares: listAt(placement.shares, 'placement.shares', 2, MAX_SHARDS).map(parseShare),
  }
}

function parseErasure(value: unknown): ErasureShape {
  const field = 'placement.erasure'
  const { data, parity, unitBytes } = mapAt(value, field, ['data', 'parity', 'unitBytes'])
  const shape = {
    data: wholeAt(data, `${field}.data`, 1, MAX_SHARDS),
    parity: wholeAt(parity, `${field}.parity`, 0, MAX_SHARDS - 1),
    unitBytes: wholeAt(unitBytes, `${field}.unitBytes`, 1, MAX_UNIT_BYTES),
  }
  if (!isErasureShape(shape)) throw invalidField(field)
  return shape
}

function parseShard(value: unknown, at: number): PlacedShard {
  const field = `placement.shards[${at}]`
  const shard = mapAt(value, field, ['peerId', 'id', 'cid', 'sizeBytes'])
  return {
    peerId: parsePeerId(shard.peerId, `${field}.peerId`),
    id: bytesAt(shard.id, `${field}.id`, 16),
    cid: parseCid(shard.cid, `${field}.cid`),
    sizeBytes: wholeAt(shard.sizeBytes, `${field}.sizeBytes`, 1),
  }
}

function parseShare(value: unknown, at: number): PlacedShare {
  const field = `placement.shares[${at}]`
  const share = mapAt(value, field, ['peerId', 'id'])
  return { peerId: parsePeerId(share.peerId, `${field}.peerId`), id: bytesAt(share.id, `${field}.id`, 16) }
}

// Which keys a peer id may be made of is for the network layer to know; here it is a short printable name.
function parsePeerId(value: unknown, field: string): string {
  return textAt(value, field, /^[\x21-\x7e]{1,128}$/)
}

function parseCid(value: unknown, field: string): string {
  const text = textAt(value, field, /^b[a-z2-7]{1,127}$/)
  try {
    if (CID.parse(text).toString() === text) return text
  } catch (cause) {
    throw invalidField(field, cause)
  }
  throw invalidField(field)
}

/** That a core and its placement speak of the same record. @throws VaultError `MANIFEST_INVALID` {field} */
export function checkPlacementFits(core: ManifestCore, placement: Placement): void {
  if (!areEqual(core.placementHash, placementHashOf(placement))) throw invalidField('core.placementHash')
  if (placement.shares.length !== core.commitments.length) throw invalidField('placement.shares')
  const { shardBytes } = shardSizeOf(placement.erasure, core.sealedBytes)
  const misfit = placement.shards.findIndex((shard) => shard.sizeBytes !== shardBytes)
  if (misfit >= 0) throw invalidField(`placement.shards[${misfit}].sizeBytes`)
}

/** SHA-256 of the canonical dag-cbor of a placement. */
export function placementHashOf(placement: Placement): Uint8Array {
  return sha256(encode(placement))
}
