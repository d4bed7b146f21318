import { buildGlucoseSummary, openValidator } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('records/glucose-summary')

/** Of one reading neither spread nor coverage is defined. */
const ONE_READING = {
  mean: 120,
  meanUnit: 'mg/dL',
  cvPercent: null,
  gmiPercent: 6.2,
  veryLowPercent: 0,
  lowPercent: 0,
  targetPercent: 100,
  highPercent: 0,
  veryHighPercent: 0,
  daysOfWear: 0,
  sensorActivePercent: null,
} as const

test('a figure that is not defined has no number, says so, and stays a member of a valid panel', async () => {
  const validate = await openValidator()
  const resources = buildGlucoseSummary(ONE_READING, {
    id: 'summary',
    subject: 'Patient/subject-1',
    start: '2026-01-05',
    end: '2026-01-05',
  })
  for (const resource of resources) assert.equal(validate(resource), [])
  const absent = resources.filter((resource) => /data-absent-reason/.test(JSON.stringify(resource)))
  assert.equal(
    absent.map(({ id }) => id),
    ['summary-coefficient-of-variation', 'summary-sensor-active'],
  )
  for (const { valueQuantity } of absent) {
    assert.equal(Object.keys(valueQuantity as object).includes('value'), false)
    assert.match(JSON.stringify(valueQuantity), '"valueCode":"not-performed"')
  }
  assert.equal(
    resources.at(-1)?.['hasMember'],
    resources.slice(0, -1).map(({ id }) => ({ reference: `Observation/${id}` })),
  )
})

test.run()
