import type { AccelerationTrace, CogOptions } from '@halo/measures'
import { cogFromAcceleration, describeSwayMethod, MeasuresError, measureSway } from '@halo/measures'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import type { Path } from './balance-traces.ts'
import { drawPath, readShared, recordPath, takeColumn, tracePath } from './balance-traces.ts'

const test = suite('measures/balance-cog')

const RATE_HZ = 60
const COUNT = 37 * RATE_HZ
const HEIGHT: CogOptions = { comHeightM: 0.93 }
const none = new Float64Array(0)
const slow: Path = tracePath(
  COUNT,
  RATE_HZ,
  (time) => 0.5 * Math.sin(2 * Math.PI * 0.1 * time),
  (time) => 1.2 * Math.sin(2 * Math.PI * 0.2 * time),
)

function assertRefused(code: string, run: () => unknown): void {
  assert.is(codeOf(run), code)
}

function pathLengthMm({ mlCm, apCm }: Path): number {
  let length = 0
  for (let at = 1; at < mlCm.length; at += 1)
    length += Math.hypot((mlCm[at] ?? 0) - (mlCm[at - 1] ?? 0), (apCm[at] ?? 0) - (apCm[at - 1] ?? 0))
  return 10 * length
}

/** Same samples, in other axes or units. */
function mapRecording(
  recording: AccelerationTrace,
  map: (x: number, y: number, z: number) => readonly [number, number, number],
  unit: 'g' | 'm/s2' = recording.unit,
): AccelerationTrace {
  const samples = Array.from(recording.x, (x, at) => map(x, recording.y[at] ?? 0, recording.z[at] ?? 0))
  const [x, y, z] = [0, 1, 2].map((axis) => Float64Array.from(samples, (sample) => sample[axis] ?? 0))
  return { timesSec: recording.timesSec, x: x ?? none, y: y ?? none, z: z ?? none, unit }
}

test('finds the path of a pendulum again, right and forward positive', () => {
  const trace = cogFromAcceleration(recordPath(slow), HEIGHT)
  assert.is(trace.rateHz, RATE_HZ)
  // The first 5 s are cut off; what is left is about its mean, and the ends of the filter are left out.
  for (let at = RATE_HZ; at < trace.mlCm.length - RATE_HZ; at += 1) {
    assert.ok(Math.abs((trace.mlCm[at] ?? 0) - (slow.mlCm[at + 5 * RATE_HZ] ?? 0)) < 0.01)
    assert.ok(Math.abs((trace.apCm[at] ?? 0) - (slow.apCm[at + 5 * RATE_HZ] ?? 0)) < 0.01)
  }
})

test('reads sensors that point down at rest, and a screen towards the body', () => {
  const upright = cogFromAcceleration(recordPath(slow), HEIGHT)
  const downward = mapRecording(recordPath(slow), (x, y, z) => [-x, -y, -z])
  assert.equal(cogFromAcceleration(downward, HEIGHT).apCm, upright.apCm)
  assert.equal(cogFromAcceleration(downward, HEIGHT).mlCm, upright.mlCm)
  const turned = mapRecording(recordPath(slow), (x, y, z) => [-x, y, -z])
  const inward = cogFromAcceleration(turned, { ...HEIGHT, screen: 'inward' })
  assert.ok(Math.abs((inward.apCm[400] ?? 0) - (upright.apCm[400] ?? 0)) < 1e-12)
  assert.ok(Math.abs((inward.mlCm[400] ?? 0) - (upright.mlCm[400] ?? 0)) < 1e-12)
})

test('takes g as well as m/s², and other axes by name', () => {
  const upright = cogFromAcceleration(recordPath(slow), HEIGHT)
  const inG = mapRecording(
    recordPath(slow),
    (...sample) => sample.map((value) => value / 9.80665) as [number, number, number],
    'g',
  )
  const fromG = cogFromAcceleration(inG, HEIGHT)
  assert.ok(fromG.apCm.every((value, at) => Math.abs(value - (upright.apCm[at] ?? 0)) < 1e-9))
  const landscape = mapRecording(recordPath(slow), (x, y, z) => [y, x, z])
  const named = cogFromAcceleration(landscape, { ...HEIGHT, axes: { ml: 'y', ap: 'z' } })
  assert.ok(named.mlCm.every((value, at) => Math.abs(value - (upright.mlCm[at] ?? 0)) < 1e-9))
})

test('bears a phone held a little askew', () => {
  const tilt = (10 * Math.PI) / 180
  const askew = mapRecording(recordPath(slow), (x, y, z) => [
    x,
    Math.cos(tilt) * y - Math.sin(tilt) * z,
    Math.sin(tilt) * y + Math.cos(tilt) * z,
  ])
  const [straight, mended] = [recordPath(slow), askew].map((recording) =>
    cogFromAcceleration(recording, HEIGHT),
  )
  assert.ok(mended?.apCm.every((value, at) => Math.abs(value - (straight?.apCm[at] ?? 0)) < 0.02))
})

test('takes 0.55 of the stature for the height of the centre of mass', () => {
  const byStature = cogFromAcceleration(recordPath(slow), { heightM: 1.7 })
  assert.ok(Math.abs(byStature.method.comHeightM - 0.935) < 1e-12)
  assertRefused('OPTION_INVALID', () => cogFromAcceleration(recordPath(slow), {}))
  assertRefused('OPTION_INVALID', () => cogFromAcceleration(recordPath(slow), { heightM: 170 }))
})

test('refuses a wrong unit, both ways, and acceleration without gravity', () => {
  const recording = recordPath(slow)
  assertRefused('UNIT_SUSPECT', () => cogFromAcceleration({ ...recording, unit: 'g' }, HEIGHT))
  const inG = mapRecording(recording, (x, y, z) => [x / 9.8, y / 9.8, z / 9.8])
  assertRefused('UNIT_SUSPECT', () => cogFromAcceleration(inG, HEIGHT))
  const withoutGravity = mapRecording(recording, (x, y, z) => [x, y - 9.8, z])
  assertRefused('VALUE_INVALID', () => cogFromAcceleration(withoutGravity, HEIGHT))
  assertRefused('VALUE_INVALID', () => cogFromAcceleration({ ...recording, unit: 'mg' as 'g' }, HEIGHT))
})

test('refuses a phone that lies flat, is turned, walks, or weighs too much', () => {
  const recording = recordPath(slow)
  const flat = mapRecording(recording, (x, y, z) => [x, z, y])
  assertRefused('POSTURE_INVALID', () => cogFromAcceleration(flat, HEIGHT))
  const leaning = mapRecording(recording, (x, y, z) => [x, 0.9 * y - 0.436 * z, 0.436 * y + 0.9 * z])
  assertRefused('POSTURE_INVALID', () => cogFromAcceleration(leaning, HEIGHT))
  const swung = { ...recording, z: Float64Array.from(recording.z).fill(5, 900, 930) }
  assertRefused('POSTURE_INVALID', () => cogFromAcceleration(swung, HEIGHT))
  const heavy = mapRecording(recording, (x, y, z) => [x, y + 0.5, z])
  assertRefused('POSTURE_INVALID', () => cogFromAcceleration(heavy, HEIGHT))
})

test('does not look at what is trimmed', () => {
  const recording = recordPath(slow)
  const handled = { ...recording, z: Float64Array.from(recording.z).fill(9, 0, 4.9 * RATE_HZ) }
  assert.equal(cogFromAcceleration(handled, HEIGHT).apCm, cogFromAcceleration(recording, HEIGHT).apCm)
  assertRefused('POSTURE_INVALID', () =>
    cogFromAcceleration(handled, { ...HEIGHT, trim: { startSec: 0, endSec: 2 } }),
  )
  assertRefused('TOO_SHORT', () =>
    cogFromAcceleration(recording, { ...HEIGHT, trim: { startSec: 20, endSec: 10 } }),
  )
  assertRefused('OPTION_INVALID', () =>
    cogFromAcceleration(recording, { ...HEIGHT, trim: { startSec: -1, endSec: 0 } }),
  )
})

test('refuses samples and times that make no sense', () => {
  const recording = recordPath(slow)
  const broken = (samples: ArrayLike<number>): Float64Array => Float64Array.from(samples).with(9, Number.NaN)
  assertRefused('VALUE_INVALID', () => cogFromAcceleration({ ...recording, x: broken(recording.x) }, HEIGHT))
  assertRefused('VALUE_INVALID', () =>
    cogFromAcceleration({ ...recording, y: Float64Array.from(recording.y).subarray(1) }, HEIGHT),
  )
  const times = Float64Array.from(recording.timesSec)
  assertRefused('RATE_INVALID', () =>
    cogFromAcceleration({ ...recording, timesSec: times.toReversed() }, HEIGHT),
  )
  assertRefused('COVERAGE_LOW', () =>
    cogFromAcceleration(
      { ...recording, timesSec: times.map((time) => (time > 15 ? time + 2 : time)) },
      HEIGHT,
    ),
  )
  const sparse = recordPath(drawPath(1, 60, 2), { rateHz: 2 })
  assertRefused('RATE_INVALID', () => cogFromAcceleration(sparse, HEIGHT))
  const empty = { timesSec: none, x: none, y: none, z: none, unit: 'g' } as const
  assertRefused('NO_READINGS', () => cogFromAcceleration(empty, HEIGHT))
  for (const lowPassHz of [0, 6, Number.NaN])
    assertRefused('OPTION_INVALID', () => cogFromAcceleration(recording, { ...HEIGHT, lowPassHz }))
  assertRefused('OPTION_INVALID', () =>
    cogFromAcceleration(recording, { ...HEIGHT, axes: { ml: 'x', ap: 'x' } }),
  )
})

test('bears irregular times', () => {
  const path = drawPath(3, COUNT, RATE_HZ)
  const even = measureSway(cogFromAcceleration(recordPath(path), HEIGHT))
  const kept = (samples: ArrayLike<number>): Float64Array =>
    Float64Array.from(samples).filter((_, at) => at % 37 !== 5)
  const { timesSec, x, y, z, unit } = recordPath(path)
  const jittered = Float64Array.from(timesSec, (time, at) => time + 0.002 * (at % 3))
  const thinned = { timesSec: kept(jittered), x: kept(x), y: kept(y), z: kept(z), unit }
  const uneven = measureSway(cogFromAcceleration(thinned, HEIGHT))
  if (even.quality !== 'research' || uneven.quality !== 'research') throw new Error('not of research quality')
  assert.ok(Math.abs((uneven.indices.rms_AP ?? 0) / (even.indices.rms_AP ?? 1) - 1) < 0.01)
  assert.ok(Math.abs((uneven.indices.path_length_AP ?? 0) / (even.indices.path_length_AP ?? 1) - 1) < 0.02)
})

test('fails with a code, or not at all, on any numbers', async () => {
  const anything = fc.oneof(
    fc.double(),
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.constantFrom(0, 1, 9.8),
  )
  const small = fc.double({ min: -0.5, max: 0.5, noNaN: true })
  const upright = fc.tuple(
    small,
    small.map((value) => 9.8 + value),
    small,
  )
  const samples = fc.oneof(
    fc.array(fc.tuple(anything, anything, anything), { maxLength: 300 }),
    fc.array(upright, { minLength: 250, maxLength: 400 }),
  )
  const rate = fc.oneof(fc.double(), fc.constantFrom(1, 5, 12, 25))
  await holds(
    fc.property(samples, rate, fc.constantFrom('g', 'm/s2'), (rows, rateHz, unit) => {
      const axis = (at: number): Float64Array => Float64Array.from(rows, (row) => row[at] ?? 0)
      const timesSec = Float64Array.from(rows, (_, at) => at / rateHz)
      try {
        measureSway(cogFromAcceleration({ timesSec, x: axis(0), y: axis(1), z: axis(2), unit }, HEIGHT))
      } catch (error) {
        assert.instance(error, MeasuresError)
      }
    }),
  )
})

test('says how the trace was made', () => {
  const trace = cogFromAcceleration(recordPath(slow), { ...HEIGHT, source: 'gravity', lowPassHz: 2 })
  const { method } = measureSway(trace)
  assert.is(method.source, 'gravity')
  assert.equal(method.cog, trace.method)
  assert.is(
    describeSwayMethod(method),
    'halo-sway 1.0.0; source gravity; quasi-static inverted pendulum, centre of mass at 0.93 m; ' +
      'ML phone x, AP phone z; 5 s and 2 s trimmed; zero-phase Butterworth low-pass 2 Hz; ' +
      'preparation swarii 25 Hz, low-pass 10 Hz; sway density within 0.3 cm',
  )
})

const title = 'measures a phone at the navel: the path depends fourfold on filter and source'
const rows = readShared('sage_mhealthtools/balance_data.csv')
if (rows === null)
  process.stdout.write(`SKIP measures/balance-cog: ${title}: ../shared/data/sage_mhealthtools is absent\n`)
else test(title, () => checkPhone(rows))

function checkPhone(samples: NonNullable<typeof rows>): void {
  const timesSec = takeColumn(samples, 'timestamp')
  const gravity = (axis: string): Float64Array => takeColumn(samples, `gravity_${axis}`)
  const whole = (axis: string): Float64Array => {
    const own = takeColumn(samples, `userAcceleration_${axis}`)
    return gravity(axis).map((value, at) => value + (own[at] ?? 0))
  }
  const fused = { timesSec, x: gravity('x'), y: gravity('y'), z: gravity('z'), unit: 'g' } as const
  const raw = { timesSec, x: whole('x'), y: whole('y'), z: whole('z'), unit: 'g' } as const
  const unfiltered = cogFromAcceleration(raw, { ...HEIGHT, lowPassHz: 5 })
  const filtered = cogFromAcceleration(raw, HEIGHT)
  const fusedTrace = cogFromAcceleration(fused, { ...HEIGHT, source: 'gravity' })
  const [wide, narrow, byGravity] = [unfiltered, filtered, fusedTrace].map(pathLengthMm)
  // Independent estimates: 735, 183 and 179 mm; ends and trim differ.
  assert.ok(Math.abs((wide ?? 0) / 735 - 1) < 0.2, `${wide} mm`)
  assert.ok(Math.abs((narrow ?? 0) / 183 - 1) < 0.2, `${narrow} mm`)
  assert.ok(Math.abs((byGravity ?? 0) / 179 - 1) < 0.05, `${byGravity} mm`)
  // Which is why the wide filter is not given a path at all.
  assert.equal(unfiltered.grade, { quality: 'screening', limits: ['noise'] })
  assert.is(filtered.grade.quality, 'research')
  assert.is(fusedTrace.grade.quality, 'research')
}

test.run()
