import type { EvidenceFacts } from '@halo/proofs'
import { createNoteVerifier, formatLogOrigin, formatVerifierKey } from '@halo/proofs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CONTENT, makeEvidence } from '../../../packages/proofs/test/evidence-bundle.ts'
import { codeOf } from '../../../test/claims/code-of.ts'
import type { ProofFile } from '../src/index.ts'
import { checkProof, describePart, hashRecordFile, parseKnown } from '../src/index.ts'

const test = suite('verifier/check')

const { evidence, facts } = await makeEvidence()
const receipt = evidence.inclusion
const operator = facts.operators?.[0]
if (receipt === undefined || operator?.logKey === undefined) throw new Error('the sample lacks a part')
const bundle: ProofFile = { kind: 'bundle', evidence }
const bare: ProofFile = { kind: 'receipt', receipt }
const vkey = formatVerifierKey(createNoteVerifier(formatLogOrigin(receipt.log), operator.logKey))
const signedOnly: EvidenceFacts = { operators: [operator] }

test('a bundle is verified as a whole when it is known for whom it is and every part holds', () => {
  const checked = checkProof(bundle, facts)
  assert.is(checked.verdict, 'verified')
  assert.match(checked.because, /^Every part holds, and all belong together\.$/)
  assert.equal(
    checked.parts.map(({ verdict }) => verdict),
    ['verified', 'verified', 'verified', 'verified', 'verified', 'verified'],
  )
})

test('what nobody known vouches for is not enough, however much of it is signed', () => {
  const checked = checkProof(bundle)
  assert.equal([checked.verdict, checked.parts[0]?.verdict], ['missing', 'verified'])
  assert.is(checkProof(bare).verdict, 'missing')
  assert.is(checkProof(bare).parts[0]?.verdict, 'verified')
})

test('one broken part makes all of it broken', () => {
  const deletion = evidence.deletion?.map((item) => ({ ...item, shardsDeleted: 9 }))
  const forged: ProofFile = { kind: 'bundle', evidence: { ...evidence, deletion: deletion ?? [] } }
  assert.is(checkProof(forged, facts).verdict, 'broken')
  assert.is(checkProof(bundle, { ...facts, recordCommitment: `0x${'0'.repeat(64)}` }).verdict, 'broken')
})

test('says for which chain and contract a bundle is as long as nobody said which are meant', () => {
  const { deployment, ...rest } = facts
  assert.match(checkProof(bundle, rest).because, evidence.deployment.anchor)
  assert.not.match(checkProof(bundle, facts).because, evidence.deployment.anchor)
  const other = { ...evidence.deployment, anchor: evidence.deployment.consent }
  assert.is(checkProof(bundle, { ...facts, deployment: other }).verdict, 'broken')
})

test('a receipt is verified by the key of its log, or by the chain, and by neither for another root', () => {
  assert.is(checkProof(bare, signedOnly).verdict, 'verified')
  const [anchored] = facts.anchors ?? []
  if (anchored === undefined) throw new Error('the sample has no anchor')
  assert.is(checkProof(bare, { anchors: [anchored] }).verdict, 'verified')
  assert.is(checkProof(bare, { anchors: [{ ...anchored, size: 8 }] }).verdict, 'broken')
  assert.is(checkProof(bare, { anchors: [{ ...anchored, root: new Uint8Array(32) }] }).verdict, 'broken')
  const stranger = { address: operator.address, logKey: new Uint8Array(32).fill(1) }
  assert.is(checkProof(bare, { operators: [stranger] }).verdict, 'missing')
})

test('takes keys of operators and a block hash as people write them', () => {
  const blockHash = ` ${facts.blockHash?.toUpperCase().replace('0X', '0x')} `
  const known = parseKnown({ operatorKeys: `# of my Halo\r\n\n  ${vkey}\n`, blockHash }, bundle)
  assert.equal(known, { operators: [operator], blockHash: facts.blockHash, deployment: evidence.deployment })
  assert.equal(parseKnown({ operatorKeys: '\n', blockHash: ' ' }, bundle), {})
  assert.is(checkProof(bare, parseKnown({ operatorKeys: vkey }, bare)).verdict, 'verified')
})

test('keys of another contract show that a bundle is of another Halo', () => {
  const log = { ...receipt.log, contract: `0x${'1'.repeat(40)}` }
  const key = formatVerifierKey(createNoteVerifier(formatLogOrigin(log), new Uint8Array(32).fill(7)))
  const { verdict, parts } = checkProof(bundle, parseKnown({ operatorKeys: key }, bundle))
  assert.equal([verdict, parts[1]?.reason], ['broken', 'OTHER_HALO'])
  assert.is(
    codeOf(() => parseKnown({ operatorKeys: `${vkey}\n${key}` }, bundle)),
    'KNOWN_INVALID',
  )
})

test('refuses keys and hashes that are not whole', () => {
  const wrong = [
    { operatorKeys: vkey.slice(0, -4) },
    { operatorKeys: vkey.replace('halo/', 'hola/') },
    { operatorKeys: 'example.org+12345678+AAAA' },
    { operatorKeys: Array.from({ length: 256 }, () => vkey).join('\n') },
    { blockHash: '0x12' },
    { blockHash: 'latest' },
  ]
  for (const texts of wrong)
    assert.is(
      codeOf(() => parseKnown(texts, bundle)),
      'KNOWN_INVALID',
      JSON.stringify(texts).slice(0, 60),
    )
})

test('hashes a record in pieces of any size to the commitment that its owner signed', async () => {
  const { opening, recordCommitment } = evidence.record ?? {}
  if (opening === undefined) throw new Error('the sample has no opening')
  for (const size of [1, 7, CONTENT.length]) {
    const pieces = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < CONTENT.length; at += size) yield CONTENT.subarray(at, at + size)
    }
    assert.is(await hashRecordFile(pieces(), opening), recordCommitment)
  }
})

test('describes every part that is there, and never shows a salt', () => {
  const texts = checkProof(bundle, facts).parts.map(({ part }) => describePart(bundle, part))
  assert.ok(texts.every((details) => details.length > 0))
  const shown = [...texts, ...checkProof(bare).parts.map(({ part }) => describePart(bare, part))]
    .flat(2)
    .join()
  assert.match(shown, 'I allow researcher')
  assert.not.match(shown, Buffer.from(receipt.salt ?? []).toString('hex'))
  assert.not.match(shown, evidence.record?.opening?.salt.slice(2) ?? '')
})

test.run()
