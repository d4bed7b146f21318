import { RecordsError } from '../errors.ts'
import { reportSubjects } from '../glucose/gaps.ts'
import type { CgmMeasurement } from '../glucose/gatt-cgm.ts'
import { parseCgmFeature, parseCgmMeasurements, parseCgmSessionStart } from '../glucose/gatt-cgm.ts'
import { refuseImplausible } from '../glucose/glucose-value.ts'
import { checkOptions } from '../glucose/options.ts'
import { orderReadings } from '../glucose/order.ts'
import { writeLines } from '../glucose/record.ts'
import type { TimedReading } from '../glucose/source-reading.ts'
import type { CsvRow } from '../text/csv.ts'
import { createCsvSplitter } from '../text/csv.ts'
import { readText } from '../text/source-text.ts'
import { emptyReport } from './empty-report.ts'
import type { SessionClock } from './gatt-cgm-clock.ts'
import { openSessionClock } from './gatt-cgm-clock.ts'
import { alertsOf, judge } from './gatt-cgm-status.ts'
import { gapsOf } from './glucose.ts'
import { limitGaps } from './limit-gaps.ts'
import type { NoteBook, SettlingRule } from './note-book.ts'
import { openNoteBook } from './note-book.ts'
import type { OpenSource, SourceOptions, SourceReport } from './source.ts'

const MEASUREMENT = '2AA7'
const SESSION_START = '2AAA'
const FEATURE = '2AA8'
const UNIT = 'mg/dL'

/** A characteristic's number and its value in hexadecimal octets, with or without blanks, colons or dashes. */
const FRAME = /^(?:0x)?(2A[0-9A-F]{2})[\s:]+((?:[0-9A-F]{2}[\s:-]*)+)$/i
const CHARACTERISTIC = /^(?:0x)?2A[0-9A-F]{2}(?:[\s:]|$)/i

const EXTRAS: SettlingRule = {
  rule: 'trend-and-quality',
  text: 'Trends and qualities that the sensor sent along were left out.',
}
const OUT_OF_ORDER: SettlingRule = {
  rule: 'readings-out-of-order',
  text: 'Readings that came after one with a later time were sorted.',
}

/**
 * Frames of a glucose sensor as they came by Bluetooth, one per line: `2AAA` and the start of a session, `2AA7`
 * and one or more measurements, `2AA8` and what the sensor can do, in hexadecimal octets; `#` begins a comment.
 * Measurements count their minutes from the session start above them.
 */
export const openGattCgm: OpenSource = (source, options) => {
  let report = emptyReport('gatt-cgm')

  async function* run(): AsyncGenerator<string> {
    const frames = createFrameReader(options)
    const splitter = createCsvSplitter(frames.maxLineBytes)
    let bytes = 0
    const onBytes = (size: number): void => {
      bytes += size
    }
    for await (const text of readText(source, { signal: options.signal, onBytes })) {
      for (const row of splitter.push(text)) frames.take(row)
      options.onProgress?.({ bytes, records: frames.records })
    }
    for (const row of splitter.end()) frames.take(row)
    const { readings, duplicates } = frames.finish()
    report = frames.report(readings, duplicates)
    yield* writeLines(readings, UNIT)
  }
  return { [Symbol.asyncIterator]: run, report: () => report }
}

interface FrameReader {
  readonly maxLineBytes: number
  readonly records: number
  take(row: CsvRow): void
  finish(): { readonly readings: readonly TimedReading[]; readonly duplicates: number }
  report(readings: readonly TimedReading[], duplicates: number): SourceReport
}

function createFrameReader(options: SourceOptions): FrameReader {
  const { maxLineBytes, maxReadings } = checkOptions({
    unit: checkUnit(options.unit),
    maxLineBytes: options.maxLineBytes,
    maxReadings: options.maxReadings,
  })
  const clock = openSessionClock(options)
  const notes = openNoteBook()
  const leftOut = new Map<string, number>()
  const readings: TimedReading[] = []
  let records = 0
  let isKnown = false
  let hasChecksum: boolean | undefined

  function leaveOut(kind: string): void {
    leftOut.set(kind, (leftOut.get(kind) ?? 0) + 1)
  }

  function takeMeasurement(measurement: CgmMeasurement, row: number): void {
    records += 1
    const { trend, quality, status } = measurement
    for (const alert of alertsOf(status)) notes.add(alert, row)
    if (trend !== null || quality !== null) notes.add(EXTRAS, row)
    const judged = judge(measurement)
    if ('rule' in judged) {
      notes.add(judged, row)
      leaveOut(judged.rule)
      return
    }
    if (readings.length >= maxReadings) throw tooMany(maxReadings)
    readings.push({ row, subject: 1, ...judged, ...placeAt(clock, measurement.offsetMin, row) })
  }

  function takeFrame(characteristic: string, octets: Uint8Array, row: number): void {
    if (characteristic === MEASUREMENT) {
      const measurements = atRow(row, () => parseCgmMeasurements(octets, hasChecksum))
      for (const measurement of measurements) takeMeasurement(measurement, row)
      return
    }
    records += 1
    if (characteristic === SESSION_START) {
      const session = atRow(row, () => parseCgmSessionStart(octets, hasChecksum))
      clock.start(session, row)
    } else if (characteristic === FEATURE) hasChecksum = atRow(row, () => parseCgmFeature(octets)).hasChecksum
    else leaveOut('other-characteristic')
  }

  return {
    maxLineBytes,
    get records() {
      return records
    },
    take({ row, cells }) {
      const line = cells.join(',').trim()
      if (line.startsWith('#')) return
      const [, characteristic = '', hex = ''] = FRAME.exec(line) ?? []
      if (characteristic === '') throw isKnown || CHARACTERISTIC.test(line) ? notHex(row) : unknownFormat()
      isKnown = true
      takeFrame(characteristic.toUpperCase(), octetsOf(hex), row)
    },
    finish() {
      if (!isKnown)
        throw new RecordsError('FILE_EMPTY', 'The file holds no frames. Choose the capture again.')
      if (readings.length === 0) throw noReadings()
      refuseImplausible(readings, UNIT)
      return sort(readings, notes)
    },
    report: (written, duplicates) => {
      const gaps = limitGaps(gapsOf(reportSubjects(written), UNIT), notes)
      return {
        kind: 'gatt-cgm',
        recordsRead: records,
        resources: written.length,
        duplicates,
        leftOut: Object.fromEntries([...leftOut].sort(([a], [b]) => (a < b ? -1 : 1))),
        notes: notes.list(),
        gaps,
        timeZone: clock.usedZone,
      }
    },
  }
}

function placeAt(
  clock: SessionClock,
  offsetMin: number,
  row: number,
): Pick<TimedReading, 'time' | 'timeMs' | 'wallMs' | 'offsetMin'> {
  const placed = clock.at(offsetMin)
  if (placed !== null) return placed
  throw new RecordsError(
    'START_NEEDED',
    `Row ${row}: no frame above says when the session began (2AAA). Say when it did (--start).`,
    { row },
  )
}

function sort(
  readings: readonly TimedReading[],
  notes: NoteBook,
): { readonly readings: readonly TimedReading[]; readonly duplicates: number } {
  const ordered = orderReadings(readings, undefined, notes)
  if (ordered.reordered > 0) notes.add(OUT_OF_ORDER, ordered.reorderedRow, ordered.reordered)
  return ordered
}

function octetsOf(hex: string): Uint8Array {
  const digits = hex.replace(/[\s:-]/g, '')
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  )
}

/** Adds the row to the error of a frame. */
function atRow<T>(row: number, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof RecordsError)) throw error
    throw new RecordsError(error.code, `Row ${row}: ${error.message}`, { row, ...error.details })
  }
}

/** @throws RecordsError `OPTION_INVALID` */
function checkUnit(unit: string | undefined): 'mg/dL' {
  if (unit === undefined || unit === UNIT) return UNIT
  throw new RecordsError(
    'OPTION_INVALID',
    'Frames of a glucose sensor are in mg/dL; leave the unit out (--unit).',
    {
      option: 'unit',
    },
  )
}

function notHex(row: number): RecordsError {
  return new RecordsError(
    'FRAME_INVALID',
    `Row ${row}: not a characteristic such as 2AA7 followed by hexadecimal octets. Correct the row.`,
    { row },
  )
}

function unknownFormat(): RecordsError {
  return new RecordsError(
    'FORMAT_UNKNOWN',
    'The file is no capture of a glucose sensor. Each line holds a characteristic such as 2AA7 and its value in hexadecimal octets.',
  )
}

function noReadings(): RecordsError {
  return new RecordsError(
    'NO_READINGS',
    'The frames hold no glucose that can be relied on. Capture a period in which the sensor measured.',
  )
}

function tooMany(maxReadings: number): RecordsError {
  return new RecordsError(
    'READINGS_TOO_MANY',
    `The file has more than ${maxReadings} readings. Split it by period.`,
    { maxReadings },
  )
}
