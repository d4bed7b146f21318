import { readFileSync } from 'node:fs'
import type { FhirResource, JsonValue } from '@halo/records'
import { isResource, openValidator, parseFhirJson } from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { declareSkip, findShared } from './shared-data.ts'

const test = suite('records/validate-whole')

const SYNTHEA = 'fhir_synthea_r4/Carolee951_Sanford861_d88f994a-5efa-421d-9c40-5f116d2114a6.json'
const WARD: FhirResource = {
  resourceType: 'Encounter',
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'VR' },
  contained: [
    { resourceType: 'Patient', id: 'p', managingOrganization: { reference: '#o' } },
    { resourceType: 'Organization', id: 'o', name: 'Ward' },
  ],
  subject: { reference: '#p' },
}

/** Any JSON, with FHIR's own names in it more often than not. */
const anyJson = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, 0, -1.5, '', 'final', 'Patient/a', '#a', '2026-01-01'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        'id',
        'status',
        'code',
        'coding',
        'component',
        'valueQuantity',
        'value',
        '_status',
        'x',
        'meta',
        'profile',
        'contained',
        'extension',
        'subject',
        'reference',
        'item',
        'answer',
        'linkId',
        'entry',
        'resource',
        'resourceType',
        'text',
        'constructor',
        'toString',
      ),
      tie('value'),
      { maxKeys: 6 },
    ),
  ),
})).value

test('accepts contained resources that refer to each other', async () => {
  assert.equal((await openValidator())(WARD), [])
})

test('lets the elements of a contained resource refer to the resource around it', async () => {
  const group = {
    resourceType: 'Group',
    id: 'g',
    type: 'person',
    actual: true,
    managingEntity: { reference: '#' },
  }
  const found = (await openValidator())({ resourceType: 'Organization', name: 'Ward', contained: [group] })
  assert.equal(found, [])
})

test('accepts ids and extensions of primitive values, also where the value is missing', async () => {
  const extension = [{ url: 'http://halo.example/a', valueCode: 'b' }]
  const patient: FhirResource = {
    resourceType: 'Patient',
    _birthDate: { extension },
    name: [{ given: ['A', null], _given: [null, { extension }] }],
  }
  assert.equal((await openValidator())(patient), [])
})

test('never throws, whatever it is given', async () => {
  const validate = await openValidator()
  const types = ['Observation', 'Patient', 'Bundle', 'QuestionnaireResponse', 'Questionnaire', 'Consent']
  await holds(
    fc.property(fc.constantFrom(...types), anyJson, (resourceType, body) => {
      const members =
        typeof body === 'object' && body !== null && !Array.isArray(body) ? body : { status: body }
      assert.ok(Array.isArray(validate({ ...members, resourceType } as FhirResource)))
    }),
    400,
  )
})

test('ends on a resource that contains itself', async () => {
  const extension: Record<string, JsonValue> = { url: 'http://halo.example/a' }
  extension['extension'] = [extension]
  const found = (await openValidator())({ resourceType: 'Patient', extension: [extension] })
  assert.match(found.map(({ message }) => message).join(), /nested deeper/)
})

const title =
  'finds in a Synthea patient nothing but types that are not handled and profiles that are not known'
const path = findShared(SYNTHEA)
if (path === null) declareSkip('records/validate-whole', title, `shared/data/${SYNTHEA} is absent`)
else
  test(title, async () => {
    const bundle = parseFhirJson(readFileSync(path, 'utf8'))
    assert.ok(isResource(bundle))
    const issues = (await openValidator())(bundle, { maxIssues: 10_000 })
    const unknown = issues.filter(({ code }) => code === 'RESOURCE_UNSUPPORTED')
    assert.is(unknown.length, 17 + 14, 'Claim and ExplanationOfBenefit')
    assert.is(issues.length - unknown.length, issues.filter(({ code }) => code === 'PROFILE_UNKNOWN').length)
  })

test.run()
