import { RecordsError } from '../errors.ts'
import type { CsvRow } from '../text/csv.ts'
import { parseWrittenTime, type WrittenTime } from '../text/date-time.ts'
import { type GlucoseUnit, type GlucoseValue, parseGlucoseValue } from './glucose-value.ts'

/** A cell without surrounding blanks; empty where the row is shorter than the header. */
export function cellAt(row: CsvRow, column: number): string {
  return (row.cells[column] ?? '').trim()
}

/** @throws RecordsError `TIME_INVALID`, naming the row */
export function readTime(row: CsvRow, column: number): WrittenTime {
  const time = parseWrittenTime(cellAt(row, column))
  if (time !== null) return time
  throw new RecordsError(
    'TIME_INVALID',
    `Row ${row.row}: the time is missing, not of the form 2026-01-31T08:05:00 (an offset such as +01:00 may follow), or does not exist. Correct the cell.`,
    { row: row.row, column: column + 1, field: 'time' },
  )
}

/** @throws RecordsError `VALUE_INVALID`, naming the row */
export function readValue(row: CsvRow, column: number, unit: GlucoseUnit): GlucoseValue {
  const value = parseGlucoseValue(cellAt(row, column), unit)
  if (value !== null) return value
  throw new RecordsError(
    'VALUE_INVALID',
    `Row ${row.row}: the glucose value is missing, or neither a number with a decimal point nor Low or High. Correct or delete the row.`,
    { row: row.row, column: column + 1, field: 'glucose' },
  )
}
