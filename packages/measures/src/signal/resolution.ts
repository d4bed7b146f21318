import { smoothSettled } from './filtfilt.ts'
import { centreValues, computeRms } from './statistics.ts'

/** Fewer samples per distinct value than this and the values do not show how they were rounded. */
const REPEATS = 4
/** As many equal samples in a row are held: two may be equal by chance, also between steps. */
const HELD_FOR = 3
/** With fewer held samples than this share the sensor itself hangs now and then, and was not rounded. */
const HELD_SHARE = 0.2
/** Of the held samples, the most frequent values that make up this share are taken for steps. */
const FREQUENT_SHARE = 0.98

/**
 * The step that samples were rounded to, by a sensor or a browser: all of them are multiples of it, apart
 * from an offset, or all that are held are. The latter outlasts linear interpolation to another rate: what
 * lies between two equal samples equals both, what lies between two steps is hardly ever held.
 * 0 when it is finer than `finestStep` or cannot be told, because values hardly ever repeat; infinite when
 * all samples are equal.
 */
export function detectStep(samples: Float64Array, finestStep: number): number {
  const levels = groupLevels(samples, finestStep)
  if (levels.length <= 1) return Number.POSITIVE_INFINITY
  const commonStep = levels.length * REPEATS > samples.length ? 0 : divideLevels(levels, finestStep)
  return Math.max(commonStep, detectHeldStep(samples, finestStep))
}

/** The step between values that are held; 0 when too few are. */
function detectHeldStep(samples: Float64Array, finestStep: number): number {
  const isHeld = markHeld(samples, finestStep / 100)
  const held = samples.filter((_, at) => isHeld[at])
  if (held.length < HELD_SHARE * samples.length) return 0
  const levels = keepFrequent(groupLevels(held, finestStep), held.length)
  if (levels.length > 1) return divideLevels(levels, finestStep)
  return held.length * 2 < samples.length ? 0 : measureExcursions(samples, levels[0]?.to ?? 0, finestStep)
}

/**
 * How far samples go that leave the only level for at least `finestStep`, most of the way to the farthest:
 * they come close to the next level, but need not reach it.
 */
function measureExcursions(samples: Float64Array, level: number, finestStep: number): number {
  const distances = samples
    .map((value) => Math.abs(value - level))
    .filter((distance) => distance >= finestStep)
  return distances.sort()[Math.floor(0.9 * distances.length)] ?? 0
}

/** Which samples belong to a run of at least `HELD_FOR` equal ones. */
function markHeld(samples: Float64Array, tolerance: number): readonly boolean[] {
  const isHeld = new Array<boolean>(samples.length).fill(false)
  let start = 0
  for (let at = 1; at <= samples.length; at += 1) {
    if (Math.abs((samples[at] ?? Number.NaN) - (samples[at - 1] ?? 0)) <= tolerance) continue
    if (at - start >= HELD_FOR) isHeld.fill(true, start, at)
    start = at
  }
  return isHeld
}

/** Values so close together that they are one, and how many they are. */
interface Level {
  readonly from: number
  readonly to: number
  readonly count: number
}

/** Distinct values in ascending order. Those closer than a tenth of `finestStep` are one written twice. */
function groupLevels(samples: Float64Array, finestStep: number): readonly Level[] {
  const levels: { from: number; to: number; count: number }[] = []
  for (const value of samples.toSorted()) {
    const last = levels.at(-1)
    if (last === undefined || value - last.to >= finestStep / 10)
      levels.push({ from: value, to: value, count: 1 })
    else {
      last.to = value
      last.count += 1
    }
  }
  return levels
}

/** Leaves out the rarest values: an interpolated one may be held by chance. */
function keepFrequent(levels: readonly Level[], total: number): readonly Level[] {
  let sum = 0
  const frequent = levels
    .toSorted((first, second) => second.count - first.count)
    .filter(({ count }) => {
      const isNeeded = sum < FREQUENT_SHARE * total
      sum += count
      return isNeeded
    })
  return frequent.sort((first, second) => first.from - second.from)
}

/** Largest common step of all levels. */
function divideLevels(levels: readonly Level[], finestStep: number): number {
  const differences = levels.slice(1).map(({ from }, at) => from - (levels[at]?.to ?? 0))
  return differences.reduce((step, difference) => findCommonStep(step, difference, finestStep))
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
