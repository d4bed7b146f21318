import { MeasuresError } from '../errors.ts'
import { convertToMgDl, type GlucoseSample } from './glucose-reading.ts'
import { quantileOf } from './quantile.ts'

/** One person's glucose in order of time, one value per instant. */
export interface GlucoseTrace {
  /** Strictly rising, milliseconds since 1970. */
  readonly timesMs: Float64Array
  /** mg/dL, as many as times. */
  readonly valuesMgDl: Float64Array
  /** Readings left out because another of the same instant has the same value. */
  readonly duplicates: number
  /** Instants with readings of different values; their mean stands for them. */
  readonly conflicts: number
  /** Instants at which the sensor gave only an upper bound (`Low`). */
  readonly belowRange: number
  /** Instants at which the sensor gave only a lower bound (`High`). */
  readonly aboveRange: number
  /** Median time between neighbours, null with one instant. */
  readonly medianIntervalMs: number | null
}

/** Before 1900 and after 9999 a clock time is a damaged number, not a date. */
const EARLIEST_MS = -2_208_988_800_000
const LATEST_MS = 253_402_300_799_999

/**
 * A median outside is that of no sensor (they show 40 to 600 mg/dL), but of another unit: 2.2–25 mmol/L taken for mg/dL
 * are below, 40–600 mg/dL taken for mmol/L above.
 */
const PLAUSIBLE_MEDIAN_MG_DL = [26, 700] as const

/**
 * Sorts readings by time and makes one of each instant, whatever order they come in.
 * @throws MeasuresError `NO_READINGS`, `VALUE_INVALID`, `TIME_INVALID`, `UNIT_SUSPECT`
 */
export function traceReadings(readings: Iterable<GlucoseSample>): GlucoseTrace {
  const found = [...eachReading(readings)]
  if (found.length === 0) throw new MeasuresError('NO_READINGS', 'There are no glucose readings to measure.')
  found.sort((a, b) => a.timeMs - b.timeMs || a.mgDl - b.mgDl)
  const merged = mergeInstants(found)
  const median = quantileOf(merged.valuesMgDl.toSorted(), 0.5)
  if (median < PLAUSIBLE_MEDIAN_MG_DL[0] || median > PLAUSIBLE_MEDIAN_MG_DL[1])
    throw new MeasuresError(
      'UNIT_SUSPECT',
      'The glucose values do not fit their unit. Check whether they are in mg/dL or in mmol/L.',
    )
  return { ...merged, medianIntervalMs: medianIntervalOf(merged.timesMs) }
}

interface PlainReading {
  readonly timeMs: number
  readonly mgDl: number
  /** −1 where the sensor said less than, 1 where it said more than, 0 otherwise. */
  readonly beyond: -1 | 0 | 1
}

function* eachReading(readings: Iterable<GlucoseSample>): Generator<PlainReading> {
  for (const reading of readings) {
    const { timeMs } = reading
    if (!(timeMs >= EARLIEST_MS && timeMs <= LATEST_MS))
      throw new MeasuresError(
        'TIME_INVALID',
        'A glucose reading has no valid time. Give milliseconds since 1970.',
      )
    yield { timeMs, mgDl: convertToMgDl(reading), beyond: sideOf(reading.comparator) }
  }
}

function sideOf(comparator: GlucoseSample['comparator']): -1 | 0 | 1 {
  switch (comparator) {
    case undefined:
    case null:
      return 0
    case '<':
    case '<=':
      return -1
    case '>':
    case '>=':
      return 1
    default:
      throw new MeasuresError('VALUE_INVALID', 'A glucose comparator must be <, <=, >= or >.')
  }
}

function mergeInstants(sorted: readonly PlainReading[]): Omit<GlucoseTrace, 'medianIntervalMs'> {
  const timesMs: number[] = []
  const values: number[] = []
  const count = { duplicates: 0, conflicts: 0, belowRange: 0, aboveRange: 0 }
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    const timeMs = sorted[from]?.timeMs ?? 0
    while (sorted[to]?.timeMs === timeMs) to += 1
    const group = sorted.slice(from, to)
    const distinct = [...new Set(group.map(({ mgDl }) => mgDl))]
    timesMs.push(timeMs)
    values.push(distinct.reduce((sum, value) => sum + value, 0) / distinct.length)
    count.duplicates += group.length - distinct.length
    if (distinct.length > 1) count.conflicts += 1
    if (group.some(({ beyond }) => beyond < 0)) count.belowRange += 1
    if (group.some(({ beyond }) => beyond > 0)) count.aboveRange += 1
  }
  return { timesMs: Float64Array.from(timesMs), valuesMgDl: Float64Array.from(values), ...count }
}

function medianIntervalOf(timesMs: Float64Array): number | null {
  if (timesMs.length < 2) return null
  return quantileOf(
    timesMs
      .subarray(1)
      .map((timeMs, index) => timeMs - (timesMs[index] ?? 0))
      .sort(),
    0.5,
  )
}
