import fc from 'fast-check'
import * as assert from 'uvu/assert'
import type { GlucoseSample } from '../src/glucose/glucose-reading.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

/** Five minutes apart from 2026-01-01 on, UTC. */
export const START_MS = Date.UTC(2026, 0, 1)

/** Readings in mg/dL at even intervals. */
export function traceOf(
  values: readonly number[],
  { startMs = START_MS, intervalMin = 5 } = {},
): GlucoseSample[] {
  return values.map((value, index) => ({
    timeMs: startMs + index * intervalMin * MINUTE_MS,
    value,
    unit: 'mg/dL',
  }))
}

/** mean + amplitude · sin(2π t / period + phase), every five minutes. */
export function sineOf({
  mean = 140,
  amplitude = 50,
  periodHours = 24,
  phase = 0,
  days = 14,
}): GlucoseSample[] {
  const angle = (index: number): number => (2 * Math.PI * index) / (12 * periodHours) + phase
  return traceOf(Array.from({ length: days * 288 }, (_, index) => mean + amplitude * Math.sin(angle(index))))
}

/** Glucose that wanders like a person's, at uneven times with gaps; no two values are equal. */
export const wandering: fc.Arbitrary<GlucoseSample[]> = fc
  .array(
    fc.record({
      stepMgDl: fc.integer({ min: -60, max: 60 }),
      pauseMin: fc.oneof(
        { weight: 20, arbitrary: fc.integer({ min: 55, max: 65 }) },
        { weight: 1, arbitrary: fc.integer({ min: 178, max: 183 }) },
        { weight: 1, arbitrary: fc.integer({ min: 300, max: 900 }) },
      ),
    }),
    { minLength: 2, maxLength: 120, size: 'max' },
  )
  .map((steps) => {
    let timeMs = START_MS
    let value = 150
    return steps.map(({ stepMgDl, pauseMin }, index) => {
      timeMs += pauseMin * MINUTE_MS
      value = Math.min(390, Math.max(45, value + stepMgDl))
      // A different fraction each, so that which of two equal values turns is not left to chance.
      return { timeMs, value: value + index * 1e-6, unit: 'mg/dL' }
    })
  })

/** Equal in every figure to a relative 1e-9, and in everything else exactly. */
export function assertAlike(actual: unknown, expected: unknown, path = ''): void {
  if (typeof actual === 'number' && typeof expected === 'number') {
    const tolerance = 1e-9 * Math.max(1, Math.abs(expected))
    assert.ok(Math.abs(actual - expected) <= tolerance, `${path}: ${actual} is not ${expected}`)
  } else if (isObject(actual) && isObject(expected)) {
    assert.equal(Object.keys(actual), Object.keys(expected), path)
    for (const [key, value] of Object.entries(actual)) assertAlike(value, expected[key], `${path}/${key}`)
  } else assert.is(actual, expected, path)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
