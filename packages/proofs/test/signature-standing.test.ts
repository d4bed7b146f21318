import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Receipt } from '../src/index.ts'
import {
  createCosigner,
  createNoteSigner,
  formatLogOrigin,
  judgeSignatures,
  parseReceiptJson,
  receiptToJson,
  signCheckpoint,
  verifyReceipt,
} from '../src/index.ts'
import { bytes32Of, LOG, receiptOf, signatureLine } from './receipt-samples.ts'

const test = suite('proofs/signature-standing')

const ORIGIN = formatLogOrigin(LOG)
const LOG_KEY = createNoteSigner(ORIGIN, bytes32Of('log key'))
const WITNESS = createNoteSigner('witness.example', bytes32Of('witness key'))
const FACTS = { verifiers: [LOG_KEY.verifier], cosigners: [WITNESS.verifier] }
const STRANGER = signatureLine('Supreme-Court', 'made up')

/** Signature lines of log and witness under one checkpoint. */
function linesUnder(size: number): readonly string[] {
  const { root } = receiptOf(1)
  const note = signCheckpoint({ origin: ORIGIN, size, root, extension: [] }, [LOG_KEY, WITNESS])
  return note.split('\n').filter((line) => line.startsWith('— '))
}

function judge(signatures: readonly string[], facts = FACTS): readonly (readonly [string, string])[] {
  const receipt: Receipt = receiptOf(1, { signatures })
  return judgeSignatures(receipt, facts).map(({ line, standing }) => [line, standing])
}

test('tells signatures by known keys from lines that nobody here can check', () => {
  const [log = '', witness = ''] = linesUnder(2)
  const forged = signatureLine(ORIGIN, 'made up')
  assert.equal(judge([STRANGER, log, forged, witness]), [
    [STRANGER, 'unknown'],
    [log, 'verified'],
    [forged, 'unknown'],
    [witness, 'verified'],
  ])
  assert.equal(judge([log, witness], { ...FACTS, cosigners: [] }), [
    [log, 'verified'],
    [witness, 'unknown'],
  ])
  assert.equal(judge([log], { verifiers: [], cosigners: [] }), [[log, 'unknown']])
  assert.equal(judge([]), [])
})

test('says which line is wrong where a known key did not make it, and lists no line twice', () => {
  const [log = '', witness = ''] = linesUnder(2)
  const [ofAnother = ''] = linesUnder(3)
  assert.equal(judge([log, ofAnother, witness, log, log]), [
    [log, 'verified'],
    [ofAnother, 'wrong'],
    [witness, 'verified'],
  ])
})

test('counts no key of another log, and in the name of this one none that cosigns', () => {
  const { root } = receiptOf(1)
  const other = createNoteSigner(formatLogOrigin({ ...LOG, chainId: 1 }), bytes32Of('other log'))
  const cosigner = createCosigner(ORIGIN, bytes32Of('log key'))
  const note = signCheckpoint({ origin: ORIGIN, size: 2, root, extension: [] }, [LOG_KEY, other])
  const cosigned = cosigner.cosign(note, 1_700_000_000)
  const lines = cosigned.split('\n').filter((line) => line.startsWith('— '))
  const keys = [LOG_KEY.verifier, other.verifier, cosigner.verifier]
  const standings = judge(lines, { verifiers: keys, cosigners: [cosigner.verifier] })
  assert.equal(
    standings.map(([, standing]) => standing),
    ['verified', 'unknown', 'unknown'],
  )
})

test('calls nothing checked where the lines together make no note', () => {
  const [log = ''] = linesUnder(2)
  const base64 = Buffer.alloc(6_000, 7).toString('base64')
  const long = Array.from({ length: 63 }, (_, at) => `— ${`${at}`.padStart(180, '€')} ${base64}`)
  const receipt = receiptOf(1, { signatures: [log, ...long] })
  assert.equal(parseReceiptJson(receiptToJson(receipt)), receipt, 'it can be read')
  assert.is(verifyReceipt(receipt, FACTS).checkpoint.reason, 'CHECKPOINT_MALFORMED')
  const judged = judgeSignatures(receipt, FACTS)
  assert.equal([judged.length, ...new Set(judged.map(({ standing }) => standing))], [64, 'unknown'])
})

test.run()
