import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { openTimeZone } from '../src/text/time-zone.ts'
import { importText, ndjsonOf, refusalOf } from './import-text.ts'

const test = suite('records/time-zone')

function wall(text: string): number {
  return Date.parse(`${text}Z`)
}

/** Times of a one-subject file with these zone-less times, as the record holds them. */
async function placed(timeZone: string, ...times: string[]): Promise<string[]> {
  const rows = times.map((time, index) => `a,${time},${100 + index}`)
  const imported = await importText(['id,time,gl', ...rows].join('\n'), { timeZone })
  return [...(await ndjsonOf(imported)).matchAll(/"effectiveDateTime":"([^"]+)"/g)].map(
    ([, time = '']) => time,
  )
}

test('knows both offsets of a repeated time and none of a skipped one', () => {
  const cases = [
    ['Europe/Rome', '2025-03-30T01:59:59', [60]],
    ['Europe/Rome', '2025-03-30T02:00:00', []],
    ['Europe/Rome', '2025-03-30T02:59:59', []],
    ['Europe/Rome', '2025-03-30T03:00:00', [120]],
    ['Europe/Rome', '2025-10-26T01:59:59', [120]],
    ['Europe/Rome', '2025-10-26T02:00:00', [120, 60]],
    ['Europe/Rome', '2025-10-26T02:59:59', [120, 60]],
    ['Europe/Rome', '2025-10-26T03:00:00', [60]],
    ['America/New_York', '2025-03-09T02:30:00', []],
    ['America/New_York', '2025-11-02T01:30:00', [-240, -300]],
    ['America/New_York', '2025-11-02T02:00:00', [-300]],
    ['Australia/Lord_Howe', '2025-10-05T02:15:00', []],
    ['Australia/Lord_Howe', '2025-10-05T02:30:00', [660]],
    ['Australia/Lord_Howe', '2025-04-06T01:29:59', [660]],
    ['Australia/Lord_Howe', '2025-04-06T01:45:00', [660, 630]],
    ['Pacific/Apia', '2011-12-30T12:00:00', []],
    ['Asia/Kathmandu', '2025-07-01T00:00:00', [345]],
    ['+05:30', '2025-03-30T02:30:00', [330]],
    ['UTC', '2025-03-30T02:30:00', [0]],
  ] as const
  for (const [name, time, offsets] of cases)
    assert.equal(openTimeZone(name).offsetsAt(wall(time)), offsets, `${name} ${time}`)
})

test('finds the offset that Intl gives for every instant', async () => {
  const zones = [
    'Europe/Rome',
    'America/New_York',
    'Australia/Lord_Howe',
    'America/Sao_Paulo',
    'Africa/Casablanca',
  ]
  const instants = fc.integer({ min: Date.UTC(1975, 0) / 1000, max: Date.UTC(2037, 0) / 1000 })
  await holds(
    fc.property(fc.constantFrom(...zones), instants, (name, atSec) => {
      const shown = wallByIntl(name, atSec * 1000)
      const offsets = openTimeZone(name).offsetsAt(shown)
      assert.ok(offsets.includes((shown - atSec * 1000) / 60_000))
      for (const offsetMin of offsets) assert.is(wallByIntl(name, shown - offsetMin * 60_000), shown)
    }),
    200,
  )
})

test('reads the repeated hour twice in Rome, once with each offset', async () => {
  assert.equal(
    await placed(
      'Europe/Rome',
      '2025-10-26T01:55:00',
      '2025-10-26T02:00:00',
      '2025-10-26T02:55:00',
      '2025-10-26T02:00:00',
      '2025-10-26T02:55:00',
      '2025-10-26T03:00:00',
    ),
    [
      '2025-10-26T01:55:00+02:00',
      '2025-10-26T02:00:00+02:00',
      '2025-10-26T02:55:00+02:00',
      '2025-10-26T02:00:00+01:00',
      '2025-10-26T02:55:00+01:00',
      '2025-10-26T03:00:00+01:00',
    ],
  )
})

test('reads the repeated hour in New York and the repeated half hour of Lord Howe', async () => {
  assert.equal(
    await placed('America/New_York', '2025-11-02T01:30:00', '2025-11-02T01:15:00', '2025-11-02T01:45:00'),
    ['2025-11-02T01:30:00-04:00', '2025-11-02T01:15:00-05:00', '2025-11-02T01:45:00-05:00'],
  )
  assert.equal(
    await placed('Australia/Lord_Howe', '2025-04-06T01:50:00', '2025-04-06T01:35:00', '2025-04-06T02:00:00'),
    ['2025-04-06T01:50:00+11:00', '2025-04-06T01:35:00+10:30', '2025-04-06T02:00:00+10:30'],
  )
})

test('reads a file upwards that lists the newest first', async () => {
  const rows = ['03:00:00,5', '02:30:00,4', '02:00:00,3', '02:30:00,2', '02:00:00,1', '01:30:00,0']
  const text = ['id,time,gl', ...rows.map((row) => `a,2025-10-26T${row.replace(',', ',10')}`)].join('\n')
  const { record, report } = await importText(text, { timeZone: 'Europe/Rome' })
  assert.equal(
    [...record.readings()].map(({ valueText }) => valueText),
    ['100', '101', '102', '103', '104', '105'],
  )
  assert.is(report.ambiguousTimes, 4)
  assert.is(report.reordered, 5)
})

test('settles each subject’s repeated hour by its own rows, and counts it', async () => {
  const rows = ['a,01:50,100', 'a,02:40,100', 'b,02:10,100', 'a,02:10,101', 'b,02:40,101']
  const text = ['id,time,gl', ...rows.map((row) => row.replace(',', ',2025-10-26T'))].join('\n')
  const { record, report } = await importText(text, { timeZone: 'Europe/Rome' })
  assert.equal(
    [...record.readings()].map(({ subject, time }) => `${subject} ${time.slice(11)}`),
    ['1 01:50:00+02:00', '1 02:40:00+02:00', '1 02:10:00+01:00', '2 02:10:00+02:00', '2 02:40:00+02:00'],
  )
  assert.is(report.ambiguousTimes, 4)
})

test('takes a repeated row in the repeated hour for one reading', async () => {
  const text = 'id,time,gl\na,2025-10-26T02:10,100\na,2025-10-26T02:10,100\n'
  const { report } = await importText(text, { timeZone: 'Europe/Rome' })
  assert.is(report.readings, 1)
  assert.is(report.duplicates, 1)
})

test('refuses a time that the zone skipped, and names the row', async () => {
  for (const [timeZone, time] of [
    ['Europe/Rome', '2025-03-30T02:30:00'],
    ['America/New_York', '2025-03-09T02:00:00'],
    ['Australia/Lord_Howe', '2025-10-05T02:29:59'],
  ] as const) {
    const error = await refusalOf(
      importText(`id,time,gl\na,2025-01-01T00:00,100\na,${time},100`, { timeZone }),
    )
    assert.is(error.code, 'TIME_NOT_IN_ZONE')
    assert.is(error.details['row'], 3)
    assert.match(error.message, /--tz/)
  }
})

test('writes Z in UTC, however it is called, and +00:00 in a London winter', async () => {
  for (const name of ['UTC', 'Etc/UTC', 'Z', '+00:00', '-00:00', 'utc'])
    assert.equal(await placed(name, '2025-01-01T08:00'), ['2025-01-01T08:00:00Z'], name)
  assert.equal(await placed('Europe/London', '2025-01-01T08:00'), ['2025-01-01T08:00:00+00:00'])
})

test('keeps offsets of the file and uses the zone only where there is none', async () => {
  assert.equal(await placed('Europe/Rome', '2025-01-01T08:00:00-03:00', '2025-01-01T13:00:00'), [
    '2025-01-01T08:00:00-03:00',
    '2025-01-01T13:00:00+01:00',
  ])
  const { record, report } = await importText('id,time,gl\na,2025-01-01T08:00:00Z,100', {
    timeZone: 'Asia/Tokyo',
  })
  assert.is(record.metadata.timeZoneSource, 'file')
  assert.is(report.timeZone, null)
})

test('asks for the zone, naming the remedy, and refuses one that does not exist', async () => {
  const csv = 'id,time,gl\na,2025-01-01T08:00:00Z,100\na,2025-01-01T08:05:00,100\n'
  const needed = await refusalOf(importText(csv))
  assert.is(needed.code, 'TIME_ZONE_NEEDED')
  assert.is(needed.details['row'], 3)
  assert.match(needed.message, /--tz/)
  for (const timeZone of ['Europe/Rom', '', '+1', '+15:00', '__proto__'])
    assert.is((await refusalOf(importText(csv, { timeZone }))).code, 'TIME_ZONE_UNKNOWN', timeZone)
})

/** What a clock in the zone shows, by the calendar fields Intl prints. */
function wallByIntl(timeZone: string, timeMs: number): number {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  return Date.parse(`${format.format(timeMs).replace(' ', 'T')}Z`)
}

test.run()
