import { MeasuresError } from '../errors.ts'
import type { FourierTransform } from './fft.ts'
import { planFourier } from './fft.ts'

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
  const { length } = plan.weights
  const step = length - plan.overlapLength
  const segments = 1 + Math.floor((samples.length - length) / step)
  const segmentAt = (at: number): Float64Array => samples.subarray(at * step, at * step + length)
  for (let at = 0; at < segments; at += 2)
    addPeriodograms(segmentAt(at), at + 1 < segments ? segmentAt(at + 1) : null, plan, power)
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
  readonly transform: FourierTransform
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
  return {
    weights,
    overlapLength,
    nfft,
    transform: planFourier(nfft),
    detrend: options.detrend ?? 'constant',
  }
}

/**
 * Adds |FFT|² of one or two segments, which share one transform as real and imaginary part: of z = a + ib,
 * |A[k]|² + |B[k]|² = (|Z[k]|² + |Z[N−k]|²)/2.
 */
function addPeriodograms(
  first: Float64Array,
  second: Float64Array | null,
  plan: WelchPlan,
  power: Float64Array,
): void {
  const im = second === null ? new Float64Array(plan.nfft) : prepareSegment(second, plan)
  const z = plan.transform({ re: prepareSegment(first, plan), im })
  for (let k = 0; k < power.length; k++) {
    const mirror = k === 0 ? 0 : plan.nfft - k
    const here = (z.re[k] as number) ** 2 + (z.im[k] as number) ** 2
    const there = (z.re[mirror] as number) ** 2 + (z.im[mirror] as number) ** 2
    power[k] = (power[k] as number) + (here + there) / 2
  }
}

/** A segment without its trend, weighed, and padded with zeros to the transform's length. */
function prepareSegment(segment: Float64Array, { weights, nfft, detrend }: WelchPlan): Float64Array {
  const padded = new Float64Array(nfft)
  const { mean, slope } = trendOf(segment, detrend)
  const middle = (segment.length - 1) / 2
  for (let n = 0; n < segment.length; n++)
    padded[n] = ((segment[n] as number) - mean - slope * (n - middle)) * (weights[n] as number)
  return padded
}

/** The mean, and the slope of the least-squares line about the middle. */
function trendOf(
  segment: Float64Array,
  kind: 'none' | 'constant' | 'linear',
): { readonly mean: number; readonly slope: number } {
  if (kind === 'none') return { mean: 0, slope: 0 }
  const { length } = segment
  const middle = (length - 1) / 2
  let sum = 0
  let moment = 0
  for (let n = 0; n < length; n++) {
    sum += segment[n] as number
    moment += (n - middle) * (segment[n] as number)
  }
  const isFlat = kind === 'constant' || length === 1
  return { mean: sum / length, slope: isFlat ? 0 : (12 * moment) / (length * (length ** 2 - 1)) }
}

/** @see Harris 1978, https://doi.org/10.1109/PROC.1978.10837 */
function windowOf(kind: SpectralWindow, length: number): Float64Array {
  // A window of one sample weighs it fully, whatever its kind.
  const share = length === 1 ? 1 : { hann: 0.5, hamming: 0.54, boxcar: 1 }[kind]
  return new Float64Array(length).map((_, n) => share - (1 - share) * Math.cos((2 * Math.PI * n) / length))
}
