import type { FhirResource } from '@halo/records'
import { openValidator, parseFhirJson, SOURCE_KINDS } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { secondOpinion } from './second-validator.ts'
import { convertText } from './source-text.ts'
import { optionsFor, seedsOf } from './survive.ts'

const test = suite('records/source-valid')

// FHIR is taken over as it is, valid or not.
for (const kind of SOURCE_KINDS.filter((one) => one !== 'fhir'))
  test(`writes only what two validators find nothing wrong with: ${kind}`, async () => {
    const validate = await openValidator()
    for (const seed of seedsOf(kind)) {
      const { lines } = await convertText(kind, seed, optionsFor(kind, seed))
      assert.ok(lines.length > 0)
      for (const line of lines) {
        const resource = parseFhirJson(line) as FhirResource
        assert.equal(
          validate(resource).filter(({ severity }) => severity === 'error'),
          [],
          line,
        )
        assert.equal(secondOpinion(resource), [], line)
      }
    }
  })

test.run()
