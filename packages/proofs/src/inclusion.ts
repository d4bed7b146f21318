import { areEqual, areHashes, hashNode, isHash } from './tree-hash.ts'
import type { InclusionProof } from './tree-proof.ts'
import { halve, isCount } from './tree-shape.ts'

/**
 * Whether a proof shows that a leaf is in the tree of that root. False for anything that is no proof: a wrong
 * length, index, size or hash never throws.
 * @param leafHash as `hashLeaf` gives it, 32 bytes
 * @param root of the tree of `proof.size` leaves, 32 bytes
 * @see RFC 9162 §2.1.3.2
 */
export function verifyInclusion(leafHash: Uint8Array, proof: InclusionProof, root: Uint8Array): boolean {
  const computed = rootOfInclusion(leafHash, proof)
  return computed !== null && isHash(root) && areEqual(computed, root)
}

/** Root of the tree in which the proof would place the leaf, or null when it is no proof for any tree. */
export function rootOfInclusion(leafHash: Uint8Array, proof: InclusionProof): Uint8Array | null {
  const { index, size, path } = proof
  if (!isHash(leafHash) || !isCount(size) || !isCount(index) || index >= size) return null
  if (!areHashes(path, 64)) return null
  return climb(leafHash, proof)
}

function climb(leafHash: Uint8Array, { index, size, path }: InclusionProof): Uint8Array | null {
  let hash = leafHash
  let at = index
  let used = 0
  for (let last = size - 1; last > 0; last = halve(last), at = halve(at)) {
    const isLone = at === last && at % 2 === 0
    if (isLone) continue
    const sibling = path[used++]
    if (sibling === undefined) return null
    hash = at % 2 === 1 ? hashNode(sibling, hash) : hashNode(hash, sibling)
  }
  return used === path.length ? hash : null
}
