import { createHash } from 'node:crypto'
import { decode, encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { IpfsError } from './errors.ts'

const SHA2_256 = 0x12
const RAW = 0x55
const DAG_CBOR = 0x71

/** Largest unit, in bytes; bitswap passes blocks of this size everywhere. */
export const MAX_UNIT_BYTES: number = 1 << 20

/** Most units of one shard, so that a root block stays below {@link MAX_UNIT_BYTES} (16 GiB a shard). */
export const MAX_UNITS: number = 16_384

/** What the root block of a shard says. */
export interface ShardRoot {
  /** Sum of the unit sizes. */
  readonly sizeBytes: number
  /** CIDv1, raw, sha2-256, in stripe order. */
  readonly units: readonly CID[]
}

/** The CID of one unit. */
export function unitCidOf(unit: Uint8Array): CID {
  return cidOf(RAW, unit)
}

/** The canonical root block, dag-cbor of `{ v: 1, size, units }`, and its CID. */
export function encodeShardRoot(root: ShardRoot): { readonly cid: CID; readonly block: Uint8Array } {
  const block = encode({ v: 1, size: root.sizeBytes, units: root.units })
  return { cid: cidOf(DAG_CBOR, block), block }
}

/**
 * Reads a root block that may come from anywhere.
 * @throws IpfsError `BAD_SHARD` unless it is the canonical encoding of a shard within bounds
 */
export function decodeShardRoot(block: Uint8Array): ShardRoot {
  const value = decodeMap(block)
  const { v, size, units, ...others } = value
  if (v !== 1 || Object.keys(others).length > 0) throw badShard('its version or a key is unknown')
  const cids = parseUnits(units)
  const sizeBytes = parseSize(size, cids.length)
  const { block: canonical } = encodeShardRoot({ sizeBytes, units: cids })
  if (!isSame(canonical, block)) throw badShard('it is not in canonical form')
  return { sizeBytes, units: cids }
}

/** @throws IpfsError `BAD_CID` unless the text is the canonical CID of a shard root */
export function parseShardCid(text: string): CID {
  try {
    const cid = CID.parse(text)
    if (isSha256(cid, DAG_CBOR) && cid.toString() === text) return cid
  } catch (cause) {
    throw badCid(cause)
  }
  throw badCid()
}

/** The hashes of a shard's units, 32 bytes each, end to end: a tenth of the memory of as many CIDs. */
export function packUnits(units: readonly CID[]): Uint8Array {
  const packed = new Uint8Array(units.length * 32)
  for (const [at, unit] of units.entries()) packed.set(unit.multihash.digest, at * 32)
  return packed
}

/** The CIDs that {@link packUnits} packed. */
export function unpackUnits(packed: Uint8Array): readonly CID[] {
  return Array.from({ length: packed.length / 32 }, (_, at) => unitCidAt(packed, at))
}

/** One of the CIDs that {@link packUnits} packed; `index` is within bounds. */
export function unitCidAt(packed: Uint8Array, index: number): CID {
  return CID.createV1(RAW, createDigest(SHA2_256, packed.slice(index * 32, index * 32 + 32)))
}

/** Whether the bytes are those that a CID (sha2-256) names. */
export function isBlockOf(cid: CID, bytes: Uint8Array): boolean {
  return isSame(sha256(bytes), cid.multihash.digest)
}

function parseUnits(units: unknown): readonly CID[] {
  if (!Array.isArray(units) || units.length === 0 || units.length > MAX_UNITS)
    throw badShard(`it needs 1 to ${MAX_UNITS} units`)
  return units.map((unit) => {
    const cid = CID.asCID(unit)
    if (cid === null || !isSha256(cid, RAW)) throw badShard('a unit is not a raw sha2-256 block')
    return cid
  })
}

function parseSize(size: unknown, units: number): number {
  const isPossible =
    typeof size === 'number' && Number.isSafeInteger(size) && size >= units && size <= units * MAX_UNIT_BYTES
  if (!isPossible) throw badShard('its size is not possible')
  return size
}

function decodeMap(block: Uint8Array): Readonly<Record<string, unknown>> {
  if (block.length > MAX_UNIT_BYTES) throw badShard('its root is too large')
  try {
    const value: unknown = decode(block)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch (cause) {
    throw badShard('its root is not dag-cbor', cause)
  }
  throw badShard('its root is no map')
}

function isSha256(cid: CID, codec: number): boolean {
  return (
    cid.version === 1 &&
    cid.code === codec &&
    cid.multihash.code === SHA2_256 &&
    cid.multihash.digest.length === 32
  )
}

function cidOf(codec: number, bytes: Uint8Array): CID {
  return CID.createV1(codec, createDigest(SHA2_256, sha256(bytes)))
}

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest())
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}

function badShard(why: string, cause?: unknown): IpfsError {
  return new IpfsError('BAD_SHARD', `This is not a shard: ${why}.`, { cause })
}

function badCid(cause?: unknown): IpfsError {
  return new IpfsError('BAD_CID', 'A shard is named by a CIDv1 with codec dag-cbor and hash sha2-256.', {
    cause,
  })
}
