import { RecordsError } from '../errors.ts'
import type { CsvRow } from '../text/csv.ts'
import { cellAt, readReading } from './cells.ts'
import type { GlucoseReader, OpenReader } from './format.ts'
import type { GlucoseUnit } from './glucose-value.ts'

/** Longest subject id; ids are kept while a file is read, to tell subjects apart. */
const MAX_ID_LENGTH = 256

/** `id,time,gl` in any order, other columns dropped; the table format of the iglu R package. */
export const openPlainCsv: OpenReader = (header, options) => {
  const names = header.cells.map((cell) => cell.trim().toLowerCase())
  const [id, time, gl] = ['id', 'time', 'gl'].map((name) => onlyIndex(names, name))
  if (id === undefined || time === undefined || gl === undefined) return null
  if (id === -1 || time === -1 || gl === -1) return null
  const unit: GlucoseUnit = options.unit ?? 'mg/dL'
  const columns = { time, glucose: gl }
  const subjects = new Map<string, number>()
  const reader: GlucoseReader = {
    format: 'plain',
    unit,
    isUnitAssumed: options.unit === undefined,
    columnsLeftOut: names.length - 3,
    read(row) {
      refuseExtraCells(row, names.length)
      return readReading(row, subjectOf(row, id, subjects), columns, unit)
    },
    subjectIds: () => [...subjects.keys()],
  }
  return reader
}

/** Position of the only column with this name, or -1. */
function onlyIndex(names: readonly string[], name: string): number {
  const index = names.indexOf(name)
  return index === names.lastIndexOf(name) ? index : -1
}

/** A record-local number in place of the id, which may be a name. */
function subjectOf(row: CsvRow, column: number, subjects: Map<string, number>): number {
  const id = cellAt(row, column)
  if (id === '' || id.length > MAX_ID_LENGTH)
    throw new RecordsError(
      'SUBJECT_INVALID',
      `Row ${row.row}: the id is missing or longer than ${MAX_ID_LENGTH} characters. Correct the cell.`,
      { row: row.row, column: column + 1, field: 'id' },
    )
  const known = subjects.get(id)
  if (known !== undefined) return known
  const subject = subjects.size + 1
  subjects.set(id, subject)
  return subject
}

/** With a decimal comma, `5,4` is two cells, and would be read as 5. */
function refuseExtraCells(row: CsvRow, columns: number): void {
  if (row.cells.length <= columns) return
  throw new RecordsError(
    'ROW_MALFORMED',
    `Row ${row.row} has ${row.cells.length} cells, but the header has ${columns}. Use a decimal point, and quote cells that hold a comma.`,
    { row: row.row },
  )
}
