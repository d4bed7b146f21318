import { decode, encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { areEqual } from './bytes.ts'

const SHA2_256 = 0x12
const RAW = 0x55
const DAG_CBOR = 0x71

/** The root of a shard: the hash of every unit, in stripe order. */
export interface ShardRoot {
  /** Sum of the unit sizes. */
  readonly sizeBytes: number
  /** SHA-256 of each unit, 32 bytes. */
  readonly unitHashes: readonly Uint8Array[]
}

/** What names a shard: the CID of its root block, and that block. */
export interface ShardName {
  /** CIDv1, dag-cbor, sha2-256, base32. */
  readonly cid: string
  /** Canonical dag-cbor of `{ size, units: [CID…], v: 1 }`; each unit is a raw block. */
  readonly root: Uint8Array
  readonly sizeBytes: number
}

/** Names a shard while its units pass by, so that whoever cuts it need not trust whoever stores it. */
export interface ShardHasher {
  /** Units in stripe order; the buffer is read before the promise settles and not kept. */
  add(unit: Uint8Array): Promise<void>
  finish(): Promise<ShardName>
}

/** A hasher for one shard; memory grows by 32 bytes a unit. */
export function createShardHasher(): ShardHasher {
  const unitHashes: Uint8Array[] = []
  let sizeBytes = 0
  return {
    async add(unit) {
      unitHashes.push(await sha256(unit))
      sizeBytes += unit.length
    },
    async finish() {
      const root = encodeRoot(sizeBytes, unitHashes)
      return { cid: cidOf(DAG_CBOR, await sha256(root)).toString(), root, sizeBytes }
    },
  }
}

/**
 * The unit hashes of a root block received from elsewhere, or null when it is not the block that
 * `cid` names or not in the one canonical form.
 */
export async function parseShardRoot(root: Uint8Array, cid: string): Promise<ShardRoot | null> {
  if (cidOf(DAG_CBOR, await sha256(root)).toString() !== cid) return null
  const value = decodeOrNull(root)
  if (value === null || value.v !== 1 || !Number.isSafeInteger(value.size) || !Array.isArray(value.units))
    return null
  const unitHashes: Uint8Array[] = []
  for (const unit of value.units) {
    const link = CID.asCID(unit)
    if (link === null || link.code !== RAW || link.multihash.code !== SHA2_256) return null
    unitHashes.push(link.multihash.digest)
  }
  // One form only: a root that re-encodes to other bytes holds something that was not looked at.
  const canonical = encodeRoot(value.size, unitHashes)
  if (!areEqual(canonical, root)) return null
  return { sizeBytes: value.size, unitHashes }
}

/** Whether `unit` is the one at `index` of a shard. */
export async function isUnitOf(root: ShardRoot, index: number, unit: Uint8Array): Promise<boolean> {
  const wanted = root.unitHashes[index]
  if (wanted === undefined) return false
  const found = await sha256(unit)
  return areEqual(found, wanted)
}

function encodeRoot(sizeBytes: number, unitHashes: readonly Uint8Array[]): Uint8Array {
  return encode({ v: 1, size: sizeBytes, units: unitHashes.map((hash) => cidOf(RAW, hash)) })
}

function decodeOrNull(bytes: Uint8Array): { v: unknown; size: number; units: unknown } | null {
  try {
    return decode(bytes)
  } catch {
    return null
  }
}

function cidOf(codec: number, hash: Uint8Array): CID {
  return CID.createV1(codec, createDigest(SHA2_256, hash))
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
}
