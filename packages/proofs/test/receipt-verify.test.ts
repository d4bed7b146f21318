import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import type { Receipt, ReceiptAnchor, ReceiptFacts } from '../src/index.ts'
import {
  buildTree,
  checkpointNote,
  createNoteSigner,
  createReceipt,
  decodeReceipt,
  encodeReceipt,
  formatLogOrigin,
  hashLeaf,
  saltCommitment,
  signCheckpoint,
  verifyReceipt,
} from '../src/index.ts'
import { bytes32Of, LOG, signatureLine } from './receipt-samples.ts'

const test = suite('proofs/receipt-verify')

const ORIGIN = formatLogOrigin(LOG)
const LOG_KEY = createNoteSigner(ORIGIN, bytes32Of('log key'))
const WITNESS = createNoteSigner('witness.example', bytes32Of('witness key'))
const OTHER = createNoteSigner(ORIGIN, bytes32Of('other key'))
const ANCHOR: ReceiptAnchor = { txHash: bytes32Of('transaction'), block: 77, atSec: 1_790_000_000 }
const FACTS: ReceiptFacts = {
  verifiers: [LOG_KEY.verifier],
  cosigners: [WITNESS.verifier],
  anchored: ANCHOR,
}

const SIZE = 13
const ENTRIES = Array.from({ length: SIZE }, (_, i) => ({
  commitment: bytes32Of(`commitment ${i}`),
  salt: bytes32Of(`salt ${i}`),
}))
const TREE = buildTree(ENTRIES.map(({ commitment, salt }) => hashLeaf(saltCommitment(commitment, salt))))
const CHECKPOINT = { origin: ORIGIN, size: SIZE, root: TREE.root, extension: ['more'] }
const NOTE = signCheckpoint(CHECKPOINT, [LOG_KEY, WITNESS])

function receiptAt(index: number, anchor: ReceiptAnchor | null = ANCHOR): Receipt {
  return createReceipt(ENTRIES[index] as (typeof ENTRIES)[number], TREE.proveInclusion(index), NOTE, anchor)
}

/** Reasons for inclusion, checkpoint and anchor. */
function reasonsOf(receipt: Receipt, facts: ReceiptFacts = FACTS): string {
  const { inclusion, checkpoint, anchor } = verifyReceipt(receipt, facts)
  return [inclusion, checkpoint, anchor].map(({ reason }) => reason).join(' ')
}

test('finds every aspect of a genuine receipt to hold', () => {
  for (let index = 0; index < SIZE; index++)
    assert.is(reasonsOf(receiptAt(index)), 'ENTRY_IN_TREE LOG_SIGNED ANCHORED')
  const { inclusion, checkpoint, anchor } = verifyReceipt(receiptAt(4), FACTS)
  assert.equal([inclusion.verdict, checkpoint.verdict, anchor.verdict], ['verified', 'verified', 'verified'])
  assert.is(inclusion.because, 'The entry leads to the root: it is in the tree that the root stands for.')
  assert.is(anchor.because, 'The chain has held this root since block 77, 2026-09-21 14:13:20 UTC.')
  assert.is(checkpointNote(receiptAt(4)), NOTE)
})

test('says what is missing when the caller knows nothing', () => {
  const { inclusion, checkpoint, anchor } = verifyReceipt(receiptAt(0))
  assert.equal([inclusion.verdict, checkpoint.verdict, anchor.verdict], ['verified', 'missing', 'missing'])
  assert.is(reasonsOf(receiptAt(0), {}), 'ENTRY_IN_TREE LOG_KEY_UNKNOWN CHAIN_NOT_ASKED')
  assert.is(reasonsOf(receiptAt(0, null), {}), 'ENTRY_IN_TREE LOG_KEY_UNKNOWN NOT_ANCHORED_YET')
})

test('cannot tell the entry any more once the salt is deleted', () => {
  assert.is(reasonsOf({ ...receiptAt(3), salt: null }), 'SALT_DELETED LOG_SIGNED ANCHORED')
})

test('takes the word of a witness, or of another key, for no signature of the log', () => {
  const { verifiers: _, ...anchored } = FACTS
  assert.is(
    reasonsOf(receiptAt(0), { ...anchored, verifiers: [WITNESS.verifier] }),
    'ENTRY_IN_TREE LOG_KEY_UNKNOWN ANCHORED',
  )
  assert.is(
    reasonsOf(receiptAt(0), { ...anchored, verifiers: [OTHER.verifier] }),
    'ENTRY_IN_TREE LOG_KEY_UNKNOWN ANCHORED',
  )
  assert.is(reasonsOf({ ...receiptAt(0), signatures: [] }), 'ENTRY_IN_TREE LOG_UNSIGNED ANCHORED')
})

test('sees a signature of another checkpoint', () => {
  const other = signCheckpoint({ ...CHECKPOINT, root: bytes32Of('other') }, [LOG_KEY])
  const line = other.split('\n').at(-2) as string
  const forged = { ...receiptAt(0), signatures: [line] }
  assert.is(reasonsOf(forged), 'ENTRY_IN_TREE LOG_SIGNATURE_WRONG ANCHORED')
})

test('believes the chain rather than the receipt', () => {
  const ask = (anchor: ReceiptAnchor | null, anchored: ReceiptAnchor | null): string =>
    verifyReceipt(receiptAt(0, anchor), { anchored }).anchor.reason
  assert.is(ask(ANCHOR, null), 'ANCHOR_DENIED')
  assert.is(ask(null, null), 'NOT_ANCHORED_YET')
  assert.is(ask(null, ANCHOR), 'ANCHORED')
  assert.is(ask(ANCHOR, { ...ANCHOR, txHash: null }), 'ANCHORED')
  assert.is(ask({ ...ANCHOR, txHash: null }, ANCHOR), 'ANCHORED')
  assert.is(ask(ANCHOR, { ...ANCHOR, block: 78 }), 'ANCHOR_DIFFERS')
  assert.is(ask(ANCHOR, { ...ANCHOR, atSec: 1 }), 'ANCHOR_DIFFERS')
  assert.is(ask(ANCHOR, { ...ANCHOR, txHash: bytes32Of('other') }), 'ANCHOR_DIFFERS')
})

test('states no size where nobody has shown it', () => {
  const leaves = ENTRIES.slice(0, 4)
  const tree = buildTree(leaves.map(({ commitment, salt }) => hashLeaf(saltCommitment(commitment, salt))))
  const entry = leaves[0] as (typeof ENTRIES)[number]
  const { path } = tree.proveInclusion(0)
  const forged = { ...receiptAt(0), ...entry, index: 0, size: 3, path, root: tree.root, signatures: [] }
  const { inclusion, checkpoint } = verifyReceipt(forged, {})
  assert.equal([inclusion.verdict, checkpoint.reason], ['verified', 'LOG_UNSIGNED'])
  assert.not.match(inclusion.because, /\d/)
})

test('calls no signature wrong because of a line in no form', () => {
  for (const line of ['— junk AAAA=', '— junk AAAA', '— a+b AAAAAAA=', '— a\u00a0b AAAAAAA=', 'junk']) {
    const receipt = { ...receiptAt(0), signatures: [...receiptAt(0).signatures, line] }
    assert.is(reasonsOf(receipt), 'ENTRY_IN_TREE CHECKPOINT_MALFORMED ANCHORED', line)
    assert.is(
      codeOf(() => encodeReceipt(receipt)),
      'RECEIPT_MALFORMED',
      line,
    )
  }
  const unknown = { ...receiptAt(0), signatures: [...receiptAt(0).signatures, signatureLine('junk', 'junk')] }
  assert.is(reasonsOf(decodeReceipt(encodeReceipt(unknown))), 'ENTRY_IN_TREE LOG_SIGNED ANCHORED')
})

test('never verifies inclusion and checkpoint together once a field is changed', async () => {
  const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
  const receipt = receiptAt(6)
  const change: fc.Arbitrary<Partial<Receipt>> = fc.oneof(
    bytes32.map((commitment) => ({ commitment })),
    bytes32.map((salt) => ({ salt })),
    bytes32.map((root) => ({ root })),
    fc
      .nat({ max: SIZE - 1 })
      .filter((index) => index !== 6)
      .map((index) => ({ index })),
    fc
      .integer({ min: 7, max: 2 ** 53 - 1 })
      .filter((size) => size !== SIZE)
      .map((size) => ({ size })),
    fc.array(bytes32, { maxLength: 6 }).map((path) => ({ path })),
    fc.integer({ min: 0, max: 3 }).map((at) => ({ path: receipt.path.toSpliced(at, 1) })),
    bytes32.map((hash) => ({ path: [...receipt.path, hash] })),
    fc.constant({ extension: [] }),
    fc.constant({ log: { ...LOG, chainId: 1 } }),
    fc.constant({ log: { ...LOG, operator: LOG.contract } }),
    fc.constant({ log: { ...LOG, contract: LOG.operator } }),
  )
  await holds(
    fc.property(change, (changed) => {
      const { inclusion, checkpoint } = verifyReceipt({ ...receipt, ...changed }, FACTS)
      assert.ok(
        inclusion.verdict !== 'verified' || checkpoint.verdict !== 'verified',
        JSON.stringify(Object.keys(changed)),
      )
    }),
    400,
  )
})

test('makes no receipt of parts that do not belong together', () => {
  const [entry, other] = ENTRIES as [(typeof ENTRIES)[number], (typeof ENTRIES)[number]]
  const proof = TREE.proveInclusion(0)
  const foreign = createNoteSigner('log.example', bytes32Of('foreign'))
  const foreignNote = signCheckpoint({ ...CHECKPOINT, origin: 'log.example' }, [foreign])
  assert.is(
    codeOf(() => createReceipt(entry, proof, NOTE)),
    'none',
  )
  assert.is(
    codeOf(() => createReceipt(other, proof, NOTE)),
    'RECEIPT_MALFORMED',
  )
  assert.is(
    codeOf(() => createReceipt(entry, { ...proof, size: 14 }, NOTE)),
    'RECEIPT_MALFORMED',
  )
  assert.is(
    codeOf(() => createReceipt(entry, proof, foreignNote)),
    'RECEIPT_MALFORMED',
  )
  assert.is(
    codeOf(() => createReceipt(entry, proof, 'no note')),
    'NOTE_MALFORMED',
  )
})

test.run()
