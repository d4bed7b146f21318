import { hashLeaf, hashNode } from '../../packages/proofs/src/index.ts'

/** Tree and proofs as RFC 9162 §2.1 defines them, by recursion: an oracle, and a way to trees nobody could hold. */
export interface SparseTree {
  /** Root of the first `size` leaves. */
  root(size: number): Uint8Array
  pathOf(index: number, size: number): readonly Uint8Array[]
  pathBetween(from: number, to: number): readonly Uint8Array[]
}

/**
 * A tree whose leaves are all the same but for a few: a whole subtree without one of these is known by its
 * height, so that ten million leaves cost some hundred hashes.
 */
export function sparseTree(filler: Uint8Array, special: ReadonlyMap<number, Uint8Array>): SparseTree {
  const whole = [hashLeaf(filler)]
  for (let level = 1; level < 53; level++) {
    const below = whole[level - 1] as Uint8Array
    whole.push(hashNode(below, below))
  }
  const isPlain = (from: number, to: number): boolean =>
    [...special.keys()].every((index) => index < from || index >= to)
  const span = (from: number, to: number): Uint8Array => {
    const level = Math.log2(to - from)
    if (Number.isInteger(level) && isPlain(from, to)) return whole[level] as Uint8Array
    if (level === 0) return hashLeaf(special.get(from) ?? filler)
    const middle = from + powerBelow(to - from)
    return hashNode(span(from, middle), span(middle, to))
  }
  const inclusion = (index: number, from: number, to: number): Uint8Array[] => {
    if (to - from === 1) return []
    const middle = from + powerBelow(to - from)
    return index < middle
      ? [...inclusion(index, from, middle), span(middle, to)]
      : [...inclusion(index, middle, to), span(from, middle)]
  }
  const consistency = (older: number, from: number, to: number, isKnown: boolean): Uint8Array[] => {
    if (older === to) return isKnown ? [] : [span(from, to)]
    const middle = from + powerBelow(to - from)
    return older <= middle
      ? [...consistency(older, from, middle, isKnown), span(middle, to)]
      : [...consistency(older, middle, to, false), span(from, middle)]
  }
  return {
    root: (size) => span(0, size),
    pathOf: (index, size) => inclusion(index, 0, size),
    pathBetween: (from, to) => consistency(from, 0, to, true),
  }
}

/** Largest power of two below a count of 2 or more. */
export function powerBelow(count: number): number {
  return 2 ** (Math.ceil(Math.log2(count)) - 1)
}
