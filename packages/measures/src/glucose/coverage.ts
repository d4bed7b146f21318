import type { GlucoseTrace } from './trace.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** How much of the time the sensor was read, and whether that is enough for a report. */
export interface GlucoseCoverage {
  /** Median time between readings; null with one reading. */
  readonly median_interval_min: number | null
  /** First and last reading, UTC, to the second. */
  readonly start: string
  readonly end: string
  /** Elapsed days from the first reading to one interval after the last. */
  readonly days: number
  /** Percent of the readings that the span could hold; null with one reading. */
  readonly active_percent_iglu: number | null
  /** Whether 14 days are covered, as the consensus asks; an interval may be wanting. */
  readonly has_14_days: boolean
  /** Whether at least 70 % of the readings are there, as the consensus asks. */
  readonly has_70_percent_active: boolean
}

/** @see https://doi.org/10.2337/dci19-0028 for 14 days and 70 % */
export function measureCoverage(trace: GlucoseTrace): GlucoseCoverage {
  const { timesMs, medianIntervalMs } = trace
  const first = timesMs[0] ?? 0
  const last = timesMs.at(-1) ?? 0
  const intervalMs = medianIntervalMs ?? 0
  const active = medianIntervalMs === null ? null : activePercentOf(timesMs, medianIntervalMs)
  return {
    median_interval_min: medianIntervalMs === null ? null : medianIntervalMs / MINUTE_MS,
    start: writeTime(first),
    end: writeTime(last),
    days: (last - first + intervalMs) / DAY_MS,
    active_percent_iglu: active,
    has_14_days: last - first + 2 * intervalMs >= 14 * DAY_MS,
    has_70_percent_active: active !== null && active >= 70,
  }
}

/**
 * The span holds round(span / dt) + 1 readings, dt being the median interval in whole minutes. Each gap longer
 * than dt lacks round((gap − dt) / dt) of them, rounded gap by gap; intervals shorter than dt give
 * nothing back. An interval under half a minute is taken as it is.
 */
function activePercentOf(timesMs: Float64Array, medianIntervalMs: number): number {
  const intervalMs = Math.round(medianIntervalMs / MINUTE_MS) * MINUTE_MS || medianIntervalMs
  const spanMs = (timesMs.at(-1) ?? 0) - (timesMs[0] ?? 0)
  const possible = Math.round(spanMs / intervalMs) + 1
  let missing = 0
  for (let index = 1; index < timesMs.length; index += 1) {
    const gapMs = (timesMs[index] ?? 0) - (timesMs[index - 1] ?? 0)
    if (gapMs > intervalMs) missing += Math.round((gapMs - intervalMs) / intervalMs)
  }
  return (100 * (possible - missing)) / possible
}

function writeTime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`
}
