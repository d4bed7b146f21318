import { RecordsError } from '../errors.ts'
import type { SettlingRule } from '../sources/note-book.ts'
import type { CsvRow } from '../text/csv.ts'
import { cellAt, readValue, timeInvalid, toReading } from './cells.ts'
import type { GlucoseReader, LeftOutKind, OpenReader, ReaderOptions } from './format.ts'
import type { GlucoseUnit } from './glucose-value.ts'
import { openNumericDates } from './numeric-date.ts'
import type { SourceReading } from './source-reading.ts'

/** Record types of sensor readings: stored by the sensor itself, and read by holding the phone to it. */
const HISTORIC = '0'
const SCAN = '1'

const LEFT_OUT: ReadonlyMap<string, LeftOutKind> = new Map([
  ['2', 'strip'],
  ['3', 'ketone'],
  ['4', 'insulin'],
  ['5', 'carbs'],
  ['6', 'note'],
])

const SERIAL = 'Serial Number'
const TIME = 'Device Timestamp'
const TYPE = 'Record Type'
const HISTORIC_GLUCOSE = /^Historic Glucose (mg\/dL|mmol\/L)$/
const SCAN_GLUCOSE = /^Scan Glucose (mg\/dL|mmol\/L)$/

/** In any language an export has 18 or 19 columns, and the unit stands in the names of two that follow each other. */
const LEAST_COLUMNS = 18
const GLUCOSE_IN_ANY_LANGUAGE = /[\s(](?:mg\/dL|mmol\/L)\)?$/i

const SCAN_BESIDE_HISTORIC: SettlingRule = {
  rule: 'scan-beside-historic',
  text: 'Scans in the minute of a stored reading with another value were left out; the stored reading was kept.',
}
const SCANS_IN_ONE_MINUTE: SettlingRule = {
  rule: 'scans-in-one-minute',
  text: 'Of several scans in one minute with different values the first was kept.',
}
const DEVICES_AT_ONE_TIME: SettlingRule = {
  rule: 'devices-at-one-time',
  text: 'Two devices gave different values for one minute; that of the device listed first was kept.',
}

/**
 * LibreView's CSV export in English: stored and scanned readings in local time without zone, to the minute,
 * grouped by device and kind rather than by time. The title above the header, which names the patient, the
 * device and its serial number are never kept; serial numbers only tell devices apart while the file is read.
 */
export const openLibreView: OpenReader = (header, options) => {
  const names = header.cells.map((cell) => cell.trim())
  const [serial, time, type] = [names.indexOf(SERIAL), names.indexOf(TIME), names.indexOf(TYPE)]
  const historic = names.findIndex((name) => HISTORIC_GLUCOSE.test(name))
  const scan = names.findIndex((name) => SCAN_GLUCOSE.test(name))
  if (Math.min(time, type, historic, scan) === -1) return refuseOtherLanguages(names, header.row)
  const unit = unitOf(names, historic, scan, options)
  const dates = openNumericDates(options.dateOrder)
  const devices = new Map<string, number>()
  const reader: GlucoseReader = {
    format: 'libreview',
    unit,
    isUnitAssumed: false,
    columnsLeftOut: names.length - 4,
    read(row) {
      const kind = cellAt(row, type)
      if (kind !== HISTORIC && kind !== SCAN) return LEFT_OUT.get(kind) ?? 'other'
      refuseShiftedCells(row, names.length)
      const rank = kind === SCAN ? 1 : 0
      const column = kind === SCAN ? scan : historic
      const written = dates.read(cellAt(row, time))
      if (written === null) throw timeUnreadable(row.row)
      const track = 2 * numberOf(devices, cellAt(row, serial)) + rank
      return { ...toReading(row.row, 1, written, readValue(row, column, unit)), track, rank }
    },
    complete: (readings) => readings.map((reading) => complete(reading)),
    settle: (first, second) => settle(first, second),
  }

  /** The order of day and month may be known only after the last row. */
  function complete(reading: SourceReading): SourceReading {
    const written = dates.complete(reading.time)
    if (written === null) throw timeUnreadable(reading.row)
    return { ...reading, time: written.text, wallMs: written.wallMs }
  }

  function timeUnreadable(row: number): RecordsError {
    return timeInvalid(row, time, 'not of the form 01-31-2026 08:05 PM or 31-01-2026 20:05')
  }

  return reader
}

/** The title of an export stands above its header: cells that name the patient, which nothing keeps. */
export function mayBeTitle(row: CsvRow): boolean {
  return row.row === 1 && row.cells.length <= 6
}

function settle(first: SourceReading, second: SourceReading): SettlingRule | null {
  if (first.rank !== second.rank) return SCAN_BESIDE_HISTORIC
  if (first.track !== second.track) return DEVICES_AT_ONE_TIME
  return first.rank === 1 ? SCANS_IN_ONE_MINUTE : null
}

function numberOf(devices: Map<string, number>, serial: string): number {
  const known = devices.get(serial)
  if (known !== undefined) return known
  devices.set(serial, devices.size)
  return devices.size - 1
}

function unitOf(
  names: readonly string[],
  historic: number,
  scan: number,
  { unit: given }: ReaderOptions,
): GlucoseUnit {
  const unit = HISTORIC_GLUCOSE.exec(names[historic] ?? '')?.[1] as GlucoseUnit
  const details = { column: historic + 1, field: 'Historic Glucose' }
  if (SCAN_GLUCOSE.exec(names[scan] ?? '')?.[1] !== unit)
    throw new RecordsError(
      'UNIT_UNKNOWN',
      `Columns ${historic + 1} and ${scan + 1} have different units. Export again from LibreView.`,
      details,
    )
  if (given !== undefined && given !== unit)
    throw new RecordsError(
      'UNIT_SUSPECT',
      `Column ${historic + 1} ("Historic Glucose") is in ${unit}, but ${given} was given. Leave the unit out (--unit).`,
      details,
    )
  return unit
}

/** With a decimal comma, `5,4` is two cells, and would be read as 5. */
function refuseShiftedCells(row: CsvRow, columns: number): void {
  if (row.cells.length <= columns) return
  throw new RecordsError(
    'ROW_MALFORMED',
    `Row ${row.row} has ${row.cells.length} cells, but the header has ${columns}. Export again with a decimal point.`,
    { row: row.row },
  )
}

function refuseOtherLanguages(names: readonly string[], row: number): null {
  const isLibreView =
    names.length >= LEAST_COLUMNS && names.slice(4, 6).every((name) => GLUCOSE_IN_ANY_LANGUAGE.test(name))
  if (!isLibreView) return null
  throw new RecordsError(
    'FORMAT_UNKNOWN',
    `Row ${row} looks like the header of a LibreView export in a language other than English. Set LibreView to English and export again.`,
    { row },
  )
}
