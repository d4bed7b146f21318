import { RecordsError } from '../errors.ts'
import type { CsvRow } from '../text/csv.ts'
import { cellAt, readReading } from './cells.ts'
import type { GlucoseReader, LeftOutKind, OpenReader } from './format.ts'
import type { GlucoseUnit } from './glucose-value.ts'

/** Event types of a Clarity export that are no sensor reading; the first five come without a time. */
const LEFT_OUT: ReadonlyMap<string, LeftOutKind> = new Map([
  ['FirstName', 'preamble'],
  ['LastName', 'preamble'],
  ['DateOfBirth', 'preamble'],
  ['Device', 'preamble'],
  ['Alert', 'preamble'],
  ['Calibration', 'calibration'],
  ['Insulin', 'insulin'],
  ['Carbs', 'carbs'],
  ['Exercise', 'exercise'],
  ['Health', 'health'],
])

const READING = 'EGV'
const GLUCOSE = 'Glucose Value'
const UNIT = /^Glucose Value \((mg\/dL|mmol\/L)\)$/

/**
 * Dexcom Clarity's CSV export: sensor readings (`EGV`) in local time without zone, between rows that
 * name the patient and rows of other events. Rows may be shorter than the header. Patient and device
 * columns are never read.
 */
export const openDexcomClarity: OpenReader = (header, options) => {
  const names = header.cells.map((cell) => cell.trim())
  const time = names.findIndex((name) => name.startsWith('Timestamp'))
  const event = names.indexOf('Event Type')
  const glucose = names.findIndex((name) => name.startsWith(GLUCOSE))
  if (time === -1 || event === -1 || glucose === -1) return null
  const unit = unitOf(names[glucose] ?? '', glucose, options.unit)
  const reader: GlucoseReader = {
    format: 'dexcom-clarity',
    unit,
    isUnitAssumed: false,
    columnsLeftOut: names.length - 3,
    read(row) {
      const type = cellAt(row, event)
      if (type !== READING) return LEFT_OUT.get(type) ?? 'other'
      refuseShiftedCells(row, glucose)
      return readReading(row, 1, { time, glucose }, unit)
    },
  }
  return reader
}

function unitOf(name: string, column: number, given: GlucoseUnit | undefined): GlucoseUnit {
  const unit = UNIT.exec(name)?.[1] as GlucoseUnit | undefined
  const details = { column: column + 1, field: GLUCOSE }
  if (unit === undefined)
    throw new RecordsError(
      'UNIT_UNKNOWN',
      `Column ${column + 1} ("${GLUCOSE}") has a unit other than mg/dL and mmol/L. Set one of these in Clarity and export again.`,
      details,
    )
  if (given !== undefined && given !== unit)
    throw new RecordsError(
      'UNIT_SUSPECT',
      `Column ${column + 1} ("${GLUCOSE}") is in ${unit}, but ${given} was given. Leave the unit out (--unit).`,
      details,
    )
  return unit
}

/** A reading has no insulin: digits in the cell after the glucose are those behind a decimal comma. */
function refuseShiftedCells(row: CsvRow, glucose: number): void {
  if (cellAt(row, glucose + 1) === '') return
  throw new RecordsError(
    'ROW_MALFORMED',
    `Row ${row.row}: the cell after the glucose value is not empty, as after a decimal comma. Export again with a decimal point.`,
    { row: row.row, column: glucose + 2 },
  )
}
