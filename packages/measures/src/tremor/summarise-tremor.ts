import { MeasuresError } from '../errors.ts'
import { quantileOf } from '../glucose/quantile.ts'
import type { TremorCalibration } from './tremor-grade.ts'
import type { TremorMinute } from './tremor-minute.ts'

/** Tremor over a day or any other period. */
export interface TremorSummary {
  /** Minutes that could be judged: with tremor or surely without. */
  readonly validMinutes: number
  /** Minutes with data that could not be judged, such as those of walking. */
  readonly unknownMinutes: number
  /** Minutes with tremor by valid minutes, 0 to 1; null without valid minutes. */
  readonly occurrence: number | null
  /** Median over minutes with tremor; null without such, and so is the following. */
  readonly frequencyHz: number | null
  /** 90th percentile over minutes with tremor. */
  readonly displacementP90Cm: number | null
}

/**
 * Sums minutes up. A change of displacement counts only from about 66 % on: less is within what tremor varies.
 * @throws MeasuresError `NO_READINGS` without minutes
 * @see Elble, McNames 2016, https://pmc.ncbi.nlm.nih.gov/articles/PMC4872171
 */
export function summariseTremor(
  minutes: Iterable<Pick<TremorMinute, 'status' | 'frequencyHz' | 'displacementCm'>>,
): TremorSummary {
  const all = [...minutes]
  if (all.length === 0) throw new MeasuresError('NO_READINGS', 'There are no minutes to sum up.')
  const tremor = all.filter(({ status }) => status === 'tremor')
  const unknownMinutes = all.filter(({ status }) => status === 'unknown').length
  const validMinutes = all.length - unknownMinutes
  return {
    validMinutes,
    unknownMinutes,
    occurrence: validMinutes === 0 ? null : tremor.length / validMinutes,
    frequencyHz: quantileOrNull(
      tremor.map(({ frequencyHz }) => frequencyHz),
      0.5,
    ),
    displacementP90Cm: quantileOrNull(
      tremor.map(({ displacementCm }) => displacementCm),
      0.9,
    ),
  }
}

function quantileOrNull(values: readonly (number | null)[], share: number): number | null {
  const known = Float64Array.from(values.filter((value) => value !== null)).sort()
  return known.length === 0 ? null : quantileOf(known, share)
}

/** Version of the figures; figures of different versions must not be compared. */
const VERSION = '1.0.0'

/** The method in words, to stand beside every figure: algorithm, version and what the grade rests on. */
export function describeTremorMethod(calibration?: TremorCalibration): string {
  const grade =
    calibration === undefined
      ? 'grade uncalibrated (alpha 0.5, beta -2)'
      : "grade calibrated to the patient's own reports"
  return `Halo tremor ${VERSION}: Welch spectrum summed over three axes (Hann 4 s, half overlap, linear trend removed), peak from 4 to 12 Hz, displacement from acceleration within 1 Hz; ${grade}; experimental, not a diagnosis`
}
