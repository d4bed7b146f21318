import { ProofsError } from './errors.ts'

/**
 * A node of the tree: `index` counts from the left on its `level`, leaves are level 0. It spans the leaves
 * from index · 2^level up to, not including, the lesser of (index + 1) · 2^level and the size of the tree.
 * The last node of a level may span fewer leaves than its level says; it is then the same as one further
 * down, which RFC 9162's rule of the largest power of two comes to.
 */
export interface NodePlace {
  readonly level: number
  readonly index: number
}

/** Siblings on the way from a leaf to the root (RFC 9162 §2.1.3.1), lowest first. */
export function placeInclusionPath(index: number, size: number): readonly NodePlace[] {
  return placeSiblings({ level: 0, index }, size)
}

/**
 * Nodes of a consistency proof (RFC 9162 §2.1.4.1): the largest whole subtree that ends where the older tree
 * ends, unless it is the older tree itself, then the siblings from there to the root.
 */
export function placeConsistencyPath(from: number, to: number): readonly NodePlace[] {
  if (from === 0 || from === to) return []
  let level = 0
  let index = from - 1
  while (index % 2 === 1) {
    index = (index - 1) / 2
    level++
  }
  const siblings = placeSiblings({ level, index }, to)
  return index === 0 ? siblings : [{ level, index }, ...siblings]
}

function placeSiblings(start: NodePlace, size: number): readonly NodePlace[] {
  const places: NodePlace[] = []
  let { level, index } = start
  for (let last = lastOnLevel(level, size); last > 0; last = halve(last)) {
    const sibling = siblingOf(index)
    if (sibling <= last) places.push({ level, index: sibling })
    index = halve(index)
    level++
  }
  return places
}

/** Whole subtrees that a tree consists of, left to right, largest first: one for each bit of its size. */
export function placePeaks(size: number): readonly NodePlace[] {
  return placeParts({ level: 64, index: 0 }, size)
}

/** The whole subtrees a node consists of in a tree of that size: itself, unless it is at the right edge. */
export function placeParts(place: NodePlace, size: number): readonly NodePlace[] {
  let start = place.index * 2 ** place.level
  if (start + 2 ** place.level <= size) return [place]
  const places: NodePlace[] = []
  for (let level = place.level - 1; level >= 0; level--) {
    const width = 2 ** level
    if (start + width > size) continue
    places.push({ level, index: start / width })
    start += width
  }
  return places
}

/** Index of the last node of a level. */
export function lastOnLevel(level: number, size: number): number {
  return Math.floor((size - 1) / 2 ** level)
}

/** Index of the other child of one's parent. */
export function siblingOf(index: number): number {
  return index % 2 === 0 ? index + 1 : index - 1
}

/** Whole half; unlike a shift it holds beyond 32 bits. */
export function halve(value: number): number {
  return Math.floor(value / 2)
}

/** Whether a number can be an index or a size: whole, from 0 to 2^53 − 1. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** @throws {@link ProofsError} `RANGE_INVALID`, naming the field, unless the value is whole and 0…`atMost` */
export function checkCount(value: number, field: string, atMost: number = Number.MAX_SAFE_INTEGER): void {
  if (isCount(value) && value <= atMost) return
  const message = `${field} is out of range: give a whole number from 0 to ${atMost}`
  throw new ProofsError('RANGE_INVALID', message, { details: { field } })
}

/** @throws {@link ProofsError} `RANGE_INVALID`; `LEAF_UNKNOWN` when the tree ends before the index */
export function checkLeaf(index: number, size: number): void {
  checkCount(index, 'index')
  if (index < size) return
  const message = `a tree of ${size} leaves has no leaf of that index: ask for an index below its size`
  throw new ProofsError('LEAF_UNKNOWN', message, { details: { size } })
}
