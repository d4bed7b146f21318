import type { FhirResource, JsonValue } from '@halo/records'
import { openValidator, parseFhirJson, readGlucoseObservation } from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { RESOURCE_TYPES } from '../src/deidentify/allow-list.ts'
import { buildFull, leavesOf, mapLeaves } from './deid-plausible.ts'
import { run } from './deid-run.ts'

const test = suite('records/deid-canary')

/** Words, numbers and days that stand nowhere else. */
function canaryFor(leaf: JsonValue | undefined, at: number): JsonValue {
  if (typeof leaf === 'number') return 8_675_309_000_000 + at
  if (typeof leaf === 'string' && /^\d{4}-\d\d-\d\d/.test(leaf)) return `1987-06-05${leaf.slice(10)}`
  return `Zyxwv${at}Canary`
}

/** What a canary looks like in the output; see {@link sings}. */
const CANARY = /zyxwv|8675309|1987-06|8\.675309|canary/i

/** Whether a canary is in a text, plain or in base64. */
function sings(text: string): boolean {
  const decoded = (text.match(/[A-Za-z0-9+/]{8,}={0,2}/g) ?? []).map((one) =>
    Buffer.from(one, 'base64').toString('latin1'),
  )
  return CANARY.test(text) || decoded.some((one) => CANARY.test(one))
}

/** Every so many leaves one canary: its neighbours are plausible, and let it out if they can. */
const ROUNDS = 16

function seed(full: FhirResource, round: number): FhirResource {
  let at = 0
  return mapLeaves(full, (leaf) => {
    at += 1
    return at % ROUNDS === round ? canaryFor(leaf, at) : leaf
  }) as FhirResource
}

const LEAST_LEFT = 4

for (const profile of ['strict', 'shifted'] as const)
  for (const type of RESOURCE_TYPES)
    test(`lets no canary out of any path of ${type}, ${profile}`, async () => {
      const full = buildFull(type)
      const seeded = Array.from({ length: ROUNDS }, (_, round) => seed(full, round))
      const { resources } = await run(seeded, { profile })
      assert.is(resources.length, ROUNDS)
      assert.is(
        resources.findIndex((one) => sings(JSON.stringify(one))),
        -1,
      )
      // Nothing would sing either if nothing came out: beside labels and ids, what may leave has to be there.
      const { resources: clean } = await run([full], { profile })
      const { meta: _meta, id: _id, ...content } = clean[0] as FhirResource
      const left = leavesOf(content as JsonValue).length
      process.stdout.write(`${type}: ${leavesOf(full).length} leaves, ${left} stay\n`)
      assert.ok(left >= LEAST_LEFT, `only ${left} leaves stay`)
    })

test('lets no canary out when every leaf of every resource is one', async () => {
  const seeded = [...RESOURCE_TYPES].map((type) => {
    let at = 0
    return mapLeaves(buildFull(type), (leaf) => {
      at += 1
      return canaryFor(leaf, at)
    }) as FhirResource
  })
  const left = await run(seeded)
  assert.is(left.resources.length, RESOURCE_TYPES.size)
  assert.not.ok(sings(left.text))
})

test('lets no canary out that is the name of a property or of a type', async () => {
  const seeded: readonly FhirResource[] = [
    { resourceType: 'ZyxwvCanary', id: 'a' },
    { resourceType: 'Observation', ZyxwvCanary: 1, _ZyxwvCanary: { id: 'a' }, status: 'final' },
    { resourceType: 'Observation', status: 'final', subject: { ZyxwvCanary: 'a', reference: 'Patient/1' } },
    { resourceType: 'Observation', status: 'final', contained: [{ resourceType: 'ZyxwvCanary' }] },
    {
      resourceType: 'Observation',
      status: 'final',
      constructor: { a: 1 },
      toString: 'Zyxwv',
    } as unknown as FhirResource,
  ]
  const { text, report } = await run(seeded)
  assert.not.ok(sings(text))
  assert.not.ok(sings(JSON.stringify(report)))
  assert.is(report.leftOut['other'], 2)
})

test('takes no property of a file for a method', async () => {
  const text = '{"toString":0,"valueOf":"a"}'
  const validate = await openValidator()
  const odd = [
    `{"resourceType":"Patient","id":${text}}`,
    `{"resourceType":"Observation","status":"final","contained":[{"resourceType":"Patient","id":${text}}],"code":{"coding":[{"system":"http://loinc.org","code":${text}},{"system":${text},"code":"1"}]},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":${text}}]}],"valueQuantity":{"value":1,"code":${text},"system":${text}}}`,
    `{"resourceType":"Condition","onsetAge":{"value":1,"code":${text}}}`,
    `{"resourceType":"Bundle","entry":[{"fullUrl":"urn:a","resource":{"resourceType":${text}}}]}`,
  ].map((line) => parseFhirJson(line) as FhirResource)
  for (const one of odd) {
    assert.ok(validate(one).length > 0)
    assert.is(readGlucoseObservation(one), null)
  }
  const { resources } = await run(odd)
  assert.is(resources.length, odd.length)
})

test('lets no planted word out of resources of any shape', async () => {
  const word = fc.constantFrom(
    'Zyxwv1Canary',
    'status',
    'final',
    '2021-03-04',
    'Patient/1',
    'http://loinc.org',
    '8867-4',
  )
  const { value } = fc.letrec<{ value: JsonValue; object: JsonValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      word,
      fc.constantFrom(true, null, 5),
      fc.array(tie('value'), { maxLength: 3 }),
      tie('object'),
    ),
    object: fc.dictionary(
      fc.constantFrom(
        ...[
          'id',
          'meta',
          'status',
          'code',
          'coding',
          'system',
          'text',
          'display',
          'subject',
          'reference',
          'value',
        ],
        ...[
          'valueString',
          'valueQuantity',
          'unit',
          'extension',
          '_status',
          'url',
          'contained',
          'entry',
          'resource',
        ],
        ...[
          'effectiveDateTime',
          '_effectiveDateTime',
          'identifier',
          'note',
          'component',
          'address',
          'item',
          'linkId',
        ],
      ),
      tie('value'),
      { maxKeys: 6 },
    ),
  }))
  const type = fc.constantFrom(...RESOURCE_TYPES)
  await holds(
    fc.asyncProperty(fc.array(fc.tuple(type, value), { maxLength: 6 }), async (drawn) => {
      const resources = drawn.map(
        ([resourceType, one]) =>
          ({ ...(typeof one === 'object' && !Array.isArray(one) ? one : {}), resourceType }) as FhirResource,
      )
      for (const profile of ['strict', 'shifted'] as const) {
        const { text } = await run(resources, { profile })
        assert.not.ok(sings(text))
      }
    }),
    500,
  )
})

test.run()
