import { MeasuresError } from '../errors.ts'
import { transformFourier } from './fft.ts'

/** How {@link welch} cuts and weighs a signal. */
export interface WelchOptions {
  /** Samples per second. */
  readonly rateHz: number
  /** Samples per segment; cut to the length of a shorter signal. */
  readonly segmentLength: number
  /** Samples that neighbours share; less than `segmentLength`. @defaultValue half of the segment, rounded down */
  readonly overlapLength?: number
  /** Periodic (DFT-even) windows. @defaultValue 'hann' */
  readonly window?: SpectralWindow
  /** What is taken out of every segment before it is weighed. @defaultValue 'constant' */
  readonly detrend?: 'none' | 'constant' | 'linear'
  /** Length of the transform, zero-padded; at least a segment. @defaultValue the segment's length */
  readonly nfft?: number
}

export type SpectralWindow = 'hann' | 'hamming' | 'boxcar'

/** Power spectral density, one-sided. */
export interface Spectrum {
  /** 0 … rateHz/2 in steps of rateHz/nfft; ⌊nfft/2⌋ + 1 of them. */
  readonly frequenciesHz: Float64Array
  /** Squared unit of the signal per hertz, one for each frequency. */
  readonly density: Float64Array
}

/**
 * Welch's estimate of a power spectral density: modified periodograms of overlapping segments, averaged.
 * Same conventions as `scipy.signal.welch`: samples left over at the end are not used.
 * @throws MeasuresError `NO_READINGS` for no samples, `VALUE_INVALID` for options that do not fit together
 * @see Welch 1967, https://doi.org/10.1109/TAU.1967.1161901
 */
export function welch(samples: Float64Array, options: WelchOptions): Spectrum {
  const plan = planWelch(samples.length, options)
  const power = new Float64Array((plan.nfft >> 1) + 1)
  const step = plan.weights.length - plan.overlapLength
  let segments = 0
  for (let start = 0; start + plan.weights.length <= samples.length; start += step) {
    addPeriodogram(samples.subarray(start, start + plan.weights.length), plan, power)
    segments += 1
  }
  const energy = plan.weights.reduce((sum, weight) => sum + weight * weight, 0)
  const density = power.map((sum, k) => {
    // Negative frequencies are folded onto positive ones; 0 and an even length's Nyquist have no mirror image.
    const isSingle = k === 0 || 2 * k === plan.nfft
    return ((isSingle ? 1 : 2) * sum) / (segments * options.rateHz * energy)
  })
  return { frequenciesHz: density.map((_, k) => (k * options.rateHz) / plan.nfft), density }
}

interface WelchPlan {
  readonly weights: Float64Array
  readonly overlapLength: number
  readonly nfft: number
  readonly detrend: 'none' | 'constant' | 'linear'
}

function planWelch(sampleCount: number, options: WelchOptions): WelchPlan {
  if (sampleCount === 0) throw new MeasuresError('NO_READINGS', 'There are no samples to take a spectrum of.')
  const length = Math.min(options.segmentLength, sampleCount)
  const overlapLength = options.overlapLength ?? length >> 1
  const nfft = options.nfft ?? length
  const isSound =
    options.rateHz > 0 &&
    [length, overlapLength, nfft].every(Number.isInteger) &&
    length > 0 &&
    overlapLength >= 0 &&
    overlapLength < length &&
    nfft >= length
  if (!isSound)
    throw new MeasuresError(
      'VALUE_INVALID',
      'A spectrum needs a positive rateHz, and whole numbers with overlapLength < segmentLength ≤ nfft.',
    )
  const weights = windowOf(options.window ?? 'hann', length)
  return { weights, overlapLength, nfft, detrend: options.detrend ?? 'constant' }
}

/** Adds |FFT|² of one detrended, weighed and padded segment. */
function addPeriodogram(segment: Float64Array, plan: WelchPlan, power: Float64Array): void {
  const padded = new Float64Array(plan.nfft)
  const trend = trendOf(segment, plan.detrend)
  for (let n = 0; n < segment.length; n++)
    padded[n] = ((segment[n] as number) - trend(n)) * (plan.weights[n] as number)
  const { re, im } = transformFourier(padded)
  for (let k = 0; k < power.length; k++)
    power[k] = (power[k] as number) + (re[k] as number) ** 2 + (im[k] as number) ** 2
}

/** Value of the mean, or of the least-squares line, at sample n. */
function trendOf(segment: Float64Array, kind: 'none' | 'constant' | 'linear'): (n: number) => number {
  if (kind === 'none') return () => 0
  const mean = segment.reduce((sum, value) => sum + value, 0) / segment.length
  if (kind === 'constant' || segment.length === 1) return () => mean
  const middle = (segment.length - 1) / 2
  const slope =
    segment.reduce((sum, value, n) => sum + (n - middle) * value, 0) /
    ((segment.length * (segment.length ** 2 - 1)) / 12)
  return (n) => mean + slope * (n - middle)
}

/** @see Harris 1978, https://doi.org/10.1109/PROC.1978.10837 */
function windowOf(kind: SpectralWindow, length: number): Float64Array {
  // A window of one sample weighs it fully, whatever its kind.
  const share = length === 1 ? 1 : { hann: 0.5, hamming: 0.54, boxcar: 1 }[kind]
  return new Float64Array(length).map((_, n) => share - (1 - share) * Math.cos((2 * Math.PI * n) / length))
}
