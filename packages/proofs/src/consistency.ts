import { areEqual, areHashes, emptyRoot, hashNode, isHash } from './tree-hash.ts'
import type { ConsistencyProof } from './tree-proof.ts'
import { halve, isCount } from './tree-shape.ts'

/**
 * Whether a proof shows that the tree of `oldRoot` is the beginning of the tree of `newRoot`. False for
 * anything that is no proof. Every tree begins with the empty one: `from` 0 needs {@link emptyRoot}, no path,
 * and then says nothing about `newRoot`. Equal sizes need equal roots and no path.
 * @param oldRoot of `proof.from` leaves, 32 bytes
 * @param newRoot of `proof.to` leaves, 32 bytes
 * @see RFC 9162 §2.1.4.2
 */
export function verifyConsistency(
  proof: ConsistencyProof,
  oldRoot: Uint8Array,
  newRoot: Uint8Array,
): boolean {
  const { from, to, path } = proof
  if (!isCount(from) || !isCount(to) || from > to || !isHash(oldRoot) || !isHash(newRoot)) return false
  if (!areHashes(path, 65)) return false
  if (from === to && !areEqual(oldRoot, newRoot)) return false
  if (from === 0 && !areEqual(oldRoot, emptyRoot())) return false
  if (from === 0 || from === to) return path.length === 0
  return climb(proof, oldRoot, newRoot)
}

/** The RFC's steps 2 to 7: both roots are computed from the same hashes. */
function climb({ from, to, path }: ConsistencyProof, oldRoot: Uint8Array, newRoot: Uint8Array): boolean {
  let at = from - 1
  let last = to - 1
  while (at % 2 === 1) {
    at = halve(at)
    last = halve(last)
  }
  const rest = at === 0 ? [oldRoot, ...path] : path
  const start = rest[0]
  if (start === undefined) return false
  let older = start
  let newer = start
  for (const hash of rest.slice(1)) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      older = hashNode(hash, older)
      newer = hashNode(hash, newer)
      while (at % 2 === 0 && at !== 0) {
        at = halve(at)
        last = halve(last)
      }
    } else {
      newer = hashNode(newer, hash)
    }
    at = halve(at)
    last = halve(last)
  }
  return last === 0 && areEqual(older, oldRoot) && areEqual(newer, newRoot)
}
