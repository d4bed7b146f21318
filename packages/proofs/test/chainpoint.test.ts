import { createRequire } from 'node:module'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import type { Receipt } from '../src/index.ts'
import { buildTree, exportChainpointV3, exportChainpointV4, hashLeaf, saltCommitment } from '../src/index.ts'
import { bytes32Of, receiptOf } from './receipt-samples.ts'

const test = suite('proofs/chainpoint')

/** The two parsers that third parties use; neither has types. */
interface Parsed {
  readonly hash: string
  readonly branches: readonly {
    readonly anchors: readonly {
      readonly type: string
      readonly anchor_id: string
      readonly expected_value: string
    }[]
  }[]
}
const require = createRequire(import.meta.url)
const v4 = require('chainpoint-parse') as { parse(proof: unknown): Parsed }
const v3 = require('chainpoint-parse-v3') as { parse(proof: unknown): Parsed }

const LEAVES = Array.from({ length: 1_000 }, (_, i) => ({
  commitment: bytes32Of(`commitment ${i}`),
  salt: bytes32Of(`salt ${i}`),
}))
const HASHES = LEAVES.map(({ commitment, salt }) => hashLeaf(saltCommitment(commitment, salt)))

/** Receipts of the tree of the first leaves. */
function receiptsOf(size: number): (index: number) => Receipt {
  const tree = buildTree(HASHES.slice(0, size))
  return (index) => {
    const { path } = tree.proveInclusion(index)
    return receiptOf(0, { ...(LEAVES[index] as object), index, size, path, root: tree.root })
  }
}

/** Both parsers' root and anchor of a receipt. */
function parseBoth(receipt: Receipt): readonly (readonly [string | undefined, string | undefined])[] {
  return [v4.parse(exportChainpointV4(receipt)), v3.parse(exportChainpointV3(receipt))].map((parsed) => {
    assert.is(parsed.hash, Buffer.from(receipt.commitment).toString('hex'))
    const anchor = parsed.branches[0]?.anchors[0]
    return [anchor?.expected_value, anchor?.anchor_id] as const
  })
}

test('leads two parsers of others from the commitment to our root, for every leaf of small trees', () => {
  for (const size of [1, 2, 3, 7, 8, 33]) {
    const receiptAt = receiptsOf(size)
    for (let index = 0; index < size; index++) {
      const receipt = receiptAt(index)
      const expected = [
        Buffer.from(receipt.root).toString('hex'),
        `0x${Buffer.from(bytes32Of('transaction')).toString('hex')}`,
      ]
      assert.equal(parseBoth(receipt), [expected, expected], `leaf ${index} of ${size}`)
    }
  }
})

test('leads them to our root of 1000 leaves, from the first, the last and any other', async () => {
  const receiptAt = receiptsOf(1_000)
  const check = (index: number): void => {
    const receipt = receiptAt(index)
    for (const [root] of parseBoth(receipt)) assert.is(root, Buffer.from(receipt.root).toString('hex'))
  }
  check(0)
  check(999)
  await holds(fc.property(fc.nat({ max: 999 }), check), 50)
})

test('is the same for the same receipt, with the time of the anchor', () => {
  const proof = exportChainpointV4(receiptsOf(2)(1))
  assert.is(proof.hash_received, '2026-09-21T14:13:20Z')
  assert.is(proof.proof_id.slice(0, 18), uuidTimeOf(1_790_000_000))
  assert.equal(exportChainpointV4(receiptsOf(2)(1)), proof)
})

/** The first 60 bits of a UUID version 1, by another way: RFC 9562 counts from 1582-10-15. */
function uuidTimeOf(atSec: number): string {
  const ticks = BigInt(atSec * 1000 - Date.UTC(1582, 9, 15)) * 10_000n
  const low = (ticks & 0xffffffffn).toString(16).padStart(8, '0')
  const mid = ((ticks >> 32n) & 0xffffn).toString(16).padStart(4, '0')
  return `${low}-${mid}-1${(ticks >> 48n).toString(16).padStart(3, '0')}`
}

/** Later ones have no 60 bits of 100 ns since 1582. */
const LAST_UUID_SEC = 103_072_857_660

test('has ids in their form up to the last time that a UUID can hold', () => {
  for (const atSec of [0, 1, LAST_UUID_SEC]) {
    const receipt = { ...receiptsOf(2)(0), anchor: { txHash: null, block: 1, atSec } }
    const { proof_id: id } = exportChainpointV4(receipt)
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.is(id.slice(0, 18), uuidTimeOf(atSec))
  }
})

test('names the block where the transaction is not known', () => {
  const receipt = { ...receiptsOf(2)(0), anchor: { txHash: null, block: 77, atSec: 1 } }
  assert.equal(
    parseBoth(receipt).map(([, id]) => id),
    ['77', '77'],
  )
  const [branch] = exportChainpointV4(receipt).branches
  assert.equal(branch?.ops.at(-1), {
    anchors: [{ type: 'eth', anchor_id: '77', uris: ['eip155:31337/block/77'] }],
  })
})

test('exports nothing that would not verify', () => {
  const receipt = receiptsOf(7)(3)
  const refused: readonly (readonly [Partial<Receipt>, string])[] = [
    [{ salt: null }, 'RECEIPT_INCOMPLETE'],
    [{ anchor: null }, 'RECEIPT_INCOMPLETE'],
    [{ anchor: { txHash: null, block: 1, atSec: LAST_UUID_SEC + 1 } }, 'RECEIPT_INCOMPLETE'],
    [{ anchor: { txHash: null, block: 1, atSec: 253_402_300_799 } }, 'RECEIPT_INCOMPLETE'],
    [{ salt: bytes32Of('other') }, 'RECEIPT_MALFORMED'],
    [{ index: 2 }, 'RECEIPT_MALFORMED'],
    [{ path: receipt.path.slice(1) }, 'RECEIPT_MALFORMED'],
    [{ root: bytes32Of('other') }, 'RECEIPT_MALFORMED'],
  ]
  for (const [changes, code] of refused) {
    assert.is(
      codeOf(() => exportChainpointV4({ ...receipt, ...changes })),
      code,
    )
    assert.is(
      codeOf(() => exportChainpointV3({ ...receipt, ...changes })),
      code,
    )
  }
})

test.run()
