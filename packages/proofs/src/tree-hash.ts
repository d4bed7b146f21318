import { sha256 } from '@noble/hashes/sha2.js'
import { ProofsError } from './errors.ts'
import { digestShort, MAX_SHORT_BYTES, SHORT_MESSAGE, wipeShort } from './tree-hash-compress.ts'

/** Bytes of a hash of the tree: SHA-256. */
export const HASH_BYTES = 32

const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0))

/** First byte of what is hashed (RFC 9162 §2.1.1): keeps a leaf from being passed off as a node. */
const LEAF_PREFIX = 0x00
const NODE_PREFIX = 0x01

/** Root of a tree without leaves: SHA-256 of nothing (RFC 9162 §2.1.1), 32 bytes, new. */
export function emptyRoot(): Uint8Array {
  return EMPTY_ROOT.slice()
}

/** Hash of a leaf: SHA-256(0x00 ‖ data), 32 bytes, new. Data of any length, of which nothing is kept. */
export function hashLeaf(data: Uint8Array): Uint8Array {
  if (data.length >= MAX_SHORT_BYTES) {
    return sha256.create().update(Uint8Array.of(LEAF_PREFIX)).update(data).digest()
  }
  const hash = new Uint8Array(HASH_BYTES)
  SHORT_MESSAGE[0] = LEAF_PREFIX
  SHORT_MESSAGE.set(data, 1)
  digestShort(1 + data.length, hash, 0)
  wipeShort()
  return hash
}

/**
 * Hash of a node: SHA-256(0x01 ‖ left ‖ right), 32 bytes, new. Two hashes of 32 bytes each.
 * @throws {@link ProofsError} `HASH_INVALID`
 */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  checkHash(left, 'left')
  checkHash(right, 'right')
  const hash = new Uint8Array(HASH_BYTES)
  hashNodeAt(left, 0, right, 0, hash, 0)
  return hash
}

/** As {@link hashNode}, on 32 bytes at each offset; `out` may be one of the inputs. */
export function hashNodeAt(
  left: Uint8Array,
  leftAt: number,
  right: Uint8Array,
  rightAt: number,
  out: Uint8Array,
  outAt: number,
): void {
  SHORT_MESSAGE[0] = NODE_PREFIX
  for (let i = 0; i < HASH_BYTES; i++) {
    SHORT_MESSAGE[1 + i] = left[leftAt + i] as number
    SHORT_MESSAGE[1 + HASH_BYTES + i] = right[rightAt + i] as number
  }
  digestShort(1 + 2 * HASH_BYTES, out, outAt)
}

/** Whether something is a hash of the tree by its form. */
export function isHash(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === HASH_BYTES
}

/** Whether something is a list of such hashes, `atMost` of them. Looks into holes of a list, unlike `every`. */
export function areHashes(value: unknown, atMost: number): value is readonly Uint8Array[] {
  if (!Array.isArray(value) || value.length > atMost) return false
  for (const each of value) if (!isHash(each)) return false
  return true
}

/** @throws {@link ProofsError} `HASH_INVALID`, naming the field */
export function checkHash(value: unknown, field: string): void {
  if (!isHash(value)) {
    throw new ProofsError('HASH_INVALID', `${field} is not a hash: give ${HASH_BYTES} bytes`, {
      details: { field },
    })
  }
}

/** @throws {@link ProofsError} `HASH_INVALID`, naming field and place, also where a list has a hole */
export function checkHashes(values: readonly unknown[], field: string): void {
  for (const [i, value] of values.entries()) checkHash(value, `${field}[${i}]`)
}

/** Whether two byte strings are equal. Hashes here are public: no need for constant time. */
export function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
