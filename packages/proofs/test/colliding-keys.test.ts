import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import {
  buildTree,
  type Checkpoint,
  createCosigner,
  createNoteSigner,
  createReceipt,
  hashLeaf,
  judgeSignatures,
  openCheckpoint,
  saltCommitment,
  signCheckpoint,
  trimSignatures,
  verifyReceipt,
} from '../src/index.ts'
import { LOG_PAIR, WITNESS_PAIR } from './colliding-keys.ts'
import { bytes32Of } from './receipt-samples.ts'

const test = suite('proofs/colliding-keys')

const [OLD, NEW] = LOG_PAIR.keys.map((key) => createNoteSigner(LOG_PAIR.name, key)) as [Signer, Signer]
const [ONE, TWO] = WITNESS_PAIR.keys.map((key) => createCosigner(WITNESS_PAIR.name, key)) as [
  Witness,
  Witness,
]
type Signer = ReturnType<typeof createNoteSigner>
type Witness = ReturnType<typeof createCosigner>

const ENTRY = { commitment: bytes32Of('commitment'), salt: bytes32Of('salt') }
const TREE = buildTree([hashLeaf(saltCommitment(ENTRY.commitment, ENTRY.salt))])
const CHECKPOINT: Checkpoint = { origin: LOG_PAIR.name, size: 1, root: TREE.root, extension: [] }
const receiptBy = (signer: Signer): ReturnType<typeof createReceipt> =>
  createReceipt(ENTRY, TREE.proveInclusion(0), signCheckpoint(CHECKPOINT, [signer]))

/** Both orders of the keys of a pair: neither is better for being known first. */
const bothOrders = <Key>(one: Key, other: Key): readonly (readonly Key[])[] => [
  [one, other],
  [other, one],
]

test('the pairs are what they are here for: other keys with one id', () => {
  for (const [a, b] of [
    [OLD.verifier, NEW.verifier],
    [ONE.verifier, TWO.verifier],
  ] as const) {
    assert.is(a.keyId, b.keyId)
    assert.is(a.name, b.name)
    assert.not.equal(a.publicKey, b.publicKey)
  }
})

test('a receipt by either of two keys of one id is signed, in whatever order they are known', () => {
  for (const signer of [OLD, NEW]) {
    const receipt = receiptBy(signer)
    for (const verifiers of bothOrders(OLD.verifier, NEW.verifier)) {
      assert.is(verifyReceipt(receipt, { verifiers }).checkpoint.reason, 'LOG_SIGNED')
      const [judged] = judgeSignatures(receipt, { verifiers })
      assert.is(judged?.standing, 'verified')
      assert.equal(trimSignatures(receipt, verifiers), { receipt, isSigned: true })
      const { log } = openCheckpoint(signCheckpoint(CHECKPOINT, [signer]), verifiers)
      assert.equal(log.publicKey, signer.verifier.publicKey)
    }
  }
})

test('a line that neither of them has made is wrong, also beside one that holds', () => {
  const other = signCheckpoint({ ...CHECKPOINT, size: 2 }, [OLD])
    .trimEnd()
    .split('\n')
    .at(-1) as string
  const receipt = receiptBy(NEW)
  const spoilt = { ...receipt, signatures: [...receipt.signatures, other] }
  for (const verifiers of bothOrders(OLD.verifier, NEW.verifier)) {
    assert.is(verifyReceipt(spoilt, { verifiers }).checkpoint.reason, 'LOG_SIGNATURE_WRONG')
    assert.equal(
      judgeSignatures(spoilt, { verifiers }).map(({ standing }) => standing),
      ['verified', 'wrong'],
    )
    assert.equal(trimSignatures(spoilt, verifiers).receipt, receipt)
  }
})

test('a key that is not known is not taken for its namesake', () => {
  const receipt = receiptBy(NEW)
  assert.is(verifyReceipt(receipt, { verifiers: [OLD.verifier] }).checkpoint.reason, 'LOG_SIGNATURE_WRONG')
})

test('cosignatures of two keys of one id both count, each for its own key', () => {
  const note = signCheckpoint(CHECKPOINT, [OLD])
  for (const cosigners of bothOrders(ONE.verifier, TWO.verifier)) {
    for (const [cosigner, timeSec] of [
      [ONE, 1_700_000_000],
      [TWO, 1_700_000_001],
    ] as const) {
      const opened = openCheckpoint(cosigner.cosign(note, timeSec), [OLD.verifier], cosigners)
      assert.equal(
        opened.cosigners.map((each) => [each.publicKey, each.timeSec]),
        [[cosigner.verifier.publicKey, timeSec]],
      )
    }
    const stranger = createCosigner(WITNESS_PAIR.name, bytes32Of('another')).cosign(note, 1_700_000_000)
    assert.is(openCheckpoint(stranger, [OLD.verifier], cosigners).unknown.length, 1)
    const spoilt = ONE.cosign(note, 1_700_000_000).replace(/.{8}\n$/, 'AAAAAA==\n')
    assert.is(
      codeOf(() => openCheckpoint(spoilt, [OLD.verifier], cosigners)),
      'SIGNATURE_INVALID',
    )
  }
})

test.run()
