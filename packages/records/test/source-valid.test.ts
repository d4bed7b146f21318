import type { FhirResource, SourceKind } from '@halo/records'
import { openValidator, parseFhirJson } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { secondOpinion } from './second-validator.ts'
import { convertText } from './source-text.ts'
import { seedsOf } from './survive.ts'

const test = suite('records/source-valid')

const KINDS: readonly SourceKind[] = [
  'dexcom-clarity',
  'libreview',
  'glucose-csv',
  'gatt-cgm',
  'air-quality',
  'patient-report',
  'tremor-score',
]

for (const kind of KINDS)
  test(`writes only what two validators find nothing wrong with: ${kind}`, async () => {
    const validate = await openValidator()
    for (const seed of seedsOf(kind)) {
      const unit =
        kind === 'glucose-csv' && new TextDecoder().decode(seed).includes('8.5') ? 'mmol/L' : undefined
      const { lines } = await convertText(kind, seed, { timeZone: 'Europe/Rome', unit })
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
