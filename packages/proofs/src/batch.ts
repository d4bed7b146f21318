import { ProofsError } from './errors.ts'
import { areEqual, areHashes, hashNode, isHash } from './tree-hash.ts'
import { checkLeaf, halve, isCount, lastOnLevel, type NodePlace, siblingOf } from './tree-shape.ts'

/** That several leaves are in one tree; a hash that more than one of them needs is there once. */
export interface BatchProof {
  /** Of the leaves, ascending, none twice, at least one. */
  readonly indices: readonly number[]
  /** Leaves of the tree. */
  readonly size: number
  /** Hashes that the leaves do not give themselves, 32 bytes each: level by level from the leaves, left to right. */
  readonly path: readonly Uint8Array[]
}

/** A tree of 2^53 leaves has as many levels of siblings. */
const MAX_LEVELS = 53

/**
 * Whether a proof shows that all those leaves are in the tree of that root. False for anything that is no
 * proof in its one form: a hash too many or too few, leaves out of order or twice.
 * @param leafHashes one for each of `proof.indices`, 32 bytes each
 */
export function verifyBatch(leafHashes: readonly Uint8Array[], proof: BatchProof, root: Uint8Array): boolean {
  const { indices, size, path } = proof
  if (!isCount(size) || !isHash(root) || !areLeaves(indices, size)) return false
  if (!areHashes(leafHashes, indices.length) || leafHashes.length < indices.length) return false
  if (!areHashes(path, MAX_LEVELS * indices.length)) return false
  const computed = climb(leafHashes, proof)
  return computed !== null && areEqual(computed, root)
}

/** Nodes of a batch proof in its order. @throws {@link ProofsError} `RANGE_INVALID`, `LEAF_UNKNOWN` */
export function placeBatchPath(indices: readonly number[], size: number): readonly NodePlace[] {
  for (const index of indices) checkLeaf(index, size)
  if (!areLeaves(indices, size)) {
    const message = 'indices are not ascending: give at least one, in order, none twice'
    throw new ProofsError('RANGE_INVALID', message, { details: { field: 'indices' } })
  }
  const places: NodePlace[] = []
  let known = indices
  for (let level = 0, last = size - 1; last > 0; level++, last = lastOnLevel(level, size)) {
    const onLevel = new Set(known)
    for (const index of known) {
      const sibling = siblingOf(index)
      if (sibling <= last && !onLevel.has(sibling)) places.push({ level, index: sibling })
    }
    known = parentsOf(known)
  }
  return places
}

interface Known {
  readonly index: number
  readonly hash: Uint8Array
}

function climb(leafHashes: readonly Uint8Array[], { indices, size, path }: BatchProof): Uint8Array | null {
  const spare = path[Symbol.iterator]()
  let known: readonly Known[] = indices.map((index, i) => ({ index, hash: leafHashes[i] as Uint8Array }))
  for (let last = size - 1; last > 0; last = halve(last)) {
    const above = climbLevel(known, last, spare)
    if (above === null) return null
    known = above
  }
  return spare.next().done === true ? (known[0]?.hash ?? null) : null
}

/** Parents of what is known on a level; null when a sibling is missing. */
function climbLevel(
  known: readonly Known[],
  last: number,
  spare: Iterator<Uint8Array>,
): readonly Known[] | null {
  const above: Known[] = []
  for (let i = 0; i < known.length; i++) {
    const { index, hash } = known[i] as Known
    const parent = halve(index)
    const next = known[i + 1]
    if (index % 2 === 0 && next?.index === index + 1) {
      above.push({ index: parent, hash: hashNode(hash, next.hash) })
      i++
    } else if (index % 2 === 0 && index === last) {
      above.push({ index: parent, hash })
    } else {
      const sibling = spare.next()
      if (sibling.done === true) return null
      const parentHash = index % 2 === 0 ? hashNode(hash, sibling.value) : hashNode(sibling.value, hash)
      above.push({ index: parent, hash: parentHash })
    }
  }
  return above
}

function areLeaves(indices: unknown, size: number): indices is readonly number[] {
  if (!Array.isArray(indices) || indices.length === 0) return false
  let least = 0
  for (const index of indices) {
    if (!isCount(index) || index < least || index >= size) return false
    least = index + 1
  }
  return true
}

function parentsOf(indices: readonly number[]): readonly number[] {
  return indices.map(halve).filter((index, i, all) => index !== all[i - 1])
}
