import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import { buildTree, createCompactRange, emptyRoot, hashLeaf, hashNode } from '../src/index.ts'
import { countingEntries } from './reference.ts'

const test = suite('proofs/compact-range')
const LEAVES = countingEntries(3000).map(hashLeaf)
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test('has the root of the tree at every size up to 300', () => {
  const range = createCompactRange()
  assert.is(hex(range.root()), hex(emptyRoot()))
  for (let size = 1; size <= 300; size++) {
    range.append(LEAVES[size - 1] as Uint8Array)
    assert.is(range.size, size)
    assert.is(hex(range.root()), hex(buildTree(LEAVES.slice(0, size)).root))
  }
})

test('keeps as many hashes as its size has bits set', () => {
  const range = createCompactRange()
  for (let size = 1; size <= 3000; size++) {
    range.append(LEAVES[size - 1] as Uint8Array)
    assert.is(range.peaks.length, size.toString(2).replaceAll('0', '').length)
  }
})

test('goes on from the peaks of another', async () => {
  await holds(
    fc.property(fc.nat(1500), fc.nat(1500), (first, more) => {
      const range = createCompactRange()
      for (const leaf of LEAVES.slice(0, first)) range.append(leaf)
      const next = createCompactRange({ size: range.size, peaks: range.peaks })
      const before = hex(range.root())
      for (const leaf of LEAVES.slice(first, first + more)) next.append(leaf)
      assert.is(hex(next.root()), hex(buildTree(LEAVES.slice(0, first + more)).root))
      assert.is(hex(range.root()), before)
    }),
    60,
  )
})

test('leaves alone the peaks it was given', () => {
  const peaks = LEAVES.slice(0, 1)
  const range = createCompactRange({ size: 1, peaks })
  range.append(LEAVES[1] as Uint8Array)
  assert.equal(peaks, LEAVES.slice(0, 1))
})

test('goes beyond 2^32 leaves, where the sizes of whole subtrees are known', () => {
  let peak = LEAVES[0] as Uint8Array
  for (let level = 0; level < 40; level++) peak = hashNode(peak, peak)
  const range = createCompactRange({ size: 2 ** 40, peaks: [peak] })
  range.append(LEAVES[1] as Uint8Array)
  range.append(LEAVES[2] as Uint8Array)
  assert.is(range.size, 2 ** 40 + 2)
  const pair = hashNode(LEAVES[1] as Uint8Array, LEAVES[2] as Uint8Array)
  assert.is(hex(range.root()), hex(hashNode(peak, pair)))
})

test('refuses peaks that do not belong to the size', () => {
  const [hash] = LEAVES as [Uint8Array]
  const cases: readonly (readonly [string, number, readonly Uint8Array[]])[] = [
    ['RANGE_INVALID', 3, [hash]],
    ['RANGE_INVALID', 4, [hash, hash]],
    ['RANGE_INVALID', 0, [hash]],
    ['RANGE_INVALID', -1, []],
    ['RANGE_INVALID', 2 ** 53, [hash]],
    ['RANGE_INVALID', Number.NaN, []],
    ['HASH_INVALID', 1, [hash.subarray(1)]],
    ['HASH_INVALID', 1, Object.assign([], { length: 1 })],
  ]
  for (const [code, size, peaks] of cases) {
    assert.is(
      codeOf(() => createCompactRange({ size, peaks })),
      code,
      `${size} ${peaks.length}`,
    )
  }
  assert.is(
    codeOf(() => createCompactRange().append(new Uint8Array(33))),
    'HASH_INVALID',
  )
})

test.run()
