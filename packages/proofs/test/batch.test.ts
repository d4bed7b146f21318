import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import type { BatchProof } from '../src/index.ts'
import { buildTree, hashLeaf, verifyBatch, verifyInclusion } from '../src/index.ts'
import { countingEntries } from './reference.ts'

const test = suite('proofs/batch')
const LEAVES = countingEntries(2000).map(hashLeaf)
const leafAt = (index: number): Uint8Array => LEAVES[index] as Uint8Array
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** A tree's size and some of its leaves, in order. */
const someLeaves = fc
  .tuple(fc.integer({ min: 1, max: 2000 }), fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 60 }))
  .map(([size, picks]) => ({
    size,
    indices: [...new Set(picks.map((pick) => pick % size))].sort((a, b) => a - b),
  }))

test('says the same as one proof for each leaf', async () => {
  await holds(
    fc.property(someLeaves, ({ size, indices }) => {
      const tree = buildTree(LEAVES.slice(0, size))
      assert.ok(verifyBatch(indices.map(leafAt), tree.proveBatch(indices), tree.root))
      for (const index of indices) {
        assert.ok(verifyInclusion(leafAt(index), tree.proveInclusion(index), tree.root))
      }
    }),
  )
})

test('sends no hash twice, and none that the leaves themselves give', async () => {
  await holds(
    fc.property(someLeaves, ({ size, indices }) => {
      const tree = buildTree(LEAVES.slice(0, size))
      const sent = tree.proveBatch(indices).path.map(hex)
      assert.is(new Set(sent).size, sent.length)
      const needed = new Set(indices.flatMap((index) => tree.proveInclusion(index).path.map(hex)))
      for (const hash of sent) assert.ok(needed.has(hash))
      for (const index of indices) assert.not.ok(sent.includes(hex(leafAt(index))))
      const singles = indices.reduce((sum, index) => sum + tree.proveInclusion(index).path.length, 0)
      assert.ok(sent.length <= singles)
    }),
  )
})

test('is as long as one proof for one leaf, and empty for all leaves', () => {
  for (const size of [1, 2, 3, 8, 13, 100]) {
    const tree = buildTree(LEAVES.slice(0, size))
    for (let index = 0; index < size; index++) {
      assert.equal(tree.proveBatch([index]).path, tree.proveInclusion(index).path)
    }
    const all = Array.from({ length: size }, (_, i) => i)
    const proof = tree.proveBatch(all)
    assert.equal(proof.path, [])
    assert.ok(verifyBatch(all.map(leafAt), proof, tree.root))
  }
})

test('refuses every altered proof', async () => {
  await holds(
    fc.property(someLeaves, fc.nat(), ({ size, indices }, pick) => {
      const tree = buildTree(LEAVES.slice(0, size))
      const proof = tree.proveBatch(indices)
      const leaves = indices.map(leafAt)
      for (const [what, altered] of alter(proof, pick)) {
        assert.not.ok(verifyBatch(leaves, altered, tree.root), `${what}: ${indices} of ${size}`)
      }
      const at = pick % leaves.length
      const other = leaves.map((leaf, i) => (i === at ? leafAt((pick + 1) % 2000) : leaf))
      if (hex(other[at] as Uint8Array) !== hex(leaves[at] as Uint8Array)) {
        assert.not.ok(verifyBatch(other, proof, tree.root), 'another leaf')
      }
      assert.not.ok(verifyBatch(leaves, proof, leafAt(1999).slice(1)), 'a short root')
      assert.not.ok(verifyBatch(leaves.slice(1), proof, tree.root), 'a leaf too few')
      assert.not.ok(verifyBatch([...leaves, leafAt(0)], proof, tree.root), 'a leaf too many')
      if (leaves.length > 1)
        assert.not.ok(verifyBatch(leaves.toReversed(), proof, tree.root), 'leaves swapped')
    }),
  )
})

function alter(proof: BatchProof, pick: number): readonly (readonly [string, BatchProof])[] {
  const { indices, size, path } = proof
  const at = path.length === 0 ? 0 : pick % path.length
  const hash = path[at]
  const spare = leafAt(pick % 2000)
  const altered: (readonly [string, BatchProof])[] = [
    ['a hash too many', { ...proof, path: [...path, spare] }],
    ['a hash too many at the front', { ...proof, path: [spare, ...path] }],
    ['no leaves', { ...proof, indices: [] }],
    ['a leaf twice', { ...proof, indices: [indices[0] as number, ...indices] }],
    ['an index beyond the size', { ...proof, indices: [...indices.slice(0, -1), size] }],
    ['a broken index', { ...proof, indices: [...indices.slice(0, -1), size - 0.5] }],
    ['no size', { ...proof, size: Number.NaN }],
    ['size 0', { ...proof, size: 0 }],
  ]
  if (indices.length > 1) altered.push(['indices out of order', { ...proof, indices: indices.toReversed() }])
  if (hash === undefined) return altered
  const flipped = hash.slice()
  flipped[pick % 32] = (flipped[pick % 32] as number) ^ 0x10
  altered.push(['a hash too few', { ...proof, path: path.filter((_, i) => i !== at) }])
  altered.push(['a flipped bit', { ...proof, path: path.map((old, i) => (i === at ? flipped : old)) }])
  altered.push(['a short hash', { ...proof, path: path.map((old, i) => (i === at ? old.subarray(1) : old)) }])
  if (at > 0) altered.push(['hashes swapped', { ...proof, path: swapAt(path, at) }])
  return altered
}

function swapAt(path: readonly Uint8Array[], at: number): readonly Uint8Array[] {
  const swapped = [...path]
  swapped.splice(at - 1, 2, path[at] as Uint8Array, path[at - 1] as Uint8Array)
  return swapped
}

test('takes no list with a hole for leaves, indices or a path', () => {
  const leaf = leafAt(0)
  const hole = <T>(...items: readonly T[]): readonly T[] =>
    Object.assign([...items], { length: items.length + 1 })
  assert.not.ok(verifyBatch(hole(leaf), { indices: hole(0), size: 1, path: [] }, leaf))
  assert.not.ok(verifyBatch(hole(leaf), { indices: hole(0), size: 4, path: [leaf, leaf] }, leaf))
  assert.not.ok(verifyBatch([leaf, leaf], { indices: hole(0), size: 1, path: [] }, leaf))
  const tree = buildTree(LEAVES.slice(0, 3))
  const proof = tree.proveBatch([0, 1])
  assert.ok(verifyBatch(LEAVES.slice(0, 2), proof, tree.root))
  assert.not.ok(verifyBatch(hole(leaf), proof, tree.root))
  assert.not.ok(verifyBatch(LEAVES.slice(0, 2), { ...proof, path: hole() }, tree.root))
  assert.not.ok(verifyBatch(LEAVES.slice(0, 2), { ...proof, path: hole(...proof.path) }, tree.root))
  assert.is(
    codeOf(() => tree.proveBatch(hole(0))),
    'RANGE_INVALID',
  )
})

test('refuses a node passed off as two leaves in a smaller tree', () => {
  const tree = buildTree(LEAVES.slice(0, 4))
  const [left, right] = [
    tree.proveInclusion(2).path[1] as Uint8Array,
    tree.proveInclusion(0).path[1] as Uint8Array,
  ]
  assert.ok(
    verifyBatch([left, right], { indices: [0, 1], size: 2, path: [] }, tree.root),
    'hashes say nothing of what they are of',
  )
  const forged = [hashLeaf(left), hashLeaf(right)]
  assert.not.ok(verifyBatch(forged, { indices: [0, 1], size: 2, path: [] }, tree.root))
})

test('asks for leaves of the tree, in order, at least one', () => {
  const tree = buildTree(LEAVES.slice(0, 10))
  for (const indices of [[], [3, 3], [4, 3], [-1], [0.5], [Number.NaN]]) {
    assert.is(
      codeOf(() => tree.proveBatch(indices)),
      'RANGE_INVALID',
      String(indices),
    )
  }
  assert.is(
    codeOf(() => tree.proveBatch([3, 10])),
    'LEAF_UNKNOWN',
  )
})

test.run()
