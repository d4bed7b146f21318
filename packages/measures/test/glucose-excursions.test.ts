import { measureGlucose } from '@halo/measures'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import type { GlucoseSample } from '../src/glucose/glucose-reading.ts'
import {
  assertAlike,
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  START_MS,
  sineOf,
  traceOf,
  wandering,
} from './glucose-traces.ts'

const test = suite('measures/glucose-excursions')

/** Swings by definition: take away the smallest one again and again until all exceed the deviation. */
function swingsByRemoval(values: readonly number[], sd: number): number[] {
  let turns = values
    .map((_, index) => index)
    .filter((index) => {
      const [before, here, after] = [values[index - 1], values[index], values[index + 1]] as number[]
      if (before === undefined || here === undefined || after === undefined) return true
      return (here - before) * (after - here) < 0
    })
  const swingAt = (leg: number): number =>
    (values[turns[leg + 1] as number] as number) - (values[turns[leg] as number] as number)
  for (;;) {
    const legs = turns.slice(1).map((_, leg) => leg)
    const smallest = legs.sort((a, b) => Math.abs(swingAt(a)) - Math.abs(swingAt(b)))[0]
    if (smallest === undefined || Math.abs(swingAt(smallest)) > sd) break
    const last = turns.length - 2
    // An end has no swing beyond it that could grow, so it goes alone.
    if (smallest === 0) turns = turns.slice(1)
    else if (smallest === last) turns = turns.slice(0, -1)
    else turns = turns.filter((_, index) => index !== smallest && index !== smallest + 1)
  }
  turns = turns.filter((index) => index > 0 && index < values.length - 1)
  return turns.slice(1).map((_, leg) => swingAt(leg))
}

function splitByHand(readings: readonly GlucoseSample[], maxGapMin: number): number[][] {
  const stretches: number[][] = []
  let lastMs = Number.NEGATIVE_INFINITY
  for (const { timeMs, value } of readings) {
    if (timeMs - lastMs > maxGapMin * MINUTE_MS) stretches.push([])
    stretches.at(-1)?.push(value)
    lastMs = timeMs
  }
  return stretches
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length
}

/** Every reading against every other. */
function dayDifferencesByForce(readings: readonly GlucoseSample[]): {
  MODD: number | null
  MODD_pairs: number
} {
  const gaps = readings
    .slice(1)
    .map(({ timeMs }, index) => timeMs - (readings[index]?.timeMs ?? 0))
    .sort((a, b) => a - b)
  const low = gaps[Math.floor((gaps.length - 1) / 2)] ?? 0
  const high = gaps[Math.ceil((gaps.length - 1) / 2)] ?? 0
  const differences = readings.flatMap(({ timeMs, value }) => {
    const near = readings
      .map((other) => ({ distance: Math.abs(timeMs - DAY_MS - other.timeMs), other }))
      .filter(({ distance }) => distance <= (low + high) / 4)
      .sort((a, b) => a.distance - b.distance || a.other.timeMs - b.other.timeMs)[0]
    return near === undefined ? [] : [Math.abs(value - near.other.value)]
  })
  return { MODD: meanOf(differences), MODD_pairs: differences.length }
}

test('the excursions of a sine of amplitude A are 2A, whatever period, phase and level', async () => {
  await holds(
    fc.property(
      fc.integer({ min: 3, max: 48 }),
      fc.integer({ min: 5, max: 60 }),
      fc.double({ min: 0, max: 6.3, noNaN: true }),
      fc.integer({ min: 120, max: 300 }),
      (periodHours, amplitude, phase, mean) => {
        const measures = measureGlucose(sineOf({ mean, amplitude, periodHours, phase, days: 6 }))
        // Readings miss the very top by at most half a step of five minutes.
        const loss = 1 - Math.cos(Math.PI / (12 * periodHours))
        for (const mage of [measures.MAGE, measures.MAGE_up, measures.MAGE_down])
          assert.ok(
            mage !== null && mage <= 2 * amplitude + 1e-9 && mage >= 2 * amplitude * (1 - loss) - 1e-9,
          )
        const swings = (6 * 24) / periodHours
        assert.ok(Math.abs(measures.MAGE_excursions - 2 * swings) <= 2)
      },
    ),
    50,
  )
})

test('days of a sine of 24 hours do not differ, and those of 48 hours do', () => {
  const even = measureGlucose(sineOf({ days: 14 }))
  assert.ok(even.MODD !== null && even.MODD < 1e-9)
  assert.is(even.MODD_pairs, 13 * 288)
  // |2A sin| has mean 4A/π.
  const odd = measureGlucose(sineOf({ periodHours: 48, amplitude: 50, days: 15 }))
  assert.ok(odd.MODD !== null && Math.abs(odd.MODD - (4 * 50) / Math.PI) < 0.01)
})

test('excursions are those left when the smaller ones are taken away one by one', async () => {
  let found = 0
  await holds(
    fc.property(wandering, (readings) => {
      const { sd, ...actual } = measureGlucose(readings)
      const stretches = splitByHand(readings, 180).map((values) => swingsByRemoval(values, sd ?? 0))
      const swings = stretches.flat()
      found += swings.length
      assertAlike(
        [actual.MAGE, actual.MAGE_up, actual.MAGE_down, actual.MAGE_excursions],
        [
          meanOf(stretches.flatMap((stretch) => stretch.filter((swing) => swing * (stretch[0] ?? 0) > 0))),
          meanOf(swings.filter((swing) => swing > 0)),
          meanOf(swings.filter((swing) => swing < 0)),
          swings.length,
        ],
      )
    }),
    500,
  )
  assert.ok(found > 500, 'hardly any excursion was compared')
})

test('differences between days are those of every reading against every other', async () => {
  let found = 0
  await holds(
    fc.property(wandering, (readings) => {
      const { MODD, MODD_pairs } = measureGlucose(readings)
      found += MODD_pairs
      assertAlike({ MODD, MODD_pairs }, dayDifferencesByForce(readings))
    }),
    300,
  )
  assert.ok(found > 1000, 'hardly any pair was compared')
})

test('a swing of one deviation or less is none', () => {
  // Deviation 50.5 with the excursions of 100, 14.3 after the ripple of 20 alone.
  const plain = [100, 200, 100, 200, 100, 200, 100]
  const rippled = plain.flatMap((value) => [value, value === 100 ? 120 : 180, value])
  assert.is(measureGlucose(traceOf(plain)).MAGE, 100)
  assert.is(measureGlucose(traceOf(rippled)).MAGE, 100)
  assert.is(measureGlucose(traceOf(rippled)).MAGE_excursions, 4)
})

test('neither the first nor the last reading is a turning point', () => {
  assert.is(measureGlucose(traceOf([100, 150, 200, 250])).MAGE, null)
  assert.is(measureGlucose(traceOf([100, 100, 200, 250, 250])).MAGE_excursions, 0)
  // Nor is one of the same height that comes before the last, or after the first.
  assert.is(measureGlucose(traceOf([150, 100, 250, 240, 250])).MAGE_excursions, 0)
  assert.is(measureGlucose(traceOf([250, 240, 250, 100, 150])).MAGE_excursions, 0)
  assert.is(measureGlucose(traceOf([150, 250, 100, 110, 100])).MAGE_excursions, 0)
  assert.is(measureGlucose(traceOf([100, 110, 100, 250, 150])).MAGE_excursions, 0)
  const once = measureGlucose(traceOf([150, 100, 150, 250, 150]))
  assert.equal([once.MAGE, once.MAGE_up, once.MAGE_down, once.MAGE_excursions], [150, 150, null, 1])
})

test('counts in the direction of the first excursion', () => {
  const { MAGE, MAGE_up, MAGE_down } = measureGlucose(traceOf([150, 100, 300, 140, 260, 200]))
  assert.equal([MAGE, MAGE_up, MAGE_down], [160, 160, 160])
  const down = measureGlucose(traceOf([200, 300, 100, 250, 120, 200]))
  assert.equal([down.MAGE, down.MAGE_up, down.MAGE_down], [165, 150, 165])
})

test('reversed in time, rises are falls', async () => {
  await holds(
    fc.property(wandering, (readings) => {
      const forth = measureGlucose(readings)
      const lastMs = readings.at(-1)?.timeMs ?? 0
      const back = measureGlucose(
        readings.map((reading) => ({ ...reading, timeMs: lastMs - reading.timeMs })),
      )
      assertAlike(
        [back.MAGE_up, back.MAGE_down, back.MAGE_excursions, back.MODD_pairs === 0],
        [forth.MAGE_down, forth.MAGE_up, forth.MAGE_excursions, forth.MODD_pairs === 0],
      )
    }),
  )
})

test('no excursion spans a gap of more than 180 minutes', () => {
  const falling = [200, 220, 180, 120]
  const rising = [90, 80, 160, 240, 220]
  const gapped = (gapMin: number): GlucoseSample[] => [
    ...traceOf(falling),
    ...traceOf(rising, { startMs: START_MS + (15 + gapMin) * MINUTE_MS }),
  ]
  assert.equal(
    [180, 181].map((gapMin) => measureGlucose(gapped(gapMin)).MAGE_excursions),
    [2, 1],
  )
})

test('a reading with none a day before, to half an interval, differs from nothing', () => {
  const first = traceOf([100, 110, 120])
  const later = (offMin: number): GlucoseSample[] => [
    ...first,
    ...traceOf([160, 160, 160], { startMs: START_MS + DAY_MS + offMin * MINUTE_MS }),
  ]
  assertAlike(measureGlucose(later(0)).MODD, 50)
  assertAlike(measureGlucose(later(2)).MODD, 50)
  // Half an interval off: two are equally near, the earlier one counts; the last has but one near.
  assertAlike(measureGlucose(later(2.5)).MODD, 50)
  assert.is(measureGlucose(later(12.6)).MODD, null)
  assert.is(measureGlucose(later(-24 * 60 + 60)).MODD, null)
})

test('a change of the clock does not shift days against each other', () => {
  // Europe/Rome went to summer time on 2026-03-29 at 01:00 UTC; readings are 24 elapsed hours apart.
  const readings = sineOf({ days: 4 }).map((reading) => ({
    ...reading,
    timeMs: reading.timeMs - START_MS + Date.UTC(2026, 2, 27),
  }))
  const { MODD, MODD_pairs } = measureGlucose(readings)
  assert.ok(MODD !== null && MODD < 1e-9)
  assert.is(MODD_pairs, 3 * 288)
})

test('readings an hour apart have days as well', () => {
  const readings = traceOf(
    Array.from({ length: 72 }, (_, hour) => 100 + Math.floor(hour / 24) * 10),
    { intervalMin: HOUR_MS / MINUTE_MS },
  )
  assertAlike(measureGlucose(readings).MODD, 10)
})

test.run()
