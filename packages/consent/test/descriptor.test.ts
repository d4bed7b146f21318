import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Descriptor, Terms } from '../src/index.ts'
import {
  encodeDescriptor,
  encodeTerms,
  NATIVE_COIN,
  parseDescriptor,
  parseTerms,
  roundCount,
  textHash,
} from '../src/index.ts'
import { DEPLOYMENT, failureOf, loadVectors } from './samples.ts'

const test = suite('consent/descriptor')
const seed = Date.now() & 0x7fffffff

interface Texts<Plain> {
  readonly valid: readonly {
    readonly name: string
    readonly text: string
    readonly hash: string
    readonly value: Plain
  }[]
  readonly invalid: readonly { readonly name: string; readonly text: string; readonly code: string }[]
}

const vectors = loadVectors<{
  readonly descriptors: Texts<Omit<Descriptor, 'price'> & { readonly price: string }>
  readonly terms: Texts<Terms>
}>('catalogue')

const DESCRIPTOR: Descriptor = {
  version: 1,
  kind: 'glucose-cgm',
  format: 'fhir-r4+ndjson',
  readingsAbout: 4000,
  days: 14,
  price: 20_000_000_000_000_000n,
  currency: NATIVE_COIN,
  terms: 'Health research only.',
}
const TERMS: Terms = { version: 1, purpose: 'HRESCH', organisation: 'A University', project: 'A study.' }

/** Texts that people may show to people; joiners, which some scripts need, are tried one by one below. */
const plainText = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength })
    .filter(
      (text) =>
        text.length <= maxLength &&
        text === text.trim() &&
        !/[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]/u.test(text),
    )

test('reads and writes the descriptors of the vectors', () => {
  assert.ok(vectors.descriptors.valid.length > 0)
  for (const { name, text, hash, value } of vectors.descriptors.valid) {
    const descriptor = { ...value, price: BigInt(value.price) }
    assert.equal(parseDescriptor(text), descriptor, name)
    assert.is(encodeDescriptor(descriptor), text, name)
    assert.is(textHash(text), hash, name)
  }
})

test('refuses the descriptors of the vectors that are none', () => {
  assert.ok(vectors.descriptors.invalid.length > 0)
  for (const { name, text, code } of vectors.descriptors.invalid)
    assert.is(failureOf(() => parseDescriptor(text)).code, code, name)
})

test('reads and writes the terms of the vectors', () => {
  assert.ok(vectors.terms.valid.length > 0)
  for (const { name, text, hash, value } of vectors.terms.valid) {
    assert.equal(parseTerms(text), value, name)
    assert.is(encodeTerms(value), text, name)
    assert.is(textHash(text), hash, name)
  }
})

test('refuses the terms of the vectors that are none', () => {
  assert.ok(vectors.terms.invalid.length > 0)
  for (const { name, text, code } of vectors.terms.invalid)
    assert.is(failureOf(() => parseTerms(text)).code, code, name)
})

test(`gives one text per descriptor, and the descriptor back (seed ${seed})`, () => {
  const descriptor: fc.Arbitrary<Descriptor> = fc.record(
    {
      version: fc.constant(1),
      kind: plainText(64),
      format: plainText(64),
      readingsAbout: fc.maxSafeNat(),
      days: fc.maxSafeNat(),
      price: fc.bigInt({ min: 0n, max: 10n ** 39n - 1n }),
      currency: fc.constantFrom(NATIVE_COIN, DEPLOYMENT.token),
      terms: plainText(500),
    },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(descriptor, (any) => {
      assert.equal(parseDescriptor(encodeDescriptor(any)), any)
    }),
    { seed },
  )
})

test(`accepts no other text of a descriptor than the canonical one (seed ${seed})`, () => {
  const text = encodeDescriptor(DESCRIPTOR)
  const edit = fc.record({ at: fc.nat(text.length), put: fc.string({ minLength: 1, maxLength: 2 }) })
  fc.assert(
    fc.property(edit, ({ at, put }) => {
      const other = text.slice(0, at) + put + text.slice(at)
      const parsed = ((): Descriptor | null => {
        try {
          return parseDescriptor(other)
        } catch {
          return null
        }
      })()
      assert.ok(parsed === null || encodeDescriptor(parsed) === other)
    }),
    { seed, numRuns: 500 },
  )
})

test('refuses to write what no wallet would show, before anybody pays for it', () => {
  const bad: readonly (readonly [Partial<Terms>, string])[] = [
    [{ organisation: '' }, 'organisation'],
    [{ organisation: 'x'.repeat(201) }, 'organisation'],
    [{ project: 'x'.repeat(1001) }, 'project'],
    [{ purpose: 'x'.repeat(33) }, 'purpose'],
    [{ organisation: 'A\nprice 100 coins' }, 'organisation'],
    [{ organisation: '\u001b[2JA University' }, 'organisation'],
    [{ organisation: '\u202eytisrevinU' }, 'organisation'],
    [{ project: 'hidden\u200b' }, 'project'],
    [{ organisation: '\u3164' }, 'organisation'],
    [{ organisation: 'soft\u00adhyphen' }, 'organisation'],
    [{ organisation: '\u2800' }, 'organisation'],
    [{ organisation: ' ' }, 'organisation'],
    [{ organisation: 'A University ' }, 'organisation'],
    [{ project: 'half \ud800' }, 'project'],
  ]
  for (const [change, field] of bad)
    assert.equal(
      failureOf(() => encodeTerms({ ...TERMS, ...change })),
      { code: 'BAD_REQUEST', field },
    )
  assert.is(failureOf(() => encodeDescriptor({ ...DESCRIPTOR, price: -1n })).code, 'BAD_REQUEST')
  assert.is(failureOf(() => encodeDescriptor({ ...DESCRIPTOR, days: 1.5 })).code, 'BAD_REQUEST')
  assert.is(failureOf(() => encodeDescriptor({ ...DESCRIPTOR, terms: 'a\tb' })).code, 'BAD_REQUEST')
})

test('shows names as people write them, in any script', () => {
  for (const organisation of ['Università di Genova', '大学', 'جامعة', 'دانشگاه می‌کند', 'Lab 👩‍🔬'])
    assert.is(parseTerms(encodeTerms({ ...TERMS, organisation })).organisation, organisation)
})

test('rounds counts down to two digits, so that a count singles nobody out', () => {
  const counts: readonly (readonly [number, number])[] = [
    [0, 0],
    [1, 1],
    [37, 37],
    [99, 99],
    [100, 100],
    [109, 100],
    [4032, 4000],
    [4999, 4900],
    [13_866, 13_000],
    [26_208, 26_000],
    [1_000_000, 1_000_000],
  ]
  for (const [count, rounded] of counts) assert.is(roundCount(count), rounded)
})

test(`never rounds up, and keeps at most two digits (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.nat(10 ** 12), (count) => {
      const rounded = roundCount(count)
      assert.ok(rounded <= count && rounded > count * 0.9 - 1)
      assert.match(String(rounded), /^[0-9]{1,2}0*$/)
    }),
    { seed },
  )
})

test.run()
