import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { rememberKeys } from '../src/sources/vital-signs-seen.ts'

const test = suite('records/source-apple-seen')

/** A key spread over all words, as a hash is; equal numbers give equal keys. */
function keyOf(number: number): Uint32Array {
  return Uint32Array.of(Math.imul(number, 0x9e3779b1), Math.imul(number, 0x85ebca6b), number, number << 1)
}

test('finds every repetition within its capacity, as a set does', async () => {
  await holds(
    fc.property(fc.array(fc.nat(300), { maxLength: 2000 }), (numbers) => {
      const seen = rememberKeys(301)
      const known = new Set<number>()
      for (const number of numbers) {
        assert.is(seen.add(keyOf(number)), known.has(number))
        known.add(number)
      }
    }),
  )
})

test('finds what lies a capacity back, and forgets what lies two back', async () => {
  await holds(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(5000), (capacity, before) => {
      const seen = rememberKeys(capacity)
      for (let number = 0; number < before; number++) seen.add(keyOf(1_000_000 + number))
      seen.add(keyOf(1))
      for (let number = 0; number < capacity; number++) seen.add(keyOf(2_000_000 + number))
      assert.is(seen.add(keyOf(1)), true)
      for (let number = 0; number < 2 * capacity; number++) seen.add(keyOf(3_000_000 + number))
      assert.is(seen.add(keyOf(1)), false)
    }),
    60,
  )
})

test('tells keys apart that begin alike, in any of their words', () => {
  const seen = rememberKeys(10_000)
  for (let number = 0; number < 3000; number++) assert.is(seen.add(Uint32Array.of(7, 7, number, 0)), false)
  for (let number = 0; number < 3000; number++) assert.is(seen.add(Uint32Array.of(7, 7, number, 0)), true)
  assert.is(seen.add(Uint32Array.of(7, 8, 1, 0)), false)
})

test('takes a capacity that no memory has', () => {
  const seen = rememberKeys(Number.MAX_SAFE_INTEGER)
  assert.is(seen.add(keyOf(1)), false)
  assert.is(seen.add(keyOf(1)), true)
})

test.run()
