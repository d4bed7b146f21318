import { readFileSync } from 'node:fs'
import { encode } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import type { Receipt, ReceiptJson } from '../src/index.ts'
import {
  checkpointNote,
  decodeReceipt,
  encodeReceipt,
  formatLogOrigin,
  MAX_RECEIPT_BYTES,
  ProofsError,
  parseReceiptJson,
  receiptToJson,
} from '../src/index.ts'
import { bytes32Of, LOG, receiptOf, signatureLine } from './receipt-samples.ts'

const test = suite('proofs/receipt')

interface Vectors {
  readonly valid: readonly { readonly name: string; readonly cbor: string; readonly json: ReceiptJson }[]
  readonly invalidCbor: readonly { readonly name: string; readonly cbor: string; readonly field: string }[]
  readonly invalidJson: readonly { readonly name: string; readonly json: unknown; readonly field: string }[]
}
const vectors = JSON.parse(
  readFileSync(new URL('../../../test/vectors/proofs/receipt.json', import.meta.url), 'utf8'),
) as Vectors

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
const whole = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const address = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((b) => `0x${Buffer.from(b).toString('hex')}`)
const anyReceipt: fc.Arbitrary<Receipt> = fc
  .record({
    commitment: bytes32,
    salt: fc.option(bytes32),
    size: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    path: fc.array(bytes32, { maxLength: 53 }),
    root: bytes32,
    log: fc.record({
      chainId: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      contract: address,
      operator: address,
    }),
    extension: fc.array(fc.constantFrom('time 1', 'äö', '— no signature'), { maxLength: 16 }),
    signatures: fc.array(
      fc.constantFrom('a', 'b', 'c').map((name) => signatureLine(name, name)),
      { maxLength: 64 },
    ),
    anchor: fc.option(fc.record({ txHash: fc.option(bytes32), block: whole, atSec: whole })),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  })
  .map(({ at, ...receipt }) => ({ ...receipt, index: Math.floor(at * receipt.size) }))

function fieldOf(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    if (error instanceof ProofsError && error.code === 'RECEIPT_MALFORMED') return error.details['field']
    throw error
  }
  return 'none'
}

test('keeps the bytes of the golden receipts, in both forms', () => {
  assert.ok(vectors.valid.length >= 5)
  for (const { name, cbor, json } of vectors.valid) {
    const receipt = decodeReceipt(Buffer.from(cbor, 'hex'))
    assert.equal(receiptToJson(receipt), json, name)
    assert.is(Buffer.from(encodeReceipt(parseReceiptJson(json))).toString('hex'), cbor, name)
  }
})

test('refuses the invalid receipts, naming the field', () => {
  assert.ok(vectors.invalidCbor.length >= 20)
  for (const { name, cbor, field } of vectors.invalidCbor)
    assert.is(
      fieldOf(() => decodeReceipt(Buffer.from(cbor, 'hex'))),
      field,
      name,
    )
  assert.ok(vectors.invalidJson.length >= 20)
  for (const { name, json, field } of vectors.invalidJson)
    assert.is(
      fieldOf(() => parseReceiptJson(json)),
      field,
      name,
    )
})

test('reads back every receipt exactly, from bytes and from JSON', async () => {
  await holds(
    fc.property(anyReceipt, (receipt) => {
      const bytes = encodeReceipt(receipt)
      const text = JSON.stringify(receiptToJson(receipt))
      assert.equal(encodeReceipt(decodeReceipt(bytes)), bytes)
      assert.equal(encodeReceipt(parseReceiptJson(JSON.parse(text))), bytes)
      assert.is(JSON.stringify(receiptToJson(decodeReceipt(bytes))), text)
    }),
  )
})

test('takes no byte string for a receipt but the one it writes', async () => {
  const bytes = encodeReceipt(receiptOf(5, { signatures: [signatureLine('a', 'a')], extension: ['one'] }))
  for (let length = 0; length < bytes.length; length++)
    assert.is(
      codeOf(() => decodeReceipt(bytes.subarray(0, length))),
      'RECEIPT_MALFORMED',
      `cut at ${length}`,
    )
  assert.is(
    codeOf(() => decodeReceipt(Uint8Array.of(...bytes, 0))),
    'RECEIPT_MALFORMED',
  )
  await holds(
    fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, turn) => {
      const turned = Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ turn : byte))
      const code = codeOf(() => assert.equal(encodeReceipt(decodeReceipt(turned)), turned))
      assert.ok(code === 'none' || code === 'RECEIPT_MALFORMED', code)
    }),
    1_000,
  )
})

test('never fails with anything but its own error on junk', async () => {
  await holds(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.anything(), (junk, value) => {
      assert.is(
        codeOf(() => decodeReceipt(junk)),
        'RECEIPT_MALFORMED',
      )
      assert.is(
        codeOf(() => parseReceiptJson(value)),
        'RECEIPT_MALFORMED',
      )
    }),
    500,
  )
  const deep = new Uint8Array(MAX_RECEIPT_BYTES).fill(0x81)
  assert.is(
    codeOf(() => decodeReceipt(deep)),
    'RECEIPT_MALFORMED',
  )
  assert.is(
    codeOf(() => decodeReceipt(new Uint8Array(MAX_RECEIPT_BYTES + 1))),
    'RECEIPT_MALFORMED',
  )
})

test('is at most 700 bytes without signatures for 10 000 records and more', () => {
  const sizeOf = (hashes: number): number =>
    encodeReceipt(receiptOf(hashes, { index: 2 ** hashes - 1 })).length
  assert.ok(sizeOf(14) <= 700, `${sizeOf(14)} bytes in a tree of 2^14`)
  assert.ok(sizeOf(24) <= 1_024, `${sizeOf(24)} bytes in a tree of 2^24`)
})

test('rebuilds the signed note byte for byte', () => {
  const origin = formatLogOrigin(LOG)
  const signatures = [signatureLine(origin, 'log'), signatureLine('witness.example', 'w')]
  const receipt = receiptOf(1, { extension: ['extra 1', 'extra 2'], signatures })
  const root = Buffer.from(bytes32Of('root')).toString('base64')
  assert.is(checkpointNote(receipt), `${origin}\n2\n${root}\nextra 1\nextra 2\n\n${signatures.join('\n')}\n`)
})

test('says in no message what a receipt holds', () => {
  const salt = bytes32Of('salt').subarray(1)
  try {
    encodeReceipt(receiptOf(2, { salt }))
    assert.unreachable()
  } catch (error) {
    assert.is(
      (error as ProofsError).message,
      "The receipt's salt is missing or out of range; get the receipt again.",
    )
  }
})

test('refuses a canonical encoding of another version or of more fields', () => {
  assert.is(
    fieldOf(() => decodeReceipt(encode([2]))),
    'encoding',
  )
  assert.is(
    fieldOf(() => decodeReceipt(encode({ version: 1 }))),
    'encoding',
  )
})

test.run()
