import { canonicalJson, openValidator, parseFhirJson } from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { RESOURCES } from './fhir-resources.ts'
import { secondOpinion } from './second-validator.ts'

const test = suite('records/fhir-builders')

for (const [kind, arbitrary] of Object.entries(RESOURCES)) {
  test(`makes ${kind} that our validator and another find nothing wrong with, whatever the figures`, async () => {
    const validate = await openValidator()
    await holds(
      fc.property(arbitrary, (resources) => {
        for (const resource of resources) {
          assert.equal(validate(resource), [])
          assert.equal(secondOpinion(resource), [])
        }
      }),
    )
  })
}

test('makes resources that read back from their canonical text as the same text', async () => {
  await holds(
    fc.property(fc.oneof(...Object.values(RESOURCES)), (resources) => {
      for (const resource of resources) {
        const text = canonicalJson(resource)
        assert.is(canonicalJson(parseFhirJson(text)), text)
      }
    }),
  )
})

test.run()
