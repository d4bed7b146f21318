import { createHash, randomBytes } from 'node:crypto'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import type { ConsistencyProof, InclusionProof } from '../src/index.ts'
import {
  buildTree,
  emptyRoot,
  hashLeaf,
  hashNode,
  rootOfInclusion,
  verifyConsistency,
  verifyInclusion,
} from '../src/index.ts'
import { SHORT_MESSAGE } from '../src/tree-hash-compress.ts'
import {
  countingEntries,
  referenceConsistency,
  referenceLeaf,
  referenceNode,
  referencePath,
  referenceRoot,
} from './reference.ts'

const test = suite('proofs/tree')
const LEAVES = countingEntries(5000).map(hashLeaf)
const trees = new Map<number, ReturnType<typeof buildTree>>()

function treeOf(size: number): ReturnType<typeof buildTree> {
  const known = trees.get(size) ?? buildTree(LEAVES.slice(0, size))
  trees.set(size, known)
  return known
}

const hex = (bytes: Uint8Array | null): string =>
  bytes === null ? 'none' : Buffer.from(bytes).toString('hex')
/** Small ones more often: a large tree takes its time to build, and forms repeat. */
const sizes = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 300 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 5000 }) },
)
const leafOfTree = sizes.chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1)))
const twoSizes = sizes.chain((to) => fc.tuple(fc.integer({ min: 1, max: to }), fc.constant(to)))

function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes)
  flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (1 << (bit & 7))
  return flipped
}

function replaceAt<T>(list: readonly T[], at: number, value: T): readonly T[] {
  return list.map((old, i) => (i === at ? value : old))
}

test('hashes leaves and nodes as node:crypto and another library do, whatever their length', async () => {
  await holds(
    fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
      assert.is(hex(hashLeaf(data)), hex(referenceLeaf(data)))
      assert.is(hex(hashLeaf(data)), hex(sha256(Uint8Array.of(0, ...data))))
    }),
    300,
  )
  for (let length = 0; length < 200; length++) {
    const data = randomBytes(length)
    assert.is(hex(hashLeaf(data)), hex(referenceLeaf(data)))
  }
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
  await holds(
    fc.property(hash, hash, (left, right) => {
      assert.is(hex(hashNode(left, right)), hex(referenceNode(left, right)))
      assert.is(hex(hashNode(left, right)), hex(sha256(Uint8Array.of(1, ...left, ...right))))
    }),
    300,
  )
})

test('gives the empty tree the hash of nothing, and a tree of one leaf the hash of that leaf', () => {
  assert.is(hex(emptyRoot()), createHash('sha256').digest('hex'))
  assert.is(hex(buildTree([]).root), hex(emptyRoot()))
  assert.is(hex(treeOf(1).root), hex(LEAVES[0] as Uint8Array))
})

test('agrees with the recursive definition of RFC 9162 for every size up to 70, every leaf, every older size', () => {
  for (let size = 1; size <= 70; size++) {
    const leaves = LEAVES.slice(0, size)
    const tree = treeOf(size)
    assert.is(hex(tree.root), hex(referenceRoot(leaves)))
    for (let i = 0; i < size; i++) {
      assert.equal(tree.proveInclusion(i).path.map(hex), referencePath(i, leaves).map(hex))
      const path = tree.proveConsistency(i + 1).path.map(hex)
      assert.equal(path, referenceConsistency(i + 1, leaves).map(hex))
    }
  }
})

test('agrees with the recursive definition at sizes up to 5000', async () => {
  await holds(
    fc.property(leafOfTree, fc.nat(), ([size, index], pick) => {
      const leaves = LEAVES.slice(0, size)
      const from = 1 + (pick % size)
      assert.equal(treeOf(size).proveInclusion(index).path.map(hex), referencePath(index, leaves).map(hex))
      const path = treeOf(size).proveConsistency(from).path.map(hex)
      assert.equal(path, referenceConsistency(from, leaves).map(hex))
    }),
    25,
  )
})

test('proves any leaf of any tree of up to 5000 leaves', async () => {
  await holds(
    fc.property(leafOfTree, ([size, index]) => {
      const tree = treeOf(size)
      const proof = tree.proveInclusion(index)
      assert.ok(verifyInclusion(LEAVES[index] as Uint8Array, proof, tree.root))
      assert.is(hex(rootOfInclusion(LEAVES[index] as Uint8Array, proof)), hex(tree.root))
    }),
    200,
  )
})

test('proves any tree to be the beginning of any larger one', async () => {
  await holds(
    fc.property(twoSizes, ([from, to]) => {
      const proof = treeOf(to).proveConsistency(from)
      assert.ok(verifyConsistency(proof, treeOf(from).root, treeOf(to).root))
    }),
    200,
  )
})

test('refuses every altered inclusion proof', async () => {
  await holds(
    fc.property(leafOfTree, fc.nat(), ([size, index], pick) => {
      const { root, ...tree } = treeOf(size)
      const leaf = LEAVES[index] as Uint8Array
      const proof = tree.proveInclusion(index)
      for (const [what, altered] of alterInclusion(proof, pick)) {
        assert.not.ok(verifyInclusion(leaf, altered, root), `${what} of leaf ${index} in ${size}`)
      }
      assert.not.ok(verifyInclusion(flipBit(leaf, pick % 256), proof, root), 'another leaf')
      assert.not.ok(verifyInclusion(leaf, proof, flipBit(root, pick % 256)), 'another root')
      assert.not.ok(verifyInclusion(leaf.subarray(1), proof, root), 'a short leaf')
    }),
    150,
  )
})

function alterInclusion(proof: InclusionProof, pick: number): readonly (readonly [string, InclusionProof])[] {
  const { index, size, path } = proof
  const at = path.length === 0 ? 0 : pick % path.length
  const hash = path[at]
  const altered: (readonly [string, InclusionProof])[] = [
    ['a longer path', { ...proof, path: [...path, LEAVES[pick % 5000] as Uint8Array] }],
    ['a path longer by an old hash', { ...proof, path: [LEAVES[index] as Uint8Array, ...path] }],
    ['an index at the size', { ...proof, index: size }],
    ['a negative index', { ...proof, index: -1 }],
    ['a broken index', { ...proof, index: index + 0.5 }],
    ['no index', { ...proof, index: Number.NaN }],
    ['no size', { ...proof, size: 0 }],
    ['an endless size', { ...proof, size: Number.POSITIVE_INFINITY }],
    ['an endless path', { ...proof, path: Array.from({ length: 100_000 }, () => LEAVES[0] as Uint8Array) }],
  ]
  if (size > 1) altered.push(['another index', { ...proof, index: (index + 1 + (pick % (size - 1))) % size }])
  if (hash === undefined) return altered
  altered.push(['a shorter path', { ...proof, path: path.slice(0, -1) }])
  altered.push(['a path without its first hash', { ...proof, path: path.slice(1) }])
  altered.push(['a flipped bit', { ...proof, path: replaceAt(path, at, flipBit(hash, pick % 256)) }])
  altered.push(['a short hash', { ...proof, path: replaceAt(path, at, hash.subarray(1)) }])
  altered.push(['swapped sides', { ...proof, index: index % 2 === 0 ? index + 1 : index - 1 }])
  if (at > 0) altered.push(['swapped hashes', { ...proof, path: swapAt(path, at) }])
  return altered
}

function swapAt(path: readonly Uint8Array[], at: number): readonly Uint8Array[] {
  return replaceAt(replaceAt(path, at, path[at - 1] as Uint8Array), at - 1, path[at] as Uint8Array)
}

test('refuses a size that asks for another way up; only a size with the same way up gives the same root', async () => {
  await holds(
    fc.property(leafOfTree, sizes, ([size, index], other) => {
      if (index >= other || size === other) return
      const proof = { ...treeOf(size).proveInclusion(index), size: other }
      const sameWay = wayUp(index, size) === wayUp(index, other)
      assert.is(verifyInclusion(LEAVES[index] as Uint8Array, proof, treeOf(size).root), sameWay)
    }),
    300,
  )
})

/** Sides of the siblings of a leaf, by the recursive definition. */
function wayUp(index: number, size: number): string {
  if (size === 1) return ''
  let split = 1
  while (split * 2 < size) split *= 2
  return index < split ? `${wayUp(index, split)}r` : `${wayUp(index - split, size - split)}l`
}

test('refuses a node passed off as a leaf', () => {
  const tree = treeOf(8)
  const node = hashNode(LEAVES[0] as Uint8Array, LEAVES[1] as Uint8Array)
  const path = tree.proveInclusion(0).path.slice(1)
  assert.ok(
    verifyInclusion(node, { index: 0, size: 4, path }, tree.root),
    'a hash alone does not say what it is of',
  )
  const forgedData = Uint8Array.of(...(LEAVES[0] as Uint8Array), ...(LEAVES[1] as Uint8Array))
  for (const data of [forgedData, Uint8Array.of(1, ...forgedData)]) {
    assert.not.ok(verifyInclusion(hashLeaf(data), { index: 0, size: 4, path }, tree.root))
  }
})

test('refuses every altered consistency proof', async () => {
  await holds(
    fc.property(twoSizes, fc.nat(), ([from, to], pick) => {
      const [older, newer] = [treeOf(from).root, treeOf(to).root]
      const proof = treeOf(to).proveConsistency(from)
      for (const [what, altered] of alterConsistency(proof, pick)) {
        assert.not.ok(verifyConsistency(altered, older, newer), `${what} from ${from} to ${to}`)
      }
      assert.not.ok(verifyConsistency(proof, flipBit(older, pick % 256), newer), 'another older root')
      assert.not.ok(verifyConsistency(proof, older, flipBit(newer, pick % 256)), 'another newer root')
      if (from < to) assert.not.ok(verifyConsistency(proof, newer, older), 'swapped roots')
    }),
    150,
  )
})

function alterConsistency(
  proof: ConsistencyProof,
  pick: number,
): readonly (readonly [string, ConsistencyProof])[] {
  const { from, to, path } = proof
  const at = path.length === 0 ? 0 : pick % path.length
  const hash = path[at]
  const altered: (readonly [string, ConsistencyProof])[] = [
    ['a longer path', { ...proof, path: [...path, LEAVES[pick % 5000] as Uint8Array] }],
    ['an older size above the newer', { ...proof, from: to + 1 }],
    ['an older size of 0', { ...proof, from: 0 }],
    ['a negative size', { ...proof, from: -1 }],
    ['a broken size', { ...proof, to: to + 0.5 }],
    ['no size', { ...proof, from: Number.NaN }],
  ]
  if (hash === undefined) return altered
  altered.push(['a shorter path', { ...proof, path: path.slice(0, -1) }])
  altered.push(['a path without its first hash', { ...proof, path: path.slice(1) }])
  altered.push(['no path', { ...proof, path: [] }])
  altered.push(['a flipped bit', { ...proof, path: replaceAt(path, at, flipBit(hash, pick % 256)) }])
  altered.push(['a short hash', { ...proof, path: replaceAt(path, at, hash.subarray(1)) }])
  altered.push(['equal sizes', { ...proof, to: from }])
  return altered
}

test('refuses a newer size that asks for other steps; only one with the same steps gives the same roots', async () => {
  await holds(
    fc.property(twoSizes, sizes, ([from, to], pick) => {
      for (const other of [pick, to - 1, to + 1, 2 * to, from + 1]) {
        if (other < from || other === to) continue
        const proof = { ...treeOf(to).proveConsistency(from), to: other }
        const isSame = stepsOf(from, other) === stepsOf(from, to) && from !== to && from !== other
        const isTaken = verifyConsistency(proof, treeOf(from).root, treeOf(to).root)
        assert.is(isTaken, isSame || (from === other && proof.path.length === 0 && from === to))
      }
    }),
    150,
  )
})

/** Sides of the hashes of a consistency proof, by the recursive definition. */
function stepsOf(from: number, to: number, isWhole = true): string {
  if (from === to) return isWhole ? '' : 'h'
  let split = 1
  while (split * 2 < to) split *= 2
  if (from <= split) return `${stepsOf(from, split, isWhole)}r`
  return `${stepsOf(from - split, to - split, false)}l`
}

test('lets no consistency proof go on above the top, though both roots are hashed with what is there', () => {
  const above = LEAVES[9] as Uint8Array
  for (const [from, to] of [
    [3, 5],
    [4, 5],
    [5, 6],
    [1, 2],
  ] as const) {
    const proof = treeOf(to).proveConsistency(from)
    const longer = { ...proof, path: [...proof.path, above] }
    const [older, newer] = [treeOf(from).root, treeOf(to).root]
    assert.ok(verifyConsistency(proof, older, newer))
    assert.not.ok(
      verifyConsistency(longer, hashNode(above, older), hashNode(above, newer)),
      `${from} to ${to}`,
    )
    assert.not.ok(verifyConsistency(longer, older, newer))
  }
})

test('takes the empty tree as the beginning of every tree, and of nothing but itself as its end', () => {
  const empty = { from: 0, to: 5, path: [] }
  assert.ok(verifyConsistency(empty, emptyRoot(), treeOf(5).root))
  assert.equal(treeOf(5).proveConsistency(0), empty)
  assert.not.ok(verifyConsistency({ ...empty, path: [emptyRoot()] }, emptyRoot(), treeOf(5).root))
  assert.not.ok(verifyConsistency(empty, treeOf(1).root, treeOf(5).root))
  assert.ok(verifyConsistency({ from: 0, to: 0, path: [] }, emptyRoot(), emptyRoot()))
  assert.not.ok(verifyConsistency({ from: 0, to: 0, path: [] }, emptyRoot(), treeOf(5).root))
})

test('takes a tree as its own beginning without a path, and no other tree of that size', () => {
  const same = treeOf(6).proveConsistency(6)
  assert.equal(same.path, [])
  assert.ok(verifyConsistency(same, treeOf(6).root, treeOf(6).root))
  const other = buildTree(LEAVES.slice(1, 7)).root
  assert.not.ok(verifyConsistency(same, treeOf(6).root, other))
})

test('refuses a proof about a tree in which an old leaf was rewritten', async () => {
  await holds(
    fc.property(fc.integer({ min: 2, max: 300 }), fc.nat(), fc.nat(), (to, pickFrom, pickLeaf) => {
      const from = 1 + (pickFrom % (to - 1))
      const rewritten = buildTree(replaceAt(LEAVES.slice(0, to), pickLeaf % from, LEAVES[4999] as Uint8Array))
      const proof = rewritten.proveConsistency(from)
      assert.not.ok(verifyConsistency(proof, treeOf(from).root, rewritten.root))
    }),
  )
})

test('names the field when asked for what a tree cannot have', () => {
  assert.is(
    codeOf(() => treeOf(5).proveInclusion(5)),
    'LEAF_UNKNOWN',
  )
  assert.is(
    codeOf(() => treeOf(5).proveInclusion(-1)),
    'RANGE_INVALID',
  )
  assert.is(
    codeOf(() => treeOf(5).proveInclusion(Number.NaN)),
    'RANGE_INVALID',
  )
  assert.is(
    codeOf(() => treeOf(5).proveConsistency(6)),
    'RANGE_INVALID',
  )
  assert.is(
    codeOf(() => treeOf(5).proveConsistency(1.5)),
    'RANGE_INVALID',
  )
  assert.is(
    codeOf(() => buildTree([new Uint8Array(31)])),
    'HASH_INVALID',
  )
  assert.is(
    codeOf(() => hashNode(emptyRoot(), new Uint8Array(33))),
    'HASH_INVALID',
  )
})

test('takes no list with a hole for a proof, or for leaves', () => {
  const holes = (count: number): readonly Uint8Array[] => Object.assign([], { length: count })
  const [leaf] = LEAVES as [Uint8Array]
  for (const count of [1, 2, 2 ** 32 - 1]) {
    assert.not.ok(verifyConsistency({ from: 1, to: 2, path: holes(count) }, leaf, treeOf(2).root))
    assert.not.ok(verifyConsistency({ from: 3, to: 5, path: holes(count) }, leaf, treeOf(5).root))
    assert.not.ok(verifyInclusion(leaf, { index: 0, size: 2, path: holes(count) }, treeOf(2).root))
    assert.not.ok(verifyInclusion(leaf, { index: 0, size: 1, path: holes(count) }, leaf))
    assert.is(
      codeOf(() => buildTree(holes(count))),
      'HASH_INVALID',
    )
  }
})

test('keeps its own empty root, whatever becomes of one that it gave', () => {
  const given = [emptyRoot(), buildTree([]).root]
  for (const root of given) root.fill(0)
  assert.is(hex(emptyRoot()), createHash('sha256').digest('hex'))
  assert.is(hex(buildTree([]).root), createHash('sha256').digest('hex'))
  assert.ok(verifyConsistency({ from: 0, to: 5, path: [] }, emptyRoot(), treeOf(5).root))
})

test('keeps nothing of a leaf once it is hashed', () => {
  for (const length of [0, 1, 55, 56, 64, 118, 119]) {
    hashLeaf(new Uint8Array(length).fill(0x5a))
    assert.is(hex(SHORT_MESSAGE), '00'.repeat(128), `${length} bytes`)
  }
})

test.run()
