import { createHash } from 'node:crypto'

/** RFC 9162 §2.1 as it is written there: recursive, slow, on node:crypto. Shares nothing with the package. */
export function referenceRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return createHash('sha256').digest()
  if (leaves.length === 1) return leaves[0] as Uint8Array
  const split = splitOf(leaves.length)
  return referenceNode(referenceRoot(leaves.slice(0, split)), referenceRoot(leaves.slice(split)))
}

/** §2.1.3.1 PATH(m, D[n]). */
export function referencePath(index: number, leaves: readonly Uint8Array[]): readonly Uint8Array[] {
  if (leaves.length === 1) return []
  const split = splitOf(leaves.length)
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)]
  return index < split
    ? [...referencePath(index, left), referenceRoot(right)]
    : [...referencePath(index - split, right), referenceRoot(left)]
}

/** §2.1.4.1 PROOF(m, D[n]). */
export function referenceConsistency(from: number, leaves: readonly Uint8Array[]): readonly Uint8Array[] {
  return subproof(from, leaves, true)
}

function subproof(from: number, leaves: readonly Uint8Array[], isWhole: boolean): readonly Uint8Array[] {
  if (from === leaves.length) return isWhole ? [] : [referenceRoot(leaves)]
  const split = splitOf(leaves.length)
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)]
  return from <= split
    ? [...subproof(from, left, isWhole), referenceRoot(right)]
    : [...subproof(from - split, right, false), referenceRoot(left)]
}

export function referenceLeaf(data: Uint8Array): Uint8Array {
  return createHash('sha256').update(Uint8Array.of(0)).update(data).digest()
}

export function referenceNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash('sha256').update(Uint8Array.of(1)).update(left).update(right).digest()
}

/** Leaf data that differ: the index in 4 bytes. */
export function countingEntries(count: number, from = 0): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, from + i)
    return bytes
  })
}

function splitOf(size: number): number {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}
