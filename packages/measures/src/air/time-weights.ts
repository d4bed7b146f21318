import { computeMedian } from '../signal/statistics.ts'
import type { AirSeries } from './air-record.ts'

const HOUR_MS = 3_600_000
/** A step of more than so many usual ones lacks a reading. */
const GAP_STEPS = 1.5

/** The usual time between readings; at most an hour, for which a reading may stand. */
export function usualStepMs(timesMs: ArrayLike<number>): number {
  const steps = Float64Array.from(
    { length: timesMs.length - 1 },
    (_, at) => (timesMs[at + 1] ?? 0) - (timesMs[at] ?? 0),
  )
  return steps.length === 0 ? HOUR_MS : Math.min(HOUR_MS, computeMedian(steps))
}

/** Whether readings are missing in a step. */
export function isGap(stepMs: number, intervalMs: number): boolean {
  return stepMs > GAP_STEPS * intervalMs
}

/** How long each reading stands: until the next one; before a gap, and at the end, for the usual step. */
export function weighReadings({ timesMs }: AirSeries, intervalMs: number): Float64Array {
  return timesMs.map((timeMs, at) => {
    const stepMs = (timesMs[at + 1] ?? Number.POSITIVE_INFINITY) - timeMs
    return isGap(stepMs, intervalMs) ? intervalMs : stepMs
  })
}

/** Time-weighted sum of a function of the values, in value times hours. */
export function integrate(
  { values }: AirSeries,
  weightsMs: Float64Array,
  pick: (value: number) => number,
): number {
  return values.reduce((sum, value, at) => sum + pick(value) * (weightsMs[at] as number), 0) / HOUR_MS
}

/** Hours during which the values are as asked. */
export function countHours(
  series: AirSeries,
  weightsMs: Float64Array,
  isCounted: (value: number) => boolean,
): number {
  return integrate(series, weightsMs, (value) => (isCounted(value) ? 1 : 0))
}

/** One hour by the clock in UTC. */
export interface HourOfAir {
  /** Hours since 1970. */
  readonly hour: number
  /** Share of the hour with readings. */
  readonly coverage: number
  readonly mean: number
}

/** Means by the hour, ascending; hours without readings are left out. */
export function meanByHour(
  { timesMs, values }: AirSeries,
  weightsMs: Float64Array,
  convert: (value: number) => number,
): readonly HourOfAir[] {
  const hours = new Map<number, { weight: number; sum: number }>()
  values.forEach((value, at) => {
    let fromMs = timesMs[at] as number
    const toMs = fromMs + (weightsMs[at] as number)
    while (fromMs < toMs) {
      const hour = Math.floor(fromMs / HOUR_MS)
      const partMs = Math.min(toMs, (hour + 1) * HOUR_MS) - fromMs
      const entry = hours.get(hour) ?? { weight: 0, sum: 0 }
      hours.set(hour, { weight: entry.weight + partMs, sum: entry.sum + partMs * convert(value) })
      fromMs += partMs
    }
  })
  return [...hours]
    .sort(([a], [b]) => a - b)
    .map(([hour, { weight, sum }]) => ({ hour, coverage: weight / HOUR_MS, mean: sum / weight }))
}
