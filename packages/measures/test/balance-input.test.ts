import type { SwayTrace } from '@halo/measures'
import { MeasuresError, measureSway } from '@halo/measures'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import { drawPath } from './balance-traces.ts'

const test = suite('measures/balance-input')

const path = drawPath(1, 3000, 100)
const timesSec = path.mlCm.map((_, at) => at / 100)

function assertRefused(code: string, run: () => unknown): void {
  assert.is(codeOf(run), code)
}

test('refuses what is too short or too long for one test', () => {
  assertRefused('TOO_SHORT', () => measureSway({ rateHz: 100, mlCm: [], apCm: [] }))
  assertRefused('TOO_SHORT', () => measureSway({ rateHz: 100, mlCm: [1], apCm: [1] }))
  const short = { mlCm: path.mlCm.subarray(0, 990), apCm: path.apCm.subarray(0, 990) }
  assertRefused('TOO_SHORT', () => measureSway({ rateHz: 100, ...short }))
  assertRefused('TOO_LONG', () => measureSway({ rateHz: 4, ...path }))
  const dense = { mlCm: new Float64Array(30_000), apCm: new Float64Array(30_000) }
  assertRefused('TOO_LONG', () => measureSway({ rateHz: 1000, ...dense }, { preparation: 'none' }))
})

test('takes ten seconds sharp', () => {
  const ten = { mlCm: path.mlCm.subarray(0, 1000), apCm: path.apCm.subarray(0, 1000) }
  assert.is(measureSway({ rateHz: 100, ...ten }).quality, 'research')
})

test('refuses values that are no numbers, and axes of different lengths', () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
    assertRefused('VALUE_INVALID', () =>
      measureSway({ rateHz: 100, mlCm: path.mlCm.with(7, bad), apCm: path.apCm }),
    )
  assertRefused('VALUE_INVALID', () =>
    measureSway({ rateHz: 100, mlCm: path.mlCm, apCm: path.apCm.subarray(1) }),
  )
  assertRefused('VALUE_INVALID', () => measureSway({ timesSec: timesSec.subarray(1), ...path }))
  assertRefused('OPTION_INVALID', () => measureSway({ rateHz: 100, ...path }, { swayDensityRadiusCm: 0 }))
})

test('refuses rates and times that make no sense', () => {
  for (const rateHz of [0, -100, Number.NaN, Number.POSITIVE_INFINITY])
    assertRefused('RATE_INVALID', () => measureSway({ rateHz, ...path }))
  assertRefused('RATE_INVALID', () => measureSway({ timesSec: timesSec.toReversed(), ...path }))
  assertRefused('RATE_INVALID', () => measureSway({ timesSec: timesSec.with(9, timesSec[8] ?? 0), ...path }))
  const jittered = timesSec.map((time, at) => time + (at % 2) * 0.004)
  assertRefused('RATE_INVALID', () => measureSway({ timesSec: jittered, ...path }, { preparation: 'none' }))
})

test('bears jitter and short gaps, refuses long ones', () => {
  const keep = (isKept: (at: number) => boolean): SwayTrace => ({
    timesSec: timesSec.filter((_, at) => isKept(at)),
    mlCm: path.mlCm.filter((_, at) => isKept(at)),
    apCm: path.apCm.filter((_, at) => isKept(at)),
  })
  const whole = measureSway({ rateHz: 100, ...path })
  const holed = measureSway(keep((at) => at < 1000 || at > 1030))
  if (whole.quality !== 'research' || holed.quality !== 'research') throw new Error('not of research quality')
  const ratio = (holed.indices.rms_AP ?? 0) / (whole.indices.rms_AP ?? 1)
  assert.ok(Math.abs(ratio - 1) < 0.02)
  assertRefused('COVERAGE_LOW', () => measureSway(keep((at) => at < 1000 || at > 1060)))
  assertRefused('COVERAGE_LOW', () => measureSway(keep((at) => at % 200 > 20)))
})

test('grades a force plate by its rate and rounding', () => {
  const roundTo = (step: number) => ({
    mlCm: path.mlCm.map((value) => step * Math.round(value / step)),
    apCm: path.apCm.map((value) => step * Math.round(value / step)),
  })
  const grade = (trace: SwayTrace) => {
    const measured = measureSway(trace)
    return measured.quality === 'research'
      ? measured.quality
      : [measured.quality, ...measured.limits].join(' ')
  }
  assert.is(grade({ rateHz: 100, ...roundTo(0.01) }), 'research')
  assert.is(grade({ rateHz: 100, ...roundTo(0.1) }), 'screening resolution')
  assert.is(grade({ rateHz: 100, ...roundTo(0.5) }), 'unusable resolution')
  assert.is(grade({ rateHz: 12, ...path }), 'screening rate')
  const sparse = { mlCm: path.mlCm.subarray(0, 600), apCm: path.apCm.subarray(0, 600) }
  assert.is(grade({ rateHz: 6, ...sparse }), 'unusable rate')
  const still = new Float64Array(3000)
  assert.is(grade({ rateHz: 100, mlCm: still, apCm: still }), 'unusable resolution')
})

test('fails with a code, or not at all, on any numbers', async () => {
  const anything = fc.oneof(fc.double(), fc.constant(0), fc.double({ min: -1, max: 1, noNaN: true }))
  const rate = fc.oneof(fc.double(), fc.constantFrom(1, 10, 25, 60))
  await holds(
    fc.property(fc.array(fc.tuple(anything, anything), { maxLength: 400 }), rate, (points, rateHz) => {
      try {
        measureSway({ rateHz, mlCm: points.map(([ml]) => ml), apCm: points.map(([, ap]) => ap) })
      } catch (error) {
        assert.instance(error, MeasuresError)
      }
    }),
    100,
  )
})

test('leaves its input as it is', () => {
  const copy = { mlCm: path.mlCm.slice(), apCm: path.apCm.slice() }
  measureSway({ rateHz: 100, ...path })
  assert.equal(path, copy)
})

test.run()
