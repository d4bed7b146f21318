import type { SwayIndexName } from '@halo/measures'
import { measureSway } from '@halo/measures'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { drawNormal, startRandom } from '../src/signal/random.ts'
import type { Path } from './balance-traces.ts'
import { drawPath, indicesOf, tracePath } from './balance-traces.ts'

const test = suite('measures/balance-signals')

const COUNT = 500
const RATE_HZ = 25

function assertNear(actual: number | null, expected: number, tolerance = 1e-9, what = ''): void {
  const isNear = actual !== null && Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected))
  assert.ok(isNear, `${what} ${actual}, not ${expected}`)
}

test('knows a circle', async () => {
  const radius = fc.double({ min: 0.5, max: 5, noNaN: true })
  // Whole turns in 20 s, so that the mean position is the centre.
  const turns = fc.integer({ min: 4, max: 40 })
  await holds(
    fc.property(radius, turns, (radiusCm, count) => {
      const f = count / 20
      const angle = (time: number): number => 2 * Math.PI * f * time
      const indices = indicesOf(
        tracePath(
          COUNT,
          RATE_HZ,
          (time) => radiusCm * Math.cos(angle(time)),
          (time) => radiusCm * Math.sin(angle(time)),
        ),
      )
      // Chords between samples, a little shorter than the arc 2π R f T.
      const chord = 2 * radiusCm * Math.sin((Math.PI * f) / RATE_HZ)
      assertNear(indices.path_length_ML_AND_AP, (COUNT - 1) * chord)
      assert.ok((indices.path_length_ML_AND_AP ?? 0) < 2 * Math.PI * radiusCm * f * 20)
      assertNear(indices.mean_distance_Radius, radiusCm)
      assertNear(indices.rms_ML, radiusCm / Math.SQRT2)
      assertNear(indices.rms_AP, radiusCm / Math.SQRT2)
      assertNear(indices.mean_frequency_ML_AND_AP, (chord * RATE_HZ) / (2 * Math.PI * radiusCm))
      assertNear(indices.mean_frequency_ML_AND_AP, f, 0.011)
      assertNear(
        indices.ellipse_area_large_sample_ML_AND_AP,
        (-2 * Math.PI * Math.log(0.05) * radiusCm ** 2) / 2,
      )
      assertNear(indices.coefficient_sway_direction_ML_AND_AP, 0)
      assertNear(indices.frequency_mode_Power_Spectrum_Density_AP, f, 0.051)
      const turned = (radiusCm ** 2 * Math.sin((2 * Math.PI * f) / RATE_HZ)) / 2
      assertNear(indices.sway_area_per_second_ML_AND_AP, turned * RATE_HZ)
    }),
    15,
  )
})

test('knows a sine along AP: no area, nothing defined across', () => {
  const indices = indicesOf(
    tracePath(
      COUNT,
      RATE_HZ,
      () => 0.7,
      (time) => 2 * Math.sin(2 * Math.PI * 0.4 * time),
    ),
  )
  assert.is(indices.confidence_ellipse_area_ML_AND_AP, 0)
  assertNear(indices.rms_AP, Math.SQRT2)
  assertNear(indices.mean_value_ML, 0.7)
  assert.is(indices.rms_ML, 0)
  assert.is(indices.mean_velocity_ML, 0)
  assertNear(indices.path_length_AP, indices.path_length_ML_AND_AP ?? 0)
  // Mean of |sine| is 2/π and of its speed 4 a f: the formula for one axis is that of Gaussian sway.
  assertNear(indices.mean_frequency_AP, 0.4 * (4 / (4 * Math.SQRT2 * (2 / Math.PI))), 0.005)
  assert.is(indices.zero_crossing_SPD_AP, 16)
  assertNear(indices.peak_velocity_pos_SPD_AP, 2 * 2 * Math.PI * 0.4, 0.01)
  assertNear(indices.principal_sway_direction_ML_AND_AP, 0)
  const undefinedAcross: readonly SwayIndexName[] = [
    'mean_frequency_ML',
    'LFS_ML_AND_AP',
    'power_frequency_50_Power_Spectrum_Density_ML',
    'frequency_quotient_Power_Spectrum_Density_ML',
    'critical_time_Diffusion_ML',
    'peak_velocity_all_SPD_ML',
    'coefficient_sway_direction_ML_AND_AP',
  ]
  for (const name of undefinedAcross) assert.is(indices[name], null, name)
})

test('counts 0.5 and 2 Hz to the band they close', () => {
  const path = tracePath(
    COUNT,
    RATE_HZ,
    (time) => Math.sin(2 * Math.PI * 0.5 * time),
    (time) => Math.sin(2 * Math.PI * 2 * time),
  )
  const indices = indicesOf(path)
  const slow = indices.energy_content_below_05_Power_Spectrum_Density_ML ?? 0
  assert.ok(slow > (indices.energy_content_05_2_Power_Spectrum_Density_ML ?? 0))
  const middle = indices.energy_content_05_2_Power_Spectrum_Density_AP ?? 0
  assert.ok(middle > (indices.energy_content_above_2_Power_Spectrum_Density_AP ?? 0))
  assert.ok((indices.frequency_quotient_Power_Spectrum_Density_AP ?? 1) < 1)
})

test('knows a straight line at a constant speed', () => {
  const indices = indicesOf(
    tracePath(
      COUNT,
      RATE_HZ,
      (time) => 0.03 * time,
      (time) => 0.04 * time,
    ),
  )
  const lengthCm = (0.05 * (COUNT - 1)) / RATE_HZ
  assertNear(indices.path_length_ML_AND_AP, lengthCm)
  assertNear(indices.range_ML_AND_AP, lengthCm)
  assertNear(indices.mean_velocity_textbook_ML_AND_AP, 0.05)
  assertNear(indices.coefficient_sway_direction_ML_AND_AP, 1)
  assertNear(indices.principal_sway_direction_ML_AND_AP, (Math.atan2(3, 4) * 180) / Math.PI)
  // Displacement grows with the lag itself: (v Δt)², a scaling of 1.
  assertNear(indices.short_time_scaling_Diffusion_AP, 1)
  assertNear(indices.long_time_scaling_Diffusion_AP, 1)
  assertNear(indices.short_time_diffusion_Diffusion_AP, 0.04 ** 2)
  assert.is(indices.zero_crossing_SPD_AP, 0)
  assert.is(indices.peak_velocity_all_SPD_AP, null)
})

test('knows white noise: a flat spectrum, no diffusion', () => {
  const random = startRandom(11)
  const indices = indicesOf({ mlCm: drawNormal(random, 5000), apCm: drawNormal(random, 5000) })
  assertNear(indices.rms_ML, 1, 0.03)
  assertNear(indices.ellipse_area_large_sample_ML_AND_AP, -2 * Math.PI * Math.log(0.05), 0.05)
  // Of a flat density from 0.15 to 5 Hz: middle 2.575 Hz, root of the mean square frequency 2.93 Hz.
  assertNear(indices.power_frequency_50_Power_Spectrum_Density_ML, 2.575, 0.06)
  assertNear(indices.centroid_frequency_Power_Spectrum_Density_AP, 2.93, 0.03)
  assertNear(indices.band_power_Power_Spectrum_Density_AP, 4.85 / 12.5, 0.06)
  assertNear(indices.frequency_quotient_Power_Spectrum_Density_AP, 3 / 1.85, 0.1)
  assertNear(indices.short_time_scaling_Diffusion_ML, 0, 0.02)
  assertNear(indices.long_time_diffusion_Diffusion_ML, 2, 0.06)
})

test('knows a random walk: its scaling is one half', () => {
  const steps = drawNormal(startRandom(8), 7500)
  let position = 0
  const walk = steps.map((step) => {
    position += 0.1 * step
    return position
  })
  const indices = indicesOf({ mlCm: walk, apCm: walk.toReversed() })
  assertNear(indices.short_time_scaling_Diffusion_ML, 0.5, 0.03)
  // D Δt with a variance of 0.01 cm² at each of 25 steps a second.
  assertNear(indices.short_time_diffusion_Diffusion_ML, 0.25, 0.02)
})

const ANY_DIRECTION: readonly SwayIndexName[] = [
  'path_length_ML_AND_AP',
  'mean_velocity_ML_AND_AP',
  'confidence_ellipse_area_ML_AND_AP',
  'rms_Radius',
  'mean_distance_Radius',
  'maximal_distance_Radius',
  'range_ML_AND_AP',
  'sway_area_per_second_ML_AND_AP',
  'LFS_ML_AND_AP',
  'fractal_dimension_ML_AND_AP',
  'mean_frequency_ML_AND_AP',
  'mean_peak_Sway_Density',
  'mean_distance_peak_Sway_Density',
]
const EITHER_TIME: readonly SwayIndexName[] = [
  ...ANY_DIRECTION.filter((name) => !name.endsWith('Density')),
  'rms_ML',
  'rms_AP',
  'range_AP',
  'zero_crossing_SPD_ML',
  'peak_velocity_all_SPD_AP',
  'phase_plane_parameter_ML',
  'critical_time_Diffusion_ML',
  'long_time_scaling_Diffusion_AP',
]

function assertSame(path: Path, moved: Path, names: readonly SwayIndexName[]): void {
  const [before, after] = [indicesOf(path), indicesOf(moved)]
  for (const name of names) assertNear(after[name], before[name] ?? Number.NaN, 1e-6, name)
}

function mapPath({ mlCm, apCm }: Path, map: (ml: number, ap: number) => readonly [number, number]): Path {
  const points = Array.from(mlCm, (ml, at) => map(ml, apCm[at] ?? 0))
  return {
    mlCm: Float64Array.from(points, ([ml]) => ml),
    apCm: Float64Array.from(points, ([, ap]) => ap),
  }
}

/** Drawn inside a property, so that a counterexample is one number. */
const anySeed = fc.nat()

function drawAny(seed: number): Path {
  return drawPath(seed, COUNT, RATE_HZ)
}

test('does not depend on the directions of the axes', async () => {
  const angle = fc.double({ min: 0, max: 2 * Math.PI, noNaN: true })
  await holds(
    fc.property(anySeed, angle, (seed, rad) => {
      const path = drawAny(seed)
      const [cos, sin] = [Math.cos(rad), Math.sin(rad)]
      const turned = mapPath(path, (ml, ap) => [cos * ml - sin * ap, sin * ml + cos * ap])
      assertSame(path, turned, ANY_DIRECTION)
    }),
    12,
  )
})

test('does not depend on the origin, which is told apart', async () => {
  const offset = fc.double({ min: -50, max: 50, noNaN: true })
  await holds(
    fc.property(anySeed, offset, offset, (seed, right, forward) => {
      const path = drawAny(seed)
      const moved = mapPath(path, (ml, ap) => [ml + right, ap + forward])
      assertSame(path, moved, [...ANY_DIRECTION, ...EITHER_TIME])
      assertNear(indicesOf(moved).mean_value_AP, forward, 1e-9)
    }),
    12,
  )
})

test('does not depend on the direction of time', async () => {
  await holds(
    fc.property(anySeed, (seed) => {
      const path = drawAny(seed)
      const backwards = { mlCm: path.mlCm.toReversed(), apCm: path.apCm.toReversed() }
      assertSame(path, backwards, EITHER_TIME)
    }),
    12,
  )
})

test('grows with the path: lengths by k, areas by k², frequencies not at all', async () => {
  await holds(
    fc.property(anySeed, fc.double({ min: 0.5, max: 20, noNaN: true }), (seed, k) => {
      const path = drawAny(seed)
      const [before, after] = [indicesOf(path), indicesOf(mapPath(path, (ml, ap) => [k * ml, k * ap]))]
      const assertGrowth = (name: SwayIndexName, factor: number): void =>
        assertNear((after[name] ?? 0) / (before[name] ?? 0), factor, 1e-6, name)
      for (const name of ['path_length_ML_AND_AP', 'rms_ML', 'mean_velocity_AP', 'range_ML_AND_AP'] as const)
        assertGrowth(name, k)
      assertGrowth('confidence_ellipse_area_ML_AND_AP', k * k)
      assertGrowth('sway_area_per_second_ML_AND_AP', k * k)
      assertGrowth('total_power_Power_Spectrum_Density_ML', k * k)
      assertGrowth('short_time_diffusion_Diffusion_ML', k * k)
      assertGrowth('LFS_ML_AND_AP', 1 / k)
      for (const name of ['mean_frequency_AP', 'centroid_frequency_Power_Spectrum_Density_ML'] as const)
        assertGrowth(name, 1)
      assertGrowth('critical_time_Diffusion_AP', 1)
    }),
    12,
  )
})

test('measures slow sway alike at any rate of recording', () => {
  const slow = (rateHz: number) => {
    const path = tracePath(
      30 * rateHz,
      rateHz,
      (time) => Math.sin(2 * Math.PI * 0.3 * time),
      (time) => Math.cos(2 * Math.PI * 0.7 * time),
    )
    const measured = measureSway({ rateHz, ...path })
    return measured.quality === 'research' ? measured.indices : null
  }
  const [coarse, fine] = [slow(40), slow(1000)]
  for (const name of ['mean_velocity_textbook_ML_AND_AP', 'rms_ML', 'mean_frequency_AP'] as const)
    assertNear(coarse?.[name] ?? null, fine?.[name] ?? 0, 0.01, name)
})

test('drops an artefact of one or two samples', () => {
  const path = drawPath(4, 3000, 100)
  const spoiled = { mlCm: path.mlCm.slice(), apCm: path.apCm.slice() }
  spoiled.mlCm.set([9, 9], 1500)
  spoiled.apCm.set([-40], 2200)
  const [clean, mended] = [path, spoiled].map((trace) => measureSway({ rateHz: 100, ...trace }))
  if (clean?.quality !== 'research' || mended?.quality !== 'research')
    throw new Error('not of research quality')
  assertNear(mended.indices.range_AP, clean.indices.range_AP ?? 0, 0.05)
  assertNear(mended.indices.path_length_ML_AND_AP, clean.indices.path_length_ML_AND_AP ?? 0, 0.03)
})

test.run()
