import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Receipt } from '../src/index.ts'
import {
  buildTree,
  createNoteSigner,
  createReceipt,
  formatLogOrigin,
  hashLeaf,
  saltCommitment,
  signCheckpoint,
  trimSignatures,
  verifyReceipt,
} from '../src/index.ts'
import { bytes32Of, LOG } from './receipt-samples.ts'

const test = suite('proofs/trim-signatures')

const ORIGIN = formatLogOrigin(LOG)
const LOG_KEY = createNoteSigner(ORIGIN, bytes32Of('log key'))
const OLD_KEY = createNoteSigner(ORIGIN, bytes32Of('key of before'))
const WITNESS = createNoteSigner('witness.example', bytes32Of('witness key'))

const [COMMITMENT, SALT] = [bytes32Of('commitment'), bytes32Of('salt')]
const TREE = buildTree([hashLeaf(saltCommitment(COMMITMENT, SALT))])
const NOTE = signCheckpoint({ origin: ORIGIN, size: 1, root: TREE.root, extension: [] }, [
  LOG_KEY,
  OLD_KEY,
  WITNESS,
])
const RECEIPT = createReceipt({ commitment: COMMITMENT, salt: SALT }, TREE.proveInclusion(0), NOTE)
const [BY_LOG = '', BY_OLD = '', BY_WITNESS = ''] = RECEIPT.signatures

const under = (...signatures: readonly string[]): Receipt => ({ ...RECEIPT, signatures })

/** The same key and name, another signature. */
const spoil = (line: string): string => line.replace(/....$/, (end) => (end === 'AAA=' ? 'BBA=' : 'AAA='))

const trim = (
  receipt: Receipt,
  ...signers: readonly (typeof LOG_KEY)[]
): readonly [readonly string[], boolean] => {
  const { receipt: trimmed, isSigned } = trimSignatures(
    receipt,
    signers.map(({ verifier }) => verifier),
  )
  assert.equal({ ...trimmed, signatures: [] }, { ...receipt, signatures: [] })
  return [trimmed.signatures, isSigned]
}

test('keeps what known keys have signed, each line once, and nothing that others put beside it', () => {
  assert.equal(trim(under(BY_OLD, BY_LOG, BY_WITNESS), LOG_KEY), [[BY_LOG], true])
  assert.equal(trim(under(BY_LOG, BY_LOG, BY_WITNESS), LOG_KEY, WITNESS), [[BY_LOG, BY_WITNESS], true])
  assert.equal(trim(under(spoil(BY_LOG), BY_LOG), LOG_KEY), [[BY_LOG], true])
})

test('keeps no wrong signature under the name of a known key, also where nothing else is left', () => {
  assert.equal(trim(under(spoil(BY_LOG)), LOG_KEY), [[], false])
  assert.equal(trim(under(spoil(BY_LOG), BY_OLD), LOG_KEY), [[BY_OLD], false])
})

test('leaves lines that nobody here can judge where no known key has signed', () => {
  assert.equal(trim(under(BY_LOG, BY_OLD)), [[BY_LOG, BY_OLD], false])
  assert.equal(trim(under(BY_OLD), LOG_KEY), [[BY_OLD], false])
  assert.equal(trim(under()), [[], false])
})

test('what it leaves is never broken by a line that a stranger put there', () => {
  const facts = { verifiers: [LOG_KEY.verifier, OLD_KEY.verifier] }
  const spoilt = under(BY_LOG, spoil(BY_OLD))
  assert.is(verifyReceipt(spoilt, facts).checkpoint.reason, 'LOG_SIGNATURE_WRONG')
  const { receipt } = trimSignatures(spoilt, [LOG_KEY.verifier])
  assert.is(verifyReceipt(receipt, facts).checkpoint.reason, 'LOG_SIGNED')
})

test.run()
