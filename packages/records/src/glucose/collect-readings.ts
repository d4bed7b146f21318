import { RecordsError } from '../errors.ts'
import type { CsvRow } from '../text/csv.ts'
import { createCsvSplitter } from '../text/csv.ts'
import { readText } from '../text/source-text.ts'
import { openDexcomClarity } from './dexcom-clarity.ts'
import type { GlucoseFormat, GlucoseReader, LeftOutKind, OpenReader, ReaderOptions } from './format.ts'
import { mayBeTitle, openLibreView } from './libreview.ts'
import type { ImportLimits, ImportOptions } from './options.ts'
import { openPlainCsv } from './plain-csv.ts'
import type { SourceReading } from './source-reading.ts'

/** What the rows of a file say, in row order. */
export interface CollectedReadings {
  readonly reader: GlucoseReader
  readonly readings: readonly SourceReading[]
  /** Rows with content, without the header. */
  readonly rows: number
  readonly leftOut: Readonly<Record<LeftOutKind, number>>
}

const FORMATS: Readonly<Record<GlucoseFormat, OpenReader>> = {
  'dexcom-clarity': openDexcomClarity,
  libreview: openLibreView,
  plain: openPlainCsv,
}

/**
 * Reads all rows of a file, holding its readings and at most one unfinished row.
 * @throws RecordsError for the first row that cannot be read
 */
export async function collectReadings(
  source: AsyncIterable<Uint8Array | string>,
  options: ImportOptions & ReaderOptions,
  limits: ImportLimits,
): Promise<CollectedReadings> {
  const splitter = createCsvSplitter(limits.maxLineBytes)
  const leftOut = nothingLeftOut()
  const readings: SourceReading[] = []
  let reader: GlucoseReader | undefined
  let bytes = 0
  let rows = 0
  let hasTitle = false

  function take(row: CsvRow): void {
    rows += 1
    if (reader === undefined) {
      reader = openReader(row, options, hasTitle ? 'libreview' : limits.format) ?? undefined
      if (reader !== undefined) return
      const mayHaveTitle = limits.format === 'auto' || limits.format === 'libreview'
      if (hasTitle || !mayHaveTitle || !mayBeTitle(row)) throw unknownFormat(limits.format)
      hasTitle = true
      return
    }
    const found = reader.read(row)
    if (typeof found === 'string') leftOut[found] += 1
    else readings.push(acceptReading(found, readings.length, options, limits))
  }

  const onBytes = (size: number): void => {
    bytes += size
  }
  try {
    for await (const text of readText(source, { signal: options.signal, onBytes })) {
      for (const row of splitter.push(text)) take(row)
      options.onProgress?.({ bytes, rows })
    }
    for (const row of splitter.end()) take(row)
  } catch (error) {
    throw reader === undefined ? asUnknownFormat(error, limits.format) : error
  }
  if (reader === undefined) throw hasTitle ? unknownFormat(limits.format) : fileEmpty()
  if (readings.length === 0) throw noReadings()
  return {
    reader,
    readings: reader.complete?.(readings) ?? readings,
    rows: hasTitle ? rows - 2 : rows - 1,
    leftOut,
  }
}

function nothingLeftOut(): Record<LeftOutKind, number> {
  return {
    preamble: 0,
    calibration: 0,
    insulin: 0,
    carbs: 0,
    exercise: 0,
    health: 0,
    strip: 0,
    ketone: 0,
    note: 0,
    other: 0,
  }
}

function openReader(
  header: CsvRow,
  options: ReaderOptions,
  wanted: 'auto' | GlucoseFormat,
): GlucoseReader | null {
  for (const [format, open] of Object.entries(FORMATS)) {
    const reader = wanted === 'auto' || wanted === format ? open(header, options) : null
    if (reader !== null) return reader
  }
  return null
}

/** JSON has quotes where CSV may not; before a header was read, that is no row to correct. */
function asUnknownFormat(error: unknown, wanted: 'auto' | GlucoseFormat): unknown {
  return error instanceof RecordsError && error.code === 'ROW_MALFORMED' ? unknownFormat(wanted) : error
}

function unknownFormat(wanted: 'auto' | GlucoseFormat): RecordsError {
  const what = wanted === 'auto' ? 'a known glucose export' : `the format ${wanted}`
  return new RecordsError(
    'FORMAT_UNKNOWN',
    `Row 1 is not the header of ${what}. Known are CSV exports of Dexcom Clarity and LibreView in English, and CSV with the columns id,time,gl; cells are separated by commas.`,
    { row: 1 },
  )
}

function acceptReading(
  reading: SourceReading,
  count: number,
  options: ImportOptions,
  limits: ImportLimits,
): SourceReading {
  if (reading.offsetMin === null && options.timeZone === undefined)
    throw new RecordsError(
      'TIME_ZONE_NEEDED',
      `Row ${reading.row}: the time has no offset from UTC. Name the time zone the device was set to, such as --tz Europe/Rome.`,
      { row: reading.row, field: 'time' },
    )
  if (count >= limits.maxReadings)
    throw new RecordsError(
      'READINGS_TOO_MANY',
      `The file has more than ${limits.maxReadings} readings. Split it by period.`,
      { maxReadings: limits.maxReadings },
    )
  return reading
}

function fileEmpty(): RecordsError {
  return new RecordsError('FILE_EMPTY', 'The file is empty. Choose the export again.')
}

function noReadings(): RecordsError {
  return new RecordsError(
    'NO_READINGS',
    'The file holds no glucose readings. Export a period in which the sensor was worn.',
  )
}
