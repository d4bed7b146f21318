import { readFileSync } from 'node:fs'
import type { FhirResource } from '@halo/records'
import { parseFhirJson } from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ALLOWED, RESOURCE_TYPES } from '../src/deidentify/allow-list.ts'
import { isPrimitive } from '../src/deidentify/elements.ts'
import { validateResource } from '../src/fhir/validate/validate-resource.ts'
import { readDefinitions } from './deid-definitions.ts'
import { run } from './deid-run.ts'
import { RESOURCES } from './fhir-resources.ts'
import { holds } from './property.ts'
import { declareSkip, findShared } from './shared-data.ts'

const test = suite('records/deid-valid')

function errorsOf(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => validateResource(parseFhirJson(line) as FhirResource))
    .filter(({ severity }) => severity === 'error')
    .map(({ path, code, message }) => `${path} ${code} ${message}`)
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
