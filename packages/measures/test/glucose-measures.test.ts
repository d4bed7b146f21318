import { MeasuresError, measureGlucose } from '@halo/measures'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { assertAlike, DAY_MS, MINUTE_MS, START_MS, sineOf, traceOf, wandering } from './glucose-traces.ts'

const test = suite('measures/glucose-measures')

function repeat(value: number, times: number): number[] {
  return Array.from({ length: times }, () => value)
}

test('a constant trace has no spread, no risk but that of its level, and no excursions', () => {
  const measures = measureGlucose(traceOf(repeat(100, 14 * 288)))
  const { mean, median, sd, cv, iqr, min, max, MODD, MAGE, MAGE_excursions, J, GRI, HBGI } = measures
  assert.equal(
    { mean, median, sd, cv, iqr, min, max, MODD, MAGE, MAGE_excursions, J, GRI, HBGI },
    {
      mean: 100,
      median: 100,
      sd: 0,
      cv: 0,
      iqr: 0,
      min: 100,
      max: 100,
      MODD: 0,
      MAGE: null,
      MAGE_excursions: 0,
      J: 10,
      GRI: 0,
      HBGI: 0,
    },
  )
  assertAlike(measures.LBGI, 22.77 * (Math.log(100) ** 1.084 - 5.381) ** 2)
  assert.is(measures.in70_180, 100)
})

test('fourteen even days are fourteen days, fully active', () => {
  const measures = measureGlucose(traceOf(repeat(100, 14 * 288)))
  const { n, start, end, days, median_interval_min, active_percent_iglu } = measures
  assert.equal(
    { n, start, end, days, median_interval_min, active_percent_iglu },
    {
      n: 4032,
      start: '2026-01-01T00:00:00Z',
      end: '2026-01-14T23:55:00Z',
      days: 14,
      median_interval_min: 5,
      active_percent_iglu: 100,
    },
  )
  assert.ok(measures.has_14_days && measures.has_70_percent_active)
})

test('a sensor that is off three hours of ten is active 70 % of the time', () => {
  const isOn = (index: number): boolean => index % 120 < 84
  const readings = traceOf(repeat(100, 120 * 10 + 84)).filter((_, index) => isOn(index))
  const measures = measureGlucose(readings)
  assertAlike(measures.active_percent_iglu, (100 * 84 * 11) / (120 * 10 + 84))
  assert.ok(measures.has_70_percent_active && !measures.has_14_days)
  const fewer = measureGlucose(readings.filter((_, index) => index % 84 < 70))
  assert.not.ok(fewer.has_70_percent_active)
})

test('seven readings of ten are enough, six are not', () => {
  const at = (minutes: readonly number[]): boolean =>
    measureGlucose(
      minutes.map((minute) => ({ timeMs: START_MS + minute * MINUTE_MS, value: 100, unit: 'mg/dL' })),
    ).has_70_percent_active
  assert.ok(at([0, 5, 10, 15, 20, 25, 45]))
  assert.not.ok(at([0, 5, 10, 15, 20, 45]))
})

test('an interval is missing from a gap only where a whole one fits, and early readings give none back', () => {
  const minutes = [0, 5, 10, 17, 22, 27, 35, 40, 41, 45]
  const readings = minutes.map((minute) => ({
    timeMs: START_MS + minute * MINUTE_MS,
    value: 100,
    unit: 'mg/dL' as const,
  }))
  // 45 minutes hold 10 readings; 7 lack round(0.4) = 0, 8 lack round(0.6) = 1.
  assertAlike(measureGlucose(readings).active_percent_iglu, 90)
})

test('one reading has a level, and nothing that takes two', () => {
  const measures = measureGlucose(traceOf([120]))
  const { sd, cv, J, MODD, MAGE, median_interval_min, active_percent_iglu, days } = measures
  for (const figure of [sd, cv, J, MODD, MAGE, median_interval_min, active_percent_iglu])
    assert.is(figure, null)
  assert.is(days, 0)
  assert.is(measures.mean, 120)
  assert.is(measures.episodes.below70.per_week, null)
  assert.is(measures.targets.find(({ figure }) => figure === 'cv')?.isMet, null)
})

test('knows J, GRI and the bands of a mixture done by hand', () => {
  const measures = measureGlucose(
    traceOf([50, 53.9, 54, 69.9, 70, 100, 140, 180, 180.1, 250, 250.1, 300, 120, 120, 120, 120]),
  )
  const share = 100 / 16
  assertAlike(measures.bands, {
    veryLow: 2 * share,
    low: 2 * share,
    inRange: 8 * share,
    high: 2 * share,
    veryHigh: 2 * share,
  })
  assertAlike(measures.GRI, 2 * share * (3 + 2.4 + 1.6 + 0.8))
  assertAlike(measures.J, 0.001 * (measures.mean + (measures.sd ?? 0)) ** 2)
  assertAlike(measures.in70_140, 7 * share)
  assertAlike(measures.in63_140, 8 * share)
  assertAlike(measures.iqr, 180.025 - 69.975)
})

test('GRI never exceeds 100', () => {
  assert.is(measureGlucose(traceOf(repeat(45, 10))).GRI, 100)
  assert.is(measureGlucose(traceOf(repeat(300, 10))).GRI, 100)
  assertAlike(measureGlucose(traceOf(repeat(200, 10))).GRI, 80)
})

test('GMI in mmol/mol is GMI in percent by the master equation, to a tenth', () => {
  for (const mean of [80, 154, 300]) {
    const { gmi, gmi_mmol_mol } = measureGlucose(traceOf([mean, mean]))
    assert.ok(Math.abs(gmi_mmol_mol - (gmi - 2.15) * 10.929) < 0.1)
  }
})

test('holds figures to the targets for adults, each by its own comparison', () => {
  const met = (values: readonly number[]): Record<string, boolean | null> =>
    Object.fromEntries(measureGlucose(traceOf(values)).targets.map(({ figure, isMet }) => [figure, isMet]))
  assert.equal(met(repeat(100, 100)), {
    in70_180: true,
    below70: true,
    below54: true,
    above180: true,
    above250: true,
    cv: true,
  })
  // 70 in range, 4 below 70, 1 below 54, 26 above 180, 5 above 250, of 100: every limit is reached, none is kept.
  assert.equal(met([...repeat(100, 70), ...repeat(60, 3), 50, ...repeat(200, 21), ...repeat(300, 5)]), {
    in70_180: false,
    below70: false,
    below54: false,
    above180: false,
    above250: false,
    cv: false,
  })
})

test('a variation of 36 % is on target', () => {
  const measures = measureGlucose(traceOf([64, 100, 136]))
  assert.is(measures.cv, 36)
  assert.is(measures.targets.find(({ figure }) => figure === 'cv')?.isMet, true)
})

test('a repeated reading counts once, and one instant with two values counts as their mean', () => {
  const readings = traceOf([100, 110, 120])
  const again = { timeMs: START_MS + 5 * MINUTE_MS, unit: 'mg/dL' } as const
  const repeated = measureGlucose([...readings, { ...again, value: 110 }])
  assert.equal([repeated.n, repeated.mean, repeated.duplicates, repeated.conflicts], [3, 110, 1, 0])
  const torn = measureGlucose([...readings, { ...again, value: 140 }, { ...again, value: 140 }])
  assert.equal([torn.n, torn.median, torn.duplicates, torn.conflicts], [3, 120, 1, 1])
  assertAlike(torn.mean, 115)
  // Sums of these depend on the order of the terms, in the last digit.
  const values = [40.1, 40.2, 40.4]
  const means = [values, values.toReversed(), [40.4, 40.1, 40.2]].map(
    (order) => measureGlucose(order.map((value) => ({ ...again, value }))).mean,
  )
  assert.is(new Set(means).size, 1)
})

test('Low and High count at the bound they give, and are reported', () => {
  const [low, normal, high] = traceOf([40, 120, 400])
  assert.ok(low && normal && high)
  const measures = measureGlucose([
    { ...low, comparator: '<' },
    { ...normal, comparator: null },
    { ...high, comparator: '>' },
  ])
  assert.equal([measures.below_range, measures.above_range], [1, 1])
  assertAlike([measures.below54, measures.above250, measures.mean], [100 / 3, 100 / 3, 560 / 3])
})

test('figures do not depend on the order of readings', async () => {
  await holds(
    fc.property(
      wandering.chain((readings) =>
        fc.tuple(
          fc.constant(readings),
          fc.shuffledSubarray(readings, { minLength: readings.length, maxLength: readings.length }),
        ),
      ),
      ([readings, shuffled]) => assert.equal(measureGlucose(shuffled), measureGlucose(readings)),
    ),
  )
})

test('figures do not depend on the unit', async () => {
  await holds(
    fc.property(wandering, (readings) => {
      // A quarter off every limit, so that the last digit of a conversion decides nothing.
      const inMg = readings.map((reading) => ({ ...reading, value: Math.floor(reading.value) + 0.25 }))
      const inMmol = inMg.map(({ timeMs, value }) => ({
        timeMs,
        value: value / 18.0156,
        unit: 'mmol/L' as const,
      }))
      assertAlike(measureGlucose(inMmol), measureGlucose(inMg))
    }),
  )
})

test('what has the dimension of glucose scales with it, and shares of time do not', async () => {
  await holds(
    fc.property(wandering, fc.double({ min: 0.8, max: 1.25, noNaN: true }), (readings, factor) => {
      const before = measureGlucose(readings)
      const after = measureGlucose(readings.map((reading) => ({ ...reading, value: reading.value * factor })))
      for (const name of ['mean', 'sd', 'median', 'iqr', 'min', 'max', 'MODD', 'MAGE', 'MAGE_up'] as const) {
        const value = before[name]
        assertAlike(after[name], value === null ? null : value * factor, name)
      }
      assertAlike(
        [after.cv, after.MAGE_excursions, after.days],
        [before.cv, before.MAGE_excursions, before.days],
      )
      assertAlike(after.J, before.J === null ? null : before.J * factor ** 2)
    }),
  )
})

test('bands sum to 100 and risks stay within their bounds', async () => {
  await holds(
    fc.property(wandering, (readings) => {
      const { bands, GRI, LBGI, HBGI, active_percent_iglu: active, ...rest } = measureGlucose(readings)
      assertAlike(
        Object.values(bands).reduce((sum, share) => sum + share, 0),
        100,
      )
      assert.ok(Object.values(bands).every((share) => share >= 0))
      assert.ok(GRI >= 0 && GRI <= 100 && LBGI >= 0 && HBGI >= 0)
      assert.ok(active !== null && active > 0 && active <= 100)
      assert.ok(rest.in63_140 >= rest.in70_140 && rest.min <= rest.median && rest.median <= rest.max)
    }),
  )
})

test('a sine has the mean, the deviation and the variation of a sine', () => {
  const { mean, sd, cv, median } = measureGlucose(sineOf({ mean: 150, amplitude: 60 }))
  const wanted = (60 / Math.SQRT2) * Math.sqrt(4032 / 4031)
  assertAlike([mean, sd, cv, median], [150, wanted, wanted / 1.5, 150])
})

test('refuses nothing to measure, values and times that are none, and values of another unit', () => {
  const [reading] = traceOf([100])
  assert.ok(reading)
  const cases: [() => unknown, string][] = [
    [() => measureGlucose([]), 'NO_READINGS'],
    [() => measureGlucose([{ ...reading, value: Number.NaN }]), 'VALUE_INVALID'],
    [() => measureGlucose([{ ...reading, value: -1 }]), 'VALUE_INVALID'],
    [() => measureGlucose([{ ...reading, value: Number.POSITIVE_INFINITY }]), 'VALUE_INVALID'],
    [() => measureGlucose([{ ...reading, unit: 'g/L' as 'mg/dL' }]), 'VALUE_INVALID'],
    [() => measureGlucose([{ ...reading, comparator: '~' as '<' }]), 'VALUE_INVALID'],
    [() => measureGlucose([{ ...reading, timeMs: Number.NaN }]), 'TIME_INVALID'],
    [() => measureGlucose([{ ...reading, timeMs: 1e18 }]), 'TIME_INVALID'],
    [() => measureGlucose(traceOf([4.5, 5.5, 7.2, 11])), 'UNIT_SUSPECT'],
    [() => measureGlucose([{ ...reading, value: 45, unit: 'mmol/L' }]), 'UNIT_SUSPECT'],
  ]
  for (const [run, code] of cases)
    assert.throws(run, (error: unknown) => error instanceof MeasuresError && error.code === code)
})

test('takes a hundred thousand readings, and times far apart', () => {
  assert.is(measureGlucose(traceOf(repeat(100, 100_000))).n, 100_000)
  const apart = measureGlucose([
    ...traceOf([100, 120]),
    ...traceOf([140], { startMs: START_MS + 9000 * DAY_MS }),
  ])
  assert.is(apart.n, 3)
})

test.run()
