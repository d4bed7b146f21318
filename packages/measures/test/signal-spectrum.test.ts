import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import { planFourier } from '../src/signal/fft.ts'
import { resampleLinear } from '../src/signal/resample.ts'
import type { WelchOptions } from '../src/signal/welch.ts'
import { welch } from '../src/signal/welch.ts'

const test = suite('measures/signal-spectrum')

/** The definition, term by term. */
function transformDirectly(re: readonly number[], im: readonly number[]): [number, number][] {
  return re.map((_, k) => {
    let [sumRe, sumIm] = [0, 0]
    re.forEach((a, n) => {
      const angle = (-2 * Math.PI * ((k * n) % re.length)) / re.length
      sumRe += a * Math.cos(angle) - (im[n] as number) * Math.sin(angle)
      sumIm += a * Math.sin(angle) + (im[n] as number) * Math.cos(angle)
    })
    return [sumRe, sumIm]
  })
}

const parts = (size: { min: number; max: number }) =>
  fc
    .integer(size)
    .chain((length) =>
      fc.tuple(
        fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: length, maxLength: length }),
        fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: length, maxLength: length }),
      ),
    )

test('the fast transform of any length is the transform by definition', async () => {
  await holds(
    fc.property(parts({ min: 1, max: 70 }), ([re, im]) => {
      const fast = planFourier(re.length)({ re: Float64Array.from(re), im: Float64Array.from(im) })
      transformDirectly(re, im).forEach(([wantedRe, wantedIm], k) => {
        assert.ok(Math.abs((fast.re[k] as number) - wantedRe) < 1e-8)
        assert.ok(Math.abs((fast.im[k] as number) - wantedIm) < 1e-8)
      })
    }),
    150,
  )
})

test('the transform keeps energy, for lengths that are primes and powers of two', () => {
  for (const size of [1, 2, 997, 1024, 1500]) {
    const samples = new Float64Array(size).map((_, n) => Math.sin(n * n))
    const { re, im } = planFourier(size)({ re: samples, im: new Float64Array(size) })
    const energy = samples.reduce((sum, value) => sum + value * value, 0)
    const transformed = re.reduce((sum, part, k) => sum + part * part + (im[k] as number) ** 2, 0)
    assert.ok(Math.abs(transformed / size - energy) <= 1e-10 * energy, `length ${size}`)
  }
})

test('the transform leaves its input as it is', () => {
  const signal = { re: Float64Array.of(1, 2, 3), im: Float64Array.of(4, 5, 6) }
  planFourier(3)(signal)
  assert.equal([...signal.re, ...signal.im], [1, 2, 3, 4, 5, 6])
})

/** Noise of a linear congruential generator, a trend and 5 Hz: the signal the reference figures were made of. */
function referenceSignal(): Float64Array {
  let state = 1
  return new Float64Array(211).map((_, n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32 - 0.5 + 0.02 * n + Math.sin((2 * Math.PI * 5 * n) / 25)
  })
}

/** `scipy.signal.welch` of SciPy 1.17 at a few bins, and the sum over all. */
const REFERENCES: readonly {
  readonly options: Omit<WelchOptions, 'rateHz'>
  readonly count: number
  readonly bins: Readonly<Record<number, number>>
  readonly sum: number
}[] = [
  {
    options: { segmentLength: 100, overlapLength: 50, window: 'hann', detrend: 'linear' },
    count: 51,
    bins: {
      0: 0.00012425141338700323,
      7: 0.002291532512484352,
      20: 1.2139750456263332,
      50: 0.004806495418526933,
    },
    sum: 2.1865971710064676,
  },
  {
    options: { segmentLength: 64, overlapLength: 16, window: 'hamming', detrend: 'constant' },
    count: 33,
    bins: {
      0: 0.0030657069255119653,
      7: 0.005948469330736736,
      20: 0.0038795018459919,
      32: 0.003030927640358631,
    },
    sum: 1.4583340704329328,
  },
  {
    options: { segmentLength: 75, overlapLength: 37, window: 'boxcar', detrend: 'none', nfft: 121 },
    count: 61,
    bins: { 0: 12.72980735550951, 7: 0.11648365394411955, 20: 0.04131790413373451, 60: 0.018797979792622842 },
    sum: 23.99094732236033,
  },
  {
    options: { segmentLength: 300, window: 'hann', detrend: 'constant', nfft: 250 },
    count: 126,
    bins: {
      0: 0.001939662013706924,
      7: 0.007494660410268559,
      20: 0.006224638379002268,
      125: 0.011415092096758,
    },
    sum: 8.885119668868782,
  },
]

test("densities are SciPy's, for every window and detrending, an odd transform and a short signal", () => {
  for (const { options, count, bins, sum } of REFERENCES) {
    const { density, frequenciesHz } = welch(referenceSignal(), { ...options, rateHz: 25 })
    assert.is(density.length, count)
    assert.is(frequenciesHz[1], 25 / (options.nfft ?? options.segmentLength))
    for (const [bin, wanted] of Object.entries(bins))
      assert.ok(
        Math.abs((density[Number(bin)] as number) - wanted) <= 1e-9 * wanted,
        `${count} bins, bin ${bin}`,
      )
    assert.ok(Math.abs(density.reduce((total, value) => total + value, 0) - sum) <= 1e-9 * sum)
  }
})

test('the integral of a density is the mean square of the signal', () => {
  for (const rateHz of [25, 100]) {
    const samples = referenceSignal()
    const { density, frequenciesHz } = welch(samples, {
      rateHz,
      segmentLength: samples.length,
      window: 'boxcar',
      detrend: 'none',
    })
    const integral = density.reduce((sum, value) => sum + value, 0) * (frequenciesHz[1] as number)
    const meanSquare = samples.reduce((sum, value) => sum + value * value, 0) / samples.length
    assert.ok(Math.abs(integral - meanSquare) < 1e-9 * meanSquare)
  }
})

test('a spectrum of nothing, or of segments that do not advance, is refused', () => {
  const four = Float64Array.of(1, 2, 3, 4)
  assert.is(
    codeOf(() => welch(new Float64Array(0), { rateHz: 25, segmentLength: 4 })),
    'NO_READINGS',
  )
  for (const bad of [
    { rateHz: 0, segmentLength: 4 },
    { rateHz: Number.NaN, segmentLength: 4 },
    { rateHz: 25, segmentLength: 0 },
    { rateHz: 25, segmentLength: 2.5 },
    { rateHz: 25, segmentLength: 4, overlapLength: 4 },
    { rateHz: 25, segmentLength: 4, nfft: 3 },
  ])
    assert.is(
      codeOf(() => welch(four, bad)),
      'VALUE_INVALID',
    )
})

test('one sample has a spectrum of one bin', () => {
  assert.equal([...welch(Float64Array.of(3), { rateHz: 1, segmentLength: 9, detrend: 'none' }).density], [9])
})

test('resampling a line gives the line, at points that end before the last time', () => {
  const times = Float64Array.of(10, 10.3, 10.31, 12)
  const line = times.map((timeSec) => 2 * timeSec - 1)
  const grid = resampleLinear(times, line, 10)
  assert.is(grid.length, 20)
  grid.forEach((value, n) => {
    assert.ok(Math.abs(value - (2 * (10 + n / 10) - 1)) < 1e-12)
  })
})

test('resampling takes the last of equal times, a single sample as it is, and refuses times that run back', () => {
  assert.equal([...resampleLinear(Float64Array.of(0, 0, 1), Float64Array.of(5, 7, 9), 2)], [7, 8])
  assert.equal([...resampleLinear(Float64Array.of(4), Float64Array.of(5), 25)], [5])
  const refused = (times: number[]) =>
    codeOf(() => resampleLinear(Float64Array.from(times), new Float64Array(times.length), 25))
  assert.is(refused([]), 'NO_READINGS')
  assert.is(refused([0, 2, 1]), 'RATE_INVALID')
  assert.is(refused([0, Number.NaN]), 'RATE_INVALID')
  assert.is(
    codeOf(() => resampleLinear(Float64Array.of(0, 1), Float64Array.of(1), 25)),
    'RATE_INVALID',
  )
})

test.run()
