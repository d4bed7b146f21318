import { MeasuresError } from '../errors.ts'
import type { GlucoseSample } from './glucose-reading.ts'
import { summariseValues } from './glucose-summary.ts'
import { openLocalClock } from './local-clock.ts'
import { quantileOf } from './quantile.ts'
import { type GlucoseBands, separateBands } from './risk.ts'
import { type GlucoseTrace, traceReadings } from './trace.ts'

/** How a profile is drawn up. */
export interface ProfileOptions {
  /** IANA name of the zone the patient lived in, such as `Europe/Rome`. */
  readonly timeZone: string
  /**
   * Width of a bin, minutes: 5, 6, 8, 9, 10, 12 or 15.
   * @defaultValue 15
   */
  readonly binMin?: number
  /**
   * Half-width of the smoothing, minutes, 0 to 120; 0 leaves the percentiles as they are.
   * @defaultValue 45
   */
  readonly smoothMin?: number
}

/** Percentiles of glucose at one time of day, mg/dL; null where there are no readings. */
export interface ProfileBin {
  /** Minutes from midnight on the clock; the bin lasts `binMin`. */
  readonly startMin: number
  /** Readings in this bin. */
  readonly n: number
  readonly p5: number | null
  readonly p25: number | null
  readonly p50: number | null
  readonly p75: number | null
  readonly p95: number | null
}

/** One reading of a day, mg/dL. */
export interface DayPoint {
  readonly timeMs: number
  /** Minutes from midnight on the clock; where a clock hour came twice, so do its minutes. */
  readonly minuteOfDay: number
  readonly value: number
}

/** One date of the patient's calendar that has readings. */
export interface DayProfile {
  /** YYYY-MM-DD */
  readonly date: string
  readonly mean: number
  readonly in70_180: number
  /** In order of time. */
  readonly points: readonly DayPoint[]
}

/** Ambulatory glucose profile: a typical day, and each single one. */
export interface GlucoseProfile {
  readonly timeZone: string
  readonly binMin: number
  readonly smoothMin: number
  /** 1440 / binMin bins from midnight to midnight. */
  readonly bins: readonly ProfileBin[]
  readonly bands: GlucoseBands
  /** In order of date; dates without readings are absent. */
  readonly days: readonly DayProfile[]
}

const DAY_MIN = 1440
const MINUTE_MS = 60_000
const SHARES = { p5: 0.05, p25: 0.25, p50: 0.5, p75: 0.75, p95: 0.95 } as const
type Percentiles = Readonly<Record<keyof typeof SHARES, number>>

/**
 * Draws up the profile of one person's readings by the patient's clock. A clock hour that came twice has the
 * readings of both; one that was skipped has none of that day. Percentiles are smoothed around the clock
 * by a triangle: a bin d minutes away weighs 1 − d / smoothMin, and bins without readings neither weigh nor
 * get values.
 * @throws MeasuresError `NO_READINGS`, `VALUE_INVALID`, `TIME_INVALID`, `UNIT_SUSPECT`, `TIME_ZONE_UNKNOWN`,
 * `OPTION_INVALID`
 * @see https://doi.org/10.1177/193229681300700220 (Bergenstal 2013: one page, five percentiles)
 */
export function profileGlucose(readings: Iterable<GlucoseSample>, options: ProfileOptions): GlucoseProfile {
  const { timeZone, binMin = 15, smoothMin = 45 } = options
  if (!(binMin >= 5 && binMin <= 15 && DAY_MIN % binMin === 0))
    throw new MeasuresError('OPTION_INVALID', 'binMin must be 5 to 15 minutes and divide the day evenly.')
  if (!(smoothMin >= 0 && smoothMin <= 120))
    throw new MeasuresError('OPTION_INVALID', 'smoothMin must be 0 to 120 minutes.')
  const clock = openLocalClock(timeZone)
  const trace = traceReadings(readings)
  const dated = datePoints(trace, (timeMs) => timeMs + clock.offsetMsAt(timeMs))
  return {
    timeZone,
    binMin,
    smoothMin,
    bins: binPoints([...dated.values()].flat(), binMin, smoothMin),
    bands: separateBands(summariseValues(trace.valuesMgDl)),
    days: [...dated].map(([date, points]) => describeDay(date, points)).sort(byDate),
  }
}

function datePoints(
  { timesMs, valuesMgDl }: GlucoseTrace,
  toLocal: (timeMs: number) => number,
): ReadonlyMap<string, readonly DayPoint[]> {
  const byDay = new Map<number, DayPoint[]>()
  for (const [index, timeMs] of timesMs.entries()) {
    const localMin = toLocal(timeMs) / MINUTE_MS
    const day = Math.floor(localMin / DAY_MIN)
    const point = { timeMs, minuteOfDay: localMin - day * DAY_MIN, value: valuesMgDl[index] ?? 0 }
    const points = byDay.get(day)
    if (points === undefined) byDay.set(day, [point])
    else points.push(point)
  }
  const nameDay = (day: number): string => new Date(day * DAY_MIN * MINUTE_MS).toISOString().slice(0, 10)
  return new Map([...byDay].map(([day, points]) => [nameDay(day), points]))
}

/** Where clocks are put back over midnight, the days' readings interleave. */
function byDate(a: DayProfile, b: DayProfile): number {
  return a.date < b.date ? -1 : 1
}

function describeDay(date: string, points: readonly DayPoint[]): DayProfile {
  const { mean, in70_180 } = summariseValues(points.map(({ value }) => value))
  return { date, mean, in70_180, points }
}

function binPoints(points: readonly DayPoint[], binMin: number, smoothMin: number): readonly ProfileBin[] {
  const values = Array.from({ length: DAY_MIN / binMin }, (): number[] => [])
  for (const { minuteOfDay, value } of points) values[Math.floor(minuteOfDay / binMin)]?.push(value)
  const found = values.map(percentilesOf)
  return values.map(({ length: n }, index) => {
    const smoothed = smoothAt(found, index, binMin, smoothMin)
    const { p5, p25, p50, p75, p95 } = smoothed ?? { p5: null, p25: null, p50: null, p75: null, p95: null }
    return { startMin: index * binMin, n, p5, p25, p50, p75, p95 }
  })
}

function percentilesOf(values: readonly number[]): Percentiles | null {
  if (values.length === 0) return null
  const sorted = Float64Array.from(values).sort()
  return mapShares((name) => quantileOf(sorted, SHARES[name]))
}

/** The same weights for all percentiles, so that they cannot cross. */
function smoothAt(
  found: readonly (Percentiles | null)[],
  index: number,
  binMin: number,
  smoothMin: number,
): Percentiles | null {
  const here = found[index]
  if (here === undefined || here === null) return null
  const reach = Math.max(0, Math.ceil(smoothMin / binMin) - 1)
  const near: { readonly weight: number; readonly percentiles: Percentiles }[] = []
  for (let step = -reach; step <= reach; step += 1) {
    const percentiles = found[(index + step + found.length) % found.length]
    const weight = step === 0 ? 1 : 1 - (Math.abs(step) * binMin) / smoothMin
    if (percentiles !== undefined && percentiles !== null) near.push({ weight, percentiles })
  }
  const total = near.reduce((sum, { weight }) => sum + weight, 0)
  return mapShares(
    (name) => near.reduce((sum, { weight, percentiles }) => sum + weight * percentiles[name], 0) / total,
  )
}

function mapShares(find: (name: keyof typeof SHARES) => number): Percentiles {
  return { p5: find('p5'), p25: find('p25'), p50: find('p50'), p75: find('p75'), p95: find('p95') }
}
