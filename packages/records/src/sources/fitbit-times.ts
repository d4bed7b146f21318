import { RecordsError } from '../errors.ts'
import type { WrittenTime } from '../text/date-time.ts'
import { parseOffset, parseWrittenTime } from '../text/date-time.ts'
import type { SourceTime } from './vital-signs-line.ts'

/** Order of day and month in dates with slashes. */
export type DateOrder = 'dmy' | 'mdy'

/**
 * Reads `01/31/26 08:05:00` of an account export, without zone; null for anything else.
 * @throws RecordsError `TIME_INVALID` as {@link parseExportDate}
 */
export function parseExportTime(text: unknown, order: DateOrder, entry: number): WrittenTime | null {
  if (typeof text !== 'string') return null
  const date = parseExportDate(text.slice(0, 8), order, entry)
  return date === null || text[8] !== ' ' ? null : parseWrittenTime(`${date.text}T${text.slice(9)}`)
}

/**
 * Reads `01/31/26` of an account export; null for anything else. Fitbit began after 2000.
 * @param entry where the date stands, for the error
 * @throws RecordsError `TIME_INVALID` for a date that does not exist in this order: all others may be misread too
 */
export function parseExportDate(text: unknown, order: DateOrder, entry: number): SourceTime | null {
  const parts = typeof text === 'string' ? /^(\d\d)\/(\d\d)\/(\d\d)$/.exec(text) : null
  if (parts === null) return null
  const [, first = '', second = '', year = ''] = parts
  const [month, day] = order === 'mdy' ? [first, second] : [second, first]
  const date = parseDay(`20${year}-${month}-${day}`)
  if (date === null) throw invalidDate(entry)
  return date
}

/** Reads `2026-01-31`; null for anything else. */
export function parseDay(text: unknown): SourceTime | null {
  if (typeof text !== 'string' || text.length !== 10) return null
  const midnight = parseWrittenTime(`${text}T00:00:00Z`)
  return midnight === null ? null : { text, timeMs: midnight.wallMs }
}

/** The time some milliseconds later, with the same offset. */
export function addDuration(start: SourceTime, durationMs: number): SourceTime {
  const timeMs = start.timeMs + durationMs
  const offset = parseOffset(/(?:Z|[+-]\d\d:\d\d)$/.exec(start.text)?.[0])
  const wall = new Date(timeMs + (offset?.minutes ?? 0) * 60_000).toISOString().slice(0, 19)
  return { text: wall + (offset?.text ?? 'Z'), timeMs }
}

function invalidDate(entry: number): RecordsError {
  return new RecordsError(
    'TIME_INVALID',
    `Entry ${entry}: the date does not exist in this order of day and month. Give the other one (--date-order).`,
    { row: entry, field: 'date' },
  )
}
