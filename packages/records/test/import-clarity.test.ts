import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { clarityFile, clarityRow } from './clarity-file.ts'
import { importText, ndjsonOf, refusalOf } from './import-text.ts'

const test = suite('records/import-clarity')
const ROME = { timeZone: 'Europe/Rome' }

test('reads sensor readings in the given zone, one subject, whatever surrounds them', async () => {
  const rows = [clarityRow('2016-10-24T11:24:17', '103'), clarityRow('2016-10-24 11:29:17', '102')]
  const { record, report } = await importText(clarityFile(rows), ROME)
  assert.equal(
    [...record.readings()].map(({ subject, time, valueText }) => [subject, time, valueText]),
    [
      [1, '2016-10-24T11:24:17+02:00', '103'],
      [1, '2016-10-24T11:29:17+02:00', '102'],
    ],
  )
  assert.is(report.format, 'dexcom-clarity')
  assert.is(report.columnsLeftOut, 11)
  assert.is(report.timeZone, 'Europe/Rome')
  assert.is(record.metadata.timeZoneSource, 'given')
})

test('writes Low and High as the sensor’s limit with a comparator, in both units', async () => {
  const rows = [clarityRow('2025-01-01T00:00:00', 'Low'), clarityRow('2025-01-01T00:05:00', 'High')]
  const mass = await ndjsonOf(await importText(clarityFile(rows), ROME))
  assert.match(mass, /"comparator":"<","system":"http:\/\/unitsofmeasure.org","unit":"mg\/dl","value":40\}/)
  assert.match(mass, /"comparator":">","system":"http:\/\/unitsofmeasure.org","unit":"mg\/dl","value":400\}/)
  const molar = await ndjsonOf(await importText(clarityFile(rows, 'mmol/L'), ROME))
  assert.match(molar, /"comparator":"<",.*"value":2\.2\}/)
  assert.match(molar, /"comparator":">",.*"value":22\.2\}/)
})

test('counts events that are no readings by kind, and leaves them out', async () => {
  const kinds = ['Calibration', 'Insulin', 'Carbs', 'Exercise', 'Health', 'Zanzibella']
  const rows = kinds.map((kind) => clarityRow('2025-01-01T00:00:00', '120', kind))
  const { report } = await importText(clarityFile([...rows, clarityRow('2025-01-01T00:00:00', '99')]), ROME)
  assert.equal(report.leftOut, {
    preamble: 6,
    calibration: 1,
    insulin: 1,
    carbs: 1,
    exercise: 1,
    health: 1,
    strip: 0,
    ketone: 0,
    note: 0,
    other: 1,
  })
  assert.is(report.readings, 1)
  assert.is(report.rowsRead, 13)
})

test('reads rows shorter than the header, and the older header of twelve columns', async () => {
  const full = clarityFile([clarityRow('2025-01-01T00:00:00', '99')])
  const short = full.replaceAll(',1234567,TX8F00', '')
  const older = short.replace(',Transmitter Time (Long Integer),Transmitter ID', '')
  const expected = await ndjsonOf(await importText(full, ROME))
  assert.is.not(short, full)
  assert.is(await ndjsonOf(await importText(short, ROME)), expected)
  assert.is(await ndjsonOf(await importText(older, ROME)), expected)
})

test('refuses a header with another unit, and names the column but not what it says', async () => {
  const rows = [clarityRow('2025-01-01T00:00:00', '99')]
  for (const unit of ['mg/L', 'mmol/l', '', 'Quuxworth']) {
    const error = await refusalOf(importText(clarityFile(rows, unit), ROME))
    assert.is(error.code, 'UNIT_UNKNOWN')
    assert.is(error.details['column'], 8)
    assert.match(error.message, /Column 8 \("Glucose Value"\)/)
    assert.not.match(error.message, /Quuxworth/)
  }
})

test('refuses a unit that contradicts the header', async () => {
  const file = clarityFile([clarityRow('2025-01-01T00:00:00', '99')])
  assert.is((await refusalOf(importText(file, { ...ROME, unit: 'mmol/L' }))).code, 'UNIT_SUSPECT')
  assert.is((await importText(file, { ...ROME, unit: 'mg/dL' })).report.readings, 1)
})

test('asks for the zone before it takes a reading', async () => {
  const error = await refusalOf(importText(clarityFile([clarityRow('2025-01-01T00:00:00', '99')])))
  assert.is(error.code, 'TIME_ZONE_NEEDED')
  assert.is(error.details['row'], 8)
})

test('refuses the digits of a decimal comma rather than read 5,4 as 5', async () => {
  const rows = [clarityRow('2025-01-01T00:00:00', '5,4')]
  const error = await refusalOf(importText(clarityFile(rows, 'mmol/L'), ROME))
  assert.is(error.code, 'ROW_MALFORMED')
  assert.equal(error.details, { row: 8, column: 9 })
  const quoted = [clarityRow('2025-01-01T00:00:00', '"5,4"')]
  assert.is((await refusalOf(importText(clarityFile(quoted, 'mmol/L'), ROME))).code, 'VALUE_INVALID')
})

test('refuses a reading without time, and an export without readings', async () => {
  assert.is((await refusalOf(importText(clarityFile([clarityRow('', '99')]), ROME))).code, 'TIME_INVALID')
  assert.is((await refusalOf(importText(clarityFile([]), ROME))).code, 'NO_READINGS')
})

test.run()
