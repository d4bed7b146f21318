import type { Spectrum } from '../signal/welch.ts'

/** What the spectrum of a tremor shows; roots of power in m/s². */
export interface TremorPeak {
  /** Bin of the greatest power from 4 to 12 Hz. */
  readonly peakHz: number
  /** Top of the parabola through the logarithms of that bin and its neighbours. */
  readonly interpolatedHz: number
  /** The greatest power is in the first or last bin of the band: its peak lies elsewhere. */
  readonly isAtEdge: boolean
  /** From 4 to 12 Hz. */
  readonly bandRms: number
  /** Within 1 Hz of `peakHz`, beyond the band too. */
  readonly peakRms: number
  /** Power from 4 to 12 Hz by power from 0.5 to 12 Hz; 0 without power. */
  readonly bandFraction: number
  /** Power within 1 Hz of the peak by power from 4 to 12 Hz; 0 without power. */
  readonly concentration: number
}

/** Essential tremor and most others. @see Elble, McNames 2016, https://pmc.ncbi.nlm.nih.gov/articles/PMC4872171 */
const BAND_HZ = [4, 12] as const
/** Below lies what a hand drifts and what is left of gravity. */
const MOVEMENT_FROM_HZ = 0.5
const PEAK_REACH_HZ = 1
/** Bins at the limits of a band count, whatever the last digit of their frequency. */
const ROUNDING_HZ = 1e-9

/** Finds the tremor's peak in a spectrum that reaches up to 12 Hz. */
export function findTremorPeak(spectrum: Spectrum): TremorPeak {
  const { frequenciesHz, density } = spectrum
  const isIn = (hz: number, from: number, to: number): boolean =>
    hz >= from - ROUNDING_HZ && hz <= to + ROUNDING_HZ
  const powerIn = (from: number, to: number): number =>
    density.reduce((sum, power, k) => (isIn(frequenciesHz[k] as number, from, to) ? sum + power : sum), 0) *
    (frequenciesHz[1] as number)
  const first = frequenciesHz.findIndex((hz) => isIn(hz, ...BAND_HZ))
  const last = frequenciesHz.findLastIndex((hz) => isIn(hz, ...BAND_HZ))
  let peak = first
  for (let k = first; k <= last; k++) if ((density[k] as number) > (density[peak] as number)) peak = k
  const peakHz = frequenciesHz[peak] as number
  const band = powerIn(...BAND_HZ)
  const near = powerIn(peakHz - PEAK_REACH_HZ, peakHz + PEAK_REACH_HZ)
  const all = powerIn(MOVEMENT_FROM_HZ, BAND_HZ[1])
  return {
    peakHz,
    interpolatedHz: peakHz + offsetOfTop(spectrum, peak) * (frequenciesHz[1] as number),
    isAtEdge: peak === first || peak === last,
    bandRms: Math.sqrt(band),
    peakRms: Math.sqrt(near),
    bandFraction: all > 0 ? band / all : 0,
    concentration: band > 0 ? near / band : 0,
  }
}

/** Bins from the peak to the top of the parabola, −0.5 to 0.5; 0 where there is no top. */
function offsetOfTop({ density }: Spectrum, peak: number): number {
  const [left, middle, right] = [peak - 1, peak, peak + 1].map((k) => Math.log(density[k] ?? 0)) as [
    number,
    number,
    number,
  ]
  const curvature = left - 2 * middle + right
  const offset = (left - right) / (2 * curvature)
  return curvature < 0 && Math.abs(offset) <= 0.5 ? offset : 0
}

/**
 * Displacement of a straight oscillation from peak to peak, cm, from the root mean square of its acceleration:
 * 2√2 a/(2πf)².
 */
export function displacementOf(accelerationMps2: number, frequencyHz: number): number {
  return (200 * Math.SQRT2 * accelerationMps2) / (2 * Math.PI * frequencyHz) ** 2
}
