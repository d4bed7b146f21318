import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { smoothLowPass, smoothSettled } from '../src/signal/filtfilt.ts'
import { drawNormal, startRandom } from '../src/signal/random.ts'
import { detectStep, estimateNoise } from '../src/signal/resolution.ts'
import { differentiateSmoothly } from '../src/signal/savitzky-golay.ts'
import { computeMean, computeMedian, computeRms } from '../src/signal/statistics.ts'
import { resampleSwarii } from '../src/signal/swarii.ts'

const test = suite('measures/signal-filters')

function assertNear(actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  assert.is(actual.length, expected.length)
  expected.forEach((value, at) => {
    assert.ok(Math.abs((actual[at] ?? Number.NaN) - value) <= tolerance, `${at}: ${actual[at]}, not ${value}`)
  })
}

function every(samples: Float64Array, step: number): Float64Array {
  return samples.filter((_, at) => at % step === 0)
}

const jagged = Float64Array.from({ length: 24 }, (_, at) => ((7 * at * at + 3 * at) % 17) / 4)

test('smooths as scipy.signal.butter and filtfilt do', () => {
  const near10 = smoothLowPass(jagged, { order: 4, cutoffHz: 10, rateHz: 25 })
  const expected10 = [0.00699191708516, 1.20882905175, 4.17021216988, 1.01190774757, 0.446595348298]
  assertNear(every(near10, 5), expected10, 1e-10)
  const near1 = smoothLowPass(jagged, { order: 4, cutoffHz: 1, rateHz: 25 })
  const expected1 = [0.0671628049426, 1.67947144675, 2.20916289074, 2.17956049355, 2.79155260704]
  assertNear(every(near1, 5), expected1, 1e-10)
  const second = smoothLowPass(jagged, { order: 2, cutoffHz: 3, rateHz: 25 })
  assertNear(
    every(second, 5),
    [-0.00227711745479, 1.77664228784, 3.50715196519, 1.26190377687, 0.904976471136],
    1e-10,
  )
})

test('leaves straight lines as they are and halves a sine at the cut-off', () => {
  const line = Float64Array.from({ length: 300 }, (_, at) => 3 - 0.01 * at)
  assertNear(smoothSettled(line, { order: 4, cutoffHz: 2, rateHz: 100 }), [...line], 1e-4)
  const sine = Float64Array.from({ length: 2000 }, (_, at) => Math.sin((2 * Math.PI * 2 * at) / 100))
  const middle = smoothLowPass(sine, { order: 4, cutoffHz: 2, rateHz: 100 }).subarray(500, 1500)
  // −3 dB forwards and −3 dB backwards, nothing shifted.
  assertNear(middle, [...sine.subarray(500, 1500).map((value) => value / 2)], 1e-6)
})

test('smooths time run backwards to the same, backwards', async () => {
  const samples = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 60, maxLength: 200 })
  await holds(
    fc.property(samples, (values) => {
      const filter = { order: 4, cutoffHz: 5, rateHz: 25 }
      const forwards = smoothLowPass(Float64Array.from(values), filter)
      const backwards = smoothLowPass(Float64Array.from(values).reverse(), filter).reverse()
      const middle = Math.floor(values.length / 2)
      assert.ok(Math.abs((forwards[middle] ?? 0) - (backwards[middle] ?? 0)) < 1e-2)
    }),
  )
})

test('differentiates as scipy.signal.savgol_filter(5, 3) does, ends too', () => {
  const slopes = differentiateSmoothly(jagged, 25)
  const expected = [
    85.7886904762, -11.9791666667, 36.9791666667, 15.1041666667, -24.4791666667, 24.4791666667,
  ]
  assertNear(every(slopes, 4), expected, 1e-9)
  assertNear(
    [slopes[1] ?? 0, slopes[22] ?? 0, slopes[23] ?? 0],
    [2.529761904761829, 26.190476190476407, 117.48511904761918],
    1e-9,
  )
})

test('knows the slope of every cubic exactly', async () => {
  const factor = fc.double({ min: -3, max: 3, noNaN: true })
  await holds(
    fc.property(factor, factor, factor, (a, b, c) => {
      const times = Array.from({ length: 30 }, (_, at) => at / 10)
      const samples = Float64Array.from(times, (t) => a * t + b * t * t + c * t ** 3)
      const slopes = times.map((t) => a + 2 * b * t + 3 * c * t * t)
      assertNear(differentiateSmoothly(samples, 10), slopes, 1e-8)
    }),
  )
})

test('resamples irregular times with a hole as the reference of SWARII does', () => {
  const all = Float64Array.from({ length: 80 }, (_, at) => at * 0.013 + 0.004 * ((at * at) % 3))
  const times = all.filter((time) => time < 0.4 || time > 0.7)
  const values = times.map((_, at) => ((7 * at * at + 3 * at) % 17) / 16)
  const [resampled] = resampleSwarii(times, [values], { rateHz: 25, windowSec: 0.08 })
  assertNear(
    resampled ?? [],
    [
      0.2687502344, 0.3847606689, 0.5535143408, 0.73750375, 0.6777346436, 0.4339800341, 0.2386713428,
      0.3175793604, 0.697266919, 0.8398433105, 0.8460933887, 0.7541290695, 0.6621647503, 0.5702004311,
      0.4782361119, 0.3862717927, 0.2943074735, 0.2023431543, 0.2464823779, 0.2542965381, 0.3457047119,
      0.7113295947, 0.8398433105, 0.4988277197, 0.2261735303, 0.2328361467,
    ],
    1e-9,
  )
})

test('tells what values were rounded to, whatever their offset', async () => {
  const step = fc.double({ min: 0.01, max: 0.5, noNaN: true })
  const offset = fc.double({ min: -10, max: 10, noNaN: true })
  await holds(
    fc.property(step, offset, fc.nat(), (width, from, seed) => {
      const normal = drawNormal(startRandom(seed), 2000)
      const rounded = normal.map((value) => from + width * Math.round((value * 3 * width) / width))
      assert.ok(Math.abs(detectStep(rounded, 0.001) - width) < 1e-3 * width)
    }),
  )
})

test('sees no step in what was not rounded, and an infinite one in what never changes', () => {
  const normal = drawNormal(startRandom(1), 2000)
  assert.is(detectStep(normal, 0.001), 0)
  assert.is(detectStep(Float64Array.from([...normal, ...normal, ...normal, ...normal, ...normal]), 0.001), 0)
  // A ramp has equal steps, but no value twice.
  const ramp = Float64Array.from({ length: 500 }, (_, at) => 0.5 * at)
  assert.is(detectStep(ramp, 0.001), 0)
  assert.is(detectStep(new Float64Array(100).fill(9.8), 0.001), Number.POSITIVE_INFINITY)
})

test('finds the common step where the smallest difference is a multiple of it', () => {
  const samples = Float64Array.from({ length: 60 }, (_, at) => [0, 0.2, 0.5, 0.9][at % 4] ?? 0)
  assert.ok(Math.abs(detectStep(samples, 0.001) - 0.1) < 1e-9)
})

test('estimates white noise beneath a slow movement', () => {
  for (const rateHz of [10, 25, 60, 200]) {
    const noise = drawNormal(startRandom(rateHz), 60 * rateHz)
    const sum = noise.map((value, at) => 0.03 * value + Math.sin((2 * Math.PI * 0.2 * at) / rateHz))
    const estimate = estimateNoise(sum, rateHz)
    // At 10 Hz the movement itself adds to the differences.
    assert.ok(estimate > 0.025 && estimate < (rateHz === 10 ? 0.1 : 0.036), `${rateHz} Hz: ${estimate}`)
  }
})

test('draws normal values, the same from the same seed', () => {
  const values = drawNormal(startRandom(5), 20_000)
  assert.ok(Math.abs(computeMean(values)) < 0.03)
  assert.ok(Math.abs(computeRms(values) - 1) < 0.03)
  assert.equal(drawNormal(startRandom(5), 10), values.slice(0, 10))
  assert.not.equal(drawNormal(startRandom(6), 10), values.slice(0, 10))
})

test('takes the middle of unsorted values', () => {
  assert.is(computeMedian([5, 1, 3]), 3)
  assert.is(computeMedian([5, 1, 3, 100]), 4)
  assert.ok(Number.isNaN(computeMedian([])))
})

test.run()
