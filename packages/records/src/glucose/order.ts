import { RecordsError } from '../errors.ts'
import type { TimedReading } from './source-reading.ts'

/** Readings in the order of a record, each instant of a subject once. */
export interface OrderedReadings {
  readonly readings: readonly TimedReading[]
  /** Rows that said again what an earlier row had said. */
  readonly duplicates: number
  /** Rows that came after a row of the same subject with a later time. */
  readonly reordered: number
}

/**
 * Sorts by subject, then instant, and drops repetitions; the first row of equals is kept.
 * @param readings in row order
 * @throws RecordsError `READING_CONFLICT` when a subject has two values at one instant
 */
export function orderReadings(readings: readonly TimedReading[]): OrderedReadings {
  const reordered = countReordered(readings)
  // The sort is stable, so that of equals the first row comes first.
  const sorted = [...readings].sort((a, b) => a.subject - b.subject || a.timeMs - b.timeMs)
  const kept: TimedReading[] = []
  for (const reading of sorted) {
    const last = kept.at(-1)
    if (last === undefined || last.subject !== reading.subject || last.timeMs !== reading.timeMs)
      kept.push(reading)
    else refuseConflict(last, reading)
  }
  return { readings: kept, duplicates: sorted.length - kept.length, reordered }
}

function refuseConflict(first: TimedReading, second: TimedReading): void {
  if (first.value === second.value && first.comparator === second.comparator) return
  throw new RecordsError(
    'READING_CONFLICT',
    `Rows ${first.row} and ${second.row} give different values for the same subject and time. Delete the wrong one.`,
    { row: first.row, otherRow: second.row },
  )
}

function countReordered(readings: readonly TimedReading[]): number {
  const latest = new Map<number, number>()
  let count = 0
  for (const { subject, timeMs } of readings) {
    const before = latest.get(subject) ?? timeMs
    if (timeMs < before) count += 1
    latest.set(subject, Math.max(before, timeMs))
  }
  return count
}
