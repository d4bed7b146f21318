import { MeasuresError } from '../errors.ts'
import { convertToMgDl, type GlucoseSample } from './glucose-reading.ts'

/** The figures of a CGM report. Glucose is in mg/dL whatever the readings' unit; shares are percent of readings. */
export interface GlucoseSummary {
  /** Number of readings. */
  readonly n: number
  /** mg/dL */
  readonly mean: number
  /** Sample standard deviation (n−1), mg/dL; null with one reading. */
  readonly sd: number | null
  /** Coefficient of variation, percent; null with one reading. */
  readonly cv: number | null
  /** Glucose management indicator, percent. */
  readonly gmi: number
  /** Below 54 mg/dL. */
  readonly below54: number
  /** Below 70 mg/dL, those below 54 included. */
  readonly below70: number
  /** From 70 to 180 mg/dL, both included. */
  readonly in70_180: number
  /** Above 180 mg/dL, those above 250 included. */
  readonly above180: number
  /** Above 250 mg/dL. */
  readonly above250: number
}

/**
 * Summarises readings in one pass, in constant memory. `below70`, `in70_180` and `above180` sum to 100.
 * Readings in mmol/L are converted without rounding before they are classified. Times are not looked at:
 * repeated readings count again.
 * @throws MeasuresError `NO_READINGS`, `VALUE_INVALID`
 * @see https://doi.org/10.2337/dc18-1581 for GMI
 * @see https://doi.org/10.2337/dci19-0028 for the ranges
 */
export function summariseGlucose(readings: Iterable<GlucoseSample>): GlucoseSummary {
  return summariseValues(eachMgDl(readings))
}

/** The same over glucose in mg/dL. @throws MeasuresError `NO_READINGS` */
export function summariseValues(valuesMgDl: Iterable<number>): GlucoseSummary {
  const counts = { below54: 0, below70: 0, above180: 0, above250: 0 }
  let n = 0
  let mean = 0
  let squares = 0
  for (const glucose of valuesMgDl) {
    // Welford's update: no cancellation between large sums.
    n += 1
    const before = glucose - mean
    mean += before / n
    squares += before * (glucose - mean)
    if (glucose < 54) counts.below54 += 1
    if (glucose < 70) counts.below70 += 1
    if (glucose > 180) counts.above180 += 1
    if (glucose > 250) counts.above250 += 1
  }
  if (n === 0) throw new MeasuresError('NO_READINGS', 'There are no glucose readings to summarise.')
  const percent = (count: number): number => (100 * count) / n
  const sd = n === 1 ? null : Math.sqrt(squares / (n - 1))
  return {
    n,
    mean,
    sd,
    cv: sd === null ? null : (100 * sd) / mean,
    gmi: 3.31 + 0.02392 * mean,
    below54: percent(counts.below54),
    below70: percent(counts.below70),
    in70_180: percent(n - counts.below70 - counts.above180),
    above180: percent(counts.above180),
    above250: percent(counts.above250),
  }
}

function* eachMgDl(readings: Iterable<GlucoseSample>): Generator<number> {
  for (const reading of readings) yield convertToMgDl(reading)
}
