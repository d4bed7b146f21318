import { convert } from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { chunksOf } from './import-text.ts'
import {
  attemptChunks,
  convertChunks,
  convertFile,
  findCanaries,
  readSeed,
  refusedFile,
} from './source-files.ts'

const test = suite('records/source-fitbit')
const ROME = { timeZone: 'Europe/Rome', dateOrder: 'mdy' } as const

function seed(name: string): string {
  return new TextDecoder().decode(readSeed(`fitbit.${name}.json`))
}

/** Time and value of each line, short. */
function figuresOf(text: string): string[] {
  return [...text.matchAll(/"effective(?:DateTime":"|Period":{"end":")([^"]*)".*"value":([^}]*)}}\n/g)].map(
    ([, time, value]) => `${time} ${value}`,
  )
}

test('reads heart rates of the account export, with what was said twice once', async () => {
  const { text, report } = await convertFile('fitbit', seed('heart-rate'), ROME)
  assert.equal(figuresOf(text), ['2026-01-02T08:05:00+01:00 70', '2026-01-02T08:05:05+01:00 71'])
  assert.is(report.duplicates, 1)
  assert.is(report.timeZone, 'Europe/Rome')
  assert.equal(
    report.notes.map(({ rule }) => rule),
    ['confidence-not-kept'],
  )
})

test('reads resting heart rates by day, without asking for a zone', async () => {
  const { text, report } = await convertFile('fitbit', seed('resting'))
  assert.equal(figuresOf(text), ['2026-01-31 62.50448989868164'])
  assert.match(text, '"code":"40443-4"')
  assert.equal(report.leftOut, { 'day-without-value': 1 })
})

test('reads a night with its stages, and a nap without', async () => {
  for (const file of [seed('sleep'), `{"sleep":${seed('sleep')},"summary":{}}`]) {
    const { resources, text } = await convertFile('fitbit', file, ROME)
    assert.is(resources.length, 2)
    assert.match(
      text,
      '"effectivePeriod":{"end":"2026-01-31T07:01:00.000+01:00","start":"2026-01-30T23:16:30.000+01:00"}',
    )
    const stages = [...(text.split('\n')[0] ?? '').matchAll(/"code":"([0-9]+-[0-9])".*?"value":(\d+)}/g)]
    assert.equal(
      stages.map(([, code, minutes]) => `${code} ${minutes}`),
      ['93832-4 79', '93830-8 228', '93829-0 104', '103215-0 53'],
    )
  }
})

test('asks what a plain count counts, and takes the answer', async () => {
  for (const unit of [undefined, 'km', 'mg/dL'])
    assert.is((await refusedFile('fitbit', seed('steps'), { ...ROME, unit })).code, 'UNIT_NEEDED')
  const steps = await convertFile('fitbit', seed('steps'), { ...ROME, unit: 'steps' })
  assert.match(steps.text, '"code":"55423-8"')
  assert.equal(figuresOf(steps.text), ['2026-01-02T08:05:00+01:00 0', '2026-01-02T08:06:00+01:00 113'])
  const calories = await convertFile('fitbit', seed('steps'), { ...ROME, unit: 'kcal' })
  assert.match(calories.text, '"code":"41981-2"')
})

test('asks for the unit of weights, in the account export and in answers of the Web API', async () => {
  const api =
    '{"weight":[{"bmi":23.57,"date":"2026-01-31","logId":1553067494000,"source":"API","time":"07:01:02","weight":72.5}]}'
  for (const file of [seed('weight'), api]) {
    assert.is((await refusedFile('fitbit', file, ROME)).code, 'UNIT_NEEDED')
    const { text } = await convertFile('fitbit', file, { ...ROME, unit: 'lb' })
    assert.match(text, '"code":"[lb_av]"')
    assert.match(text, '"effectiveDateTime":"2026-01-31T07:01:02+01:00"')
  }
  assert.match((await convertFile('fitbit', api, { ...ROME, unit: 'kg' })).text, '"unit":"kg","value":72.5}')
})

test('reads days and intervals of the Web API', async () => {
  const { text, report } = await convertFile('fitbit', seed('intraday'), ROME)
  assert.equal(figuresOf(text), [
    '2026-01-31 2504',
    '2026-01-31T08:06:00+01:00 12',
    '2026-01-31T08:07:00+01:00 0',
  ])
  assert.is(report.recordsRead, 3)
  const heart = `{"activities-heart":[{"dateTime":"2026-01-31","value":{"heartRateZones":[{"max":99,"name":"Out of Range"}],"restingHeartRate":59}}],
    "activities-heart-intraday":{"dataset":[{"time":"23:59:59","value":64}],"datasetInterval":1,"datasetType":"second"}}`
  assert.equal(figuresOf((await convertFile('fitbit', heart, { timeZone: '-05:00' })).text), [
    '2026-01-31 59',
    '2026-01-31T23:59:59-05:00 64',
  ])
})

test('writes the end of an interval with the offset of its start, over midnight and a change of clocks', async () => {
  const file = seed('intraday')
    .replaceAll('2026-01-31', '2026-03-29')
    .replace('08:05:00', '01:59:30')
    .replace('08:06:00', '23:59:00')
  const { text } = await convertFile('fitbit', file, ROME)
  assert.match(text, '"end":"2026-03-29T02:00:30+01:00","start":"2026-03-29T01:59:30+01:00"')
  assert.match(text, '"end":"2026-03-30T00:00:00+02:00","start":"2026-03-29T23:59:00+02:00"')
})

test('gives no day to intervals of a file that names several', async () => {
  const days = ['2026-01-30', '2026-01-31'].map((dateTime) => ({ dateTime, value: '1' }))
  const file = JSON.stringify({ ...JSON.parse(seed('intraday')), 'activities-steps': days })
  const { report } = await convertFile('fitbit', file, ROME)
  assert.is(report.resources, 2)
  assert.equal(report.leftOut, { 'intraday-day-unknown': 2 })
})

test('asks for the zone, and refuses times that it skipped', async () => {
  assert.is((await refusedFile('fitbit', seed('heart-rate'), { dateOrder: 'mdy' })).code, 'TIME_ZONE_NEEDED')
  const skipped = seed('heart-rate').replaceAll('01/02/26 08', '03/29/26 02')
  const error = await refusedFile('fitbit', skipped, ROME)
  assert.is(error.code, 'TIME_NOT_IN_ZONE')
  assert.is(error.details['row'], 1)
  const unknown = { timeZone: 'Europe/Atlantis' }
  assert.is((await refusedFile('fitbit', seed('heart-rate'), unknown)).code, 'TIME_ZONE_UNKNOWN')
})

test('opens without an error, whatever the options: they are looked at with the file', () => {
  const conversion = convert('fitbit', chunksOf(''), { timeZone: 'Europe/Atlantis', maxLineBytes: -1 })
  assert.is(conversion.report().resources, 0)
})

test('takes the repeated hour of autumn in the order of the entries', async () => {
  const entries = ['02:59:59', '02:00:00', '02:59:59'].map(
    (time, index) => `{"dateTime":"10/25/26 ${time}","value":{"bpm":${70 + index},"confidence":1}}`,
  )
  const { text } = await convertFile('fitbit', `[${entries.join(',')}]`, ROME)
  assert.equal(figuresOf(text), [
    '2026-10-25T02:59:59+02:00 70',
    '2026-10-25T02:00:00+01:00 71',
    '2026-10-25T02:59:59+01:00 72',
  ])
})

test('takes the order of day and month from any date that settles it, first or last', async () => {
  const timeZone = 'Europe/Rome'
  const entry = (day: string): string => `{"dateTime":"${day} 08:05:00","value":{"bpm":70}}`
  for (const days of [
    ['01/02/26', '01/31/26'],
    ['01/31/26', '01/02/26'],
  ])
    assert.match(
      (await convertFile('fitbit', `[${days.map(entry)}]`, { timeZone })).text,
      '2026-01-02T08:05:00',
    )
  const dayFirst = await convertFile('fitbit', `[${entry('02/01/26')},${entry('31/01/26')}]`, { timeZone })
  assert.match(dayFirst.text, '2026-01-02T08:05:00')
  assert.match((await convertFile('fitbit', `[${entry('02/02/26')}]`, { timeZone })).text, '2026-02-02')
  const both = await refusedFile('fitbit', `[${entry('01/31/26')},${entry('31/01/26')}]`, { timeZone })
  assert.is(both.code, 'TIME_INVALID')
})

test('asks for the order of day and month, or refuses a date that does not exist in it', async () => {
  const file = seed('heart-rate').replace('01/02/26 08:05:05', '01/31/26 08:05:05')
  const wrong = await refusedFile('fitbit', file, { ...ROME, dateOrder: 'dmy' })
  assert.is(wrong.code, 'TIME_INVALID')
  assert.is(wrong.details['row'], 2)
  const unsure = await refusedFile('fitbit', seed('heart-rate'), { timeZone: 'Europe/Rome' })
  assert.is(unsure.code, 'DATE_ORDER_NEEDED')
  const dayFirst = await convertFile('fitbit', seed('heart-rate'), { ...ROME, dateOrder: 'dmy' })
  assert.match(dayFirst.text, '2026-02-01T08:05:00+01:00')
  assert.equal(
    dayFirst.report.notes.map(({ rule }) => rule),
    ['confidence-not-kept'],
  )
})

test('leaves out and counts what cannot be read', async () => {
  const good = '{"dateTime":"01/02/26 08:05:00","value":{"bpm":70}}'
  const cases: readonly (readonly [string, string])[] = [
    ['{"dateTime":"01/02/26 08:06:00","value":{"bpm":0}}', 'value-implausible'],
    ['{"dateTime":"01/02/26 08:06:00","value":{"bpm":null}}', 'value-unreadable'],
    ['{"dateTime":"01/02/26 08:06:00","value":{"bpm":[70]}}', 'value-unreadable'],
    ['{"dateTime":"01/02/26 08:06:00"}', 'value-unreadable'],
    ['{"dateTime":"01/02/26 25:06:00","value":{"bpm":70}}', 'time-unreadable'],
    ['{"dateTime":"yesterday","value":{"bpm":70}}', 'time-unreadable'],
    ['{"value":{"bpm":70}}', 'time-unreadable'],
    ['null', 'other-entries'],
    ['[]', 'other-entries'],
  ]
  for (const [entry, rule] of cases) {
    const { report } = await convertFile('fitbit', `[${good},${entry}]`, ROME)
    assert.equal([report.resources, report.leftOut], [1, { [rule]: 1 }], entry)
  }
})

test('refuses what is none of the files it knows', async () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'FILE_EMPTY'],
    [' \n', 'FILE_EMPTY'],
    ['[', 'JSON_MALFORMED'],
    ['['.repeat(100), 'JSON_MALFORMED'],
    ['[]', 'NO_READINGS'],
    ['3', 'FORMAT_UNKNOWN'],
    ['{}', 'FORMAT_UNKNOWN'],
    ['[1]', 'FORMAT_UNKNOWN'],
    ['[{"timestamp":"01/02/26 08:05:00"}]', 'FORMAT_UNKNOWN'],
    ['[{"dateTime":"01/02/26 08:05:00","value":{"rmssd":3}}]', 'FORMAT_UNKNOWN'],
    ['{"resourceType":"Observation"}', 'FORMAT_UNKNOWN'],
    [
      '{"activities-steps":[],"activities-steps-intraday":{"dataset":[],"datasetInterval":1,"datasetType":"week"}}',
      'FORMAT_UNKNOWN',
    ],
  ]
  for (const [file, code] of cases)
    assert.is((await refusedFile('fitbit', file, { ...ROME, unit: 'kg' })).code, code, file)
  assert.is(
    (await refusedFile('fitbit', seed('sleep'), { ...ROME, maxLineBytes: 100 })).code,
    'LINE_TOO_LONG',
  )
})

test('keeps log ids, confidence and sources out, and any text out of errors', async () => {
  const canaries = ['48123456789', '1431993599000', 'Aria', 'Zanzibella', 'confidence":']
  for (const [name, unit] of [['sleep'], ['weight', 'kg'], ['heart-rate']] as const) {
    const { text, report } = await convertFile('fitbit', seed(name), { ...ROME, unit })
    assert.equal(findCanaries(text + JSON.stringify(report), canaries), [])
  }
  const files = [
    'Zanzibella',
    '["Zanzibella"]',
    '{"Zanzibella":1}',
    '[{"dateTime":"Zanzibella","value":"Zanzibella"}]',
    '[{"dateTime":"99/99/26 08:05:00","value":{"bpm":70}}]',
  ]
  for (const file of files) {
    const error = await refusedFile('fitbit', file, { ...ROME, unit: 'steps' })
    assert.equal(
      findCanaries(error.message + error.stack + JSON.stringify(error.details), ['Zanzibella', '99/99']),
      [],
    )
  }
})

test('gives the same lines again, and for any chunks', async () => {
  const bytes = new TextEncoder().encode(seed('sleep'))
  const { text } = await convertFile('fitbit', seed('sleep'), ROME)
  await holds(
    fc.asyncProperty(fc.nat(bytes.length), async (cut) => {
      assert.is((await convertChunks('fitbit', [bytes.slice(0, cut), bytes.slice(cut)], ROME)).text, text)
    }),
    40,
  )
})

test('ends any JSON of such keys with lines or a RecordsError', async () => {
  const key = fc.constantFrom(
    'dateTime',
    'value',
    'bpm',
    'date',
    'time',
    'weight',
    'sleep',
    'levels',
    'summary',
    'deep',
    'minutes',
    'minutesAsleep',
    'startTime',
    'endTime',
    'dateOfSleep',
    'activities-heart',
    'activities-heart-intraday',
    'dataset',
    'datasetInterval',
    'datasetType',
    'restingHeartRate',
  )
  const leaf = fc.oneof(
    fc.constantFrom(
      '01/02/26 08:05:00',
      '2026-01-31',
      '08:05:00',
      '2026-01-31T08:05:00',
      'minute',
      '70',
      '',
      null,
      70,
      1e300,
      -0,
      true,
    ),
    fc.string({ maxLength: 5 }),
  )
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      leaf,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
    ),
  }))
  await holds(
    fc.asyncProperty(tree, fc.constantFrom('steps', 'kg', undefined), async (value, unit) => {
      // Anything but lines and a RecordsError is thrown.
      await attemptChunks('fitbit', [JSON.stringify(value)], { ...ROME, unit })
    }),
    1500,
  )
})

test.run()
