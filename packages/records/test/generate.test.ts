import { generateGlucoseCsv, RecordsError } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { importText } from './import-text.ts'

const test = suite('records/generate')

test('makes the same text for the same options, and another for another seed', () => {
  assert.is(generateGlucoseCsv(), generateGlucoseCsv({ days: 14, intervalMin: 5 }))
  assert.is.not(generateGlucoseCsv({ seed: 1 }), generateGlucoseCsv({ seed: 2 }))
})

test('makes a quarter of 26 208 readings when the sensor misses none', async () => {
  const { report, record } = await importText(generateGlucoseCsv({ days: 91, hasGaps: false }))
  assert.is(report.readings, 26_208)
  assert.equal(report.subjects[0]?.gaps, [])
  assert.is(record.metadata.start, '2026-01-05T00:00:00Z')
  assert.is(record.metadata.end, '2026-04-05T23:55:00Z')
})

test('misses some stretches by default', async () => {
  const { report } = await importText(generateGlucoseCsv())
  assert.ok(report.readings > 0.9 * 4032 && report.readings < 4032)
  assert.ok((report.subjects[0]?.gaps.length ?? 0) > 0)
})

test('looks like a sensor: in its range, no jumps, higher after meals than at night', async () => {
  const { record } = await importText(generateGlucoseCsv({ days: 28, hasGaps: false }))
  const byHour = Array.from({ length: 24 }, () => ({ sum: 0, count: 0 }))
  let last: number | null = null
  for (const { value, timeMs } of record.readings()) {
    assert.ok(Number.isInteger(value) && value >= 40 && value <= 400)
    assert.ok(last === null || Math.abs(value - last) < 40, 'changes by less than 8 mg/dL a minute')
    last = value
    const hour = byHour[new Date(timeMs).getUTCHours()]
    if (hour !== undefined) Object.assign(hour, { sum: hour.sum + value, count: hour.count + 1 })
  }
  const mean = (hour: number): number => (byHour[hour]?.sum ?? 0) / (byHour[hour]?.count ?? 1)
  assert.ok(mean(9) > mean(3) + 20)
  assert.ok(mean(21) > mean(3) + 20)
})

test('takes other days and intervals, and refuses those that make no sense', () => {
  const lines = generateGlucoseCsv({
    days: 1,
    intervalMin: 15,
    startDate: '2024-02-29',
    hasGaps: false,
  }).split('\n')
  assert.is(lines.length, 1 + 96 + 1)
  assert.match(lines[1] ?? '', /^demo,2024-02-29T00:00:00Z,\d+$/)
  for (const options of [
    { days: 0 },
    { days: 4000 },
    { seed: 0.5 },
    { intervalMin: 7 },
    { intervalMin: 0 },
    { startDate: '2025-02-29' },
  ])
    assert.throws(
      () => generateGlucoseCsv(options),
      (error: unknown) => error instanceof RecordsError && error.code === 'OPTION_INVALID',
    )
})

test.run()
