import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import type { MerkleTree, OpenedCheckpoint, PrefixProof } from '../src/index.ts'
import {
  buildTree,
  compareCheckpoints,
  createCosigner,
  createNoteSigner,
  followCheckpoint,
  hashLeaf,
  openCheckpoint,
  signCheckpoint,
} from '../src/index.ts'
import { countingEntries } from './reference.ts'

const test = suite('proofs/split-view')
const ORIGIN = 'log.example/a'
const LOG = createNoteSigner(ORIGIN, new Uint8Array(32).fill(1))
const PEERS = [2, 3].map((fill) => createCosigner(`peer.example/${fill}`, new Uint8Array(32).fill(fill)))
const PEER_KEYS = PEERS.map(({ verifier }) => verifier)
const LEAVES = countingEntries(200).map(hashLeaf)
const OTHER_LEAVES = countingEntries(200, 1000).map(hashLeaf)

const treeOf = (size: number): MerkleTree => buildTree(LEAVES.slice(0, size))
/** A history that differs from leaf `from` on. */
const forkOf = (from: number, size: number): MerkleTree =>
  buildTree([...LEAVES.slice(0, from), ...OTHER_LEAVES.slice(from, size)])

function publish({ size, root }: MerkleTree, peer: number | null = null, origin = ORIGIN): OpenedCheckpoint {
  const signer = origin === ORIGIN ? LOG : createNoteSigner(origin, new Uint8Array(32).fill(8))
  const note = signCheckpoint({ origin, size, root, extension: [] }, [signer])
  const cosigned = peer === null ? note : (PEERS[peer]?.cosign(note, 1_800_000_000 + peer) ?? note)
  return openCheckpoint(cosigned, [signer.verifier], PEER_KEYS)
}

const proofOf = (tree: MerkleTree, from: number): PrefixProof => ({
  consistency: tree.proveConsistency(from),
})

test('finds two checkpoints of one size and root the same, whoever cosigned them', () => {
  const comparison = compareCheckpoints(publish(treeOf(7), 0), publish(treeOf(7), 1), null)
  assert.equal(comparison, { verdict: 'same', origin: ORIGIN })
})

test('finds a longer log consistent by its proof, in either order', async () => {
  await holds(
    fc.property(fc.integer({ min: 2, max: 200 }), fc.nat(), (size, pick) => {
      const from = pick % size
      const [older, newer] = [publish(treeOf(from)), publish(treeOf(size))]
      const proof = proofOf(treeOf(size), from)
      assert.is(compareCheckpoints(older, newer, proof).verdict, 'consistent')
      assert.is(compareCheckpoints(newer, older, proof).verdict, 'consistent')
    }),
    40,
  )
})

test('finds two roots of one size to be a split view, and names the log and the co-signers of each side', () => {
  const [mine, theirs] = [publish(treeOf(7), 0), publish(forkOf(5, 7), 1)]
  const comparison = compareCheckpoints(mine, theirs, null)
  assert.is(comparison.verdict, 'split')
  if (comparison.verdict !== 'split') return
  assert.is(comparison.reason, 'roots-differ')
  assert.is(comparison.origin, ORIGIN)
  assert.equal(
    comparison.sides.map(({ log, cosigners }) => [log, cosigners]),
    [
      [ORIGIN, [{ name: 'peer.example/2', timeSec: 1_800_000_000 }]],
      [ORIGIN, [{ name: 'peer.example/3', timeSec: 1_800_000_001 }]],
    ],
  )
  const [first, second] = comparison.sides.map(({ note }) => openCheckpoint(note, [LOG.verifier], PEER_KEYS))
  assert.equal(
    [first?.checkpoint, second?.checkpoint],
    [mine.checkpoint, theirs.checkpoint],
    'anyone can check it again',
  )
})

test('finds a rewritten past to be a split view, by the root that the log itself gives for the older size', async () => {
  await holds(
    fc.property(fc.integer({ min: 2, max: 200 }), fc.nat(), fc.nat(), (size, pickFrom, pickFork) => {
      const from = 1 + (pickFrom % (size - 1))
      const fork = pickFork % from
      const rewritten = forkOf(fork, size)
      const proof = { ...proofOf(rewritten, from), prefixRoot: forkOf(fork, from).root }
      const comparison = compareCheckpoints(publish(treeOf(from)), publish(rewritten), proof)
      assert.is(comparison.verdict, 'split')
      if (comparison.verdict !== 'split') return
      assert.is(comparison.reason, 'past-rewritten')
      assert.equal(
        comparison.sides.map((side) => side.size),
        [from, size],
      )
    }),
    40,
  )
})

test('accuses nobody without a proof, or by one that does not hold', () => {
  const [older, newer] = [publish(treeOf(5)), publish(treeOf(9))]
  const proof = proofOf(treeOf(9), 5)
  const reasonOf = (given: PrefixProof | null) => {
    const comparison = compareCheckpoints(older, newer, given)
    return comparison.verdict === 'unproven' ? comparison.reason : comparison.verdict
  }
  assert.is(reasonOf(null), 'proof-missing')
  assert.is(reasonOf(proofOf(treeOf(9), 4)), 'proof-wrong')
  assert.is(reasonOf(proofOf(treeOf(8), 5)), 'proof-wrong')
  assert.is(reasonOf(proofOf(forkOf(3, 9), 5)), 'proof-wrong')
  assert.is(
    reasonOf({ ...proof, prefixRoot: forkOf(3, 5).root }),
    'proof-wrong',
    'an invented root proves nothing',
  )
  const ofOtherSizes = { ...proofOf(treeOf(9), 4), prefixRoot: treeOf(4).root }
  assert.is(reasonOf(ofOtherSizes), 'proof-wrong', 'a true proof about other sizes accuses nobody')
  assert.is(reasonOf(proof), 'consistent')
})

test('finds a log that gave the empty tree another root to be split, whatever proof comes with it', () => {
  const wrong = publish({ ...treeOf(0), root: treeOf(3).root })
  const next = publish(treeOf(3))
  const proofs = [
    null,
    proofOf(treeOf(3), 0),
    { ...proofOf(treeOf(3), 0), prefixRoot: wrong.checkpoint.root },
    proofOf(treeOf(3), 2),
  ]
  for (const proof of proofs) {
    for (const [first, second] of [
      [wrong, next],
      [next, wrong],
    ] as const) {
      const comparison = compareCheckpoints(first, second, proof)
      assert.is(comparison.verdict, 'split')
      if (comparison.verdict !== 'split') continue
      assert.is(comparison.reason, 'past-rewritten')
      assert.equal(
        comparison.sides.map((side) => side.size),
        [0, 3],
      )
    }
    assert.is(compareCheckpoints(publish(treeOf(0)), next, proof).verdict, 'consistent')
  }
  assert.is(compareCheckpoints(publish(treeOf(0)), wrong, null).verdict, 'split')
})

test('holds nothing against each other that is of two logs', () => {
  const comparison = compareCheckpoints(
    publish(treeOf(5)),
    publish(forkOf(2, 5), null, 'log.example/b'),
    null,
  )
  assert.equal(comparison, { verdict: 'other-log' })
})

test('follows a log from its first checkpoint on', () => {
  const first = publish(treeOf(5))
  const next = publish(treeOf(9))
  const same = publish(treeOf(9), 1)
  assert.equal(followCheckpoint(null, first, null), { isAccepted: true, latest: first })
  assert.equal(followCheckpoint(first, next, proofOf(treeOf(9), 5)), { isAccepted: true, latest: next })
  assert.equal(followCheckpoint(next, same, null), { isAccepted: true, latest: same })
  assert.ok(followCheckpoint(publish(treeOf(0)), first, null).isAccepted)
})

test('says why it does not follow', () => {
  const trusted = publish(treeOf(9))
  const reasonOf = (next: OpenedCheckpoint, proof: PrefixProof | null) => {
    const result = followCheckpoint(trusted, next, proof)
    return result.isAccepted ? 'accepted' : result.reason
  }
  assert.is(reasonOf(publish(treeOf(5)), proofOf(treeOf(9), 5)), 'older')
  assert.is(reasonOf(publish(treeOf(12)), null), 'unproven')
  assert.is(reasonOf(publish(forkOf(3, 9)), null), 'split')
  assert.is(reasonOf(publish(forkOf(3, 12)), proofOf(forkOf(3, 12), 9)), 'unproven')
  const rewritten = { ...proofOf(forkOf(3, 12), 9), prefixRoot: forkOf(3, 9).root }
  assert.is(reasonOf(publish(forkOf(3, 12)), rewritten), 'split')
  assert.is(reasonOf(publish(treeOf(12), null, 'log.example/b'), null), 'other-log')
})

test.run()
