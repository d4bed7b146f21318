import { MeasuresError } from '../errors.ts'
import type { Acceleration } from '../signal/acceleration.ts'
import { computeMedian } from '../signal/statistics.ts'

/** Acceleration at a constant rate; what no sample told is NaN. */
export interface BinnedAcceleration {
  readonly rateHz: number
  /** m/s² */
  readonly axes: readonly [Float64Array, Float64Array, Float64Array]
  /** Share of the bins that hold a sample. */
  readonly coverage: number
  /** Samples in a bin that holds any, on average. */
  readonly samplesPerBin: number
}

/** The rate of the watch in paper 000; Nyquist frequency 12.5 Hz, just above the band of tremor. */
export const DEFAULT_RATE_HZ = 25
/** Twice the band's upper end of 12 Hz. */
const LOWEST_RATE_HZ = 24
/** Bins that hold either one or two samples would distort; below this rate they follow the samples instead. */
const FOLLOWED_RATE_HZ = 1.5 * DEFAULT_RATE_HZ
/** Fewer than one bin in so many filled is not a recording, and would take much memory. */
const MOST_BINS_PER_SAMPLE = 10

/**
 * Chooses the rate of the bins: 25 Hz, or the rate of the samples where that is below 37.5 Hz.
 * @param rateHz what the caller wants instead
 * @throws MeasuresError `RATE_INVALID` for samples or a wish below 24 Hz, or a wish above the samples' rate
 */
export function chooseRate(timesSec: Float64Array, rateHz: number | undefined): number {
  const ownHz = estimateRate(timesSec)
  if (ownHz < LOWEST_RATE_HZ)
    throw new MeasuresError(
      'RATE_INVALID',
      `Tremor needs at least ${LOWEST_RATE_HZ} samples per second. Record at a higher rate; check the unit of the times.`,
    )
  if (rateHz === undefined) return ownHz < FOLLOWED_RATE_HZ ? ownHz : DEFAULT_RATE_HZ
  if (rateHz >= LOWEST_RATE_HZ && rateHz <= 1.05 * ownHz) return rateHz
  throw new MeasuresError(
    'RATE_INVALID',
    `rateHz must be at least ${LOWEST_RATE_HZ} and not above the rate of the samples.`,
  )
}

/** Samples per second between which nothing is missing. */
function estimateRate(timesSec: Float64Array): number {
  const steps = timesSec.subarray(1).map((time, at) => time - (timesSec[at] as number))
  const usual = computeMedian(steps.filter((step) => step > 0))
  const whole = steps.filter((step) => step <= 1.5 * usual)
  return whole.length / whole.reduce((sum, step) => sum + step, 0)
}

/**
 * Averages samples into bins around startSec, startSec + 1/rate, …; a bin takes what is nearer to it than to
 * its neighbours. The average is a mild guard against aliasing; {@link binGain} is what it costs.
 * @throws MeasuresError `COVERAGE_LOW` where more than nine of ten bins would be empty
 */
export function binAcceleration(
  { timesSec, axes }: Acceleration,
  grid: { readonly startSec: number; readonly count: number; readonly rateHz: number },
): BinnedAcceleration {
  if (grid.count > MOST_BINS_PER_SAMPLE * timesSec.length)
    throw new MeasuresError('COVERAGE_LOW', 'Most of the recording is missing. Measure its parts.')
  const counts = new Float64Array(grid.count)
  const bins = timesSec.map((time) => findBin(time, grid))
  for (const bin of bins) if (bin >= 0 && bin < grid.count) counts[bin] = (counts[bin] as number) + 1
  const average = (values: Float64Array): Float64Array => {
    const sums = new Float64Array(grid.count)
    bins.forEach((bin, at) => {
      if (bin >= 0 && bin < grid.count) sums[bin] = (sums[bin] as number) + (values[at] as number)
    })
    return sums.map((sum, bin) => sum / (counts[bin] as number))
  }
  const filled = counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0)
  return {
    rateHz: grid.rateHz,
    axes: [average(axes[0]), average(axes[1]), average(axes[2])],
    coverage: filled / grid.count,
    samplesPerBin: counts.reduce((sum, count) => sum + count, 0) / filled,
  }
}

/** The bin nearest to a time; may lie outside of the grid. */
export function findBin(
  timeSec: number,
  { startSec, rateHz }: { readonly startSec: number; readonly rateHz: number },
): number {
  // Samples at 50 Hz lie right between two bins: the last digit of a time must not decide where each goes.
  return Math.floor((timeSec - startSec) * rateHz + 0.5 + 1e-6)
}

/**
 * What averaging m samples per bin leaves of an oscillation's amplitude: sin(πf/r) / (m sin(πf/(m r))) for bins
 * at rate r. 1 for one sample per bin; 0.94 at 5 Hz and 0.85 at 8 Hz for 100 Hz in bins of 25 Hz.
 */
export function binGain({ rateHz, samplesPerBin }: BinnedAcceleration, frequencyHz: number): number {
  if (!(samplesPerBin > 1)) return 1
  const angle = (Math.PI * frequencyHz) / rateHz
  return Math.sin(angle) / (samplesPerBin * Math.sin(angle / samplesPerBin))
}
