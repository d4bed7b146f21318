import type { JsonValue } from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { hasLuhnDigit, hasVerhoeffDigit } from '../src/deidentify/check-digits.ts'
import { readElements } from '../src/deidentify/elements.ts'
import type { Node, Visitor } from '../src/deidentify/engine.ts'
import { createEngine } from '../src/deidentify/engine.ts'
import { readRule } from '../src/deidentify/rules.ts'
import { isUcumCode } from '../src/deidentify/ucum.ts'

const test = suite('records/deid-engine')

const TABLE = readElements({
  Thing: 'id:id name*:Name part*:Thing.part value[x]:string|Name tags*:string inner*:Resource',
  'Thing.part': 'label:string part*:Thing.part',
  Name: 'first:string last:string',
  Extension: 'url:uri value[x]:string',
})

const VISITOR: Visitor<null> = {
  methods: {
    keep: { rewrite: (value) => ({ value }) },
    drop: { rewrite: () => ({}) },
    mark: { rewrite: (value) => ({ value: `<${String(value)}>` }) },
    note: { rewrite: () => ({ extension: [{ url: 'noted' }] }) },
  },
  enter: () => null as null,
  leave: (output) => output,
  onChange: () => undefined,
}

function rewrite(
  input: object,
  rules: readonly (readonly [path: string, method: string])[],
  otherwise = 'drop',
): Node | null {
  const engine = createEngine(
    TABLE,
    rules.map(([path, method]) => ({ path, method })),
    otherwise,
  )
  const scope = {}
  return engine.rewrite({ resourceType: 'Thing', ...input } as Node, {
    ...(VISITOR as unknown as Visitor<object>),
    enter: () => scope,
  })
}

test('lets the first rule that matches count, for an element and for what lies in it', () => {
  const input = { name: [{ first: 'a', last: 'b' }] }
  assert.equal(
    rewrite(input, [
      ["nodesByType('Name').first", 'keep'],
      ["nodesByType('Name')", 'mark'],
    ]),
    {
      resourceType: 'Thing',
      name: [{ first: 'a', last: '<b>' }],
    },
  )
  assert.equal(
    rewrite(input, [
      ["nodesByType('Name')", 'mark'],
      ["nodesByType('Name').first", 'keep'],
    ]),
    {
      resourceType: 'Thing',
      name: [{ first: '<a>', last: '<b>' }],
    },
  )
})

test('reads paths from the root, by type, by both, by choice and by value', () => {
  const input = {
    id: '1',
    name: [{ first: 'a' }, { first: 'z' }],
    valueName: { first: 'c' },
    valueString: 'd',
  }
  const left = (path: string): string =>
    JSON.stringify(rewrite(input, [[path, 'keep']])).replace('"resourceType":"Thing"', '')
  assert.is(left('Resource.id'), '{,"id":"1"}')
  assert.is(left('Other.id'), '{}')
  assert.is(left('Thing.name.first'), '{,"name":[{"first":"a"},{"first":"z"}]}')
  assert.is(
    left("Thing.nodesByType('Name')"),
    '{,"name":[{"first":"a"},{"first":"z"}],"valueName":{"first":"c"}}',
  )
  assert.is(left("Other.nodesByType('Name')"), '{}')
  assert.is(left('Thing.value'), '{,"valueName":{"first":"c"},"valueString":"d"}')
  assert.is(left("nodesByType('Name').where(first='z')"), '{,"name":[{"first":"z"}]}')
})

test('refuses a path that is none', () => {
  for (const path of [
    '',
    'name',
    'Thing',
    "nodesByType('Name)",
    'Thing.name[0]',
    'Thing..name',
    'Thing.name.exists()',
  ])
    assert.throws(() => readRule({ path, method: 'keep' }, 0), /Not a path/)
})

test('removes what the table does not know, whatever the rules say', () => {
  const input = {
    id: '1',
    other: 'x',
    _id: { other: 'x' },
    constructor: 'x',
    name: 'no object',
    part: [5, null, []],
  }
  assert.equal(rewrite(input, [], 'keep'), { resourceType: 'Thing', id: '1' })
})

test('keeps values and their extensions side by side in lists of primitives', () => {
  const input = {
    tags: ['a', null, 'c'],
    _tags: [null, { extension: [{ url: 'u', valueString: 's' }] }, null],
  }
  assert.equal(rewrite(input, [], 'keep'), {
    resourceType: 'Thing',
    tags: ['a', null, 'c'],
    _tags: [null, { extension: [{ url: 'u', valueString: 's' }] }, null],
  })
  assert.equal(rewrite({ tags: ['a', 'b'] }, [['Thing.tags', 'note']]), {
    resourceType: 'Thing',
    _tags: [{ extension: [{ url: 'noted' }] }, { extension: [{ url: 'noted' }] }],
  })
})

test('goes through parts of parts and resources of resources to the depth of FHIR and no deeper', () => {
  const nest = (levels: number): JsonValue =>
    levels === 0 ? { label: 'x' } : { label: 'x', part: [nest(levels - 1)] }
  assert.match(JSON.stringify(rewrite({ part: [nest(5)] }, [], 'keep')), /(?:"label":"x".*){6}/)
  const deep = JSON.stringify(rewrite({ part: [nest(2000)] }, [], 'keep'))
  assert.is(deep.split('label').length - 1, 64)
  const inner = { inner: [{ resourceType: 'Thing', id: 'b' }, { resourceType: 'Else' }] }
  assert.equal(rewrite(inner, [], 'keep'), {
    resourceType: 'Thing',
    inner: [{ resourceType: 'Thing', id: 'b' }],
  })
})

test('knows check digits as LOINC and SNOMED CT use them', () => {
  for (const code of ['8867-4', '2339-0', '99504-3', '105272-9', '85354-9', '718-7']) {
    const [digits = '', check = ''] = code.split('-')
    assert.ok(hasLuhnDigit(digits, check), code)
    assert.not.ok(hasLuhnDigit(digits, String((Number(check) + 1) % 10)), code)
  }
  // From SNOMED CT's own tables, and Verhoeff's example 236 with check digit 3.
  for (const code of ['73211009', '44054006', '138875005', '2363']) assert.ok(hasVerhoeffDigit(code), code)
})

test('notices every single wrong digit of a SNOMED CT code, and every two that changed places', async () => {
  const digit = fc.integer({ min: 0, max: 9 })
  await holds(
    fc.property(fc.array(digit, { minLength: 5, maxLength: 12 }), fc.nat(), digit, (digits, place, other) => {
      const checks = Array.from({ length: 10 }, (_, check) => [...digits, check].join('')).filter(
        hasVerhoeffDigit,
      )
      assert.is(checks.length, 1)
      const right = [...(checks[0] ?? '')]
      const at = place % (right.length - 1)
      const wrong = right.with(at, String(other))
      if (wrong.join('') !== right.join('')) assert.not.ok(hasVerhoeffDigit(wrong.join('')))
      const swapped = right.with(at, right[at + 1] ?? '').with(at + 1, right[at] ?? '')
      if (swapped.join('') !== right.join('')) assert.not.ok(hasVerhoeffDigit(swapped.join('')))
    }),
  )
})

test('reads units, and no words', () => {
  const units = [
    'mg/dL',
    'mmol/L',
    '/min',
    '%',
    'kg/m2',
    'mm[Hg]',
    '10*3/uL',
    'm/s2',
    'ug/m3',
    '[ppb]',
    'Cel',
    '{score}',
    'mL/min/{1.73_m2}',
    '1',
    'kcal/d',
    'deg',
    'a',
    '[degF]',
    'cm2/s',
    'dB[SPL]',
    'lx',
  ]
  for (const unit of units) assert.ok(isUcumCode(unit), unit)
  for (const text of [
    'Smith',
    'Joe',
    '{Joe Schmoe}',
    'mg/Joe',
    '5551234',
    'mg dL',
    '',
    'kg{Joe}',
    '1234',
    'https://x',
  ])
    assert.not.ok(isUcumCode(text), text)
})

test.run()
