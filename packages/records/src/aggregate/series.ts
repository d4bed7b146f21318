/** A stretch without resources of one series, longer than three times its interval. */
export type SeriesGap = {
  /** UTC instants of the last before and the first after. */
  readonly from: string
  readonly to: string
}

/** One series in one window. */
export type WindowSeries = {
  /** Type, first code and device: `Observation http://loinc.org|99504-3`. */
  readonly series: string
  readonly count: number
  /** Median step of the series from its first resource to here; null while there is no step. */
  readonly medianIntervalSec: number | null
  /** How many a whole window holds at that interval, counting the hours it really has; null without one. */
  readonly expected: number | null
  /** Gaps that end in this window, so that each gap stands in one window. */
  readonly gaps: readonly SeriesGap[]
}

/** As for imports: a sensor may miss a reading or two on the radio. */
const GAP_FACTOR = 3
/** Longer steps count as this one, which bounds what is kept of a series. */
const MAX_STEP_SEC = 86_400

/** What is known of one series so far. */
export interface SeriesTracker {
  /** @param timesMs instants within one window, rising, after those of the windows before */
  add(timesMs: readonly number[], spanMs: number): Omit<WindowSeries, 'series'>
}

/** Follows a series through its windows, in memory that does not grow with it. */
export function trackSeries(): SeriesTracker {
  const steps = new Map<number, number>()
  let lastMs: number | null = null
  return {
    add(timesMs, spanMs) {
      const stretches: { readonly fromMs: number; readonly toMs: number }[] = []
      for (const timeMs of timesMs) {
        if (lastMs !== null && timeMs > lastMs) {
          stretches.push({ fromMs: lastMs, toMs: timeMs })
          countStep(steps, timeMs - lastMs)
        }
        lastMs = timeMs
      }
      const medianSec = medianOf(steps)
      const limitMs = (medianSec ?? Number.POSITIVE_INFINITY) * 1000 * GAP_FACTOR
      return {
        count: timesMs.length,
        medianIntervalSec: medianSec,
        expected: medianSec === null || spanMs === 0 ? null : Math.round(spanMs / (medianSec * 1000)),
        gaps: stretches
          .filter(({ fromMs, toMs }) => toMs - fromMs > limitMs)
          .map(({ fromMs, toMs }) => ({ from: instantText(fromMs), to: instantText(toMs) })),
      }
    },
  }
}

/** An instant in UTC, to the millisecond. */
export function instantText(timeMs: number): string {
  return new Date(timeMs).toISOString()
}

/** Steps below a second count as one, so that an interval is never zero. */
function countStep(steps: Map<number, number>, stepMs: number): void {
  const stepSec = Math.min(MAX_STEP_SEC, Math.max(1, Math.round(stepMs / 1000)))
  steps.set(stepSec, (steps.get(stepSec) ?? 0) + 1)
}

/** The lower median of all steps. */
function medianOf(steps: ReadonlyMap<number, number>): number | null {
  const sorted = [...steps].sort(([a], [b]) => a - b)
  const total = sorted.reduce((sum, [, count]) => sum + count, 0)
  let seen = 0
  for (const [stepSec, count] of sorted) {
    seen += count
    if (seen * 2 >= total) return stepSec
  }
  return null
}
