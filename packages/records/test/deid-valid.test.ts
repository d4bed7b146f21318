import { readFileSync } from 'node:fs'
import type { FhirResource } from '@halo/records'
import { parseFhirJson } from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { ALLOWED, RESOURCE_TYPES } from '../src/deidentify/allow-list.ts'
import { isPrimitive } from '../src/deidentify/elements.ts'
import { validateResource } from '../src/fhir/validate/validate-resource.ts'
import { readDefinitions } from './deid-definitions.ts'
import { run } from './deid-run.ts'
import { RESOURCES } from './fhir-resources.ts'
import { secondOpinion } from './second-validator.ts'
import { declareSkip, findShared } from './shared-data.ts'

const test = suite('records/deid-valid')

/**
 * Where the `fhir` package says wrongly that something is missing: it does not count a primitive as present that
 * has only extensions, which FHIR's JSON allows.
 */
const WRONGLY_MISSING: ReadonlySet<string> = new Set(
  `Provenance.recorded Immunization.occurrence Observation.status QuestionnaireResponse.status Encounter.status
  MedicationRequest.status MedicationRequest.intent Procedure.status Immunization.status DiagnosticReport.status
  Bundle.type`
    .split(/\s+/)
    .map((path) => `${path}: Missing property`),
)

/** What either of two validators says against lines of FHIR. */
function errorsOf(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseFhirJson(line) as FhirResource)
    .flatMap((resource) => [
      ...validateResource(resource)
        .filter(({ severity }) => severity === 'error')
        .map(({ path, code, message }) => `${path} ${code} ${message}`),
      ...secondOpinion(resource).filter((one) => !WRONGLY_MISSING.has(one)),
    ])
}

test('lists only elements that FHIR R4 has, with their types and cardinalities', () => {
  const definitions = readDefinitions()
  for (const [type, elements] of ALLOWED)
    for (const [name, element] of elements) {
      const known = definitions.get(type)?.get(name)
      assert.ok(known !== undefined, `${type}.${name}`)
      // Repeated content goes by the name of the place where it is described.
      assert.is(element.type, known?.type, `${type}.${name}`)
      assert.is(element.isList, known?.isList, `${type}.${name}`)
      if (known?.choice === null) assert.is(element.isRequired, known.isRequired, `${type}.${name}`)
    }
})

test('marks all that FHIR requires of what may leave', () => {
  for (const [type, elements] of readDefinitions())
    for (const [name, element] of elements) {
      const isOwn = ALLOWED.has(type) && !isPrimitive(type) && type !== 'Extension'
      if (isOwn && element.isRequired && element.choice === null)
        assert.ok(ALLOWED.get(type)?.get(name), `${type}.${name}`)
    }
})

for (const [name, arbitrary] of Object.entries(RESOURCES))
  test(`leaves ${name} valid`, async () => {
    await holds(
      fc.asyncProperty(arbitrary, async (resources) => {
        for (const profile of ['strict', 'shifted'] as const) {
          const { text } = await run(resources, { profile })
          assert.is(errorsOf(text).join('; '), '')
        }
      }),
      30,
    )
  })

test('marks what FHIR requires and privacy forbids as masked', async () => {
  const bare: readonly FhirResource[] = [...RESOURCE_TYPES].map((resourceType) => ({
    resourceType,
    id: 'a',
    text: { status: 'generated' },
  }))
  const { text, resources } = await run(bare)
  assert.is(resources.length, RESOURCE_TYPES.size)
  // An allergy without status was not valid before either.
  const errors = errorsOf(text).filter((one) => !one.includes('ait-1'))
  assert.equal(errors, [])
})

const CGM = 'http://hl7.org/fhir/uv/cgm/StructureDefinition/cgm-summary-gmi'
const PULSE = { coding: [{ system: 'http://loinc.org', code: '8867-4' }] }

function observe(code: unknown, unit: string, more: object): FhirResource {
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' },
        ],
      },
    ],
    code,
    subject: { reference: 'Patient/a' },
    valueQuantity: { value: 7, unit, system: 'http://unitsofmeasure.org', code: unit },
    ...more,
  } as FhirResource
}

test('marks times that profiles require, whole and by their ends, where they may not be told', async () => {
  const early = '1904-01-01T00:00:00Z'
  const late = '2020-03-01T08:00:00Z'
  const gmi = { coding: [{ system: 'http://loinc.org', code: '97506-0' }] }
  const periods = [
    { start: early, end: early },
    { start: early, end: late },
  ]
  const resources = [
    observe(PULSE, '/min', { effectiveDateTime: late }),
    observe(PULSE, '/min', { effectiveDateTime: early }),
    ...periods.flatMap((effectivePeriod) => [
      observe(PULSE, '/min', { effectivePeriod }),
      observe(gmi, '%', { effectivePeriod, meta: { profile: [CGM] } }),
    ]),
  ]
  for (const profile of ['strict', 'shifted'] as const) {
    const output = await run(resources, { profile })
    assert.equal(errorsOf(output.text), [])
    assert.is(output.resources.length, resources.length)
    assert.is(output.text.split('"valueCode":"masked"').length - 1, 7)
    assert.not.match(output.text, /19\d\d-/)
  }
})

test('counts a time as there that says why it has no value, and one that says nothing as missing', () => {
  const extension = [
    { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' },
  ]
  const check = (element: unknown) =>
    validateResource(observe(PULSE, '/min', { _effectiveDateTime: element })).map(({ code }) => code)
  assert.equal(check({ extension }), [])
  assert.ok(check({ id: 'a' }).includes('PROFILE_BROKEN'))
  const timing = observe(PULSE, '/min', { _effectiveInstant: { extension } })
  assert.ok(validateResource(timing).some(({ code }) => code === 'PROFILE_BROKEN'))
})

const SYNTHEA = 'fhir_synthea_r4/Carolee951_Sanford861_d88f994a-5efa-421d-9c40-5f116d2114a6.json'
const path = findShared(SYNTHEA)
const title = 'leaves a synthetic Bundle and each of its resources valid'
if (path === null) declareSkip('records/deid-valid', title, `../shared/data/${SYNTHEA} is absent`)
else
  test(title, async () => {
    const bundle = parseFhirJson(readFileSync(path, 'utf8')) as FhirResource
    const entries = bundle['entry'] as readonly { readonly resource: FhirResource }[]
    for (const profile of ['strict', 'shifted'] as const) {
      const { text } = await run([bundle, ...entries.map(({ resource }) => resource)], { profile })
      assert.equal(errorsOf(text), [])
    }
  })

test.run()
