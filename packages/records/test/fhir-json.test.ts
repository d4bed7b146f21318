import { canonicalJson, Decimal, parseFhirJson, RecordsError } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('records/fhir-json')

function codeOf(text: string): string {
  try {
    parseFhirJson(text)
    return 'read'
  } catch (error) {
    return error instanceof RecordsError ? error.code : String(error)
  }
}

test('keeps the digits of decimals that a double would lose', () => {
  const text = '{"a":5.0,"b":5,"c":-0.10,"d":123456789012345678901,"e":1.50e3,"f":0.1}'
  assert.is(canonicalJson(parseFhirJson(text)), text)
  assert.instance((parseFhirJson(text) as { a: unknown }).a, Decimal)
})

test('refuses what is no JSON', () => {
  for (const text of ['', '{', '{"a":}', "{'a':1}", '01', 'NaN', '"\u0000"'])
    assert.is(codeOf(text), 'JSON_MALFORMED')
})

test('refuses nesting that would end recursion in a crash', () => {
  assert.is(codeOf('['.repeat(64) + ']'.repeat(64)), 'read')
  assert.is(codeOf('['.repeat(65) + ']'.repeat(65)), 'JSON_MALFORMED')
  assert.is(codeOf('[{"a":'.repeat(200_000)), 'JSON_MALFORMED')
})

test('counts no bracket inside a text', () => {
  assert.is(codeOf(JSON.stringify({ a: `${'['.repeat(100)}\\"` })), 'read')
})

test('refuses a key that would change a prototype', () => {
  assert.is(codeOf('{"a":{"__proto__":{"resourceType":"Patient"}}}'), 'JSON_MALFORMED')
})

test.run()
