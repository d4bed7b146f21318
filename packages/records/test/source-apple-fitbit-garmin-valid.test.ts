import type { SourceKind } from '@halo/records'
import { openValidator } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { generateAppleHealthXml } from './generate-apple-health.ts'
import { convertChunks, convertFile, readSeed } from './source-files.ts'

const test = suite('records/source-apple-fitbit-garmin-valid')

const SEEDS: readonly (readonly [SourceKind, string, unit?: string])[] = [
  ['apple-health', 'apple-health.xml'],
  ['fitbit', 'fitbit.heart-rate.json'],
  ['fitbit', 'fitbit.resting.json'],
  ['fitbit', 'fitbit.sleep.json'],
  ['fitbit', 'fitbit.steps.json', 'steps'],
  ['fitbit', 'fitbit.steps.json', 'kcal'],
  ['fitbit', 'fitbit.weight.json', 'lb'],
  ['fitbit', 'fitbit.weight.json', 'kg'],
  ['fitbit', 'fitbit.intraday.json'],
  ['garmin-fit', 'garmin-fit.fit'],
  ['garmin-tcx', 'garmin-tcx.tcx'],
]

for (const [kind, name, unit] of SEEDS)
  test(`makes valid FHIR R4 of ${name}${unit === undefined ? '' : ` in ${unit}`}`, async () => {
    const validate = await openValidator()
    const options = { timeZone: 'Europe/Rome', dateOrder: 'mdy', unit } as const
    const { resources } = await convertFile(kind, readSeed(name), options)
    assert.ok(resources.length > 0)
    for (const resource of resources) assert.equal(validate(resource), [], JSON.stringify(resource))
  })

test('makes valid FHIR R4 of a generated export', async () => {
  const validate = await openValidator()
  const chunks: string[] = []
  for await (const chunk of generateAppleHealthXml(100_000)) chunks.push(chunk)
  const { resources } = await convertChunks('apple-health', chunks)
  assert.ok(resources.length > 200)
  for (const resource of resources) assert.equal(validate(resource), [], JSON.stringify(resource))
})

test.run()
