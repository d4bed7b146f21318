import { welch } from '../signal/welch.ts'
import type { UniformTrace } from './trace.ts'

/** Band in which sway is judged. @see Prieto 1996, IEEE Trans. Biomed. Eng. 43:956, frequency domain measures */
const FROM_HZ = 0.15
const TO_HZ = 5
/** Limits of slow, middle and fast sway. @see Quijoux 2021, Physiol. Rep. 9:e15067, frequency features */
const SLOW_HZ = 0.5
const FAST_HZ = 2
const SEGMENT_SEC = 10

type SpectralNames =
  | 'total_power'
  | 'band_power'
  | 'power_frequency_50'
  | 'power_frequency_95'
  | 'frequency_mode'
  | 'centroid_frequency'
  | 'frequency_dispersion'
  | 'energy_content_below_05'
  | 'energy_content_05_2'
  | 'energy_content_above_2'
  | 'frequency_quotient'

type SpectralIndices<Axis extends string> = Record<
  `${SpectralNames}_Power_Spectrum_Density_${Axis}`,
  number | null
>

/** Indices of the power spectrum, 0.15 to 5 Hz; null (save the powers) where there is no power at all. */
export function computeSpectral(trace: UniformTrace): SpectralIndices<'ML'> & SpectralIndices<'AP'> {
  return {
    ...describeAxis('ML', trace.mlCm, trace.rateHz),
    ...describeAxis('AP', trace.apCm, trace.rateHz),
  }
}

interface Band {
  readonly frequenciesHz: Float64Array
  readonly density: Float64Array
}

function describeAxis<Axis extends string>(
  axis: Axis,
  samples: Float64Array,
  rateHz: number,
): SpectralIndices<Axis> {
  const band = takeBand(samples, rateHz)
  const m0 = momentOf(band, 0)
  const m1 = momentOf(band, 1)
  const m2 = momentOf(band, 2)
  const unlessEmpty = (compute: () => number): number | null => (m0 > 0 ? compute() : null)
  const named = (name: SpectralNames): string => `${name}_Power_Spectrum_Density_${axis}`
  return {
    // A sum over the lines as in the reference; the power in cm² is `band_power`, lines times their width.
    [named('total_power')]: m0,
    [named('band_power')]: (m0 * rateHz) / samples.length,
    [named('power_frequency_50')]: unlessEmpty(() => quantileOf(band, 0.5 * m0)),
    [named('power_frequency_95')]: unlessEmpty(() => quantileOf(band, 0.95 * m0)),
    [named('frequency_mode')]: unlessEmpty(() => modeOf(band)),
    [named('centroid_frequency')]: unlessEmpty(() => Math.sqrt(m2 / m0)),
    // Of a single line the difference may fall below 0 by rounding.
    [named('frequency_dispersion')]: unlessEmpty(() => Math.sqrt(Math.max(0, 1 - (m1 * m1) / (m0 * m2)))),
    [named('energy_content_below_05')]: powerBetween(band, 0, SLOW_HZ),
    [named('energy_content_05_2')]: powerBetween(band, SLOW_HZ, FAST_HZ),
    [named('energy_content_above_2')]: powerBetween(band, FAST_HZ, TO_HZ),
    [named('frequency_quotient')]: unlessEmpty(
      () => powerBetween(band, FAST_HZ, TO_HZ) / powerBetween(band, 0, FAST_HZ),
    ),
  } as SpectralIndices<Axis>
}

/** Welch's density with segments of 10 s, half overlapping, each without its line, padded to the whole length. */
function takeBand(samples: Float64Array, rateHz: number): Band {
  const segmentLength = Math.min(Math.round(SEGMENT_SEC * rateHz), samples.length)
  const { frequenciesHz, density } = welch(samples, {
    rateHz,
    segmentLength,
    overlapLength: segmentLength >> 1,
    detrend: 'linear',
    nfft: samples.length,
  })
  const isInside = (at: number): boolean =>
    (frequenciesHz[at] ?? 0) >= FROM_HZ && (frequenciesHz[at] ?? 0) <= TO_HZ
  return {
    frequenciesHz: frequenciesHz.filter((_, at) => isInside(at)),
    density: density.filter((_, at) => isInside(at)),
  }
}

function momentOf({ frequenciesHz, density }: Band, order: number): number {
  return density.reduce((sum, power, at) => sum + (frequenciesHz[at] ?? 0) ** order * power, 0)
}

/** First frequency at which the cumulated power reaches `power`. */
function quantileOf({ frequenciesHz, density }: Band, power: number): number {
  let cumulated = 0
  const at = density.findIndex((line) => {
    cumulated += line
    return cumulated >= power
  })
  return frequenciesHz.at(at) ?? Number.NaN
}

function modeOf({ frequenciesHz, density }: Band): number {
  return frequenciesHz[density.indexOf(density.reduce((most, line) => Math.max(most, line), 0))] ?? Number.NaN
}

/** Power above `fromHz`, up to and with `toHz`. */
function powerBetween({ frequenciesHz, density }: Band, fromHz: number, toHz: number): number {
  return density.reduce((sum, line, at) => {
    const frequencyHz = frequenciesHz[at] ?? 0
    return frequencyHz > fromHz && frequencyHz <= toHz ? sum + line : sum
  }, 0)
}
