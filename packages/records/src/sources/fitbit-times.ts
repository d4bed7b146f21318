import { RecordsError } from '../errors.ts'
import type { WrittenTime } from '../text/date-time.ts'
import { parseOffset, parseWrittenTime } from '../text/date-time.ts'
import type { JsonValue } from '../text/fhir-json.ts'
import { isObject } from '../text/fhir-json.ts'
import { invalidOption } from '../text/options.ts'
import type { SourceTime } from './vital-signs-line.ts'

/** Order of day and month in dates with slashes. */
export type DateOrder = 'dmy' | 'mdy'

/**
 * The order of the dates of one file: as given, or by any date with a number above 12, because one file has one
 * order.
 * @throws RecordsError `DATE_ORDER_NEEDED` when all its dates could be read both ways; `OPTION_INVALID`
 */
export function findDateOrder(file: JsonValue, given: DateOrder | undefined): DateOrder {
  if (given !== undefined && given !== 'dmy' && given !== 'mdy')
    throw invalidOption('dateOrder', 'dmy or mdy')
  if (given !== undefined) return given
  let isOpen = false
  for (const [first, second] of datesIn(file)) {
    if (first > 12) return 'dmy'
    if (second > 12) return 'mdy'
    // 04/04 is the same day in both orders.
    if (first !== second) isOpen = true
  }
  if (isOpen) throw orderNeeded()
  return 'mdy'
}

/** The first two numbers of every date with slashes. */
function* datesIn(value: JsonValue): Iterable<readonly [first: number, second: number]> {
  if (typeof value === 'string') {
    const parts = /^(\d\d)\/(\d\d)\/\d\d(?: |$)/.exec(value)
    if (parts !== null) yield [Number(parts[1]), Number(parts[2])]
  } else if (Array.isArray(value)) for (const one of value) yield* datesIn(one)
  else if (isObject(value)) for (const one of Object.values(value)) if (one !== undefined) yield* datesIn(one)
}

/**
 * Reads `01/31/26 08:05:00` of an account export, without zone; null for anything else.
 * @throws RecordsError `TIME_INVALID` as {@link parseExportDate}
 */
export function parseExportTime(text: unknown, order: () => DateOrder, entry: number): WrittenTime | null {
  if (typeof text !== 'string') return null
  const date = parseExportDate(text.slice(0, 8), order, entry)
  return date === null || text[8] !== ' ' ? null : parseWrittenTime(`${date.text}T${text.slice(9)}`)
}

/**
 * Reads `01/31/26` of an account export; null for anything else. Fitbit began after 2000.
 * @param order asked for once there is a date
 * @param entry where the date stands, for the error
 * @throws RecordsError `TIME_INVALID` for a date that does not exist in this order: all others may be misread too
 */
export function parseExportDate(text: unknown, order: () => DateOrder, entry: number): SourceTime | null {
  const parts = typeof text === 'string' ? /^(\d\d)\/(\d\d)\/(\d\d)$/.exec(text) : null
  if (parts === null) return null
  const [, first = '', second = '', year = ''] = parts
  const [month, day] = order() === 'mdy' ? [first, second] : [second, first]
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

function orderNeeded(): RecordsError {
  return new RecordsError(
    'DATE_ORDER_NEEDED',
    'Every date could be day-month or month-day. Compare one with the name of the file, and say which: --date-order mdy or --date-order dmy.',
    { field: 'date' },
  )
}

function invalidDate(entry: number): RecordsError {
  return new RecordsError(
    'TIME_INVALID',
    `Entry ${entry}: the date does not exist in this order of day and month. Give the other one (--date-order).`,
    { row: entry, field: 'date' },
  )
}
