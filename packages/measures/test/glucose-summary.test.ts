import { MeasuresError, summariseGlucose } from '@halo/measures'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'

const test = suite('measures/glucose-summary')

function inMgDl(...values: number[]): { value: number; timeMs: number; unit: 'mg/dL' }[] {
  return values.map((value, index) => ({ value, timeMs: index * 300_000, unit: 'mg/dL' }))
}

function assertNear(actual: number | null, expected: number, tolerance = 1e-9): void {
  assert.ok(actual !== null && Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)))
}

const glucose = fc.double({ min: 10, max: 1000, noNaN: true })
const series = fc.array(glucose, { minLength: 2, maxLength: 200 })

test('counts 54, 70, 180 and 250 mg/dL to the range they close', () => {
  const { n, below54, below70, in70_180, above180, above250 } = summariseGlucose(
    inMgDl(53.9, 54, 69.9, 70, 100, 120, 180, 180.1, 250, 250.1),
  )
  assert.equal(
    { n, below54, below70, in70_180, above180, above250 },
    { n: 10, below54: 10, below70: 30, in70_180: 40, above180: 30, above250: 10 },
  )
})

test('knows mean, deviation, variation and GMI of a series done by hand', () => {
  const summary = summariseGlucose(inMgDl(100, 150, 200))
  assert.is(summary.mean, 150)
  assertNear(summary.sd, 50)
  assertNear(summary.cv, 100 / 3)
  assertNear(summary.gmi, 3.31 + 0.02392 * 150)
})

test('has no deviation for one reading, and none but zero for equal ones', () => {
  const one = summariseGlucose(inMgDl(120))
  assert.is(one.sd, null)
  assert.is(one.cv, null)
  assert.is(summariseGlucose(inMgDl(120, 120, 120)).sd, 0)
})

test('agrees with the two-pass formulas', async () => {
  await holds(
    fc.property(series, (values) => {
      const summary = summariseGlucose(inMgDl(...values))
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
      assertNear(summary.mean, mean)
      assertNear(summary.sd, Math.sqrt(squares / (values.length - 1)), 1e-7)
    }),
  )
})

test('splits every series into three shares that sum to 100', async () => {
  await holds(
    fc.property(series, (values) => {
      const { below54, below70, in70_180, above180, above250 } = summariseGlucose(inMgDl(...values))
      assertNear(below70 + in70_180 + above180, 100)
      assert.ok(below54 <= below70 && above250 <= above180)
    }),
  )
})

test('does not mind the order, and scales with the values', async () => {
  await holds(
    fc.property(series, fc.double({ min: 0.5, max: 2, noNaN: true }), (values, factor) => {
      const summary = summariseGlucose(inMgDl(...values))
      const turned = summariseGlucose(inMgDl(...values.toReversed()))
      const scaled = summariseGlucose(inMgDl(...values.map((value) => value * factor)))
      assertNear(turned.mean, summary.mean)
      assertNear(turned.sd, summary.sd ?? -1, 1e-7)
      assertNear(scaled.mean, summary.mean * factor)
      assertNear(scaled.cv, summary.cv ?? -1, 1e-6)
    }),
  )
})

test('converts mmol/L by 18.0156 before it classifies', () => {
  const molar = [3.0, 3.9, 10.0, 13.9].map((value) => ({ value, timeMs: 0, unit: 'mmol/L' as const }))
  const summary = summariseGlucose(molar)
  assertNear(summary.mean, ((3.0 + 3.9 + 10.0 + 13.9) / 4) * 18.0156)
  assert.equal(
    [summary.below54, summary.below70, summary.in70_180, summary.above180, summary.above250],
    [0, 25, 25, 50, 25],
  )
})

test('refuses nothing to summarise, values that are no glucose, and unknown units', () => {
  const cases: [() => unknown, string][] = [
    [() => summariseGlucose([]), 'NO_READINGS'],
    [() => summariseGlucose(inMgDl(Number.NaN)), 'VALUE_INVALID'],
    [() => summariseGlucose(inMgDl(0)), 'VALUE_INVALID'],
    [() => summariseGlucose([{ value: 5, timeMs: 0, unit: 'g/L' as 'mg/dL' }]), 'VALUE_INVALID'],
  ]
  for (const [run, code] of cases)
    assert.throws(run, (error: unknown) => error instanceof MeasuresError && error.code === code)
})

test.run()
