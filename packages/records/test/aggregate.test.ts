import type { AggregateOptions, Window, WindowKind } from '@halo/records'
import {
  aggregate,
  generateGlucoseCsv,
  importGlucose,
  parseRecord,
  RecordsError,
  recordBytes,
} from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'

const test = suite('records/aggregate')

interface Reading {
  readonly time: string
  readonly value?: number
  readonly subject?: string
  readonly code?: string
  readonly device?: string
  readonly id?: string
}

function lineOf({
  time,
  value = 100,
  subject = 'Patient/subject-1',
  code = '99504-3',
  device,
  id,
}: Reading): string {
  return JSON.stringify({
    resourceType: 'Observation',
    ...(id === undefined ? {} : { id }),
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code }] },
    subject: { reference: subject },
    ...(device === undefined ? {} : { device: { reference: device } }),
    effectiveDateTime: time,
    valueQuantity: { value },
  })
}

async function* textOf(...lines: readonly string[]): AsyncGenerator<string> {
  for (const line of lines) yield `${line}\n`
}

async function windowsOf(lines: readonly string[], options: AggregateOptions): Promise<Window[]> {
  const windows: Window[] = []
  for await (const window of aggregate(textOf(...lines), options)) windows.push(window)
  return windows
}

async function names(window: WindowKind, times: readonly string[], timeZone?: string): Promise<string[]> {
  const lines = times.map((time) => lineOf({ time }))
  return (await windowsOf(lines, { window, timeZone })).map(({ header }) => header.name)
}

async function codeOf(act: () => unknown): Promise<{ code: string; row: unknown }> {
  try {
    await act()
  } catch (error) {
    if (error instanceof RecordsError) return { code: error.code, row: error.details['row'] }
    throw error
  }
  return { code: 'none', row: null }
}

test('names windows as the calendar does, in local time', async () => {
  const times = ['2025-12-28T23:30:00Z', '2025-12-31T23:30:00Z', '2026-01-01T00:30:00Z']
  assert.equal(await names('day', times), ['2025-12-28', '2025-12-31', '2026-01-01'])
  assert.equal(await names('day', times, 'Europe/Rome'), ['2025-12-29', '2026-01-01'])
  assert.equal(await names('week', times), ['2025-W52', '2026-W01'])
  assert.equal(await names('month', times, '+01:00'), ['2025-12', '2026-01'])
  assert.equal(await names('quarter', times), ['2025-Q4', '2026-Q1'])
  assert.equal(await names('real-time', times), [
    '2025-12-28T23:30:00.000Z',
    '2025-12-31T23:30:00.000Z',
    '2026-01-01T00:30:00.000Z',
  ])
})

test('numbers ISO weeks in years of 52 and 53 weeks', async () => {
  const days = ['2020-12-31', '2021-01-03', '2021-01-04', '2024-12-30', '2027-01-03', '2027-01-04']
  const times = days.map((day) => `${day}T12:00:00Z`)
  assert.equal(await names('week', times), ['2020-W53', '2021-W01', '2025-W01', '2026-W53', '2027-W01'])
})

test('gives the days on which the clock changes 23 and 25 hours, and expects as many readings', async () => {
  const times = ['2026-03-29T10:00:00+02:00', '2026-10-25T10:00:00+01:00']
  const lines = times.flatMap((time) =>
    [0, 5, 10].map((minute) =>
      lineOf({ time: time.replace('10:00', `10:${String(minute).padStart(2, '0')}`) }),
    ),
  )
  const windows = await windowsOf(lines, { window: 'day', timeZone: 'Europe/Rome' })
  const hours = windows.map(({ header }) => (Date.parse(header.end) - Date.parse(header.start)) / 3_600_000)
  assert.equal(hours, [23, 25])
  assert.equal(
    windows.map(({ header }) => header.series[0]?.expected),
    [276, 300],
  )
})

test('begins a day at the change of the clock where midnight is skipped', async () => {
  // Lebanon goes from 00:00 to 01:00.
  const [window] = await windowsOf([lineOf({ time: '2026-03-29T12:00:00+03:00' })], {
    window: 'day',
    timeZone: 'Asia/Beirut',
  })
  assert.is(window?.header.start, '2026-03-28T22:00:00.000Z')
  assert.is(window?.header.end, '2026-03-29T21:00:00.000Z')
})

test('gives the hour after midnight that a clock shows twice to the day that has begun', async () => {
  // Goose Bay went back from 00:01 on 1 November to 23:01 on 31 October.
  const times = ['2009-11-01T02:59:00Z', '2009-11-01T03:00:30Z', '2009-11-01T03:30:00Z']
  const found: (string | undefined)[] = []
  for (const time of times) {
    const [window] = await windowsOf([lineOf({ time })], { window: 'day', timeZone: 'America/Goose_Bay' })
    found.push(window?.header.name, window?.header.start)
  }
  const last = ['2009-11-01', '2009-11-01T03:00:00.000Z']
  assert.equal(found, ['2009-10-31', '2009-10-31T03:00:00.000Z', ...last, ...last])
})

test('puts every instant into the one window that holds it, in any zone', async () => {
  const zones = [
    'UTC',
    'Europe/Rome',
    'Asia/Beirut',
    'America/St_Johns',
    'Pacific/Apia',
    'Australia/Lord_Howe',
  ]
  const kinds: readonly WindowKind[] = ['day', 'week', 'month', 'quarter']
  const instant = fc.integer({ min: Date.UTC(2005, 0), max: Date.UTC(2030, 0) })
  const cases = fc.tuple(fc.constantFrom(...zones), fc.constantFrom(...kinds), instant)
  await holds(
    fc.asyncProperty(cases, async ([timeZone, kind, timeMs]) => {
      const time = new Date(timeMs).toISOString()
      const [window] = await windowsOf([lineOf({ time })], { window: kind, timeZone })
      const { start = '', end = '' } = window?.header ?? {}
      assert.ok(Date.parse(start) <= timeMs && timeMs < Date.parse(end), `${kind} of ${time} in ${timeZone}`)
      const before = new Date(Date.parse(start) - 1).toISOString()
      const [previous] = await windowsOf([lineOf({ time: before })], { window: kind, timeZone })
      assert.is(previous?.header.end, start, `${kind} before ${time} in ${timeZone}`)
    }),
  )
})

test('cuts a record into windows whose bytes, put together, are the record', async () => {
  const { record } = await importGlucose(new Blob([generateGlucoseCsv({ days: 20 })]).stream())
  const whole = await recordBytes(record)
  const parts: Uint8Array[] = []
  for await (const { header, bytes, gzipBytes } of aggregate(record.bytes(), {
    window: 'week',
    isSorted: true,
  })) {
    assert.is(header.rawBytes, bytes.length)
    assert.ok((gzipBytes ?? 0) > 0 && (gzipBytes ?? 0) < bytes.length / 4)
    for await (const reading of parseRecord(new Blob([bytes]).stream())) assert.is(reading.subject, 1)
    parts.push(bytes)
  }
  assert.is(parts.length, 3)
  assert.equal(new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer()), whole)
})

test('gives the same windows for sorted lines read in order and for the same lines held and shuffled', async () => {
  const readings = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 40 })
  await holds(
    fc.asyncProperty(readings, fc.infiniteStream(fc.nat()), async (hours, order) => {
      const sorted = [...new Set(hours)].sort((a, b) => a - b)
      const lines = sorted.map((hour) =>
        lineOf({ time: new Date(Date.UTC(2026, 0, 1, hour)).toISOString(), value: hour }),
      )
      const shuffled = lines
        .map((line) => ({ line, at: order.next().value as number }))
        .sort((a, b) => a.at - b.at)
        .map(({ line }) => line)
      const options = { window: 'day', measureGzip: false } as const
      assert.equal(await windowsOf(shuffled, options), await windowsOf(lines, { ...options, isSorted: true }))
    }),
  )
})

test('counts, expects and finds gaps per series, each gap in the window in which it ends', async () => {
  // From 20 to 35 it is three intervals, which is no gap yet.
  const minutes = [0, 5, 10, 15, 20, 35, 40, 80, 85, 1500, 1505]
  const at = (minute: number): string => new Date(Date.UTC(2026, 0, 5, 0, minute)).toISOString()
  const lines = [
    ...minutes.map((minute) => lineOf({ time: at(minute) })),
    lineOf({ time: at(3), code: '8867-4', device: 'Device/watch' }),
  ]
  const [first, second] = await windowsOf(lines, { window: 'day' })
  assert.equal(first?.header.series, [
    {
      series: 'Observation http://loinc.org|8867-4 Device/watch',
      count: 1,
      medianIntervalSec: null,
      expected: null,
      gaps: [],
    },
    {
      series: 'Observation http://loinc.org|99504-3',
      count: 9,
      medianIntervalSec: 300,
      expected: 288,
      gaps: [{ from: '2026-01-05T00:40:00.000Z', to: '2026-01-05T01:20:00.000Z' }],
    },
  ])
  assert.equal(second?.header.series[0]?.gaps, [
    { from: '2026-01-05T01:25:00.000Z', to: '2026-01-06T01:00:00.000Z' },
  ])
})

test('removes what says the same again: other id, other spelling of the instant, other order of keys', async () => {
  const time = '2026-01-05T12:00:00Z'
  const turned = JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(lineOf({ time }))).reverse()))
  const lines = [
    lineOf({ time, id: 'first' }),
    lineOf({ time, id: 'second' }),
    lineOf({ time: '2026-01-05T13:00:00+01:00' }),
    turned,
  ]
  const [window] = await windowsOf(lines, { window: 'day' })
  assert.is(window?.header.duplicates, 3)
  assert.is(window?.header.resources, 1)
  assert.match(new TextDecoder().decode(window?.bytes), /"id":"first"/)
})

test('refuses two values of one series at one time, naming both lines, or keeps and counts them when told to', async () => {
  const time = '2026-01-05T12:00:00Z'
  const lines = [lineOf({ time }), lineOf({ time, value: 101 }), lineOf({ time, value: 102 })]
  assert.equal(await codeOf(() => windowsOf(lines, { window: 'day' })), { code: 'READING_CONFLICT', row: 1 })
  const [window] = await windowsOf(lines, { window: 'day', conflicts: 'keep' })
  assert.equal([window?.header.resources, window?.header.conflicts], [3, 3])
})

test('compares each of many conflicting readings once, and keeps no more of one time than it may', async () => {
  const time = '2026-01-05T12:00:00Z'
  const lines = Array.from({ length: 20_000 }, (_, value) => lineOf({ time, value, id: `a${value}` }))
  const again = lineOf({ time, value: 19_999, id: 'other' })
  const options = { window: 'day', conflicts: 'keep' } as const
  const all = await windowsOf([...lines, again], { ...options, maxConflicts: 20_000 })
  const { resources, conflicts, duplicates } = all[0]?.header ?? {}
  assert.equal([resources, conflicts, duplicates], [20_000, 20_000, 1])
  assert.equal(await codeOf(() => windowsOf(lines, options)), { code: 'READING_CONFLICT', row: 1001 })
  assert.is((await windowsOf([...lines.slice(0, 1000), ...lines.slice(0, 1000)], options)).length, 1)
  const zero = { ...options, maxConflicts: 0 }
  assert.is((await codeOf(() => windowsOf([], zero))).code, 'OPTION_INVALID')
})

test('takes readings of two devices or two codes at one time for two series', async () => {
  const time = '2026-01-05T12:00:00Z'
  const lines = [
    lineOf({ time, value: 1, device: 'Device/a' }),
    lineOf({ time, value: 2, device: 'Device/b' }),
    lineOf({ time, value: 3, code: '8867-4' }),
  ]
  const [window] = await windowsOf(lines, { window: 'day' })
  assert.equal([window?.header.resources, window?.header.series.length], [3, 3])
})

test('keeps digits, and takes periods, dates without time and answers to questionnaires', async () => {
  const lines = [
    '{"resourceType":"Observation","effectivePeriod":{"start":"2026-01-05T23:00:00Z","end":"2026-01-06T07:00:00Z"},"valueQuantity":{"value":8.0}}',
    '{"resourceType":"Observation","effectiveDateTime":"2026-01-06","valueQuantity":{"value":12345.10}}',
    '{"resourceType":"QuestionnaireResponse","questionnaire":"https://halo.example/q|1","authored":"2026-01-06T08:00:00+01:00"}',
  ]
  const windows = await windowsOf(lines, { window: 'day', timeZone: 'Europe/Rome' })
  assert.is(windows.length, 1)
  const text = new TextDecoder().decode(windows[0]?.bytes)
  assert.match(text, /"value":8\.0\}/)
  assert.match(text, /"value":12345\.10\}/)
  assert.is(windows[0]?.header.series.at(-1)?.series, 'QuestionnaireResponse https://halo.example/q|1')
})

test('refuses lines that it cannot place, naming the row and not their content', async () => {
  const good = lineOf({ time: '2026-01-05T12:00:00Z' })
  const cases = [
    ['{"resourceType":"Patient","birthDate":"1970-01-01"}', 'RESOURCE_UNSUPPORTED'],
    ['{"resourceType":"constructor"}', 'RESOURCE_UNSUPPORTED'],
    ['{"resourceType":"__proto__"}', 'RESOURCE_UNSUPPORTED'],
    ['{"resourceType":"Observation"}', 'TIME_INVALID'],
    ['{"resourceType":"Observation","effectiveDateTime":"2026"}', 'TIME_INVALID'],
    ['{"resourceType":"Observation","effectiveDateTime":"2026-01-05T12:00:00"}', 'TIME_INVALID'],
    ['{"resourceType":"Observation","effectiveDateTime":"2026-02-30"}', 'TIME_INVALID'],
    [
      '{"resourceType":"Observation","effectivePeriod":{"start":"2026-01-05T12:00:00Z","end":"2026-01-05T11:00:00Z"}}',
      'TIME_INVALID',
    ],
    ['{"resourceType":"Observation","effectiveDateTime":17}', 'TIME_INVALID'],
    ['[1]', 'JSON_MALFORMED'],
    ['{"resourceType":', 'JSON_MALFORMED'],
    ['null', 'JSON_MALFORMED'],
  ] as const
  for (const [line, code] of cases)
    assert.equal(await codeOf(() => windowsOf([good, line], { window: 'day' })), { code, row: 2 }, line)
})

test('refuses options that it does not know before it reads', async () => {
  const kind = 'year' as unknown as WindowKind
  assert.is((await codeOf(() => windowsOf([], { window: kind }))).code, 'OPTION_INVALID')
  assert.is(
    (await codeOf(() => windowsOf([], { window: 'day', timeZone: 'Rome' }))).code,
    'TIME_ZONE_UNKNOWN',
  )
})

test('refuses an empty file, lines without end, and more resources or series than it may hold', async () => {
  const line = (minute: number, code = '99504-3'): string =>
    lineOf({ time: `2026-01-05T12:${minute}:00Z`, code })
  assert.is((await codeOf(() => windowsOf(['', ' '], { window: 'day' }))).code, 'FILE_EMPTY')
  const short = { window: 'day', maxLineBytes: 20 } as const
  assert.equal(await codeOf(() => windowsOf([line(10)], short)), { code: 'LINE_TOO_LONG', row: 1 })
  for (const isSorted of [true, false]) {
    const few = { window: 'day', isSorted, maxResources: 1 } as const
    assert.is((await codeOf(() => windowsOf([line(10), line(11)], few))).code, 'READINGS_TOO_MANY')
  }
  const oneSeries = { window: 'day', maxSeries: 1 } as const
  assert.is(
    (await codeOf(() => windowsOf([line(10), line(11, '8867-4')], oneSeries))).code,
    'READINGS_TOO_MANY',
  )
})

test('refuses what comes too late when lines were said to be sorted, and sorts it when not', async () => {
  const lines = ['2026-01-05', '2026-01-06', '2026-01-05'].map((day, at) =>
    lineOf({ time: `${day}T12:0${at}:00Z` }),
  )
  assert.equal(await codeOf(() => windowsOf(lines, { window: 'day', isSorted: true })), {
    code: 'WINDOW_INVALID',
    row: 3,
  })
  const windows = await windowsOf(lines, { window: 'day' })
  assert.equal(
    windows.map(({ header }) => header.resources),
    [2, 1],
  )
})

test('keeps subjects apart, in the order in which they first appear', async () => {
  const lines = ['Patient/b', 'Patient/a', 'Patient/b'].map((subject, at) =>
    lineOf({ time: `2026-01-05T12:0${at}:00Z`, subject }),
  )
  const windows = await windowsOf(lines, { window: 'day' })
  assert.equal(
    windows.map(({ header }) => header.series[0]?.medianIntervalSec),
    [120, null],
  )
  assert.equal(
    windows.map(({ header }) => [header.subject, header.resources]),
    [
      ['Patient/b', 2],
      ['Patient/a', 1],
    ],
  )
  const again = codeOf(() => windowsOf(lines, { window: 'day', isSorted: true }))
  assert.equal(await again, { code: 'WINDOW_INVALID', row: 3 })
})

test('holds one window at a time when lines are sorted', async () => {
  let given = 0
  async function* source(): AsyncGenerator<string> {
    for (; given < 1000; given++)
      yield `${lineOf({ time: new Date(Date.UTC(2026, 0, 1, given)).toISOString() })}\n`
  }
  for await (const _ of aggregate(source(), { window: 'day', isSorted: true, maxResources: 24 })) break
  assert.ok(given < 30, `${given} lines were read for the first day`)
})

test.run()
