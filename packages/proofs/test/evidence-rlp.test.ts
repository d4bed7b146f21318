import { decodeRlp as decodeByEthers, encodeRlp, type RlpStructuredDataish } from 'ethers'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import type { RlpItem } from '../src/evidence-rlp.ts'
import { decodeRlp, readRlpNumber } from '../src/evidence-rlp.ts'

const test = suite('proofs/evidence-rlp')

type Plain = string | readonly Plain[]
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replace('0x', ''), 'hex'))
const plain = (item: RlpItem): Plain =>
  item instanceof Uint8Array ? `0x${Buffer.from(item).toString('hex')}` : item.map(plain)

const anyBytes = fc
  .oneof(
    fc.uint8Array({ maxLength: 4 }),
    fc.uint8Array({ minLength: 50, maxLength: 60 }),
    fc.uint8Array({ maxLength: 600 }),
  )
  .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}`)
const anyItem: fc.Arbitrary<Plain> = fc.oneof(
  anyBytes,
  fc.array(fc.oneof(anyBytes, fc.array(anyBytes, { maxLength: 4 })), { maxLength: 20 }),
)

test('reads what another library writes', async () => {
  await holds(
    fc.property(anyItem, (item) => {
      const decoded = decodeRlp(bytesOf(encodeRlp(item as RlpStructuredDataish)))
      assert.equal(decoded && plain(decoded), item)
    }),
    300,
  )
})

test('reads nothing that is not what would be written', async () => {
  await holds(
    fc.property(fc.uint8Array({ maxLength: 80 }), (junk) => {
      const decoded = decodeRlp(junk)
      if (decoded === null) return
      const hex = `0x${Buffer.from(junk).toString('hex')}`
      assert.is(encodeRlp(plain(decoded) as RlpStructuredDataish), hex)
      assert.equal(decodeByEthers(hex), plain(decoded))
    }),
    3_000,
  )
})

test('refuses forms that are not canonical, cut or too deep', () => {
  const forms = {
    nothing: '',
    'a byte in long form': '8105',
    'a short text with a length of its own': 'b801ff',
    'a length with a leading zero': `b90038${'ff'.repeat(56)}`,
    'a text that is cut': '83ffff',
    'a list that is cut': 'c3ffff',
    'a list whose item is longer': 'c283ffff',
    'something behind': 'c000',
    'a length of five bytes': `bc0000000001${'ff'.repeat(1)}`,
    'a length beyond the bytes': 'bbffffffff',
  }
  for (const [name, hex] of Object.entries(forms)) assert.is(decodeRlp(bytesOf(hex)), null, name)
  assert.ok(decodeRlp(bytesOf('c3c2c1c0')) !== null)
  assert.is(decodeRlp(bytesOf('c4c3c2c1c0')), null)
  assert.is(decodeRlp(new Uint8Array(4_096).fill(0xc1)), null)
})

test('reads numbers of up to 48 bits in their one form', () => {
  assert.is(readRlpNumber(new Uint8Array(0)), 0)
  assert.is(readRlpNumber(Uint8Array.of(1, 0)), 256)
  assert.is(readRlpNumber(new Uint8Array(6).fill(255)), 2 ** 48 - 1)
  for (const wrong of [undefined, [], Uint8Array.of(0), Uint8Array.of(0, 1), new Uint8Array(7).fill(1)])
    assert.is(readRlpNumber(wrong), null)
})

test.run()
