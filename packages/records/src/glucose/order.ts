import { RecordsError } from '../errors.ts'
import type { NoteBook } from '../sources/note-book.ts'
import type { GlucoseReader } from './format.ts'
import type { SourceReading, TimedReading } from './source-reading.ts'

/** Readings in the order of a record, each instant of a subject once. */
export interface OrderedReadings {
  readonly readings: readonly TimedReading[]
  /** Rows that said again what an earlier row had said. */
  readonly duplicates: number
  /** Rows that came after a row of the same subject with a later time. */
  readonly reordered: number
  /** The first of them; 0 if there is none. */
  readonly reorderedRow: number
}

/**
 * Sorts by subject, then instant, and drops repetitions; the first row of equals is kept.
 * @param readings in row order
 * @param settle decides between two values at one instant, if the format has a rule for it
 * @throws RecordsError `READING_CONFLICT` when a subject has two values at one instant and no rule decides
 */
export function orderReadings(
  readings: readonly TimedReading[],
  settle: GlucoseReader['settle'],
  notes: NoteBook,
): OrderedReadings {
  const { reordered, reorderedRow } = countReordered(readings)
  // The sort is stable, so that of equals the first row comes first.
  const sorted = reordered === 0 && isOneSubject(readings) ? readings : [...readings].sort(compare)
  const kept: TimedReading[] = []
  let duplicates = 0
  let last: TimedReading | undefined
  for (const reading of sorted) {
    if (last === undefined || last.subject !== reading.subject || last.timeMs !== reading.timeMs) {
      kept.push(reading)
      last = reading
    } else if (isSame(last, reading)) duplicates += 1
    else settleOrRefuse(last, reading, settle, notes)
  }
  return { readings: kept, duplicates, reordered, reorderedRow }
}

function compare(a: TimedReading, b: TimedReading): number {
  return a.subject - b.subject || a.timeMs - b.timeMs || (a.rank ?? 0) - (b.rank ?? 0)
}

function isSame(first: SourceReading, second: SourceReading): boolean {
  return first.value === second.value && first.comparator === second.comparator
}

function settleOrRefuse(
  first: TimedReading,
  second: TimedReading,
  settle: GlucoseReader['settle'],
  notes: NoteBook,
): void {
  const rule = settle?.(first, second) ?? null
  if (rule !== null) {
    notes.add(rule, second.row)
    return
  }
  const [row, otherRow] = first.row < second.row ? [first.row, second.row] : [second.row, first.row]
  throw new RecordsError(
    'READING_CONFLICT',
    `Rows ${row} and ${otherRow} give different values for the same subject and time. Delete the wrong one.`,
    { row, otherRow },
  )
}

function isOneSubject(readings: readonly TimedReading[]): boolean {
  return readings.every(({ subject, rank = 0 }) => subject === 1 && rank === 0)
}

function countReordered(
  readings: readonly TimedReading[],
): Pick<OrderedReadings, 'reordered' | 'reorderedRow'> {
  const latest = new Map<number, number>()
  let reordered = 0
  let reorderedRow = 0
  for (const { subject, timeMs, row } of readings) {
    const before = latest.get(subject) ?? timeMs
    if (timeMs < before) {
      reordered += 1
      reorderedRow ||= row
    } else latest.set(subject, timeMs)
  }
  return { reordered, reorderedRow }
}
