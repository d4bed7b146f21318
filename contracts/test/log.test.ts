import type { TransactionReceipt } from 'ethers'
import { getBytes, id } from 'ethers'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ConsistencyProof, InclusionProof, MerkleTree } from '../../packages/proofs/src/index.ts'
import { buildTree, hashLeaf, verifyConsistency, verifyInclusion } from '../../packages/proofs/src/index.ts'
import { holds } from '../../test/claims/property.ts'
import type { Contract, LocalContracts } from './local-contracts.ts'
import { call, startContracts } from './local-contracts.ts'
import { deployLog } from './log-gas.ts'
import { sparseTree } from './sparse-tree.ts'

const test = suite('contracts/log')

interface AnchoredLog extends AsyncDisposable {
  readonly log: Contract
  anchor(size: number, root: Uint8Array): Promise<TransactionReceipt>
  includes(data: Uint8Array, proof: InclusionProof, root: Uint8Array): Promise<boolean>
  joins(proof: ConsistencyProof, older: Uint8Array, newer: Uint8Array): Promise<boolean>
}

async function startLog(): Promise<AnchoredLog> {
  const halo = await startContracts(1)
  const log = await deployLog(halo)
  const operator = operatorOf(halo)
  return {
    log,
    anchor: (size, root) => call(log, operator, 'anchor', [size, root]),
    includes: (data, { index, size, path }, root) =>
      log.getFunction('verifyInclusion')(operator.address, size, root, index, data, path),
    joins: ({ from, to, path }, older, newer) =>
      log.getFunction('verifyConsistency')(operator.address, from, older, to, newer, path),
    [Symbol.asyncDispose]: () => halo[Symbol.asyncDispose](),
  }
}

function operatorOf(halo: LocalContracts): LocalContracts['stranger'] {
  const [operator] = halo.operators
  if (operator === undefined) throw new Error('no operator')
  return operator
}

function dataOf(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, i) => getBytes(id(`leaf ${i}`)))
}

const SIZE_MAX = 300
const DATA = dataOf(SIZE_MAX)
const HASHES = DATA.map((data) => hashLeaf(data))

/** Two sizes, the older first, a leaf of the newer, and something to do to a proof. */
const CASE = fc
  .tuple(fc.integer({ min: 1, max: SIZE_MAX }), fc.nat(), fc.nat(), fc.nat(), fc.nat(5))
  .map(([size, older, leaf, which, change]) => ({
    size,
    from: 1 + (older % size),
    index: leaf % size,
    which,
    change,
  }))

/** Leaves a path as it is, or shortens it, or makes it longer, or changes or swaps hashes. */
function change(path: readonly Uint8Array[], how: number, which: number): readonly Uint8Array[] {
  const at = path.length === 0 ? 0 : which % path.length
  const [first, second] = [path[at], path[(at + 1) % Math.max(1, path.length)]]
  if (how === 0) return path
  if (how === 1) return path.slice(0, -1)
  if (how === 2) return [...path, path.at(-1) ?? DATA[0] ?? new Uint8Array(32)]
  if (how === 3) return path.map((hash, i) => (i === at ? hash.map((byte) => byte ^ 1) : hash))
  if (how === 4) return path.filter((_, i) => i !== at)
  return path.map((hash, i) =>
    i === at ? (second ?? hash) : i === (at + 1) % path.length ? (first ?? hash) : hash,
  )
}

test('answers as the package does for trees of 1 to 300 leaves, whatever was done to a proof', async () => {
  await using chain = await startLog()
  const trees: MerkleTree[] = []
  for (let size = 1; size <= SIZE_MAX; size++) {
    const tree = buildTree(HASHES.slice(0, size))
    trees.push(tree)
    await chain.anchor(size, tree.root)
  }
  const treeOf = (size: number): MerkleTree => trees[size - 1] as MerkleTree
  const seen = { true: 0, false: 0 }
  await holds(
    fc.asyncProperty(CASE, async ({ size, from, index, which, change: how }) => {
      const tree = treeOf(size)
      const leaf = DATA[index] as Uint8Array
      const inclusion = tree.proveInclusion(index)
      const included = { ...inclusion, path: change(inclusion.path, how, which) }
      const isIncluded = verifyInclusion(hashLeaf(leaf), included, tree.root)
      assert.is(await chain.includes(leaf, included, tree.root), isIncluded)
      const consistency = tree.proveConsistency(from)
      const joined = { ...consistency, path: change(consistency.path, how, which) }
      const doesJoin = verifyConsistency(joined, treeOf(from).root, tree.root)
      assert.is(await chain.joins(joined, treeOf(from).root, tree.root), doesJoin)
      if (how === 0) assert.ok(isIncluded && doesJoin)
      seen[`${isIncluded}`]++
    }),
    400,
  )
  assert.ok(seen.true > 20 && seen.false > 20)
})

test('verifies a log of ten thousand entries', async () => {
  await using chain = await startLog()
  const size = 10_000
  const data = dataOf(size)
  const hashes = data.map((bytes) => hashLeaf(bytes))
  const tree = buildTree(hashes)
  const older = buildTree(hashes.slice(0, 8191))
  await chain.anchor(older.size, older.root)
  await chain.anchor(size, tree.root)
  for (const index of [0, 1, 4095, 8191, 8192, 9998, 9999]) {
    const leaf = data[index] as Uint8Array
    const proof = tree.proveInclusion(index)
    assert.is(await chain.includes(leaf, proof, tree.root), true)
    assert.is(await chain.includes(leaf, { ...proof, index: index ^ 1 }, tree.root), false)
    assert.is(await chain.includes(leaf, proof, older.root), false)
  }
  const proof = tree.proveConsistency(older.size)
  assert.is(await chain.joins(proof, older.root, tree.root), true)
  assert.is(await chain.joins(proof, tree.root, older.root), false)
  assert.is(await chain.joins({ ...proof, from: 8190 }, older.root, tree.root), false)
})

test('verifies a log of ten million entries, as the package does', async () => {
  await using chain = await startLog()
  const size = 10_000_000
  const olderSize = 8_388_607
  const [leaf, filler] = DATA as [Uint8Array, Uint8Array]
  const indices = [0, 4_999_999, size - 1]
  const tree = sparseTree(filler, new Map(indices.map((index) => [index, leaf])))
  const [older, newer] = [tree.root(olderSize), tree.root(size)]
  await chain.anchor(olderSize, older)
  await chain.anchor(size, newer)
  for (const index of indices) {
    const proof = { index, size, path: tree.pathOf(index, size) }
    assert.ok(verifyInclusion(hashLeaf(leaf), proof, newer))
    assert.is(await chain.includes(leaf, proof, newer), true)
    assert.is(await chain.includes(filler, proof, newer), false)
    assert.is(await chain.includes(leaf, { ...proof, path: proof.path.slice(1) }, newer), false)
  }
  const joined = { from: olderSize, to: size, path: tree.pathBetween(olderSize, size) }
  assert.ok(verifyConsistency(joined, older, newer))
  assert.is(await chain.joins(joined, older, newer), true)
  assert.is(await chain.joins({ ...joined, path: joined.path.toReversed() }, older, newer), false)
})

test('makes the same proofs by the recursion of the RFC as the package does by its levels', () => {
  const tree = sparseTree(DATA[9] as Uint8Array, new Map(DATA.map((data, i) => [i, data])))
  for (const size of [1, 2, 3, 7, 8, 9, 64, 100]) {
    const ours = buildTree(HASHES.slice(0, size))
    assert.equal(tree.root(size), ours.root)
    for (let i = 0; i < size; i++) assert.equal(tree.pathOf(i, size), ours.proveInclusion(i).path)
    for (let from = 1; from <= size; from++)
      assert.equal(tree.pathBetween(from, size), ours.proveConsistency(from).path)
  }
})

test('anchors a root at the same price for one record and for quadrillions', async () => {
  await using chain = await startLog()
  await chain.anchor(1, getBytes(id('root 1')))
  const prices: bigint[] = []
  for (const size of [2, 10, 10_000, 10_000_000, 2 ** 53 - 1]) {
    const root = getBytes(id(`root ${size}`))
    const { gasUsed } = await chain.anchor(size, root)
    prices.push(gasUsed - calldataGas(chain.log.interface.encodeFunctionData('anchor', [size, root])))
  }
  assert.equal(new Set(prices).size, 1)
})

/** What the bytes of a transaction cost by themselves: 4 for a zero, 16 for any other (EIP-2028). */
function calldataGas(data: string): bigint {
  return getBytes(data).reduce((sum, byte) => sum + (byte === 0 ? 4n : 16n), 0n)
}

test('tells whose root it is and when, in an event and to whoever asks', async () => {
  await using chain = await startLog()
  const root = getBytes(id('root'))
  const receipt = await chain.anchor(5, root)
  const [event] = receipt.logs.map((entry) => chain.log.interface.parseLog(entry))
  assert.equal(
    [event?.name, event?.args['operator'], event?.args['size'], event?.args['root']],
    ['RootAnchored', receipt.from, 5n, id('root')],
  )
  const [atSec, atBlock] = await chain.log.getFunction('anchoredAt')(receipt.from, 5, root)
  const block = await receipt.getBlock()
  assert.equal([atSec, atBlock], [BigInt(block.timestamp), BigInt(receipt.blockNumber)])
  const head = await chain.log.getFunction('headOf')(receipt.from)
  assert.equal([...head], [5n, atBlock, id('root').slice(0, 2 + 36)])
})

test.run()
