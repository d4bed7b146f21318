import { ProofsError } from './errors.ts'
import { checkHash, checkHashes, emptyRoot, hashNode } from './tree-hash.ts'
import { checkCount, placePeaks } from './tree-shape.ts'

/** A tree of which only the roots of its whole subtrees are kept: grows and has a root, proves nothing. */
export interface CompactRange {
  /** Leaves so far. */
  readonly size: number
  /** Roots of its whole subtrees, left to right, 32 bytes each; as many as its size has bits set. A copy. */
  readonly peaks: readonly Uint8Array[]
  /** Adds a leaf hash at the end; the hash is kept. @throws {@link ProofsError} `HASH_INVALID` */
  append(leafHash: Uint8Array): void
  /** Root of the tree so far, 32 bytes. Hashes at most once for each peak. */
  root(): Uint8Array
}

/**
 * A tree in memory O(log n): for whoever appends and signs roots, or recomputes a root from all leaves.
 * @param from size and peaks of a range to go on with; left out, it starts empty
 * @throws {@link ProofsError} `RANGE_INVALID` when peaks and size do not go together; `HASH_INVALID`
 */
export function createCompactRange(
  from: Pick<CompactRange, 'size' | 'peaks'> = { size: 0, peaks: [] },
): CompactRange {
  checkCount(from.size, 'size')
  checkHashes(from.peaks, 'peaks')
  if (from.peaks.length !== placePeaks(from.size).length) {
    const message = 'peaks do not belong to the size: give one for each bit that is set in it'
    throw new ProofsError('RANGE_INVALID', message, { details: { field: 'peaks' } })
  }
  const peaks = [...from.peaks]
  let size = from.size
  return {
    get size() {
      return size
    },
    get peaks() {
      return [...peaks]
    },
    append(leafHash) {
      checkHash(leafHash, 'leafHash')
      checkCount(size + 1, 'size')
      peaks.push(leafHash)
      for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) mergeLastTwo(peaks)
      size++
    },
    root: () => foldPeaks(peaks),
  }
}

/** Root of the tree whose whole subtrees have those roots, left to right. */
export function foldPeaks(peaks: readonly Uint8Array[]): Uint8Array {
  const last = peaks.at(-1)
  if (last === undefined) return emptyRoot()
  return peaks.slice(0, -1).reduceRight((right, left) => hashNode(left, right), last)
}

function mergeLastTwo(peaks: Uint8Array[]): void {
  const [left, right] = peaks.splice(-2)
  peaks.push(hashNode(left as Uint8Array, right as Uint8Array))
}
