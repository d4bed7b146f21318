import { RecordsError } from '../errors.ts'
import type { CsvRow } from '../text/csv.ts'
import { parseWrittenTime, type WrittenTime } from '../text/date-time.ts'
import { type GlucoseUnit, type GlucoseValue, parseGlucoseValue } from './glucose-value.ts'
import type { SourceReading } from './source-reading.ts'

/** A cell without surrounding blanks; empty where the row is shorter than the header. */
export function cellAt(row: CsvRow, column: number): string {
  return (row.cells[column] ?? '').trim()
}

/**
 * The reading of a row whose time is written by ISO 8601.
 * @throws RecordsError `TIME_INVALID`, `VALUE_INVALID`, naming the row
 */
export function readReading(
  row: CsvRow,
  subject: number,
  columns: { readonly time: number; readonly glucose: number },
  unit: GlucoseUnit,
): SourceReading {
  const time = parseWrittenTime(cellAt(row, columns.time))
  if (time === null)
    throw timeInvalid(
      row.row,
      columns.time,
      'not of the form 2026-01-31T08:05:00 (an offset such as +01:00 may follow)',
    )
  return toReading(row.row, subject, time, readValue(row, columns.glucose, unit))
}

/** A reading of a row, its time and its value. */
export function toReading(
  row: number,
  subject: number,
  time: WrittenTime,
  glucose: GlucoseValue,
): SourceReading {
  const { wallMs, offsetMin } = time
  return {
    row,
    subject,
    value: glucose.value,
    valueText: glucose.valueText,
    comparator: glucose.comparator,
    time: time.text,
    wallMs,
    offsetMin,
    timeMs: offsetMin === null ? Number.NaN : wallMs - offsetMin * 60_000,
  }
}

/** The error of a time that cannot be read; `what` says which forms can. */
export function timeInvalid(row: number, column: number, what: string): RecordsError {
  return new RecordsError(
    'TIME_INVALID',
    `Row ${row}: the time is missing, ${what}, or does not exist. Correct the cell.`,
    { row, column: column + 1, field: 'time' },
  )
}

/** @throws RecordsError `VALUE_INVALID`, naming the row */
export function readValue(row: CsvRow, column: number, unit: GlucoseUnit): GlucoseValue {
  const value = parseGlucoseValue(cellAt(row, column), unit)
  if (value !== null) return value
  throw new RecordsError(
    'VALUE_INVALID',
    `Row ${row.row}: the glucose value is missing, or neither a number with a decimal point nor Low or High (LO, HI). Correct or delete the row.`,
    { row: row.row, column: column + 1, field: 'glucose' },
  )
}
