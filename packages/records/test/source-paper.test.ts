import { readFileSync } from 'node:fs'
import type { SourceKind } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { declareSkip, findShared } from './shared-data.ts'
import { codeOf, convertText, refusalOf } from './source-text.ts'

const test = suite('records/source-paper')
const ROME = { timeZone: 'Europe/Rome' }

type Fields = Readonly<Record<string, unknown>>

const AIR: Fields = {
  location: 'Zanzibella Quuxworth’s bedroom',
  timestamp: '2019-01-09 00:00:00',
  pm2_5: '10.50',
  co2: 0.2,
  temperature: '26.7',
}
const REPORT: Fields = {
  X: 4711,
  date: '2016-05-30T17:23:56.000Z',
  alcohol: 'No',
  caffee: 'Si',
  Medicine: 'Mysoline',
  t1: '2016-05-30T17:23:37.000Z',
  ArmExtendL: 0,
  Writting: 4,
  Angle: 273.226989746094,
  PhoneMod: 'Libroscan 3',
  MAC: '02:00:5E:10:00:01',
  uuid: 'feed000000004711',
}

function fileOf(...entries: readonly Fields[]): string {
  return JSON.stringify(entries)
}

/** Rules of a report with their counts, in order of first use. */
async function rulesOf(kind: SourceKind, ...entries: readonly Fields[]): Promise<Record<string, number>> {
  const { report } = await convertText(kind, fileOf(...entries), ROME)
  return Object.fromEntries(report.notes.map(({ rule, count }) => [rule, count]))
}

test('writes a room’s air as one Observation per time, digits as they are, the place as a number', async () => {
  const later = { ...AIR, timestamp: '2019-01-09 00:01:00', location: 'Kitchen' }
  const { lines, report } = await convertText('air-quality', fileOf(AIR, later, AIR), ROME)
  assert.is(lines.length, 4)
  assert.match(lines[0] ?? '', /"id":"room-1".*"resourceType":"Location"/)
  assert.match(lines[1] ?? '', /"effectiveDateTime":"2019-01-09T00:00:00\+01:00"/)
  assert.match(lines[1] ?? '', /"code":"ug\/m3",[^}]*"value":10\.50\}/)
  assert.match(lines[1] ?? '', /"air-co2"[^{]*\}\]\},"valueQuantity":\{"value":0\.2\}/)
  assert.match(lines[3] ?? '', /"subject":\{"reference":"Location\/room-2"\}/)
  assert.is(report.duplicates, 1)
  assert.is(report.resources, 4)
  assert.is(report.timeZone, 'Europe/Rome')
})

test('leaves out figures that are none, and entries without time or figures, each by its rule', async () => {
  const found = await rulesOf(
    'air-quality',
    { ...AIR, pm2_5: 'n/a', humidity: '101', temperature: null, serial: 'x', co2: '0x1' },
    { ...AIR, timestamp: '2019-02-30 00:00:00' },
    { location: 'a', timestamp: '2019-01-09 00:02:00' },
    { ...AIR, location: undefined, timestamp: '2019-01-09 00:02:00' },
    { ...AIR, timestamp: '2019-01-09 00:05:00', pm2_5: 1 },
    { ...AIR, timestamp: '2019-01-09 00:05:00', pm2_5: 2 },
  )
  assert.equal(found, {
    'number-as-text': 7,
    'value-unreadable': 3,
    'value-implausible': 1,
    'fields-unknown': 1,
    'no-figures': 2,
    'time-unreadable': 1,
    'location-left-out': 2,
    'units-assumed': 2,
    'time-repeated': 1,
    'numbered-by-appearance': 1,
  })
})

test('reports gaps of a room, and settles the hour that autumn repeats by order', async () => {
  const minutes = ['02:50', '02:55', '02:00', '02:05', '02:40', '02:45']
  const entries = minutes.map((time) => ({ ...AIR, timestamp: `2019-10-27 ${time}:00` }))
  const { lines, report } = await convertText('air-quality', fileOf(...entries), ROME)
  const times = lines.slice(1).map((line) => /"effectiveDateTime":"[^"]*T([^"]+)"/.exec(line)?.[1])
  assert.equal(times, [
    '02:50:00+02:00',
    '02:55:00+02:00',
    '02:00:00+01:00',
    '02:05:00+01:00',
    '02:40:00+01:00',
    '02:45:00+01:00',
  ])
  assert.equal(report.gaps, [
    { series: 'indoor-air room-1', from: '2019-10-27T01:05:00Z', to: '2019-10-27T01:40:00Z' },
  ])
})

test('asks for the zone of times without one, refuses times the clock skipped, and other files', async () => {
  assert.is(await codeOf('air-quality', fileOf(AIR)), 'TIME_ZONE_NEEDED')
  const skipped = fileOf({ ...AIR, timestamp: '2019-03-31 02:30:00' })
  assert.is(await codeOf('air-quality', skipped, ROME), 'TIME_NOT_IN_ZONE')
  assert.is(await codeOf('tremor-score', '[{"t":20190110081001,"tre":4}]'), 'TIME_ZONE_NEEDED')
  assert.is(await codeOf('air-quality', fileOf(REPORT), ROME), 'FORMAT_UNKNOWN')
  assert.is(await codeOf('air-quality', '[]', ROME), 'NO_READINGS')
  assert.is(await codeOf('patient-report', fileOf({ date: '' }), ROME), 'NO_READINGS')
  assert.is(await codeOf('patient-report', '', ROME), 'FILE_EMPTY')
  assert.is(await codeOf('tremor-score', '[{"t":1', ROME), 'JSON_MALFORMED')
  assert.is(await codeOf('tremor-score', fileOf({ t: 1, tre: 'x'.repeat(70_000) }), ROME), 'LINE_TOO_LONG')
  const two = fileOf(AIR, { ...AIR, timestamp: '2019-01-09 00:01:00' })
  assert.is(await codeOf('air-quality', two, { ...ROME, maxReadings: 1 }), 'READINGS_TOO_MANY')
  assert.is(await codeOf('air-quality', two, { timeZone: 'Mars' }), 'TIME_ZONE_UNKNOWN')
})

test('writes a report as answers to the questionnaire, with its time as written', async () => {
  const { lines, report } = await convertText('patient-report', fileOf(REPORT))
  const response = JSON.parse(lines[0] ?? '')
  assert.is(response.questionnaire, 'https://halo.example/fhir/Questionnaire/tremor-report|1.0.0')
  assert.is(response.authored, '2016-05-30T17:23:56.000Z')
  const answers = Object.fromEntries(
    response.item.map(({ linkId, answer }: { linkId: string; answer: readonly object[] }) => [
      linkId,
      answer[0],
    ]),
  )
  assert.equal(answers, {
    alcohol: { valueBoolean: false },
    coffee: { valueBoolean: true },
    medicine: { valueString: 'Mysoline' },
    'arm-extend-left': { valueInteger: 0 },
    writing: { valueInteger: 4 },
    angle: { valueDecimal: 273.226989746094 },
    'time-1': { valueDateTime: '2016-05-30T17:23:37.000Z' },
  })
  assert.equal(Object.fromEntries(report.notes.map(({ rule, count }) => [rule, count])), {
    'phone-left-out': 1,
    'report-number-left-out': 1,
    'yes-or-no-from-text': 2,
    'answer-missing': 16,
  })
  assert.is(report.timeZone, null)
})

test('reads dirty answers by rules, and leaves out what it cannot read', async () => {
  const found = await rulesOf(
    'patient-report',
    {
      ...REPORT,
      ArmExtendL: '3',
      Writting: 5,
      CupsL: 'high',
      Angle: 400,
      alcohol: 'maybe',
      Medicine: ' ',
      note: 'x',
    },
    { ...REPORT, uuid: 'other', t2: '2016-05-30T17:23:36.000Z', alcohol: true },
    { ...REPORT, date: '30/05/2016' },
    { ...REPORT, Writting: 2 },
    { ...REPORT, Writting: 2 },
    { ...REPORT, date: '2016-05-31T10:00:00Z' },
    { ...REPORT, date: '2016-05-31T10:00:00Z', MAC: 'another' },
    { date: '2016-05-31T10:00:00Z' },
  )
  assert.equal(found, {
    'phone-left-out': 7,
    'report-number-left-out': 7,
    'fields-unknown': 1,
    'answer-unreadable': 4,
    'yes-or-no-from-text': 10,
    'number-as-text': 1,
    'score-out-of-range': 1,
    'answer-missing': 15 + 15 + 16 * 4 + 23,
    'phone-is-subject': 2,
    'times-reversed': 1,
    'time-unreadable': 1,
    'time-repeated': 2,
    'no-answers': 1,
    'numbered-by-appearance': 2,
  })
})

test('writes tremor scores, and leaves out times whose seconds no clock shows', async () => {
  const entries = [
    { t: 20190110081058, tre: 4 },
    { t: '20190110081059', tre: '2' },
    { t: 20190110081060, tre: 1 },
    { t: 20190110081099, tre: 1 },
    { t: 20190110081100, tre: 0 },
    { t: '2019-01-10T08:12:00+02:00', tre: 1 },
    { t: 20190110081100, tre: 0 },
    { t: 20190110081100, tre: 1 },
    { t: 20191310081100, tre: 1 },
    { t: 20190110081200, tre: 5 },
    { t: 20190110081300, tre: 1.5 },
    { t: 20190110081400 },
    { tre: 1, MAC: '02:00:5E:10:00:01' },
  ]
  const { lines, report } = await convertText('tremor-score', fileOf(...entries), ROME)
  const found = lines.map((line) => {
    const { effectiveDateTime, valueQuantity } = JSON.parse(line)
    return `${effectiveDateTime} ${valueQuantity.value}`
  })
  assert.equal(found, [
    '2019-01-10T08:10:58+01:00 4',
    '2019-01-10T08:10:59+01:00 2',
    '2019-01-10T08:11:00+01:00 0',
    '2019-01-10T08:12:00+02:00 1',
  ])
  assert.is(report.duplicates, 1)
  assert.equal(report.leftOut, {
    'score-out-of-range': 3,
    'seconds-out-of-range': 2,
    'time-repeated': 1,
    'time-unreadable': 2,
  })
})

test('keeps places, phones and unknown fields out of lines, reports and errors', async () => {
  const canaries = ['Zanzibella', 'Quuxworth', 'Libroscan', '02:00:5E', 'feed0000', '4711']
  const said: string[] = []
  for (const [kind, entry] of [
    ['air-quality', AIR],
    ['patient-report', REPORT],
  ] as const) {
    const { text, report } = await convertText(kind, fileOf({ ...entry, owner: 'Zanzibella' }), ROME)
    said.push(text, JSON.stringify(report))
    for (const damaged of [
      fileOf(entry).slice(0, -1),
      `${fileOf(entry)}Zanzibella`,
      fileOf({ owner: 'Zanzibella' }),
      fileOf({ ...entry, timestamp: 'Zanzibella', date: 'Zanzibella' }),
      fileOf({ ...entry, Medicine: 'Zanzibella'.repeat(9000) }),
    ]) {
      const { message, details } = await refusalOf(() => convertText(kind, damaged, ROME))
      said.push(message, JSON.stringify(details))
    }
  }
  for (const canary of canaries)
    assert.not.ok(said.join().toLowerCase().includes(canary.toLowerCase()), canary)
})

const FILES: readonly (readonly [SourceKind, string, number])[] = [
  ['air-quality', 'air_quality_mam', 101],
  ['patient-report', 'report_mam', 100],
  ['tremor-score', 'tremor_mam', 60],
]
for (const [kind, name, resources] of FILES) {
  const title = `takes over paper 000’s ${name}, twice to the same bytes`
  const path = findShared(`paper000/${name}.json`)
  if (path === null) declareSkip('records/source-paper', title, 'no shared data')
  else
    test(title, async () => {
      const file = readFileSync(path)
      const { text, lines, report } = await convertText(kind, file, ROME)
      assert.is(report.resources, resources)
      assert.is(lines.length, resources)
      assert.is((await convertText(kind, file, ROME)).text, text)
    })
}

test.run()
