import { TrytesHelper } from '@iota/mam.js'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import { decodeBytes, encodeBytes, maxBytesIn } from '../src/byte-codec.ts'
import { drawTrytes, startDraw } from './stock-cases.ts'

const test = suite('mam/byte-codec')

const ALPHABET = '9ABCDEFGHIJKLMNOPQRSTUVWXYZ'

test('brings back any bytes, at any length', async () => {
  const property = fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
    assert.equal(decodeBytes(encodeBytes(bytes)), bytes)
  })
  await holds(property, 2000)
})

test('brings back the lowest and the highest value of each length, and the zeros before and behind', () => {
  for (let length = 0; length <= 60; length++) {
    for (const fill of [0x00, 0x01, 0x80, 0xff]) {
      const bytes = new Uint8Array(length).fill(fill)
      assert.equal(decodeBytes(encodeBytes(bytes)), bytes)
    }
  }
})

test('has one form for bytes: trytes are refused, or are what their bytes come to', async () => {
  const trytes = fc.array(fc.constantFrom(...ALPHABET), { maxLength: 100 })
  let refused = 0
  const property = fc.property(trytes, (characters) => {
    const text = characters.join('')
    if (codeOf(() => decodeBytes(text)) === 'TRYTES_INVALID') refused++
    else assert.is(encodeBytes(decodeBytes(text)), text)
  })
  await holds(property, 3000)
  assert.ok(refused > 0 && refused < 3000)
})

test('writes one block as the big number it is, in base 27', () => {
  const draw = startDraw(1)
  for (let length = 1; length <= 19; length++) {
    const bytes = Uint8Array.from({ length }, () => draw(256))
    assert.is(encodeBytes(bytes), inBase27(bytes))
  }
})

/** The same block by arithmetic on one big integer. */
function inBase27(bytes: Uint8Array): string {
  let rest = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let text = ''
  while (27 ** text.length < 256 ** bytes.length) {
    text = ALPHABET.charAt(Number(rest % 27n)) + text
    rest /= 27n
  }
  return text
}

test('refuses values just above what bytes come to', () => {
  for (let length = 1; length <= 19; length++) {
    const highest = encodeBytes(new Uint8Array(length).fill(0xff))
    assert.is(
      codeOf(() => decodeBytes(addOne(highest))),
      'TRYTES_INVALID',
      `${length} bytes`,
    )
    assert.is(
      codeOf(() => decodeBytes(`${'9'.repeat(32)}${addOne(highest)}`)),
      'TRYTES_INVALID',
    )
  }
})

/** The next number in base 27. */
function addOne(trytes: string): string {
  const end = trytes.replace(/Z+$/, '')
  const next = ALPHABET.charAt(ALPHABET.indexOf(end.charAt(end.length - 1)) + 1)
  return `${end.slice(0, -1)}${next}`.padEnd(trytes.length, '9')
}

test('refuses lengths that no bytes come to, and what is no trytes', () => {
  for (const length of [1, 3, 5, 8, 10, 13, 15, 18, 20, 23, 25, 28, 30, 33, 35]) {
    assert.is(
      codeOf(() => decodeBytes('9'.repeat(length))),
      'TRYTES_INVALID',
      `${length} trytes`,
    )
  }
  for (const text of ['ab', 'A8', 'A\u0000', 'É9', '\u{1f600}', null, 7, undefined]) {
    assert.is(
      codeOf(() => decodeBytes(text as string)),
      'TRYTES_INVALID',
    )
  }
})

test('says how many bytes fit, and no byte more does', () => {
  for (let length = 0; length < 300; length++) {
    const most = maxBytesIn(encodeBytes(new Uint8Array(length)).length)
    assert.is(most, length)
  }
})

test('takes 4.75 bits per tryte, and 44 trytes for 13 Cyrillic letters where the text helper takes 156', () => {
  assert.is(encodeBytes(new Uint8Array(19_000)).length, 32_000)
  const text = 'Ж'.repeat(13)
  assert.is(TrytesHelper.stringToTrytes(text).length, 156)
  assert.is(encodeBytes(new TextEncoder().encode(text)).length, 44)
})

/** What the text helper of `@iota/mam.js` makes of texts, against these bytes. */
const TEXTS: readonly (readonly [text: string, isKept: boolean])[] = [
  ['plain words', true],
  ['Größe, 5 µg, Жук, 血糖, \u{1f600}', true],
  ['a path: C:\\u0041dmin', false],
  ['ends in NUL\u0000', false],
  ['\u0000', false],
  ['', true],
  ['line\nand\ttab\r\n', true],
]

test('keeps texts that the text helper of @iota/mam.js corrupts', () => {
  for (const [text, isKept] of TEXTS) {
    const theirs = TrytesHelper.stringFromTrytes(TrytesHelper.stringToTrytes(text))
    assert.is(theirs === text, isKept, text)
    const ours = new TextDecoder().decode(decodeBytes(encodeBytes(new TextEncoder().encode(text))))
    assert.is(ours, text)
  }
})

test('encodes 16 KiB of any bytes', () => {
  const draw = startDraw(2)
  const bytes = Uint8Array.from({ length: 16_384 }, () => draw(256))
  assert.equal(decodeBytes(encodeBytes(bytes)), bytes)
  assert.is(encodeBytes(bytes).length, 27_595)
  assert.is(
    codeOf(() => decodeBytes(drawTrytes(draw, 27_594))),
    'TRYTES_INVALID',
  )
})

test.run()
