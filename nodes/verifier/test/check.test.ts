import type { EvidenceFacts } from '@halo/proofs'
import { checksumAddress, createNoteVerifier, formatLogOrigin, formatVerifierKey } from '@halo/proofs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CONTENT, makeEvidence } from '../../../packages/proofs/test/evidence-bundle.ts'
import { codeOf } from '../../../test/claims/code-of.ts'
import type { PartDetail, ProofFile } from '../src/index.ts'
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
const network = JSON.stringify({ registry: '0x', ...evidence.deployment })

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

test('says what keeps an entry from counting, rather than that nobody vouches where somebody does', () => {
  const { record: _, ...unowned } = evidence
  const { inclusion: __, anchor: ___, ...unlogged } = evidence
  const because = (kept: typeof evidence): string =>
    checkProof({ kind: 'bundle', evidence: kept }, facts).because
  assert.match(because(unowned), /not enough\. The entry is in a log, but without the record/)
  assert.match(because(unlogged), /not enough\. This file does not show that the record was entered/)
  assert.match(
    because({ ...evidence, inclusion: { ...receipt, salt: null } }),
    /not enough\. The salt was deleted/,
  )
  assert.match(checkProof(bundle).because, /not enough\. No known operator and no chain/)
})

test('one broken part makes all of it broken', () => {
  const deletion = evidence.deletion?.map((item) => ({ ...item, shardsDeleted: 9 }))
  const forged: ProofFile = { kind: 'bundle', evidence: { ...evidence, deletion: deletion ?? [] } }
  assert.is(checkProof(forged, facts).verdict, 'broken')
  assert.match(checkProof(forged, facts).because, /^Something in this file is wrong/)
})

test('blames a record that does not match on the comparison, unless more is wrong', () => {
  const beside = { ...facts, recordCommitment: `0x${'0'.repeat(64)}` } as const
  const { verdict, because } = checkProof(bundle, beside)
  assert.is(verdict, 'broken')
  assert.match(because, /^The record that you compared is not the one of this proof/)
  const forged: ProofFile = { kind: 'bundle', evidence: { ...evidence, deletion: [] } }
  assert.match(checkProof(forged, beside).because, /^The record that you compared/)
  const { blockHash: _, ...others } = beside
  assert.match(
    checkProof(bundle, { ...others, blockHash: `0x${'1'.repeat(64)}` }).because,
    /^Something in this file is wrong/,
  )
})

test('says for which chain and contract a bundle is as long as nobody said which are meant', () => {
  const { deployment, ...rest } = facts
  assert.match(checkProof(bundle, rest).because, evidence.deployment.anchor)
  assert.not.match(checkProof(bundle, facts).because, evidence.deployment.anchor)
  assert.match(checkProof(bundle).because, evidence.deployment.anchor, 'not only when it is enough')
  const empty = { kind: 'bundle', evidence: { deployment: evidence.deployment } } as const
  assert.not.match(checkProof(empty).because, evidence.deployment.anchor, 'nothing holds in it for anybody')
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
  assert.equal(known, { operators: [operator], blockHash: facts.blockHash })
  assert.equal(parseKnown({ operatorKeys: '\n', blockHash: ' ' }, bundle), {})
  assert.is(checkProof(bare, parseKnown({ operatorKeys: vkey }, bare)).verdict, 'verified')
})

test('takes as many keys as a Halo has ever had', () => {
  const keys = Array.from({ length: 400 }, (_, at) =>
    formatVerifierKey(
      createNoteVerifier(formatLogOrigin(receipt.log), new Uint8Array(32).fill(1).fill(at, 0, 2)),
    ),
  )
  const facts = parseKnown({ operatorKeys: [...keys, vkey].join('\n') }, bare)
  assert.is(facts.operators?.length, 401)
  assert.is(checkProof(bare, facts).verdict, 'verified')
})

test('takes the contracts that are meant from a network file, and never from the proof itself', () => {
  const { access, deletion, ...rest } = evidence
  const logged: ProofFile = { kind: 'bundle', evidence: rest }
  const vouched = checkProof(logged, parseKnown({ operatorKeys: vkey }, logged))
  assert.equal([vouched.verdict, vouched.parts[1]?.reason], ['verified', 'LOGGED_AND_SIGNED'])
  assert.match(vouched.because, evidence.deployment.anchor)
  assert.equal(parseKnown({ network, operatorKeys: vkey }, bundle), {
    operators: [operator],
    deployment: evidence.deployment,
  })
  const lower = network.toLowerCase().replace('chainid":31337', 'chainId":"31337"')
  assert.equal(parseKnown({ network: lower }, bundle).deployment, evidence.deployment)
  const known = parseKnown({ network, blockHash: facts.blockHash ?? '' }, bundle)
  assert.is(checkProof(bundle, known).verdict, 'verified')
  const hashOnly = checkProof(bundle, parseKnown({ blockHash: facts.blockHash ?? '' }, bundle))
  assert.equal([hashOnly.verdict, hashOnly.parts[2]?.reason], ['missing', 'HALO_UNKNOWN'])
})

test('a receipt is of no other Halo than the one that is meant, though its operator be in both with one key', () => {
  const { consent } = evidence.deployment
  const other = parseKnown({ network: JSON.stringify({ ...evidence.deployment, anchor: consent }) }, bare)
  const checked = checkProof(bare, { ...other, operators: [operator] })
  assert.is(checked.verdict, 'broken')
  assert.ok(checked.parts.every(({ reason }) => reason === 'OTHER_HALO'))
  assert.match(checked.because, /^This proof is for another Halo than the one you named/)
  const log = { ...receipt.log, contract: consent.toLowerCase() }
  const key = formatVerifierKey(createNoteVerifier(formatLogOrigin(log), operator.logKey as Uint8Array))
  assert.is(checkProof(bare, parseKnown({ operatorKeys: key }, bare)).verdict, 'missing')
})

test('keys of another contract show that a bundle is of another Halo', () => {
  const log = { ...receipt.log, contract: `0x${'1'.repeat(40)}` }
  const key = formatVerifierKey(createNoteVerifier(formatLogOrigin(log), new Uint8Array(32).fill(7)))
  const { verdict, because, parts } = checkProof(bundle, parseKnown({ operatorKeys: key }, bundle))
  assert.equal([verdict, parts[1]?.reason], ['broken', 'OTHER_HALO'])
  assert.match(because, /^This proof is for another Halo than the one you named/)
  assert.is(
    codeOf(() => parseKnown({ operatorKeys: `${vkey}\n${key}` }, bundle)),
    'KNOWN_INVALID',
  )
})

/** The same address with one letter in the other case, as a typing error. */
function swapCase(text: string, address: string): string {
  const at = address.search(/[A-F]/)
  return text.replace(
    address,
    address.slice(0, at) + address.charAt(at).toLowerCase() + address.slice(at + 1),
  )
}

test('refuses keys, contracts and hashes that are not whole, or of several Halos', () => {
  const wrong = [
    { operatorKeys: vkey.slice(0, -4) },
    { operatorKeys: vkey.replace('halo/', 'hola/') },
    { operatorKeys: 'example.org+12345678+AAAA' },
    { network, operatorKeys: vkey.replace('eip155:31337', 'eip155:1') },
    { network: '{' },
    { network: '[]' },
    { network: 'null' },
    { network: network.slice(0, -2) },
    { network: network.replace('31337', '0') },
    { network: network.replace('31337', '"1e3"') },
    { network: network.replace('escrow', 'escro') },
    { network: swapCase(network, evidence.deployment.anchor) },
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

/** What people see of each part. */
function describeAll(file: ProofFile, known: EvidenceFacts = {}): readonly (readonly PartDetail[])[] {
  const checked = checkProof(file, known)
  return checked.parts.map(({ part }) => describePart(file, part, checked))
}

test('shows apart which signatures under a log were checked, and says so of those that were not', () => {
  const [genuine = ''] = receipt.signatures
  const stranger = `— Federal-Court ${Buffer.alloc(68, 7).toString('base64')}`
  const [dash, name, base64 = ''] = genuine.split(' ')
  const bytes = Buffer.from(base64, 'base64')
  const wrong = `${dash} ${name} ${Buffer.concat([bytes.subarray(0, 4), bytes.subarray(4).reverse()]).toString('base64')}`
  const seen = (signatures: readonly string[], known: EvidenceFacts): Readonly<Record<string, string>> => {
    const inclusion = { ...receipt, signatures }
    const forms = [
      { kind: 'receipt', receipt: inclusion } as const,
      { kind: 'bundle', evidence: { ...evidence, inclusion } } as const,
    ]
    const [bareSeen, bundleSeen] = forms.map((file) =>
      Object.fromEntries(
        describeAll(file, known)
          .flat()
          .filter(([, value]) => signatures.some((line) => value.includes(line)))
          .map(([label, value]) => [label.split(/ |:/)[0], value]),
      ),
    )
    assert.equal(bareSeen, bundleSeen)
    return bareSeen ?? {}
  }
  assert.equal(seen([genuine, stranger], facts), { Signed: genuine, Not: stranger })
  assert.equal(seen([stranger, genuine, wrong], facts), { Signed: genuine, Wrong: wrong, Not: stranger })
  assert.equal(seen([genuine, stranger], {}), { Not: `${genuine}\n${stranger}` })
  const inclusion = { ...receipt, signatures: [genuine, stranger, stranger] }
  const { verdict, parts, signatures } = checkProof(
    { kind: 'bundle', evidence: { ...evidence, inclusion } },
    facts,
  )
  assert.is(verdict, 'verified')
  assert.match(
    parts[1]?.because ?? '',
    /One signature under size and root is by a key that is not known here, and was not checked\.$/,
  )
  assert.equal(signatures, [
    { line: genuine, standing: 'verified' },
    { line: stranger, standing: 'unknown' },
  ])
  const { deployment } = evidence
  const elsewhere = { ...facts, deployment: { ...deployment, anchor: deployment.consent } }
  assert.equal(
    checkProof(bare, elsewhere).signatures.map(({ standing }) => standing),
    ['unknown'],
    'a key vouches for nothing in another Halo',
  )
})

test('writes the addresses of operators and contracts in one form', () => {
  const { log } = receipt
  const shown = [...describeAll(bundle, facts), ...describeAll(bare, facts)].flat()
  // The log's name is written as its signatures were made for it.
  const others = shown.filter(([label, value]) => label !== 'Log' && !value.startsWith('—')).join()
  for (const address of [log.contract, log.operator]) {
    assert.is.not(checksumAddress(address), address)
    assert.not.match(others, address)
  }
  assert.match(others, `contract ${checksumAddress(log.contract)}`)
})

test('describes every part that is there, and never shows a salt', () => {
  const texts = describeAll(bundle, facts)
  assert.ok(texts.every((details) => details.length > 0))
  const shown = [...texts, ...describeAll(bare)].flat(2).join()
  assert.match(shown, 'I allow researcher')
  assert.match(shown, `Receiver: the researcher who asked,${evidence.consent?.request.researcher}`)
  assert.match(shown, 'Time of the answer,not known')
  assert.not.match(shown, Buffer.from(receipt.salt ?? []).toString('hex'))
  assert.not.match(shown, evidence.record?.opening?.salt.slice(2) ?? '')
})

test.run()
