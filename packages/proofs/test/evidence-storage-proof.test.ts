import { AbiCoder, keccak256, toBeHex } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { declareSkip } from '../../records/test/shared-data.ts'
import type { AnchorEvidence } from '../src/evidence.ts'
import { ANCHORS_SLOT } from '../src/evidence-storage-proof.ts'
import type { Hex, LogId, ProvenAnchor } from '../src/index.ts'
import { anchorSlot, proveAnchor } from '../src/index.ts'
import type { AnchorSample } from './anchored-chain.ts'
import { anchorOnChain } from './anchored-chain.ts'
import { loadAnchor } from './evidence-bundle.ts'
import { id32, OPERATORS, STRANGER } from './evidence-samples.ts'
import type { ForgedBlock } from './forged-state.ts'
import { forgeAnchor, packAnchor } from './forged-state.ts'
import { compileLogAnchor } from './log-anchor.ts'

const SUITE = 'proofs/evidence-storage-proof'
const test = suite(SUITE)
const SAMPLE = loadAnchor()
const COMPILED = compileLogAnchor()

/** What a sample's proof shows of its own root, or of what is changed. */
function prove(sample: AnchorSample, changes: Partial<AnchorSample> = {}): ProvenAnchor | null {
  const { contract, operator, size, root, ...evidence } = { ...sample, ...changes }
  const log: LogId = { chainId: 31_337, contract: contract.toLowerCase(), operator: operator.toLowerCase() }
  return proveAnchor(evidence as AnchorEvidence, log, size, Buffer.from(root.slice(2), 'hex'))
}

/** Hex with one nibble changed. */
function turn(hex: Hex, at: number): Hex {
  return `${hex.slice(0, at)}${hex[at] === '0' ? '1' : '0'}${hex.slice(at + 1)}` as Hex
}

test('knows where the contract keeps its anchors', () => {
  const anchors = COMPILED.variables.find(({ label }) => label === '_anchors')
  assert.is(anchors?.slot, String(ANCHORS_SLOT))
  assert.is(anchors?.offset, 0)
  assert.equal(
    COMPILED.anchorMembers.map(({ label, slot, offset, type }) => [label, slot, offset, type]),
    [
      ['atSec', '0', 0, 't_uint48'],
      ['atBlock', '0', 6, 't_uint48'],
    ],
  )
})

test('reads block and time of an anchor from a proof that a chain gave', () => {
  const proven = prove(SAMPLE)
  assert.is(proven?.blockHash, SAMPLE.blockHash)
  assert.is(proven?.block, SAMPLE.block)
  assert.is(proven?.atSec, SAMPLE.atSec)
  assert.ok((proven?.blockNumber ?? 0) > SAMPLE.block)
})

test('shows nothing of another root, size, operator or contract', () => {
  const others: readonly Partial<AnchorSample>[] = [
    { root: turn(SAMPLE.root, 9) },
    { size: SAMPLE.size + 1 },
    { operator: STRANGER.address as Hex },
    { contract: SAMPLE.operator },
  ]
  for (const other of others) assert.is(prove(SAMPLE, other), null, Object.keys(other)[0])
})

test('shows nothing once any byte of a node is changed, and another block for another header', () => {
  for (const name of ['accountProof', 'storageProof'] as const) {
    SAMPLE[name].forEach((node, index) => {
      for (let at = 2; at < node.length; at += 7) {
        const nodes = SAMPLE[name].with(index, turn(node, at))
        assert.is(prove(SAMPLE, { [name]: nodes }), null, `${name} ${index} ${at}`)
      }
    })
  }
  for (let at = 2; at < SAMPLE.blockHeader.length; at += 3) {
    const proven = prove(SAMPLE, { blockHeader: turn(SAMPLE.blockHeader, at) })
    assert.ok(proven === null || proven.blockHash !== SAMPLE.blockHash, `header ${at}`)
  }
})

test('shows nothing when a node is missing, doubled, swapped or too many', () => {
  for (const name of ['accountProof', 'storageProof'] as const) {
    const nodes = SAMPLE[name]
    assert.ok(nodes.length > 1, 'the proof goes through a branch')
    const wrong = [
      nodes.slice(1),
      nodes.slice(0, -1),
      nodes.toReversed(),
      [...nodes, ...nodes.slice(-1)],
      [...nodes, '0x80'],
      [],
    ]
    for (const each of wrong) assert.is(prove(SAMPLE, { [name]: each as readonly Hex[] }), null, name)
  }
})

test('shows nothing from what is no header', () => {
  for (const blockHeader of ['0x', '0x80', '0xc0', `0x${'c0'.repeat(600)}`] as const)
    assert.is(prove(SAMPLE, { blockHeader }), null)
})

/** What a block of somebody's own shows, in which all hashes fit. */
function proveForged(changes: Partial<ForgedBlock>): ProvenAnchor | null {
  const { contract, operator, size, root, block, atSec } = SAMPLE
  const log: LogId = { chainId: 31_337, contract: contract.toLowerCase(), operator: operator.toLowerCase() }
  const word = packAnchor(block, atSec)
  const rootBytes = Uint8Array.from(Buffer.from(root.slice(2), 'hex'))
  const forged = { log, size, root: rootBytes, word, number: block, timeSec: atSec, ...changes }
  return proveAnchor(forgeAnchor(forged), log, size, rootBytes)
}

test('shows no anchor that is younger than the block whose state is read', () => {
  const { block, atSec } = SAMPLE
  const proven = proveForged({})
  assert.equal([proven?.block, proven?.atSec, proven?.blockNumber], [block, atSec, block])
  assert.is(proveForged({ number: block - 1 }), null)
  assert.is(proveForged({ timeSec: atSec - 1 }), null)
  assert.is(proveForged({ word: packAnchor(block + 1, atSec) }), null)
  assert.is(proveForged({ word: packAnchor(block, atSec + 1) }), null)
})

test('reads no anchor from a slot in another form than the contract writes', () => {
  const { block, atSec } = SAMPLE
  const later = { number: 2 ** 48 - 1, timeSec: 2 ** 48 - 1 }
  const largest = proveForged({ ...later, word: new Uint8Array(12).fill(0xff) })
  assert.equal([largest?.block, largest?.atSec], [2 ** 48 - 1, 2 ** 48 - 1])
  const word = packAnchor(block, atSec)
  assert.is(proveForged({ ...later, word: Uint8Array.of(1, ...new Uint8Array(6), ...word.slice(-6)) }), null)
  assert.is(proveForged({ ...later, word: Uint8Array.of(0, ...word) }), null)
  assert.is(proveForged({ ...later, word: new Uint8Array(0) }), null)
})

/** Where the contract keeps the head of an operator: in the mapping after that of the anchors. */
function headSlotOf(operator: string): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode(['address', 'uint256'], [operator, ANCHORS_SLOT + 1]))
}

/** A root whose anchor shares so many nibbles of its way down the tree with the operator's head. */
function rootBeside(operator: string, shared: number): Hex {
  const head = keccak256(headSlotOf(operator)).slice(2)
  for (let i = 0; ; i++) {
    const root = keccak256(toBeHex(i, 32)) as Hex
    const way = keccak256(anchorSlot(operator, 1, Buffer.from(root.slice(2), 'hex'))).slice(2)
    const isBeside = way.slice(0, shared) === head.slice(0, shared) && way[shared] !== head[shared]
    if (isBeside) return root
  }
}

test('holds against a chain that runs now, through branches and through shared ways', async () => {
  const operator = OPERATORS[0] as (typeof OPERATORS)[number]
  const others = Array.from({ length: 20 }, (_, i): readonly [number, Hex] => [i + 2, id32(String(i % 10))])
  const histories: readonly (readonly (readonly [number, Hex])[])[] = [
    [[1, id32('a')], ...others],
    [[1, rootBeside(operator.address, 1)]],
    [[1, rootBeside(operator.address, 2)]],
  ]
  try {
    for (const roots of histories) {
      const sample = await anchorOnChain(COMPILED, operator, roots)
      const { blockHash, block, atSec } = sample
      assert.equal(prove(sample), { blockHash, blockNumber: block + roots.length - 1, block, atSec })
      assert.is(prove(sample, { size: 2 }), null)
    }
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'ANVIL_MISSING') throw error
    declareSkip(SUITE, 'holds against a chain that runs now', 'there is no Anvil for this machine')
  }
})

test.run()
