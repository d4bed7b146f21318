import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { encodeEvidence, parseEvidence, parseReceiptText, receiptToJson } from '../src/index.ts'
import { hasTooManyBrackets } from '../src/json-form.ts'
import { makeEvidence } from './evidence-bundle.ts'
import { receiptOf } from './receipt-samples.ts'

const test = suite('proofs/json-form')

const MOST = 2 ** 18
const { evidence } = await makeEvidence()
const RECEIPT = receiptOf(3)
const TEXT = JSON.stringify(receiptToJson(RECEIPT))

test('reads a receipt as JSON in the form it is written in, and a line feed behind', () => {
  for (const receipt of [RECEIPT, receiptOf(0, { salt: null, anchor: null })]) {
    const text = JSON.stringify(receiptToJson(receipt))
    assert.equal(parseReceiptText(text), receipt)
    assert.equal(parseReceiptText(`${text}\n`), receipt)
  }
})

test('refuses a receipt as JSON with white space anywhere between its signs', () => {
  for (const [at, sign] of [...TEXT].entries()) {
    if (!'{}[],:'.includes(sign)) continue
    const code = codeOf(() => parseReceiptText(`${TEXT.slice(0, at)} ${TEXT.slice(at)}`))
    assert.is(code, 'RECEIPT_MALFORMED', `at ${at}`)
  }
})

test('counts lists and objects up to its limit, and none in texts', () => {
  for (const [text, isTooMany] of [
    ['[{'.repeat(MOST / 2), false],
    [`${'[{'.repeat(MOST / 2)}[`, true],
    ['{}'.repeat(MOST), false],
    ['[]'.repeat(MOST + 1), true],
    [`"${'['.repeat(MOST + 1)}"`, false],
    [`"\\"${'['.repeat(MOST + 1)}`, false],
    [`"\\\\"${'['.repeat(MOST + 1)}`, true],
    [`"\\`, false],
    ['', false],
  ] as const)
    assert.is(hasTooManyBrackets(text), isTooMany, text.slice(0, 8))
})

test('refuses a bundle and a receipt of millions of lists before they are parsed', () => {
  const lists = `,"x":[${'[],'.repeat(MOST)}0]}`
  const bundle = encodeEvidence(evidence)
  const { parse } = JSON
  let parsed = 0
  JSON.parse = (...args) => {
    parsed++
    return parse(...args)
  }
  try {
    const codes = [
      codeOf(() => parseEvidence(`${bundle.slice(0, -1)}${lists}`)),
      codeOf(() => parseReceiptText(`${TEXT.slice(0, -1)}${lists}`)),
    ]
    assert.equal(codes, ['BUNDLE_MALFORMED', 'RECEIPT_MALFORMED'])
  } finally {
    JSON.parse = parse
  }
  assert.is(parsed, 0)
})

test.run()
