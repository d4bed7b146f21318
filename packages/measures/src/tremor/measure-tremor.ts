import { MeasuresError } from '../errors.ts'
import type { AccelerationTrace } from '../signal/acceleration.ts'
import { readAcceleration } from '../signal/acceleration.ts'
import { binAcceleration, binGain, chooseRate } from './bin-acceleration.ts'
import type { TremorReason, TremorStatus } from './tremor-gates.ts'
import { findReason, statusOf } from './tremor-gates.ts'
import { rawGrade } from './tremor-grade.ts'
import { displacementOf, findTremorPeak } from './tremor-peak.ts'
import { computeTremorSpectrum, SEGMENT_SEC } from './tremor-spectrum.ts'

/** The tremor of one whole recording. */
export interface TremorFigures {
  /** Bins analysed. */
  readonly n: number
  /** Frequency of the greatest power from 4 to 12 Hz, to the resolution of 0.25 Hz. */
  readonly peak_hz: number
  /** Root mean square acceleration from 4 to 12 Hz, m/s². */
  readonly band_rms_4_12: number
  /** Root mean square acceleration within 1 Hz of the peak, m/s². */
  readonly peak_rms_pm1hz: number
  /** Power from 4 to 12 Hz by power from 0.5 to 12 Hz. */
  readonly band_fraction: number
  /** Power within 1 Hz of the peak by power from 4 to 12 Hz; above 1 for a peak at the band's edge. */
  readonly peak_concentration: number
  /** Displacement from peak to peak of a straight oscillation with `peak_rms_pm1hz` at `peak_hz`, cm. */
  readonly disp_pp_cm: number
  /** (log10 `disp_pp_cm` + 2) / 0.5, not rounded and not cut; experimental, not a diagnosis. Null without motion. */
  readonly trs_raw_elble: number | null
  /** Rate of the bins. */
  readonly rate_hz: number
  /** Share of bins that hold a sample. */
  readonly coverage: number
  /** `peak_hz` by interpolation between bins of the spectrum. */
  readonly interpolated_peak_hz: number
  /** Displacement at `interpolated_peak_hz`, what the average over a bin took away given back, cm. */
  readonly corrected_disp_pp_cm: number
  /** Whether it is a tremor, by the gates of a minute; the figures above are there either way. */
  readonly status: TremorStatus
  /** Null with tremor. */
  readonly reason: TremorReason | null
}

/** How to measure tremor. */
export interface TremorOptions {
  /**
   * Samples per second to reduce the recording to. Frequencies above half of it that the sensor let pass
   * appear below: state what filter the device has, or measure at the full rate.
   * @defaultValue 25, or the recording's own rate where that is below 37.5
   */
  readonly rateHz?: number | undefined
}

/**
 * Measures the tremor of a recording as a whole. Gravity may be in the signal or not: slow turning changes
 * `band_fraction` a little, the tremor hardly. No use is made of the size |a|.
 * @throws MeasuresError those of a bad trace; `RATE_INVALID` below 24 Hz, `TOO_SHORT` for less than 4 s,
 * `COVERAGE_LOW` where no 4 s are free of gaps
 */
export function measureTremor(trace: AccelerationTrace, options: TremorOptions = {}): TremorFigures {
  const acceleration = readAcceleration(trace)
  const { timesSec } = acceleration
  const startSec = timesSec[0] as number
  const durationSec = (timesSec.at(-1) as number) - startSec
  if (durationSec < SEGMENT_SEC)
    throw new MeasuresError('TOO_SHORT', `A recording of tremor must take at least ${SEGMENT_SEC} seconds.`)
  const rateHz = chooseRate(timesSec, options.rateHz)
  const count = Math.floor(durationSec * rateHz + 0.5) + 1
  const binned = binAcceleration(acceleration, { startSec, count, rateHz })
  const spectrum = computeTremorSpectrum(binned)
  if (spectrum === null)
    throw new MeasuresError('COVERAGE_LOW', `No ${SEGMENT_SEC} seconds are free of gaps. Record again.`)
  const peak = findTremorPeak(spectrum)
  const displacementCm = displacementOf(peak.peakRms, peak.peakHz)
  const accelerationMps2 = peak.peakRms / binGain(binned, peak.interpolatedHz)
  const reason = findReason({ ...peak, accelerationMps2 })
  return {
    n: count,
    peak_hz: peak.peakHz,
    band_rms_4_12: peak.bandRms,
    peak_rms_pm1hz: peak.peakRms,
    band_fraction: peak.bandFraction,
    peak_concentration: peak.concentration,
    disp_pp_cm: displacementCm,
    trs_raw_elble: displacementCm > 0 ? rawGrade(displacementCm) : null,
    rate_hz: rateHz,
    coverage: binned.coverage,
    interpolated_peak_hz: peak.interpolatedHz,
    corrected_disp_pp_cm: displacementOf(accelerationMps2, peak.interpolatedHz),
    status: statusOf(reason),
    reason,
  }
}
