import { MeasuresError, profileGlucose } from '@halo/measures'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import type { GlucoseSample } from '../src/glucose/glucose-reading.ts'
import { quantileOf } from '../src/glucose/quantile.ts'
import { assertAlike, DAY_MS, HOUR_MS, MINUTE_MS, START_MS, traceOf, wandering } from './glucose-traces.ts'

const test = suite('measures/glucose-profile')

/** Every five minutes for some days, the value telling the hour (UTC). */
function hoursOf(startMs: number, days: number): GlucoseSample[] {
  return traceOf(
    Array.from({ length: days * 288 }, (_, index) => 100 + (Math.floor(index / 12) % 24)),
    { startMs },
  )
}

/** Readings per bin of an hour. */
function countByHour(readings: readonly GlucoseSample[], timeZone: string): number[] {
  const { bins } = profileGlucose(readings, { timeZone })
  return Array.from({ length: 24 }, (_, hour) =>
    bins.slice(hour * 4, hour * 4 + 4).reduce((sum, { n }) => sum + n, 0),
  )
}

/** Asks the platform for each instant; what Swedes write is ISO 8601: 2026-03-29 03:05. */
function openWall(timeZone: string): (timeMs: number) => { readonly date: string; readonly minute: number } {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
  return (timeMs) => {
    const [date = '', time = ''] = format.format(timeMs).split(' ')
    const [hour = 0, minute = 0] = time.split(':').map(Number)
    return { date, minute: hour * 60 + minute }
  }
}

const EVERY_HOUR_36 = Array.from({ length: 24 }, () => 36)

test('a day is 96 bins of 15 minutes, 144 of 10 or 288 of 5', () => {
  for (const [binMin, count] of [
    [undefined, 96],
    [10, 144],
    [5, 288],
  ] as const) {
    const options = binMin === undefined ? { timeZone: 'UTC' } : { timeZone: 'UTC', binMin }
    const { bins } = profileGlucose(hoursOf(START_MS, 2), options)
    assert.is(bins.length, count)
    assert.is(
      bins.reduce((sum, { n }) => sum + n, 0),
      576,
    )
    assert.equal(
      bins.map(({ startMin }) => startMin),
      bins.map((_, index) => (index * 1440) / count),
    )
  }
})

test('percentiles without smoothing are those of the readings of the bin', () => {
  const values = Array.from({ length: 10 * 288 }, (_, index) => 100 + ((index * 37) % 101))
  const { bins } = profileGlucose(traceOf(values), { timeZone: 'UTC', smoothMin: 0 })
  for (const [index, bin] of bins.entries()) {
    const sorted = Float64Array.from(values.filter((_, at) => Math.floor((at % 288) / 3) === index)).sort()
    assert.is(bin.n, 30)
    assertAlike(
      [bin.p5, bin.p25, bin.p50, bin.p75, bin.p95],
      [0.05, 0.25, 0.5, 0.75, 0.95].map((share) => quantileOf(sorted, share)),
    )
  }
})

test('quantiles interpolate between ranks', () => {
  const sorted = Float64Array.of(1, 2, 4, 8)
  assertAlike(
    [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1].map((share) => quantileOf(sorted, share)),
    [1, 1.15, 1.75, 3, 5, 7.4, 8],
  )
  assert.is(quantileOf(Float64Array.of(5), 0.95), 5)
})

test('smoothing spreads a spike by a triangle, around midnight too', () => {
  const spike = (bin: number): (number | null)[] => {
    const values = Array.from({ length: 96 }, (_, index) => (index === bin ? 160 : 100))
    return profileGlucose(traceOf(values, { intervalMin: 15 }), { timeZone: 'UTC' }).bins.map(
      ({ p50 }) => p50,
    )
  }
  const wanted = Array.from({ length: 96 }, () => 100)
  // Weights 1/3, 2/3, 1, 2/3, 1/3 sum to 3.
  for (const [step, height] of [
    [-2, 60 / 9],
    [-1, 120 / 9],
    [0, 20],
    [1, 120 / 9],
    [2, 60 / 9],
  ] as const)
    wanted[48 + step] = 100 + height
  assertAlike(spike(48), wanted)
  assertAlike(spike(0), [...wanted.slice(48), ...wanted.slice(0, 48)])
})

test('bins without readings get no values and take no part', () => {
  const readings = traceOf(
    Array.from({ length: 96 }, () => 120),
    { intervalMin: 15 },
  )
  const { bins } = profileGlucose(
    readings.filter((_, index) => index < 30 || index >= 40),
    { timeZone: 'UTC' },
  )
  for (const [index, { n, p5, p50, p95 }] of bins.entries())
    assertAlike([n, p5, p50, p95], index < 30 || index >= 40 ? [1, 120, 120, 120] : [0, null, null, null])
})

test('percentiles keep their order, and turning the clock turns the profile', async () => {
  await holds(
    fc.property(wandering, fc.integer({ min: 0, max: 95 }), (readings, turn) => {
      const { bins } = profileGlucose(readings, { timeZone: 'UTC' })
      for (const { n, p5, p25, p50, p75, p95 } of bins) {
        const all = [p5, p25, p50, p75, p95]
        assert.ok(n === 0 ? all.every((value) => value === null) : all.every((value) => value !== null))
        for (const [index, value] of all.slice(1).entries())
          assert.ok((value ?? 0) >= (all[index] ?? 0) - 1e-9)
      }
      const turned = profileGlucose(
        readings.map((reading) => ({ ...reading, timeMs: reading.timeMs + turn * 15 * MINUTE_MS })),
        { timeZone: 'UTC' },
      )
      const medians = bins.map(({ p50 }) => p50)
      assertAlike(
        turned.bins.map(({ p50 }) => p50),
        [...medians.slice(96 - turn), ...medians.slice(0, 96 - turn)],
      )
    }),
  )
})

test('in Rome, the hour skipped in March is thinner and nothing is misplaced', () => {
  // 2026-03-29, 02:00 is 03:00 at 01:00 UTC.
  const readings = hoursOf(Date.UTC(2026, 2, 27, 23), 3).filter(
    ({ timeMs }) => timeMs < Date.UTC(2026, 2, 29, 22),
  )
  const counts = countByHour(readings, 'Europe/Rome')
  assert.is(counts[2], 12)
  assert.equal(
    counts.filter((_, hour) => hour !== 2),
    Array.from({ length: 23 }, () => 24),
  )
  const { days, bins } = profileGlucose(readings, { timeZone: 'Europe/Rome', smoothMin: 0 })
  assert.equal(
    days.map(({ date, points }) => [date, points.length]),
    [
      ['2026-03-28', 288],
      ['2026-03-29', 276],
    ],
  )
  // At 12 o'clock it was 11 UTC before the change and 10 UTC after it; the value's hour counts from 23 UTC.
  assertAlike([bins[48]?.p5, bins[48]?.p50, bins[48]?.p95], [111, 111.5, 112])
})

test('in Rome, the hour shown twice in October has the readings of both', () => {
  // 2026-10-25, 03:00 is 02:00 again at 01:00 UTC.
  const startMs = Date.UTC(2026, 9, 23, 22)
  const readings = hoursOf(startMs, 3).filter(({ timeMs }) => timeMs < Date.UTC(2026, 9, 25, 23))
  const counts = countByHour(readings, 'Europe/Rome')
  assert.is(counts[2], 36)
  assert.equal(
    counts.filter((_, hour) => hour !== 2),
    Array.from({ length: 23 }, () => 24),
  )
  const { days } = profileGlucose(readings, { timeZone: 'Europe/Rome' })
  assert.equal(
    days.map(({ date, points }) => [date, points.length]),
    [
      ['2026-10-24', 288],
      ['2026-10-25', 300],
    ],
  )
  const twice = days[1]?.points.filter(({ minuteOfDay }) => minuteOfDay === 150) ?? []
  assert.equal(
    twice.map(({ timeMs }) => timeMs),
    [Date.UTC(2026, 9, 25, 0, 30), Date.UTC(2026, 9, 25, 1, 30)],
  )
})

test('the last second before a change of the clock has the old time, the first one after it the new', () => {
  for (const [change, before, after] of [
    [Date.UTC(2026, 2, 29, 1), 120, 180],
    [Date.UTC(2026, 9, 25, 1), 180, 120],
  ] as const) {
    const { days } = profileGlucose(
      [change - 1000, change].map((timeMs) => ({ timeMs, value: 100, unit: 'mg/dL' })),
      { timeZone: 'Europe/Rome' },
    )
    assertAlike(
      days.flatMap(({ points }) => points.map(({ minuteOfDay }) => minuteOfDay)),
      [before - 1 / 60, after],
    )
  }
})

test('on Lord Howe Island the clock changes by half an hour, and so do the bins', () => {
  const zone = 'Australia/Lord_Howe'
  // 2026-04-05 02:00 is 01:30 again at 15:00 UTC the day before; 2026-10-04 02:00 is 02:30 at 15:30 UTC.
  const april = profileGlucose(hoursOf(Date.UTC(2026, 3, 3, 13), 3), { timeZone: zone })
  const october = profileGlucose(hoursOf(Date.UTC(2026, 9, 2, 13, 30), 3), { timeZone: zone })
  const sizeOf = (profile: typeof april, date: string): number | undefined =>
    profile.days.find((day) => day.date === date)?.points.length
  assert.is(sizeOf(april, '2026-04-04'), 288)
  assert.is(sizeOf(april, '2026-04-05'), 294)
  assert.is(sizeOf(october, '2026-10-03'), 288)
  assert.is(sizeOf(october, '2026-10-04'), 282)
  const countAt = (profile: typeof april, minute: number): number | undefined => profile.bins[minute / 15]?.n
  assert.equal(
    [75, 90, 105, 120].map((minute) => countAt(april, minute)),
    [9, 12, 12, 9],
  )
  assert.equal(
    [105, 120, 135, 150].map((minute) => countAt(october, minute)),
    [9, 6, 6, 9],
  )
})

test('a date that a place skipped is absent', () => {
  // Samoa went from 2011-12-29 to 2011-12-31.
  const { days } = profileGlucose(hoursOf(Date.UTC(2011, 11, 29), 3), { timeZone: 'Pacific/Apia' })
  assert.equal(
    days.map(({ date }) => date),
    ['2011-12-28', '2011-12-29', '2011-12-31', '2012-01-01'],
  )
})

test('without a change of the clock every hour has the same number of readings', () => {
  assert.equal(countByHour(hoursOf(START_MS, 3), 'Asia/Kathmandu'), EVERY_HOUR_36)
  assert.equal(countByHour(hoursOf(START_MS, 3), 'America/St_Johns'), EVERY_HOUR_36)
})

test('dates and clock times are those the platform shows, in any zone at any time', async () => {
  const zones = [
    'Europe/Rome',
    'America/New_York',
    'America/St_Johns',
    'America/Havana',
    'Africa/Casablanca',
    'Asia/Tehran',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'Antarctica/Troll',
    'Pacific/Apia',
    'Pacific/Kiritimati',
    'UTC',
  ]
  const minutes = fc.integer({ min: Date.UTC(2005, 0, 1) / MINUTE_MS, max: Date.UTC(2030, 0, 1) / MINUTE_MS })
  await holds(
    fc.property(
      fc.constantFrom(...zones),
      fc.uniqueArray(minutes, { minLength: 1, maxLength: 20 }),
      (timeZone, at) => {
        const { days } = profileGlucose(
          at.map((minute) => ({ timeMs: minute * MINUTE_MS, value: 100, unit: 'mg/dL' })),
          { timeZone },
        )
        const points = days.flatMap(({ date, points: all }) => all.map((point) => ({ date, ...point })))
        assert.is(points.length, at.length)
        const readWall = openWall(timeZone)
        for (const { date, timeMs, minuteOfDay } of points)
          assert.equal({ date, minute: minuteOfDay }, readWall(timeMs))
      },
    ),
    300,
  )
})

test('every quarter of an hour of a year falls where the platform says', () => {
  for (const timeZone of ['Europe/Rome', 'Australia/Lord_Howe', 'America/Havana']) {
    const readings = traceOf(
      Array.from({ length: 365 * 24 * 4 }, () => 100),
      { intervalMin: 15 },
    )
    const points = profileGlucose(readings, { timeZone }).days.flatMap(({ date, points: all }) =>
      all.map((point) => ({ date, ...point })),
    )
    const readWall = openWall(timeZone)
    const wrong = points.filter(({ date, timeMs, minuteOfDay }) => {
      const wall = readWall(timeMs)
      return wall.date !== date || wall.minute !== minuteOfDay
    })
    assert.is(wrong.length, 0, timeZone)
  }
})

test('a profile knows the bar of the report and the figures of each day', () => {
  const readings = [
    ...traceOf(Array.from({ length: 288 }, () => 100)),
    ...traceOf(
      Array.from({ length: 288 }, (_, index) => (index < 144 ? 200 : 60)),
      {
        startMs: START_MS + DAY_MS,
      },
    ),
  ]
  const { bands, days } = profileGlucose(readings.toReversed(), { timeZone: 'UTC' })
  assertAlike(bands, { veryLow: 0, low: 25, inRange: 50, high: 25, veryHigh: 0 })
  assert.equal(
    days.map(({ date, mean, in70_180 }) => [date, Math.round(mean), in70_180]),
    [
      ['2026-01-01', 100, 100],
      ['2026-01-02', 130, 0],
    ],
  )
  assert.ok(
    days.every(({ points }) =>
      points.every((point, index) => point.timeMs > (points[index - 1]?.timeMs ?? 0)),
    ),
  )
})

test('refuses unknown zones, none, and options out of bounds', () => {
  const readings = traceOf([100, 110], { startMs: START_MS + HOUR_MS })
  const cases: [() => unknown, string][] = [
    [() => profileGlucose(readings, { timeZone: 'Europe/Atlantis' }), 'TIME_ZONE_UNKNOWN'],
    [() => profileGlucose(readings, { timeZone: '' }), 'TIME_ZONE_UNKNOWN'],
    [() => profileGlucose(readings, { timeZone: undefined as unknown as string }), 'TIME_ZONE_UNKNOWN'],
    [() => profileGlucose(readings, { timeZone: 'UTC', binMin: 7 }), 'OPTION_INVALID'],
    [() => profileGlucose(readings, { timeZone: 'UTC', binMin: 0 }), 'OPTION_INVALID'],
    [() => profileGlucose(readings, { timeZone: 'UTC', binMin: 60 }), 'OPTION_INVALID'],
    [() => profileGlucose(readings, { timeZone: 'UTC', binMin: Number.NaN }), 'OPTION_INVALID'],
    [() => profileGlucose(readings, { timeZone: 'UTC', smoothMin: -1 }), 'OPTION_INVALID'],
    [() => profileGlucose(readings, { timeZone: 'UTC', smoothMin: Number.NaN }), 'OPTION_INVALID'],
    [() => profileGlucose([], { timeZone: 'UTC' }), 'NO_READINGS'],
  ]
  for (const [run, code] of cases)
    assert.throws(run, (error: unknown) => error instanceof MeasuresError && error.code === code)
})

test.run()
