import { keccak_256 } from '@noble/hashes/sha3.js'
import type { RlpItem } from './evidence-rlp.ts'
import { decodeRlp } from './evidence-rlp.ts'
import { areEqual } from './tree-hash.ts'

/** A walk down the tree: hash of the next node, and the nibbles of the key still to go. */
interface Step {
  readonly next: Uint8Array
  readonly path: Uint8Array
}

/**
 * The value of a key in a Merkle Patricia tree of Ethereum, or null when the nodes do not show one. Every
 * node must be used, so that a proof has one form.
 * @param root keccak-256 of the tree's first node, 32 bytes
 * @param key as the state has it, hashed before it is walked; any length
 * @param nodes RLP of the nodes from the root on. Nodes embedded in others, as below 20 levels of hashed
 * keys only, are not read
 * @see Ethereum Yellow Paper, appendix D
 */
export function readTrieValue(
  root: Uint8Array,
  key: Uint8Array,
  nodes: readonly Uint8Array[],
): Uint8Array | null {
  let step: Step = { next: root, path: nibblesOf(keccak_256(key)) }
  for (let used = 0; ; ) {
    const { next, path } = step
    const node = openNode(nodes[used++], next)
    const found = node === null ? null : walk(node, path)
    if (found === null) return null
    if (found instanceof Uint8Array) return used === nodes.length ? found : null
    step = found
  }
}

function openNode(node: Uint8Array | undefined, hash: Uint8Array): RlpItem | null {
  return node !== undefined && areEqual(keccak_256(node), hash) ? decodeRlp(node) : null
}

/** One node further: the value, a step, or null. */
function walk(node: RlpItem, path: Uint8Array): Uint8Array | Step | null {
  if (node instanceof Uint8Array) return null
  if (node.length === 17) {
    const [at] = path
    return at === undefined ? null : stepTo(node[at], path.subarray(1))
  }
  const [coded, target] = node
  if (node.length !== 2 || !(coded instanceof Uint8Array)) return null
  const prefix = readPrefix(coded)
  if (prefix === null || !areEqual(prefix.path, path.subarray(0, prefix.path.length))) return null
  const rest = path.subarray(prefix.path.length)
  if (!prefix.isLeaf) return stepTo(target, rest)
  return rest.length === 0 && target instanceof Uint8Array ? target : null
}

function stepTo(child: RlpItem | undefined, path: Uint8Array): Step | null {
  return child instanceof Uint8Array && child.length === 32 ? { next: child, path } : null
}

/** Hex-prefix encoding: the first nibble says whether it is a leaf and whether the count is odd. */
function readPrefix(coded: Uint8Array): { readonly path: Uint8Array; readonly isLeaf: boolean } | null {
  const [flags, padding, ...rest] = nibblesOf(coded)
  if (flags === undefined || padding === undefined || flags > 3) return null
  const isOdd = flags % 2 === 1
  if (!isOdd && padding !== 0) return null
  return { path: Uint8Array.from(isOdd ? [padding, ...rest] : rest), isLeaf: flags >= 2 }
}

function nibblesOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: bytes.length * 2 }, (_, i) => {
    const byte = bytes[i >> 1] as number
    return i % 2 === 0 ? byte >> 4 : byte & 0x0f
  })
}
