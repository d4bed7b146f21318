import type { ResearchSway, ScreeningSway, SwayCondition } from '@halo/measures'
import { cogFromAcceleration, compareSway, MeasuresError, measureSway, rombergQuotient } from '@halo/measures'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { drawPath, recordPath } from './balance-traces.ts'

const test = suite('measures/balance-trend')

const AREA = 'confidence_ellipse_area_ML_AND_AP'

function measurePlate(k: number, condition?: SwayCondition, count = 3000): ResearchSway {
  const path = drawPath(1, 3000, 100, { ml: 0.25 * k, ap: 0.4 * k })
  const cut = { mlCm: path.mlCm.subarray(0, count), apCm: path.apCm.subarray(0, count) }
  const measured = measureSway({ rateHz: 100, ...cut }, condition === undefined ? {} : { condition })
  if (measured.quality !== 'research') throw new Error(`graded ${measured.quality}`)
  return measured
}

function measurePhone(k: number, comHeightM = 0.93): ScreeningSway {
  const path = drawPath(1, 2220, 60, { ml: 0.25 * k, ap: 0.4 * k })
  const recording = recordPath(path, { step: 0.1, noise: 0.03, comHeightM })
  const measured = measureSway(cogFromAcceleration(recording, { comHeightM }))
  if (measured.quality !== 'screening') throw new Error(`graded ${measured.quality}`)
  return measured
}

function assertDiffer(field: string, run: () => unknown): void {
  let refused: unknown
  try {
    run()
  } catch (error) {
    refused = error
  }
  assert.instance(refused, MeasuresError)
  assert.is((refused as MeasuresError).code, 'METHODS_DIFFER')
  assert.match((refused as MeasuresError).message, field)
}

test('divides closed by open eyes, area and path', () => {
  const quotient = rombergQuotient(measurePlate(1), measurePlate(1.5))
  assert.ok(Math.abs((quotient.areaQuotient ?? 0) - 1.5 ** 2) < 1e-9)
  assert.ok(Math.abs((quotient.pathQuotient ?? 0) - 1.5) < 1e-9)
})

test('does not divide by next to nothing', () => {
  const quotient = rombergQuotient(measurePlate(0.01), measurePlate(1))
  assert.is(quotient.areaQuotient, null)
  assert.is(quotient.pathQuotient, null)
})

test('gives a screening a quotient of areas with an interval, and none of paths', () => {
  const quotient = rombergQuotient(measurePhone(2), measurePhone(4))
  assert.equal(Object.keys(quotient).sort(), ['areaInterval95', 'areaQuotient', 'quality'])
  const { lower, upper } = quotient.areaInterval95 ?? { lower: 0, upper: 0 }
  assert.ok(lower < 4 && 4 < upper, `${lower} ${upper}`)
  assert.ok(lower < (quotient.areaQuotient ?? 0) && (quotient.areaQuotient ?? 0) < upper)
})

test('leaves the interval out where sway with open eyes may be none', () => {
  assert.is(rombergQuotient(measurePhone(0.1), measurePhone(2)).areaInterval95, null)
})

test('wants open eyes first where it is said', () => {
  const [open, closed] = [measurePlate(1, { eyes: 'open' }), measurePlate(2, { eyes: 'closed' })]
  assert.ok(Math.abs((rombergQuotient(open, closed).areaQuotient ?? 0) - 4) < 1e-9)
  assertDiffer('condition.eyes', () => rombergQuotient(closed, open))
  assertDiffer('condition.eyes', () => rombergQuotient(open, open))
  const foam = measurePlate(1, { eyes: 'closed', surface: 'foam' })
  assertDiffer('condition.surface', () => rombergQuotient(open, foam))
})

test('sets a result beside the median and spread of earlier ones', () => {
  const past = [1, 1.1, 0.9, 1.2, 1].map((k) => measurePlate(k))
  const trend = compareSway(measurePlate(1.5), past)
  if (!trend.isCompared) throw new Error('not compared')
  const unit = measurePlate(1).indices.rms_AP ?? 0
  const change = trend.changes.rms_AP
  assert.is(change?.pastCount, 5)
  assert.ok(Math.abs((change?.median ?? 0) - unit) < 1e-9)
  assert.ok(Math.abs((change?.mad ?? 0) - 0.1 * unit) < 1e-9)
  assert.ok(Math.abs((change?.robustZ ?? 0) - 0.5 / 0.14826) < 1e-6)
  assert.ok(Math.abs((change?.changePercent ?? 0) - 50) < 1e-6)
})

test('does not judge by chance where one stood', () => {
  const trend = compareSway(
    measurePlate(1),
    [1, 2, 3].map((k) => measurePlate(k)),
  )
  if (!trend.isCompared) throw new Error('not compared')
  assert.not.ok('mean_value_ML' in trend.changes)
  assert.not.ok('principal_sway_direction_ML_AND_AP' in trend.changes)
})

test('gives no z-score where earlier results do not vary', () => {
  const trend = compareSway(
    measurePlate(1.5),
    [1, 1, 1].map((k) => measurePlate(k)),
  )
  if (!trend.isCompared) throw new Error('not compared')
  assert.is(trend.changes[AREA]?.robustZ, null)
  assert.ok(Math.abs((trend.changes[AREA]?.changePercent ?? 0) - 125) < 1e-6)
})

test('waits for three earlier results', () => {
  const trend = compareSway(measurePlate(1), [measurePlate(1), measurePlate(1)])
  assert.equal(trend, { isCompared: false, pastCount: 2, neededCount: 3 })
})

test('compares screenings among themselves, by what they have', () => {
  const trend = compareSway(
    measurePhone(3),
    [1, 2, 4].map((k) => measurePhone(k)),
  )
  if (!trend.isCompared) throw new Error('not compared')
  assert.equal(Object.keys(trend.changes).sort(), [AREA, 'rms_AP', 'rms_ML'])
})

test('refuses to compare what was done or measured otherwise', () => {
  const plate = measurePlate(1)
  assertDiffer('source', () => compareSway(plate, [plate, plate, measurePhone(1)]))
  assertDiffer('comHeightM', () => compareSway(measurePhone(1), [measurePhone(1, 1.02)]))
  assertDiffer('durationSec', () => compareSway(plate, [measurePlate(1, undefined, 2000)]))
  const open = measurePlate(1, { eyes: 'open' })
  assertDiffer('condition.eyes', () => compareSway(open, [measurePlate(1, { eyes: 'closed' })]))
  assertDiffer('condition.stance', () =>
    compareSway(open, [measurePlate(1, { eyes: 'open', stance: 'tandem' })]),
  )
  const path = drawPath(1, 3000, 100)
  const wider = measureSway({ rateHz: 100, ...path }, { swayDensityRadiusCm: 0.5 }) as ResearchSway
  assertDiffer('swayDensityRadiusCm', () => compareSway(plate, [wider]))
  const filtered = (lowPassHz: number): ResearchSway =>
    measureSway(
      cogFromAcceleration(recordPath(drawPath(1, 2220, 60)), { comHeightM: 0.93, lowPassHz }),
    ) as ResearchSway
  assertDiffer('lowPassHz', () => compareSway(filtered(1), [filtered(2)]))
})

test.run()
