import { canonicalJson, Decimal, RecordsError } from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'

const test = suite('records/canonical-json')

test('orders keys by UTF-16 code units, as the example of RFC 8785 section 3.2.3 asks', () => {
  const value = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '\ud83d\ude00': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  }
  const keys = [...canonicalJson(value).matchAll(/"([^"]+)":/g)].map(([, key = '']) => JSON.parse(`"${key}"`))
  assert.equal(keys, ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33'])
})

test('writes numbers and control characters as RFC 8785 section 3.2.2 shows', () => {
  const value = {
    numbers: JSON.parse('[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001]'),
    string: '\u20ac$\u000f\nA\'B"\\\\"/',
    literals: [null, true, false],
  }
  assert.is(
    canonicalJson(value),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
})

test('keeps the digits of a decimal', () => {
  assert.is(canonicalJson({ value: new Decimal('5.0'), left: undefined }), '{"value":5.0}')
})

test('refuses what JSON has no form for', () => {
  for (const write of [
    () => canonicalJson(Number.NaN),
    () => canonicalJson(Number.POSITIVE_INFINITY),
    () => canonicalJson('\ud800'),
    () => canonicalJson({ '\udc00': 1 }),
    () => new Decimal('05'),
    () => new Decimal('1e'),
    () => new Decimal('9'.repeat(65)),
    () => new Decimal('.5'),
  ])
    assert.throws(write, (error: unknown) => error instanceof RecordsError && error.code === 'VALUE_INVALID')
})

test('gives equal values equal text, whatever the order of keys, and loses nothing', async () => {
  await holds(
    fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse())
      assert.is(canonicalJson(value), canonicalJson(turned))
      assert.equal(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)))
    }),
  )
})

test.run()
