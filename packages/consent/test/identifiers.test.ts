import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Address, Bytes32 } from '../src/index.ts'
import {
  bytesOf,
  datasetIdOf,
  hexOf,
  NATIVE_COIN,
  parseAddress,
  parseBytes32,
  parseDatasetId,
  parseRequestId,
} from '../src/index.ts'
import { datasetIdByHand } from './by-hand.ts'
import { DEPLOYMENT, failureOf, id32, loadVectors, REQUEST } from './samples.ts'

const test = suite('consent/identifiers')
const seed = Date.now() & 0x7fffffff

test('writes an address in its checksummed form however its digits came', () => {
  // From EIP-55.
  const checksummed = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
  assert.is(parseAddress(checksummed.toLowerCase()), checksummed)
  assert.is(parseAddress(checksummed), checksummed)
  assert.is(parseAddress(`0x${checksummed.slice(2).toUpperCase()}`), checksummed)
})

test('refuses an address with a wrong checksum, length or type, and names the field', () => {
  const bad: readonly unknown[] = [
    '0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA',
    '0x',
    '',
    null,
    undefined,
    7,
    { toString: () => NATIVE_COIN },
  ]
  for (const value of bad)
    assert.equal(
      failureOf(() => parseAddress(value, 'patient')),
      { code: 'BAD_IDENTIFIER', field: 'patient' },
    )
})

test('writes 32-byte identifiers in lower case', () => {
  const upper = `0x${'AB'.repeat(32)}`
  for (const parse of [parseBytes32, parseDatasetId, parseRequestId])
    assert.is(parse(upper), upper.toLowerCase())
})

test('refuses 31 and 33 bytes, a missing 0x, and what is no text', () => {
  const bad: readonly unknown[] = [
    `0x${'ab'.repeat(31)}`,
    `0x${'ab'.repeat(33)}`,
    'ab'.repeat(32),
    `0x${'ag'.repeat(32)}`,
    new Uint8Array(32),
    1n,
  ]
  for (const parse of [parseBytes32, parseDatasetId, parseRequestId])
    for (const value of bad) assert.is(failureOf(() => parse(value)).code, 'BAD_IDENTIFIER')
})

test('makes the data set ids of the vectors from commitment and owner', () => {
  const { valid } = loadVectors<{
    readonly valid: readonly {
      readonly commitment: Bytes32
      readonly patient: Address
      readonly id: string
    }[]
  }>('dataset')
  assert.ok(valid.length > 0)
  for (const { commitment, patient, id } of valid) {
    assert.is(datasetIdOf(commitment, patient), id)
    assert.is(datasetIdOf(bytesOf(commitment), patient), id)
    assert.is(datasetIdByHand(commitment, patient), id)
  }
})

test('gives one commitment under two owners two ids, so that none can be taken away', () => {
  const commitment = id32<Bytes32>('c')
  assert.is.not(datasetIdOf(commitment, REQUEST.patient), datasetIdOf(commitment, DEPLOYMENT.token))
})

test(`turns any bytes to hex and back (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      assert.is(hexOf(bytes), `0x${Buffer.from(bytes).toString('hex')}`)
      assert.equal(bytesOf(hexOf(bytes)), bytes)
    }),
    { seed },
  )
})

test.run()
