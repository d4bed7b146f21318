import { existsSync, readFileSync } from 'node:fs'
import { measureSway, SWAY_INDEX_UNITS } from '@halo/measures'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { locateShared, readShared, takeColumn } from './balance-traces.ts'

const test = suite('measures/balance-oracle')

const input = readShared('balance_quijoux/cop_100hz_30s_input_ML_AP_cm.csv')
const processed = readShared('balance_quijoux/cop_25hz_processed_ML_AP_cm.csv')
const oraclePath = locateShared('balance_quijoux/oracle_features.json')

function testShared(title: string, run: () => void): void {
  if (existsSync(oraclePath)) test(title, run)
  else
    process.stdout.write(`SKIP measures/balance-oracle: ${title}: ../shared/data/balance_quijoux is absent\n`)
}

function measureInput(withTimes: boolean) {
  const rows = input ?? []
  const path = { mlCm: takeColumn(rows, 'ML_cm'), apCm: takeColumn(rows, 'AP_cm') }
  const measured = withTimes
    ? measureSway({ timesSec: path.mlCm.map((_, at) => 1_700_000 + at / 100), ...path })
    : measureSway({ rateHz: 100, ...path })
  if (measured.quality !== 'research') throw new Error(`graded ${measured.quality}`)
  return measured
}

testShared('agrees with the reference on all 72 indices of a force plate recording to 1e-6', () => {
  const oracle: Record<string, number> = JSON.parse(readFileSync(oraclePath, 'utf8'))
  const indices: Readonly<Record<string, number | null>> = measureInput(false).indices
  let checked = 0
  for (const [name, expected] of Object.entries(oracle)) {
    const error = Math.abs((indices[name] ?? Number.NaN) - expected) / Math.abs(expected)
    assert.ok(error <= 1e-6, `${name} is off by ${error}`)
    checked += 1
  }
  assert.is(checked, 72)
})

testShared('prepares the trace as the reference does', () => {
  const { stabilogram } = measureInput(false)
  assert.is(stabilogram.rateHz, 25)
  assert.is(stabilogram.mlCm.length, processed?.length)
  for (const [at, row] of (processed ?? []).entries()) {
    assert.ok(Math.abs((stabilogram.mlCm[at] ?? Number.NaN) - (row['ML_cm'] ?? 0)) < 1e-8)
    assert.ok(Math.abs((stabilogram.apCm[at] ?? Number.NaN) - (row['AP_cm'] ?? 0)) < 1e-8)
  }
})

testShared('takes times, of any zero, as well as a rate', () => {
  const [byRate, byTimes] = [measureInput(false), measureInput(true)]
  for (const name of ['path_length_ML_AND_AP', 'rms_AP', 'mean_frequency_ML'] as const)
    assert.ok(Math.abs((byRate.indices[name] ?? 0) / (byTimes.indices[name] ?? 1) - 1) < 0.01, name)
})

testShared('gives every index a number and a unit', () => {
  const { indices } = measureInput(false)
  assert.equal(Object.keys(indices).sort(), Object.keys(SWAY_INDEX_UNITS).sort())
  for (const [name, value] of Object.entries(indices)) assert.type(value, 'number', name)
})

testShared('draws the ellipse whose area is the index', () => {
  const { indices, statokinesigram } = measureInput(false)
  const { semiMajorCm, semiMinorCm, angleRad } = statokinesigram.ellipse
  const area = Math.PI * semiMajorCm * semiMinorCm
  assert.ok(Math.abs(area / (indices.confidence_ellipse_area_ML_AND_AP ?? 0) - 1) < 1e-12)
  // 13° off AP, towards the left: the coefficient of sway direction is negative.
  const fromAp = 90 - Math.abs((angleRad * 180) / Math.PI)
  assert.ok(Math.abs(fromAp - (indices.principal_sway_direction_ML_AND_AP ?? 0)) < 0.1)
  assert.ok(angleRad < 0)
})

testShared('gives the textbook convention beside the reference where they differ', () => {
  const { indices, stabilogram } = measureInput(false)
  const count = stabilogram.mlCm.length
  const ratio = (indices.mean_velocity_textbook_AP ?? 0) / (indices.mean_velocity_AP ?? 1)
  assert.ok(Math.abs(ratio - count / (count - 1)) < 1e-12)
  const large = indices.ellipse_area_large_sample_ML_AND_AP ?? 0
  const finite = indices.confidence_ellipse_area_ML_AND_AP ?? 0
  assert.ok(large < finite && large > 0.99 * finite)
  // The sum over the spectrum's lines times their width is close to the variance in the band.
  assert.ok((indices.band_power_Power_Spectrum_Density_AP ?? 0) < (indices.rms_AP ?? 0) ** 2)
})

test.run()
