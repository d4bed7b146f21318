import type { ScreeningSway, SwayMeasurement } from '@halo/measures'
import { cogFromAcceleration, measureSway } from '@halo/measures'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { smoothLowPass } from '../src/signal/filtfilt.ts'
import { resampleLinear } from '../src/signal/resample.ts'
import type { Path } from './balance-traces.ts'
import { drawPath, readShared, recordPath, takeColumn } from './balance-traces.ts'

const test = suite('measures/balance-quality')

const HEIGHT = { comHeightM: 0.93 }
const RATE_HZ = 60
const COUNT = 37 * RATE_HZ
const AREA = 'confidence_ellipse_area_ML_AND_AP'
/** What browsers round acceleration to, m/s². */
const BROWSER_STEP = 0.1

type Sensor = Parameters<typeof recordPath>[1]
type Recording = ReturnType<typeof recordPath>

function measurePath(path: Path, sensor: Sensor = {}): SwayMeasurement {
  return measureSway(cogFromAcceleration(recordPath(path, { rateHz: RATE_HZ, ...sensor }), HEIGHT))
}

function gradeOf(sensor: Sensor, lowPassHz = 1): string {
  const path = drawPath(1, 37 * (sensor?.rateHz ?? RATE_HZ), sensor?.rateHz ?? RATE_HZ)
  const recording = recordPath(path, { rateHz: RATE_HZ, ...sensor })
  const { quality, limits } = cogFromAcceleration(recording, { ...HEIGHT, lowPassHz }).grade
  return [quality, ...limits].join(' ')
}

test('grades a phone by rate, rounding and noise', () => {
  assert.is(gradeOf({}), 'research')
  assert.is(gradeOf({ noise: 0.01, step: 0.0012 }), 'research')
  assert.is(gradeOf({ rateHz: 20, noise: 0.005 }), 'screening rate')
  assert.is(gradeOf({ rateHz: 8, noise: 0.005 }), 'unusable rate')
  assert.is(gradeOf({ step: 0.05 }), 'screening resolution')
  assert.is(gradeOf({ step: BROWSER_STEP }), 'screening resolution')
  assert.is(gradeOf({ step: BROWSER_STEP, rateHz: 16 }), 'screening rate resolution')
  assert.is(gradeOf({ step: 0.2 }), 'unusable resolution')
  assert.is(gradeOf({ noise: 0.03 }), 'screening noise')
  assert.is(gradeOf({ noise: 0.3 }), 'unusable noise')
})

test('lets through more noise with a wider filter, and says so', () => {
  assert.is(gradeOf({ noise: 0.012 }, 1), 'research')
  assert.is(gradeOf({ noise: 0.012 }, 5), 'screening noise')
})

test('sees the rounding of a browser behind another unit', () => {
  const rounded = recordPath(drawPath(1, COUNT, RATE_HZ), { step: BROWSER_STEP, noise: 0.02 })
  const toG = (values: ArrayLike<number>): Float64Array =>
    Float64Array.from(values).map((value) => Number((value / 9.80665).toFixed(7)))
  const inG = { ...rounded, x: toG(rounded.x), y: toG(rounded.y), z: toG(rounded.z), unit: 'g' } as const
  assert.is(cogFromAcceleration(inG, HEIGHT).grade.quality, 'screening')
})

/** Recorded at 60 Hz, then interpolated by straight lines to another rate. */
function recordResampled(seed: number, sensor: Sensor, rateHz: number, size = 1): Recording {
  const path = drawPath(seed, COUNT, RATE_HZ, { ml: 0.25 * size, ap: 0.4 * size })
  const { timesSec, x, y, z, unit } = recordPath(path, { rateHz: RATE_HZ, seed, ...sensor })
  const resample = (values: ArrayLike<number>): Float64Array =>
    resampleLinear(Float64Array.from(timesSec), Float64Array.from(values), rateHz)
  const across = resample(x)
  const times = across.map((_, at) => at / rateHz)
  return { timesSec: times, x: across, y: resample(y), z: resample(z), unit }
}

const seeds = fc.nat({ max: 1e6 })
const sizes = fc.double({ min: 0.3, max: 2, noNaN: true })

test('sees the rounding of a browser behind interpolation to another rate', () =>
  holds(
    fc.property(
      seeds,
      sizes,
      fc.constantFrom(50, 100),
      fc.constantFrom(0, 0.01, 0.02, 0.03),
      (seed, size, rateHz, noise) => {
        const recording = recordResampled(seed, { step: BROWSER_STEP, noise }, rateHz, size)
        const { grade, sensor } = cogFromAcceleration(recording, HEIGHT)
        assert.is.not(grade.quality, 'research')
        assert.ok(grade.limits.includes('resolution'))
        // No more than the true step either, unless no value ever changes.
        assert.ok(sensor.stepCm === Number.POSITIVE_INFINITY || sensor.stepCm < 0.96)
      },
    ),
  ))

test('takes no fine sensor for a rounded one, at its own rate or interpolated', () =>
  holds(
    fc.property(
      seeds,
      sizes,
      fc.constantFrom(50, RATE_HZ, 100),
      // A float, 0.0001 g, and 12 bits over 4 g.
      fc.constantFrom(0, 0.0001 * 9.80665, (4 * 9.80665) / 4096),
      fc.constantFrom(0, 0.0005, 0.002, 0.005, 0.01),
      (seed, size, rateHz, step, noise) => {
        const recording = recordResampled(seed, { step, noise }, rateHz, size)
        assert.is(cogFromAcceleration(recording, HEIGHT).grade.quality, 'research')
      },
    ),
  ))

test('takes a sensor that hangs now and then for no rounded one', () => {
  const recording = recordResampled(5, { noise: 0.005 }, RATE_HZ)
  const z = Float64Array.from(recording.z)
  for (const start of [600, 1200]) z.fill(z[start] ?? 0, start, start + 60)
  assert.is(cogFromAcceleration({ ...recording, z }, HEIGHT).grade.quality, 'research')
})

test('covers the truth with its intervals behind interpolation, too', () => {
  let covered = 0
  for (let seed = 0; seed < 8; seed += 1) {
    const path = drawPath(seed, COUNT, RATE_HZ)
    const coarse = cogFromAcceleration(
      recordResampled(seed, { step: BROWSER_STEP, noise: 0.02 }, 100),
      HEIGHT,
    )
    covered += countWithin(measurePath(path), measureSway(coarse))
  }
  assert.ok(covered >= 20, `${covered} of 24`)
})

test('gives a screening RMS and area with an error, and nothing else', () => {
  const measured = measurePath(drawPath(2, COUNT, RATE_HZ), { step: BROWSER_STEP, noise: 0.03 })
  if (measured.quality !== 'screening') throw new Error(`graded ${measured.quality}`)
  const names = ['rms_ML', 'rms_AP', AREA].sort()
  for (const part of [measured.indices, measured.intervals95, measured.errors])
    assert.equal(Object.keys(part).sort(), names)
  // Velocity and path are no keys of the type either.
  const path: 'path_length_ML_AND_AP' extends keyof ScreeningSway['indices'] ? true : false = false
  assert.is(path, false)
  for (const name of ['rms_ML', 'rms_AP', AREA] as const) {
    const { lower, upper } = measured.intervals95[name]
    assert.ok(lower >= 0 && lower < upper)
    assert.ok(Math.abs(measured.errors[name] - (upper - lower) / 3.92) < 1e-12)
  }
})

test('gives an unusable recording no figures at all', () => {
  const measured = measurePath(drawPath(2, COUNT, RATE_HZ), { step: 0.3 })
  assert.is(measured.quality, 'unusable')
  assert.equal(Object.keys(measured).sort(), ['condition', 'limits', 'method', 'quality'])
})

test('gives the same errors for the same recording', () => {
  const [first, second] = [1, 2].map(() =>
    measurePath(drawPath(2, COUNT, RATE_HZ), { step: BROWSER_STEP, noise: 0.03 }),
  )
  assert.equal(first, second)
})

test('covers the truth with its intervals, whether noise blurs the rounding or not', () => {
  for (const noise of [0, 0.01, 0.03]) {
    let covered = 0
    let asked = 0
    for (let seed = 0; seed < 8; seed += 1) {
      const path = drawPath(100 + seed, COUNT, RATE_HZ, { ml: 0.2 + 0.04 * seed, ap: 0.5 })
      const inside = countCovered(path, { step: BROWSER_STEP, noise, seed })
      covered += inside.covered
      asked += inside.asked
    }
    // 95 % each of 24; fewer than 20 have a chance below 1 in 100.
    assert.is(asked, 24)
    assert.ok(covered >= 20, `noise ${noise}: ${covered} of ${asked}`)
  }
})

/** How many of the intervals hold what an ideal sensor measures of the same path. */
function countCovered(path: Path, sensor: Sensor): { covered: number; asked: number } {
  return { covered: countWithin(measurePath(path), measurePath(path, sensor)), asked: 3 }
}

function countWithin(ideal: SwayMeasurement, coarse: SwayMeasurement): number {
  if (ideal.quality !== 'research' || coarse.quality !== 'screening') throw new Error('graded otherwise')
  const names = ['rms_ML', 'rms_AP', AREA] as const
  return names.filter((name) => {
    const { lower, upper } = coarse.intervals95[name]
    const truth = ideal.indices[name] ?? Number.NaN
    return lower <= truth && truth <= upper
  }).length
}

test('gives errors small enough to be of use where noise blurs the rounding', () => {
  const measured = measurePath(drawPath(7, COUNT, RATE_HZ), { step: BROWSER_STEP, noise: 0.03 })
  if (measured.quality !== 'screening') throw new Error(`graded ${measured.quality}`)
  // RMS of 0.25 and 0.4 cm; one step is 0.95 cm.
  assert.ok(measured.errors.rms_ML < 0.06)
  assert.ok(measured.errors.rms_AP < 0.06)
})

test('does not take sway hidden within one step for none', () => {
  // 0.02 cm of sway is 0.002 m/s²; most recordings stay on one step.
  const path = drawPath(9, COUNT, RATE_HZ, { ml: 0.02, ap: 0.8 })
  const measured = measurePath(path, { step: BROWSER_STEP })
  if (measured.quality !== 'screening') throw new Error(`graded ${measured.quality}`)
  assert.is(measured.indices.rms_ML, 0)
  assert.is(measured.indices[AREA], 0)
  assert.is(measured.intervals95.rms_ML.lower, 0)
  assert.ok(measured.intervals95.rms_ML.upper > 0.05)
  assert.ok(measured.intervals95[AREA].upper > 0.05)
})

const title = 'shows on a known trace why a screening has no path: rounding and noise lengthen it'
const rows = readShared('balance_quijoux/cop_25hz_processed_ML_AP_cm.csv')
if (rows === null)
  process.stdout.write(`SKIP measures/balance-quality: ${title}: ../shared/data/balance_quijoux is absent\n`)
else test(title, () => checkKnownTrace(rows))

function checkKnownTrace(samples: NonNullable<typeof rows>): void {
  // A person's centre of pressure, slowed to what their centre of gravity does.
  const slow = (name: string): Float64Array =>
    smoothLowPass(takeColumn(samples, name), { order: 4, cutoffHz: 0.5, rateHz: 25 })
  const path = { mlCm: slow('ML_cm'), apCm: slow('AP_cm') }
  const trim = { startSec: 0, endSec: 0 }
  const traceOf = (sensor: Sensor) =>
    cogFromAcceleration(recordPath(path, { rateHz: 25, ...sensor }), { ...HEIGHT, trim })
  const ideal = traceOf({})
  const browser = traceOf({ step: BROWSER_STEP, noise: 0.03 })
  assert.is(ideal.grade.quality, 'research')
  assert.is(browser.grade.quality, 'screening')
  const lengthen = lengthOf(browser) / lengthOf(ideal)
  assert.ok(lengthen > 1.3, `${lengthen}`)
  const [truth, screened] = [measureSway(ideal), measureSway(browser)]
  if (truth.quality !== 'research' || screened.quality !== 'screening') throw new Error('graded otherwise')
  for (const name of ['rms_ML', 'rms_AP', AREA] as const) {
    const { lower, upper } = screened.intervals95[name]
    const value = truth.indices[name] ?? Number.NaN
    assert.ok(lower <= value && value <= upper, `${name}: ${lower} ${value} ${upper}`)
  }
}

function lengthOf({ mlCm, apCm }: Path): number {
  return mlCm.reduce(
    (sum, ml, at) =>
      at === 0 ? 0 : sum + Math.hypot(ml - (mlCm[at - 1] ?? 0), (apCm[at] ?? 0) - (apCm[at - 1] ?? 0)),
    0,
  )
}

test.run()
