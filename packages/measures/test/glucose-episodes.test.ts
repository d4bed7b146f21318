import { findGlucoseEpisodes, type GlucoseLimit, MeasuresError, measureGlucose } from '@halo/measures'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import type { GlucoseSample } from '../src/glucose/glucose-reading.ts'
import { MINUTE_MS, START_MS, traceOf, wandering } from './glucose-traces.ts'

const test = suite('measures/glucose-episodes')

/** Start, duration (minutes), extreme and whether it was seen to end, of each episode. */
function listEpisodes(readings: readonly GlucoseSample[], limit: GlucoseLimit): unknown[] {
  return findGlucoseEpisodes(readings, limit).map(({ startMs, durationMin, extremeMgDl, isRecovered }) => [
    (startMs - START_MS) / MINUTE_MS,
    durationMin,
    extremeMgDl,
    isRecovered,
  ])
}

test('three readings of a five-minute sensor make an episode, two do not', () => {
  const three = [100, 69, 60, 69.9, 70, 80, 90, 100]
  assert.equal(listEpisodes(traceOf(three), 'below70'), [[5, 15, 60, true]])
  assert.equal(listEpisodes(traceOf([100, 69, 60, 70, 80, 90, 100]), 'below70'), [])
})

test('one reading of a fifteen-minute sensor is an episode, and so are two of a ten-minute one', () => {
  assert.equal(listEpisodes(traceOf([100, 60, 100, 100], { intervalMin: 15 }), 'below70'), [
    [15, 15, 60, true],
  ])
  assert.equal(listEpisodes(traceOf([100, 60, 65, 100, 100], { intervalMin: 10 }), 'below70'), [
    [10, 20, 60, true],
  ])
  assert.equal(listEpisodes(traceOf([100, 60, 100, 100], { intervalMin: 10 }), 'below70'), [])
})

test('a one-minute sensor has to show fifteen readings', () => {
  const lows = (count: number): number[] => [
    ...Array.from({ length: 20 }, () => 100),
    ...Array.from({ length: count }, () => 60),
    ...Array.from({ length: 20 }, () => 100),
  ]
  assert.equal(listEpisodes(traceOf(lows(14), { intervalMin: 1 }), 'below70'), [])
  assert.equal(listEpisodes(traceOf(lows(15), { intervalMin: 1 }), 'below70'), [[20, 15, 60, true]])
})

test('a return of less than fifteen minutes belongs to the episode, a longer one ends it', () => {
  const low = [60, 60, 60]
  const back = (count: number): number[] => Array.from({ length: count }, () => 90)
  const twice = (count: number): GlucoseSample[] =>
    traceOf([...back(3), ...low, ...back(count), ...low, ...back(3)])
  assert.equal(listEpisodes(twice(2), 'below70'), [[15, 40, 60, true]])
  assert.equal(listEpisodes(twice(3), 'below70'), [
    [15, 15, 60, true],
    [45, 15, 60, true],
  ])
})

test('highs are episodes above 180 and, in them, above 250', () => {
  const readings = traceOf([180, 181, 251, 260, 251, 250, 200, 190, 180, 170, 160])
  assert.equal(listEpisodes(readings, 'above180'), [[5, 35, 260, true]])
  assert.equal(listEpisodes(readings, 'above250'), [[10, 15, 260, true]])
  assert.equal(listEpisodes(readings, 'below54'), [])
})

test('54 and 70 mg/dL are not below, 180 and 250 mg/dL are not above', () => {
  for (const [value, limit] of [
    [54, 'below54'],
    [70, 'below70'],
    [180, 'above180'],
    [250, 'above250'],
  ] as const)
    assert.equal(listEpisodes(traceOf([value, value, value, value]), limit), [])
})

test('an episode that nobody saw end lasts until its last reading, and says so', () => {
  assert.equal(listEpisodes(traceOf([100, 60, 55, 60, 65]), 'below70'), [[5, 20, 55, false]])
  // The return is too short to be sure of, yet the time of it is no longer below.
  const back = { timeMs: START_MS + 28 * MINUTE_MS, value: 75, unit: 'mg/dL' } as const
  assert.equal(listEpisodes([...traceOf([100, 60, 55, 60]), back], 'below70'), [[5, 23, 55, false]])
})

test('a gap of more than 45 minutes cuts an episode, a shorter one does not', () => {
  const gapped = (gapMin: number): GlucoseSample[] => [
    ...traceOf([100, 60, 60, 60]),
    ...traceOf([60, 60, 60, 100, 100, 100], { startMs: START_MS + (15 + gapMin) * MINUTE_MS }),
  ]
  assert.equal(listEpisodes(gapped(45), 'below70'), [[5, 70, 60, true]])
  assert.equal(listEpisodes(gapped(46), 'below70'), [
    [5, 15, 60, false],
    [61, 15, 60, true],
  ])
})

test('uneven ticks do not hide an episode', () => {
  const minutes = [0, 4.9, 9.9, 14.8, 19.9, 25, 30.1, 35]
  const values = [100, 60, 60, 60, 100, 100, 100, 100]
  const readings = minutes.map((minute, index) => ({
    timeMs: START_MS + minute * MINUTE_MS,
    value: values[index] ?? 0,
    unit: 'mg/dL' as const,
  }))
  assert.is(findGlucoseEpisodes(readings, 'below70').length, 1)
})

test('counts episodes per week of readings, and their mean duration', () => {
  const day = Array.from({ length: 288 }, (_, index) => (index >= 100 && index < 106 ? 60 : 110))
  const { below70, below54 } = measureGlucose(traceOf([...day, ...day])).episodes
  assert.equal(below70, { count: 2, per_week: 7, mean_duration_min: 30 })
  assert.equal(below54, { count: 0, per_week: 0, mean_duration_min: null })
})

test('episodes follow each other, begin beyond the limit, and those below 54 lie in those below 70', async () => {
  let found = 0
  await holds(
    fc.property(wandering, (readings) => {
      const low = findGlucoseEpisodes(readings, 'below70')
      for (const [index, episode] of low.entries()) {
        assert.ok(episode.startMs < episode.endMs && episode.extremeMgDl < 70)
        assert.ok(episode.startMs >= (low[index - 1]?.endMs ?? 0))
        assert.ok((readings.find(({ timeMs }) => timeMs === episode.startMs)?.value ?? 70) < 70)
      }
      for (const inner of findGlucoseEpisodes(readings, 'below54')) {
        found += 1
        assert.ok(low.some(({ startMs, endMs }) => startMs <= inner.startMs && inner.endMs <= endMs))
      }
    }),
  )
  assert.ok(found > 10, 'hardly any episode was looked at')
})

test('refuses no readings', () => {
  assert.throws(
    () => findGlucoseEpisodes([], 'below70'),
    (error: unknown) => error instanceof MeasuresError && error.code === 'NO_READINGS',
  )
})

test.run()
