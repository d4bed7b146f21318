import { createReadStream, readFileSync } from 'node:fs'
import { importGlucose, parseRecord } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ndjsonOf } from './import-text.ts'
import { declareSkip, findShared } from './shared-data.ts'

const test = suite('records/samples')

/** Registers a test on a real file, or says that it is left out where the file is absent. */
function testOn(file: string, title: string, run: (path: string) => Promise<void>): void {
  const path = findShared(file)
  if (path === null) declareSkip('records/samples', title, `../shared/data/${file} is absent`)
  else test(title, () => run(path))
}

testOn(
  'cgm_iglu/example_data_5_subject.csv',
  'holds all 13 866 readings of five subjects with exact value and time',
  async (path) => {
    const { record, report } = await importGlucose(createReadStream(path))
    const rows = readFileSync(path, 'utf8').trim().split(/\r?\n/).slice(1)
    const back: string[] = []
    for await (const { subject, time, valueText } of parseRecord(record.bytes()))
      back.push(`Subject ${subject},${time},${valueText}`)
    assert.is(back.length, 13_866)
    assert.equal(back, rows)
    assert.equal(
      report.subjects.map(({ readings }) => readings),
      [2915, 2829, 1533, 3664, 2925],
    )
    assert.is(report.duplicates + report.reordered + report.ambiguousTimes, 0)
    assert.is(record.metadata.timeZoneSource, 'file')
  },
)

testOn('cgm_iglu/example_data_1_subject.csv', 'reads the file of one subject', async (path) => {
  const { record } = await importGlucose(createReadStream(path))
  assert.is(record.metadata.readings, 2915)
  assert.is(record.metadata.start, '2015-06-06T21:50:27Z')
  assert.is(record.metadata.end, '2015-06-19T13:59:36Z')
})

testOn(
  'cgm_clarity_sample/clarity_g6_test_file.csv',
  'holds all 2 148 readings of the Clarity sample with exact value and wall-clock time, and no name',
  async (path) => {
    const imported = await importGlucose(createReadStream(path), { timeZone: 'America/New_York' })
    const rows = readFileSync(path, 'utf8')
      .split('\n')
      .map((row) => row.split(','))
      .filter((cells) => cells[2] === 'EGV')
    assert.is(imported.report.readings, 2148)
    assert.is(imported.report.leftOut.preamble, 11)
    assert.equal(
      [...imported.record.readings()].map(({ time, valueText }) => [time.slice(0, 19), valueText]),
      rows.map((cells) => [cells[1], cells[7]]),
    )
    const text = (await ndjsonOf(imported)) + JSON.stringify([imported.record.metadata, imported.report])
    for (const canary of ['Joe', 'Schmoe', '1970', 'Dexcom', 'iPhone']) assert.not.ok(text.includes(canary))
  },
)

test.run()
