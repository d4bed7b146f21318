import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { AirOptions, AirRecord } from '@halo/measures'
import { ASSUMED_AIR_UNITS, measureAir } from '@halo/measures'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'

const test = suite('measures/air')

const HOUR_MS = 3_600_000
const START_MS = Date.UTC(2026, 0, 31)
const UG: AirOptions = { units: { pm2_5: 'ug/m3', pm10: 'ug/m3', o3: 'ug/m3', no2: 'ug/m3', co: 'mg/m3' } }

/** A record every `stepMin` minutes for `hours` hours. */
function recordsOf(
  hours: number,
  at: (hour: number) => Omit<AirRecord, 'timeMs'>,
  stepMin = 10,
): AirRecord[] {
  return Array.from({ length: (hours * 60) / stepMin }, (_, n) => ({
    timeMs: START_MS + n * stepMin * 60_000,
    ...at((n * stepMin) / 60),
  }))
}

function isNear(actual: number | null | undefined, expected: number): boolean {
  return Math.abs((actual ?? Number.NaN) - expected) < 1e-9 * Math.max(1, Math.abs(expected))
}

test('steady air has itself for mean, extremes and percentiles, and full coverage', () => {
  const { quantities, gaps, intervalMs } = measureAir(
    recordsOf(24, () => ({ pm2_5: 12, humidity: 40 })),
    UG,
  )
  const pm = quantities.pm2_5
  for (const figure of [pm?.mean, pm?.min, pm?.max, pm?.p5, pm?.p50, pm?.p95]) assert.ok(isNear(figure, 12))
  assert.equal([pm?.n, pm?.unit, pm?.coverage, intervalMs], [144, 'ug/m3', 1, 600_000])
  assert.equal([quantities.humidity?.unit, quantities.pm10, gaps], [null, undefined, []])
})

test('a ramp has its quantiles, and the mean of its middle', () => {
  const { quantities } = measureAir(recordsOf(10, (hour) => ({ tvoc: hour }), 6))
  const { tvoc } = quantities
  assert.ok(isNear(tvoc?.p50, 4.95) && isNear(tvoc?.p5, 0.495) && isNear(tvoc?.p95, 9.405))
  assert.ok(isNear(tvoc?.mean, 4.95))
})

test('a reading weighs by the time it stands for, and no longer than one interval before a gap', () => {
  const at = (min: number, pm2_5: number): AirRecord => ({ timeMs: START_MS + min * 60_000, pm2_5 })
  const figures = measureAir([at(0, 10), at(10, 20), at(24, 40), at(90, 80)], { ...UG, intervalMs: 600_000 })
  // 10 min of 10, 14 of 20, then a gap: 10 of 40, at the end 10 of 80.
  assert.ok(isNear(figures.quantities.pm2_5?.mean, (100 + 280 + 400 + 800) / 44))
  assert.ok(isNear(figures.quantities.pm2_5?.coverage, 44 / 100))
  assert.equal(figures.gaps, [{ fromMs: START_MS + 24 * 60_000, toMs: START_MS + 90 * 60_000 }])
  assert.is(figures.gapCount, 1)
})

test('a guideline for 24 hours is held against running means of 24 hours, not against readings', () => {
  // 12 hours of 40, 36 hours of 4: the readings are above 15 for 12 h, running means as long as 8 h of 40 are in.
  const records = recordsOf(48, (hour) => ({ pm2_5: hour < 12 ? 40 : 4 }))
  const guideline = measureAir(records, UG).quantities.pm2_5?.guideline
  const means = Array.from({ length: 31 }, (_, n) => {
    const last = n + 17
    const hours = Array.from({ length: Math.min(24, last + 1) }, (_, back) => (last - back < 12 ? 40 : 4))
    return hours.reduce((sum, value) => sum + value, 0) / hours.length
  })
  assert.equal([guideline?.averagingHours, guideline?.guidelineUgM3], [24, 15])
  assert.ok(isNear(guideline?.hoursOverValue, 12))
  assert.is(guideline?.windows, 31)
  assert.is(guideline?.windowsOver, means.filter((mean) => mean > 15).length)
  assert.ok(isNear(guideline?.highestWindowUgM3, 28))
})

test('less than three quarters of the averaging time gives no running mean', () => {
  const guideline = measureAir(
    recordsOf(17, () => ({ pm2_5: 400 })),
    UG,
  ).quantities.pm2_5?.guideline
  assert.equal([guideline?.windows, guideline?.windowsOver, guideline?.highestWindowUgM3], [0, 0, null])
  assert.ok(isNear(guideline?.hoursOverValue, 17))
  const ozone = measureAir(
    recordsOf(6, () => ({ o3: 101 })),
    UG,
  ).quantities.o3?.guideline
  assert.equal([ozone?.averagingHours, ozone?.windows, ozone?.windowsOver], [8, 1, 1])
})

test("the five guidelines of WHO 2021 are there, each at its value and not at the value's edge", () => {
  for (const [quantity, hours, value] of [
    ['pm2_5', 24, 15],
    ['pm10', 24, 45],
    ['no2', 24, 25],
    ['o3', 8, 100],
    ['co', 24, 4],
  ] as const) {
    const over = measureAir(
      recordsOf(24, () => ({ [quantity]: value * 1.001 })),
      UG,
    ).quantities[quantity]
    const even = measureAir(
      recordsOf(24, () => ({ [quantity]: value })),
      UG,
    ).quantities[quantity]
    assert.is(over?.guideline?.averagingHours, hours)
    assert.is(over?.guideline?.windowsOver, over?.guideline?.windows)
    assert.ok((over?.guideline?.windows ?? 0) > 0)
    assert.is(even?.guideline?.windowsOver, 0)
  }
  assert.is(
    measureAir(
      recordsOf(24, () => ({ hcho: 1 })),
      { units: { hcho: 'mg/m3' } },
    ).quantities.hcho?.guideline,
    null,
  )
})

test('gases in ppb are compared by mass: 1 ppb of NO2 is 1.88 µg/m³, of O3 1.96; 1 ppm of CO 1.145 mg/m³', () => {
  const highest = (quantity: 'no2' | 'o3' | 'co', unit: '[ppb]' | '[ppm]'): number =>
    measureAir(
      recordsOf(24, () => ({ [quantity]: 1 })),
      { units: { [quantity]: unit } },
    ).quantities[quantity]?.guideline?.highestWindowUgM3 ?? Number.NaN
  assert.ok(Math.abs(highest('no2', '[ppb]') - 1.88) < 0.005)
  assert.ok(Math.abs(highest('o3', '[ppb]') - 1.96) < 0.005)
  assert.ok(Math.abs(highest('co', '[ppm]') - 1145) < 1)
})

test('without a unit nothing is compared', () => {
  const figures = measureAir(recordsOf(24, () => ({ pm2_5: 400, co2: 3000, temperature: 40, humidity: 5 })))
  assert.equal([figures.quantities.pm2_5?.unit, figures.quantities.pm2_5?.guideline], [null, null])
  assert.equal([figures.ventilation, figures.comfort], [null, { temperature: null, humidity: null }])
})

test('carbon dioxide falls into bands of ventilation, in ppm and in percent alike', () => {
  const records = (scale: number) =>
    recordsOf(6, (hour) => ({ co2: scale * (hour < 3 ? 1000 : hour < 5 ? 2000 : 2001) }))
  const expected = { hoursTo1000Ppm: 3, hours1000To2000Ppm: 2, hoursOver2000Ppm: 1 }
  assert.equal(measureAir(records(1), { units: { co2: '[ppm]' } }).ventilation, expected)
  assert.equal(measureAir(records(1e-4), { units: { co2: '%' } }).ventilation, expected)
})

test('comfort counts hours below, within and above, limits included, in any scale of temperature', () => {
  const celsius = (hour: number): number => (hour < 2 ? 19.9 : hour < 5 ? 26 : 26.1)
  const hours = { hoursBelow: 2, hoursWithin: 3, hoursAbove: 1 }
  const inCelsius = measureAir(
    recordsOf(6, (hour) => ({ temperature: celsius(hour) })),
    {
      units: { temperature: 'Cel' },
    },
  )
  assert.equal(inCelsius.comfort.temperature, { range: [20, 26], ...hours })
  const inFahrenheit = measureAir(
    recordsOf(6, (hour) => ({ temperature: 32 + 1.8 * celsius(hour) })),
    {
      units: { temperature: '[degF]' },
      comfortCelsius: [20, 26.05],
    },
  )
  assert.equal(inFahrenheit.comfort.temperature, { range: [20, 26.05], ...hours })
  const dry = measureAir(
    recordsOf(4, () => ({ humidity: 15 })),
    { units: { humidity: '%' } },
  )
  assert.is(dry.comfort.humidity?.hoursBelow, 4)
})

test('a unit in which the values cannot be those of a room is refused', () => {
  const with_ = (value: Omit<AirRecord, 'timeMs'>, units: AirOptions['units']): string =>
    codeOf(() =>
      measureAir(
        recordsOf(2, () => value),
        { units },
      ),
    )
  assert.is(with_({ co2: 0.2 }, { co2: '[ppm]' }), 'UNIT_SUSPECT')
  assert.is(with_({ co2: 0.2 }, { co2: '%' }), 'none')
  assert.is(with_({ temperature: 77 }, { temperature: 'Cel' }), 'UNIT_SUSPECT')
  assert.is(with_({ temperature: 77 }, { temperature: '[degF]' }), 'none')
})

test('order does not matter; of records at one time the later one counts', async () => {
  const records = recordsOf(30, (hour) => ({ pm2_5: 10 + (hour % 7), o3: 50 }))
  const before = measureAir(records, UG)
  await holds(
    fc.property(fc.shuffledSubarray(records, { minLength: records.length }), (shuffled) => {
      assert.equal(measureAir(shuffled, UG), before)
    }),
    10,
  )
  const corrected = measureAir([{ timeMs: START_MS, pm2_5: 1000 }, ...records], UG)
  assert.equal(corrected, { ...before, duplicates: 1 })
})

test('the shares of time of all bands add up to the time with readings', async () => {
  const reading = fc.record({
    step: fc.integer({ min: 1, max: 90 }),
    co2: fc.double({ min: 300, max: 3000, noNaN: true }),
  })
  await holds(
    fc.property(fc.array(reading, { minLength: 1, maxLength: 60 }), (readings) => {
      let timeMs = START_MS
      const records = readings.map(({ step, co2 }) => {
        timeMs += step * 60_000
        return { timeMs, co2 }
      })
      const figures = measureAir(records, { units: { co2: '[ppm]' } })
      const hours = Object.values(figures.ventilation ?? {}).reduce((sum, value) => sum + value, 0)
      const spanHours = (figures.lastMs - figures.firstMs + figures.intervalMs) / HOUR_MS
      assert.ok(Math.abs(hours - (figures.quantities.co2?.coverage ?? 0) * spanHours) < 1e-9)
    }),
  )
})

test('records that cannot be measured are refused by name', () => {
  const at = (record: Partial<AirRecord>): string =>
    codeOf(() => measureAir([{ timeMs: START_MS, ...record }], UG))
  assert.is(
    codeOf(() => measureAir([])),
    'NO_READINGS',
  )
  assert.is(at({}), 'NO_READINGS')
  assert.is(at({ pm2_5: null }), 'NO_READINGS')
  assert.is(at({ timeMs: Number.NaN, pm2_5: 1 }), 'TIME_INVALID')
  assert.is(at({ timeMs: 1e17, pm2_5: 1 }), 'TIME_INVALID')
  assert.is(at({ pm2_5: Number.POSITIVE_INFINITY }), 'VALUE_INVALID')
  assert.is(at({ pm2_5: -1 }), 'VALUE_INVALID')
  assert.is(at({ humidity: 100.1 }), 'VALUE_INVALID')
  assert.is(at({ temperature: -10 }), 'none')
  const one = [{ timeMs: START_MS, pm2_5: 1 }]
  assert.is(
    codeOf(() => measureAir(one, { units: { pm2_5: '[ppm]' } })),
    'OPTION_INVALID',
  )
  assert.is(
    codeOf(() => measureAir(one, { units: { radon: 'lx' } as AirOptions['units'] })),
    'OPTION_INVALID',
  )
  assert.is(
    codeOf(() => measureAir(one, { intervalMs: 0 })),
    'OPTION_INVALID',
  )
  assert.is(
    codeOf(() => measureAir(one, { comfortCelsius: [26, 20] })),
    'OPTION_INVALID',
  )
})

test('two records ten years apart take no longer than two in an hour', () => {
  const far = [
    { timeMs: START_MS, pm2_5: 1 },
    { timeMs: START_MS + 10 * 365 * 24 * HOUR_MS, pm2_5: 3 },
  ]
  const figures = measureAir(far, UG)
  assert.equal([figures.intervalMs, figures.gapCount, figures.quantities.pm2_5?.mean], [HOUR_MS, 1, 2])
})

const PAPER = fileURLToPath(new URL('../../../../shared/data/paper000/air_quality_mam.json', import.meta.url))
const title = "a hundred minutes of paper 000's room are measured, in the units that are assumed for it"
if (existsSync(PAPER)) test(title, measurePaper)
else process.stdout.write(`SKIP measures/air: ${title}: ../shared/data/paper000 is absent\n`)

function measurePaper(): void {
  const rows: Record<string, string>[] = JSON.parse(readFileSync(PAPER, 'utf8'))
  const records = rows.map(({ timestamp = '', pm2_5, temperature, humidity, co2 }) => ({
    timeMs: Date.parse(`${timestamp.replace(' ', 'T')}Z`),
    pm2_5: Number(pm2_5),
    temperature: Number(temperature),
    humidity: Number(humidity),
    co2: Number(co2),
  }))
  const figures = measureAir(records, { units: ASSUMED_AIR_UNITS })
  assert.equal([figures.n, figures.intervalMs, figures.gapCount], [100, 60_000, 1])
  // One minute is missing; each of the others weighs the same.
  const mean = records.reduce((sum, { pm2_5 }) => sum + pm2_5, 0) / 100
  assert.ok(isNear(figures.quantities.pm2_5?.mean, mean))
  assert.is(figures.quantities.pm2_5?.guideline?.windows, 0)
  assert.is(figures.quantities.co2?.unit, null)
  const dry = records.filter(({ humidity }) => humidity < 25).length
  assert.ok(isNear(figures.comfort.humidity?.hoursBelow, dry / 60))
}

test.run()
