import { smoothSettled } from './filtfilt.ts'
import { centreValues, computeRms } from './statistics.ts'

/** Fewer samples per distinct value than this and the values do not show how they were rounded. */
const REPEATS = 4

/**
 * The step that all samples are multiples of, apart from an offset: what a sensor or a browser rounded to.
 * 0 when it is finer than `finestStep` or cannot be told, because values hardly ever repeat; infinite when
 * all samples are equal.
 */
export function detectStep(samples: Float64Array, finestStep: number): number {
  const distinct = samples.toSorted().filter((value, at, all) => at === 0 || value - (all[at - 1] ?? 0) > 0)
  const differences = distinct
    .subarray(1)
    .map((value, at) => value - (distinct[at] ?? 0))
    // Values that differ by less are one value written twice.
    .filter((difference) => difference >= finestStep / 10)
  if (differences.length === 0) return Number.POSITIVE_INFINITY
  if ((differences.length + 1) * REPEATS > samples.length) return 0
  let step = differences[0] ?? 0
  for (const difference of differences) step = findCommonStep(step, difference, finestStep)
  return step
}

/** Euclid's algorithm on real numbers; 0 as soon as what is left is finer than `finest`. */
function findCommonStep(first: number, second: number, finest: number): number {
  let [large, small] = [Math.max(first, second), Math.min(first, second)]
  while (small >= finest) {
    const rest = Math.abs(large - small * Math.round(large / small))
    if (rest < finest / 2) return small
    large = small
    small = rest
  }
  return 0
}

/** Body sway ends well below; what is faster is taken for noise, which tremor then counts as, too. */
const NOISE_FROM_HZ = 5

/**
 * Standard deviation of the white noise that explains what a signal holds above 5 Hz, in its unit; for
 * rates above 12 Hz, below that from the differences between neighbours. An upper bound: all that is fast
 * counts as noise.
 */
export function estimateNoise(samples: Float64Array, rateHz: number): number {
  if (rateHz <= 12) {
    const steps = samples.subarray(1).map((value, at) => value - (samples[at] ?? 0))
    return computeRms(centreValues(steps)) / Math.SQRT2
  }
  const smooth = smoothSettled(samples, { order: 4, cutoffHz: NOISE_FROM_HZ, rateHz })
  const fast = computeRms(samples.map((value, at) => value - (smooth[at] ?? 0)))
  return fast / Math.sqrt(1 - NOISE_FROM_HZ / (rateHz / 2))
}
