import { encodeEvidence, encodeReceipt, exportChainpointV4, receiptToJson } from '@halo/proofs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeEvidence } from '../../../packages/proofs/test/evidence-bundle.ts'
import { codeOf } from '../../../test/claims/code-of.ts'
import { MAX_PROOF_BYTES, readProofFile } from '../src/index.ts'

const test = suite('verifier/proof-file')

const { evidence } = await makeEvidence()
const { inclusion } = evidence
if (inclusion === undefined) throw new Error('the sample has no receipt')
const bundle = encodeEvidence(evidence)
const receiptText = JSON.stringify(receiptToJson(inclusion))

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** The message with which a file is refused. */
function refusalOf(bytes: Uint8Array): string {
  try {
    readProofFile(bytes)
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('it was read')
}

test('reads a bundle and both forms of a receipt, told apart by what is in them', () => {
  assert.equal(readProofFile(bytesOf(bundle)), { kind: 'bundle', evidence })
  assert.equal(readProofFile(bytesOf(`${bundle}\n`)), { kind: 'bundle', evidence })
  assert.equal(readProofFile(encodeReceipt(inclusion)), { kind: 'receipt', receipt: inclusion })
  for (const end of ['', '\n'])
    assert.equal(readProofFile(bytesOf(`${receiptText}${end}`)), { kind: 'receipt', receipt: inclusion })
})

const JUNK: readonly (readonly [name: string, content: Uint8Array, code: string, says: RegExp])[] = [
  ['nothing', new Uint8Array(), 'PROOF_EMPTY', /empty/],
  ['too much', new Uint8Array(MAX_PROOF_BYTES + 1), 'PROOF_TOO_LARGE', /8 MiB/],
  ['a web page', bytesOf('\n<!doctype html><p>Sign in'), 'PROOF_UNKNOWN', /web page/],
  ['a web page with a byte order mark', bytesOf('\ufeff<html>'), 'PROOF_UNKNOWN', /web page/],
  ['an archive', bytesOf('PK\u0003\u0004'), 'PROOF_UNKNOWN', /archive/],
  ['a PDF', bytesOf('%PDF-1.7'), 'PROOF_UNKNOWN', /PDF/],
  ['prose', bytesOf('Dear Sir or Madam'), 'PROOF_UNKNOWN', /no proof of Halo/],
  ['bytes of no meaning', Uint8Array.from({ length: 99 }, (_, at) => at * 37), 'PROOF_UNKNOWN', /no proof/],
  ['a number', bytesOf('17'), 'PROOF_UNKNOWN', /no proof/],
  ['null in a list', bytesOf('[null]'), 'PROOF_UNKNOWN', /no proof/],
  ['JSON of others', bytesOf('{"resourceType":"Bundle"}'), 'PROOF_UNKNOWN', /no proof/],
  [
    'a record',
    bytesOf('{"id":"a","resourceType":"Patient"}\n{"id":"b","resourceType":"Observation"}\n'),
    'PROOF_UNKNOWN',
    /a record, such as delivered\.ndjson/,
  ],
  [
    'a record with a byte order mark',
    bytesOf('\ufeff{"resourceType":"Patient"}\n{"resourceType":"Observation"}\n'),
    'PROOF_UNKNOWN',
    /a record/,
  ],
  ['a record of one line', bytesOf('{"resourceType":"Observation"}\n'), 'PROOF_UNKNOWN', /a record/],
  [
    'keys of operators',
    bytesOf('# keys\n\nhalo/eip155:1/0x1/0x2+1234abcd+A\n'),
    'PROOF_UNKNOWN',
    /keys of operators/,
  ],
  [
    'a network file',
    bytesOf(JSON.stringify({ registry: '0x', ...evidence.deployment })),
    'PROOF_UNKNOWN',
    /a network file/,
  ],
  ['a delivery’s manifest', bytesOf('{"requestId":"0x"}'), 'PROOF_UNKNOWN', /manifest\.json/],
  [
    'a Chainpoint proof',
    bytesOf(JSON.stringify(exportChainpointV4(inclusion))),
    'PROOF_UNKNOWN',
    /Chainpoint/,
  ],
  ['JSON that is none', bytesOf('{"a":}'), 'PROOF_UNKNOWN', /not JSON/],
  ['JSON that is not UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d), 'PROOF_UNKNOWN', /not JSON/],
  ['a bundle cut short', bytesOf(bundle.slice(0, 700)), 'PROOF_TRUNCATED', /ends in the middle/],
  ['a receipt cut short', encodeReceipt(inclusion).slice(0, 200), 'PROOF_TRUNCATED', /ends in the middle/],
  [
    'a receipt with a byte more',
    Uint8Array.of(...encodeReceipt(inclusion), 0),
    'RECEIPT_MALFORMED',
    /encoding/,
  ],
  [
    'a list without an end, which no receipt is',
    Uint8Array.of(0x8b, 0x9f, ...encodeReceipt(inclusion).slice(2)),
    'RECEIPT_MALFORMED',
    /encoding/,
  ],
  [
    'a bundle laid out anew',
    bytesOf(JSON.stringify(JSON.parse(bundle), null, 2)),
    'BUNDLE_MALFORMED',
    /re-saved or reformatted/,
  ],
  ['a bundle with a byte order mark', bytesOf(`\ufeff${bundle}`), 'BUNDLE_MALFORMED', /re-saved/],
  ['a bundle with a line end of Windows', bytesOf(`${bundle}\r\n`), 'BUNDLE_MALFORMED', /re-saved/],
  [
    'a bundle of a later version',
    bytesOf(bundle.replace('"version":1}', '"version":2}')),
    'BUNDLE_MALFORMED',
    /version/,
  ],
]

for (const [name, content, code, says] of JUNK) {
  test(`refuses ${name} as ${code}`, () => {
    assert.is(
      codeOf(() => readProofFile(content)),
      code,
    )
    assert.match(refusalOf(content), says)
  })
}

/** Ways to write a readable receipt that a parser takes for the same, or for what stands there last. */
const OTHER_FORMS: Readonly<Record<string, string>> = {
  'laid out for people': JSON.stringify(JSON.parse(receiptText), null, 2),
  'with white space before': ` ${receiptText}`,
  'with a byte order mark': `\ufeff${receiptText}`,
  'with two line feeds': `${receiptText}\n\n`,
  'with a line end of Windows': `${receiptText}\r\n`,
  'with two commitments': receiptText.replace(
    '"commitment":',
    `"commitment":"0x${'ab'.repeat(32)}","commitment":`,
  ),
  'with two types': receiptText.replace('{"type"', '{"type":"x","type"'),
  'with a number in another form': receiptText.replace(/"size":(\d+)/, '"size":$1.0e0'),
  'with an escaped key': receiptText.replace('"root"', '"\\u0072oot"'),
  'with its keys in another order': JSON.stringify(
    Object.fromEntries(Object.entries(JSON.parse(receiptText)).reverse()),
  ),
}

for (const [name, text] of Object.entries(OTHER_FORMS)) {
  test(`refuses a receipt as JSON ${name}: it has one form`, () => {
    assert.is.not(text, receiptText)
    assert.is(
      codeOf(() => readProofFile(bytesOf(text))),
      'RECEIPT_MALFORMED',
    )
    assert.match(refusalOf(bytesOf(text)), /re-saved or reformatted.*Get the file as it was made/)
  })
}

/** What is thrown for a text, and how often a parser was run for it. */
function refuseCounting(text: string): readonly [code: string, parsed: number] {
  const parse = JSON.parse
  let parsed = 0
  JSON.parse = (...args) => {
    parsed++
    return parse(...args)
  }
  try {
    return [codeOf(() => readProofFile(bytesOf(text))), parsed]
  } finally {
    JSON.parse = parse
  }
}

/** One more than is read. */
const MANY = 2 ** 18 + 1

test('parses no file of more lists and objects than any proof has, deep or not', () => {
  const deep = '['.repeat(MANY) + ']'.repeat(MANY)
  const wide = `[${'{},'.repeat(MANY)}0]`
  for (const text of [
    deep,
    wide,
    '{"a":'.repeat(MANY),
    `{"\\"":${wide}}`,
    ...[deep, wide].flatMap((x) => [
      `{"resourceType":${x}}\n{}`,
      `${bundle.slice(0, -1)},"x":${x}}`,
      `${receiptText.slice(0, -1)},"x":${x}}`,
    ]),
  ])
    assert.equal(refuseCounting(text), ['PROOF_UNKNOWN', 0], text.slice(0, 20))
})

test('takes brackets in texts for no lists, and says of a long record what it is', () => {
  const padded = `${receiptText.slice(0, -1)},"x":"\\"${'[{'.repeat(MANY)}"}`
  assert.is(
    codeOf(() => readProofFile(bytesOf(padded))),
    'RECEIPT_MALFORMED',
  )
  assert.match(refusalOf(bytesOf('{"resourceType":"Observation","a":[]}\n'.repeat(MANY))), /a record/)
})

test('says of a receipt that ends anywhere in the middle that it does, and of no whole one', () => {
  for (const receipt of [inclusion, { ...inclusion, salt: null, anchor: null, signatures: [] }]) {
    const whole = encodeReceipt(receipt)
    for (let length = 1; length < whole.length; length++)
      assert.is(
        codeOf(() => readProofFile(whole.subarray(0, length))),
        'PROOF_TRUNCATED',
        `${length} of ${whole.length} bytes`,
      )
    const { buffer } = Uint8Array.of(0, 0, ...whole, 0)
    assert.equal(readProofFile(new Uint8Array(buffer, 2, whole.length)), { kind: 'receipt', receipt })
  }
})

test('is not fooled by a prefix: every bundle cut anywhere is refused', () => {
  for (let length = 1; length < bundle.length; length += 97)
    assert.ok(
      codeOf(() => readProofFile(bytesOf(bundle.slice(0, length)))),
      `${length} characters`,
    )
})

test.run()
