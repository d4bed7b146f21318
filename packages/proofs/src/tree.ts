import { type BatchProof, placeBatchPath } from './batch.ts'
import { checkHashes, emptyRoot, hashNode } from './tree-hash.ts'
import type { ConsistencyProof, InclusionProof } from './tree-proof.ts'
import { checkCount, checkLeaf, type NodePlace, placeConsistencyPath } from './tree-shape.ts'

/** A tree held whole in memory. Hashes it returns are its own: read them, do not write them. */
export interface MerkleTree {
  /** Leaves. */
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
  /** @throws {@link ProofsError} `RANGE_INVALID`, `LEAF_UNKNOWN` */
  proveInclusion(index: number): InclusionProof
  /**
   * That the tree of the first `from` leaves is its beginning.
   * @throws {@link ProofsError} `RANGE_INVALID`
   */
  proveConsistency(from: number): ConsistencyProof
  /**
   * That several leaves are in it, with the hashes they share sent once. Indices ascend, none twice.
   * @throws {@link ProofsError} `RANGE_INVALID`, `LEAF_UNKNOWN`
   */
  proveBatch(indices: readonly number[]): BatchProof
}

/**
 * Builds the tree over leaf hashes (as `hashLeaf` gives them), all levels kept: 64 bytes a leaf and what the
 * objects cost. The hashes are not copied: do not write them afterwards.
 * @throws {@link ProofsError} `HASH_INVALID`
 * @see RFC 9162 §2.1.1
 */
export function buildTree(leafHashes: readonly Uint8Array[]): MerkleTree {
  checkHashes(leafHashes, 'leafHashes')
  const size = leafHashes.length
  const levels = buildLevels(leafHashes)
  return {
    size,
    root: levels.at(-1)?.[0] ?? emptyRoot(),
    proveInclusion(index) {
      checkLeaf(index, size)
      return { index, size, path: readPath(levels, index) }
    },
    proveConsistency(from) {
      checkCount(from, 'from', size)
      const path = placeConsistencyPath(from, size).map((place) => readNode(levels, place))
      return { from, to: size, path }
    },
    proveBatch(indices) {
      const path = placeBatchPath(indices, size).map((place) => readNode(levels, place))
      return { indices: [...indices], size, path }
    },
  }
}

/** Leaves first, root last; a node without a sibling moves up as it is. */
function buildLevels(leafHashes: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  const levels = [[...leafHashes]]
  for (let below = levels[0] ?? []; below.length > 1; below = levels.at(-1) ?? []) {
    const level: Uint8Array[] = []
    for (let i = 0; i + 1 < below.length; i += 2) {
      level.push(hashNode(below[i] as Uint8Array, below[i + 1] as Uint8Array))
    }
    if (below.length % 2 === 1) level.push(below.at(-1) as Uint8Array)
    levels.push(level)
  }
  return levels
}

/** As `placeInclusionPath` says, without a list of places in between: all proofs of a tree are made at once. */
function readPath(levels: readonly (readonly Uint8Array[])[], index: number): readonly Uint8Array[] {
  const path: Uint8Array[] = []
  let at = index
  for (const level of levels) {
    const sibling = level[at ^ 1]
    if (sibling !== undefined) path.push(sibling)
    at >>>= 1
  }
  return path
}

function readNode(levels: readonly (readonly Uint8Array[])[], { level, index }: NodePlace): Uint8Array {
  return levels[level]?.[index] as Uint8Array
}
