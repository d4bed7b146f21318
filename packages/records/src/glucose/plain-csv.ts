import { RecordsError } from '../errors.ts'
import type { NoteBook } from '../sources/note-book.ts'
import { openNoteBook } from '../sources/note-book.ts'
import type { Numbering } from '../sources/numbering.ts'
import { NUMBERED_BY_APPEARANCE, openNumbering } from '../sources/numbering.ts'
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
  const subjects = openNumbering(options.names, Number.POSITIVE_INFINITY, (name) => name.trim())
  const notes = openNoteBook()
  const reader: GlucoseReader = {
    format: 'plain',
    unit,
    isUnitAssumed: options.unit === undefined,
    columnsLeftOut: names.length - 3,
    read(row) {
      refuseExtraCells(row, names.length)
      return readReading(row, subjectOf(row, id, subjects, notes), columns, unit)
    },
    subjectIds: () => subjects.list(),
    numberingNotes: () => notes.list(),
  }
  return reader
}

/** Position of the only column with this name, or -1. */
function onlyIndex(names: readonly string[], name: string): number {
  const index = names.indexOf(name)
  return index === names.lastIndexOf(name) ? index : -1
}

/** A record-local number in place of the id, which may be a name. */
function subjectOf(row: CsvRow, column: number, subjects: Numbering, notes: NoteBook): number {
  const id = cellAt(row, column)
  const subject = id === '' || id.length > MAX_ID_LENGTH ? null : subjects.numberOf(id)
  if (subject === null)
    throw new RecordsError(
      'SUBJECT_INVALID',
      `Row ${row.row}: the id is missing or longer than ${MAX_ID_LENGTH} characters. Correct the cell.`,
      { row: row.row, column: column + 1, field: 'id' },
    )
  if (subject.isByAppearance) notes.add(NUMBERED_BY_APPEARANCE, row.row)
  return subject.number
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
