import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { convertChunks, convertFile, findCanaries, readSeed, refusedFile } from './source-files.ts'

const test = suite('records/source-garmin-tcx')
const SEED = new TextDecoder().decode(readSeed('garmin-tcx.tcx'))

/** Places, names and serials of the sample. */
const CANARIES = ['46.94', '7.447', '540.2', 'Zanzibella', 'Quuxgasse', '3987654321', 'D2449', 'Forerunner']

function fileOf(...laps: string[]): string {
  return `<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities><Activity Sport="Biking">${laps.join('')}</Activity></Activities></TrainingCenterDatabase>`
}

function lapOf(start: string, calories: string, ...points: string[]): string {
  return `<Lap StartTime="${start}"><TotalTimeSeconds>60</TotalTimeSeconds><Calories>${calories}</Calories><Track>${points.join('')}</Track></Lap>`
}

function pointAt(time: string, heartRate: string): string {
  return `<Trackpoint><Time>${time}</Time><HeartRateBpm><Value>${heartRate}</Value></HeartRateBpm></Trackpoint>`
}

test('turns points into heart rates and laps into energy', async () => {
  const { resources, text, report } = await convertFile('garmin-tcx', SEED)
  assert.is(resources.length, 4)
  assert.match(text, /"effectiveDateTime":"2026-01-31T07:05:00.000Z".*"value":115}/)
  assert.match(text, /"effectiveDateTime":"2026-01-31T08:05:07\+01:00".*"value":121}/)
  assert.match(text, '"end":"2026-01-31T07:05:20Z","start":"2026-01-31T07:05:00.000Z"')
  assert.match(text, '"end":"2026-01-31T07:06:30.250Z","start":"2026-01-31T07:06:00Z"')
  assert.is(report.recordsRead, 5)
})

test('leaves places, names and serials behind, and counts them', async () => {
  const { text, report } = await convertFile('garmin-tcx', SEED)
  assert.equal(findCanaries(text + JSON.stringify(report), CANARIES), [])
  assert.is(report.leftOut['position'], 3)
  assert.is(report.leftOut['device'], 2)
  const error = await refusedFile('garmin-tcx', SEED.slice(0, SEED.indexOf('</Creator>')))
  assert.is(error.code, 'XML_MALFORMED')
  assert.equal(findCanaries(error.message + error.stack, CANARIES), [])
})

test('gives the same lines again, and for any chunks', async () => {
  const bytes = new TextEncoder().encode(SEED)
  const { text } = await convertFile('garmin-tcx', SEED)
  await holds(
    fc.asyncProperty(fc.nat(bytes.length), async (cut) => {
      const again = await convertChunks('garmin-tcx', [bytes.slice(0, cut), bytes.slice(cut)])
      assert.is(again.text, text)
    }),
    60,
  )
})

test('asks for the zone of times that name none', async () => {
  const file = fileOf(lapOf('2026-03-29T01:30:00', '5', pointAt('2026-03-29T03:30:00', '99')))
  assert.is((await refusedFile('garmin-tcx', file)).code, 'TIME_ZONE_NEEDED')
  const { text, report } = await convertFile('garmin-tcx', file, { timeZone: 'Europe/Rome' })
  assert.match(text, '"end":"2026-03-29T03:30:00+02:00","start":"2026-03-29T01:30:00+01:00"')
  assert.is(report.timeZone, 'Europe/Rome')
  const skipped = fileOf(lapOf('2026-03-29T02:30:00', '5'))
  assert.is((await refusedFile('garmin-tcx', skipped, { timeZone: 'Europe/Rome' })).code, 'TIME_NOT_IN_ZONE')
})

test('takes times that clocks showed twice in the order of the points', async () => {
  const points = ['02:10:00', '02:50:00', '02:10:00'].map((time, index) =>
    pointAt(`2026-10-25T${time}`, `9${index}`),
  )
  const file = fileOf(lapOf('2026-10-25T02:00:00', '5', ...points))
  const { text, report } = await convertFile('garmin-tcx', file, { timeZone: 'Europe/Rome' })
  const times = [...text.matchAll(/"effectiveDateTime":"[^"]*T([^"]*)"/g)].map(([, time]) => time)
  assert.equal(times, ['02:10:00+02:00', '02:50:00+02:00', '02:10:00+01:00'])
  assert.is(report.notes.find(({ rule }) => rule === 'hour-twice')?.count, 4)
})

test('leaves out and counts what cannot be read', async () => {
  const good = pointAt('2026-01-31T07:00:00Z', '88')
  const cases: readonly (readonly [string, string])[] = [
    [pointAt('2026-01-31T07:00:01Z', '0'), 'value-implausible'],
    [pointAt('2026-01-31T07:00:01Z', 'x'), 'value-unreadable'],
    [pointAt('', '88'), 'time-unreadable'],
    [pointAt('31.1.2026', '88'), 'time-unreadable'],
    ['<Trackpoint/>', 'point-without-heart-rate'],
  ]
  for (const [point, rule] of cases) {
    const { report } = await convertFile(
      'garmin-tcx',
      fileOf(lapOf('2026-01-31T06:59:00Z', '5', good, point)),
    )
    assert.equal([report.resources, report.leftOut], [2, { [rule]: 1 }], point)
  }
})

test('writes once a point that is there twice', async () => {
  const point = pointAt('2026-01-31T07:00:00Z', '88')
  const { report } = await convertFile('garmin-tcx', fileOf(lapOf('2026-01-31T06:59:00Z', '5', point, point)))
  assert.is(report.duplicates, 1)
})

test('refuses other XML, entities and texts without end', async () => {
  const cases: readonly (readonly [string, string])[] = [
    ['<gpx/>', 'FORMAT_UNKNOWN'],
    [
      SEED.replace('TrainingCenterDatabase/v2"\n  xmlns:xsi', 'TrainingCenterDatabase/v1"\n  xmlns:xsi'),
      'FORMAT_UNKNOWN',
    ],
    [fileOf(), 'NO_READINGS'],
    ['', 'FILE_EMPTY'],
    [`<!DOCTYPE a [<!ENTITY b "1">]>${fileOf(lapOf('2026-01-31T06:59:00Z', '&b;'))}`, 'XML_MALFORMED'],
    [fileOf(lapOf('2026-01-31T06:59:00Z', '9'.repeat(100_000))), 'LINE_TOO_LONG'],
    [fileOf(lapOf('2026-01-31T06:59:00Z', '<![CDATA[99]]>'.repeat(40_000))), 'LINE_TOO_LONG'],
  ]
  for (const [file, code] of cases)
    assert.is((await refusedFile('garmin-tcx', file)).code, code, file.slice(0, 80))
})

test.run()
