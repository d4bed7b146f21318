import { RecordsError } from '../errors.ts'
import { type CsvRow, createCsvSplitter } from '../text/csv.ts'
import { checkCount, invalidOption } from '../text/options.ts'
import { readText } from '../text/source-text.ts'
import { openTimeZone } from '../text/time-zone.ts'
import type { HeaderCell } from './motion-header.ts'
import { readHeader } from './motion-header.ts'
import type { RecordingStart } from './motion-time.ts'
import { isNumber, openTimeScale } from './motion-time.ts'
import type { SourceOptions } from './source.ts'

/** One sample. */
export interface Sample {
  readonly row: number
  /** Since the first row with times; never less than for the sample before. */
  readonly timeSec: number
  /** One for each column of the layout. */
  readonly values: readonly number[]
}

/** Where a recording has what. */
export interface SampleLayout {
  readonly time: HeaderCell | null
  readonly columns: readonly HeaderCell[]
}

/** What was met while reading; complete once the samples are at their end. */
export interface SampleTally {
  rows: number
  samples: number
  duplicates: number
  /** Rows in which a value is missing. */
  missing: number
  firstMissingAt: number
  /** Null where times count from an unknown start. */
  start: RecordingStart | null
  isTimeUnitInferred: boolean
  /** Whether the file's times are those of a clock on the wall. */
  needsZone: boolean
}

/** Samples that were read together. */
export interface SampleBatch<Layout> {
  readonly layout: Layout
  readonly samples: readonly Sample[]
}

/** So many rows are looked at before the times are understood. */
const FIRST_ROWS = 64
/** Nothing that a body does is so much, in any unit. */
const VALUE_LIMIT = 1e5
const MAX_RATE_HZ = 10_000

/** A tally to begin with. */
export function createTally(): SampleTally {
  return {
    rows: 0,
    samples: 0,
    duplicates: 0,
    missing: 0,
    firstMissingAt: 0,
    start: null,
    isTimeUnitInferred: false,
    needsZone: false,
  }
}

/**
 * Reads the samples of a recording, batch by batch. The first row is the header. Rows that repeat the one before
 * are left out, and so are rows with an empty cell, `NaN` or `null` for a value; both are counted.
 * @param findLayout finds its columns in the header, or throws
 * @throws RecordsError `FILE_EMPTY`, `NO_READINGS`, `RATE_NEEDED` without times and rate, and those of rows
 */
export async function* readSamples<Layout extends SampleLayout>(
  source: AsyncIterable<Uint8Array | string>,
  options: SourceOptions,
  findLayout: (header: ReadonlyMap<string, HeaderCell>) => Layout,
  tally: SampleTally,
): AsyncGenerator<SampleBatch<Layout>> {
  const { rateHz, maxLineBytes = 65_536, signal } = options
  if (rateHz !== undefined && !(rateHz > 0 && rateHz <= MAX_RATE_HZ))
    throw invalidOption('rateHz', `a number above 0 and up to ${MAX_RATE_HZ}`)
  const csv = createCsvSplitter(checkCount('maxLineBytes', maxLineBytes))
  const table = openTable(options, findLayout, tally)
  let bytes = 0
  const onBytes = (size: number): void => {
    bytes += size
  }
  for await (const text of readText(source, { signal, onBytes })) {
    yield* table([...csv.push(text)], false)
    options.onProgress?.({ bytes, records: tally.rows })
  }
  yield* table([...csv.end()], true)
  if (tally.rows === 0) throw new RecordsError('FILE_EMPTY', 'The file is empty. Export the recording again.')
  if (tally.samples === 0)
    throw new RecordsError('NO_READINGS', 'No row of the file holds a sample. Export the recording again.')
}

/** Takes the header off the first rows, and reads the others. */
function openTable<Layout extends SampleLayout>(
  options: SourceOptions,
  findLayout: (header: ReadonlyMap<string, HeaderCell>) => Layout,
  tally: SampleTally,
): (rows: readonly CsvRow[], isLast: boolean) => Generator<SampleBatch<Layout>> {
  let table: { layout: Layout; read: ReadRows } | null = null
  return function* (rows, isLast) {
    tally.rows += rows.length
    let body = rows
    if (table === null) {
      const [header, ...others] = rows
      if (header === undefined) return
      const layout = findLayout(readHeader(header.cells))
      table = { layout, read: createRowReader(layout, options, tally) }
      body = others
    }
    const samples = table.read(body, isLast)
    tally.samples += samples.length
    if (samples.length > 0) yield { layout: table.layout, samples }
  }
}

type ReadRows = (rows: readonly CsvRow[], isLast: boolean) => readonly Sample[]

function createRowReader(layout: SampleLayout, options: SourceOptions, tally: SampleTally): ReadRows {
  let timeOf = layout.time === null ? countTime(options.rateHz) : null
  let waiting: readonly CsvRow[] = []
  let last: Sample | null = null

  function readSample(row: CsvRow, timeSec: number): Sample | null {
    const values = layout.columns.map(({ column }) => readValue(row, column))
    if (last !== null && timeSec < last.timeSec) throw timeBackwards(row.row)
    if (values.some(Number.isNaN)) {
      tally.missing += 1
      if (tally.missing === 1) tally.firstMissingAt = row.row
      return null
    }
    const isAgain = last?.timeSec === timeSec && values.every((value, at) => value === last?.values[at])
    if (isAgain) tally.duplicates += 1
    else last = { row: row.row, timeSec, values }
    return isAgain ? null : last
  }

  return (rows, isLast) => {
    waiting = waiting.concat(rows)
    const [first] = waiting
    if (first === undefined || (timeOf === null && !isLast && waiting.length < FIRST_ROWS)) return []
    const clock = timeOf ?? readTime(layout.time as HeaderCell, waiting, options, tally)
    timeOf = clock
    const ready = waiting
    waiting = []
    return ready.flatMap((row) => readSample(row, clock(row)) ?? [])
  }
}

type TimeOfRow = (row: CsvRow) => number

/** Rows without times follow each other at the given rate, those with missing values too. */
function countTime(rateHz: number | undefined): TimeOfRow {
  if (rateHz === undefined)
    throw new RecordsError('RATE_NEEDED', 'The file has no column of times. Give the sampling rate (--hz).')
  let count = 0
  return () => count++ / rateHz
}

function readTime(
  column: HeaderCell,
  rows: readonly CsvRow[],
  { timeZone }: SourceOptions,
  tally: SampleTally,
): TimeOfRow {
  const texts = rows.slice(0, FIRST_ROWS).map((row) => cellOf(row, column.column))
  const zone = timeZone === undefined ? null : openTimeZone(timeZone)
  const scale = openTimeScale(column, texts, rows[0]?.row ?? 1, zone)
  tally.start = scale.start
  tally.isTimeUnitInferred = scale.isUnitInferred
  tally.needsZone = scale.needsZone
  return (row) => scale.secondsOf(cellOf(row, column.column), row.row)
}

function cellOf(row: CsvRow, column: number): string {
  return (row.cells[column] ?? '').trim()
}

/** NaN for a value that is missing. */
function readValue(row: CsvRow, column: number): number {
  const text = cellOf(row, column)
  if (text === '' || /^(?:nan|null|n\/a)$/i.test(text)) return Number.NaN
  const details = { row: row.row, column: column + 1 }
  if (!isNumber(text))
    throw new RecordsError(
      'VALUE_INVALID',
      `Row ${row.row}: a value is no number with a decimal point. Correct or delete the row.`,
      details,
    )
  const value = Number(text)
  if (Math.abs(value) < VALUE_LIMIT) return value
  throw new RecordsError(
    'VALUE_IMPLAUSIBLE',
    `Row ${row.row}: a value is larger than any body moves. Check the cell and the unit.`,
    details,
  )
}

function timeBackwards(row: number): RecordsError {
  return new RecordsError(
    'TIME_INVALID',
    `Row ${row}: the time is before that of an earlier row. Sort the rows by time.`,
    { row, field: 'time' },
  )
}

/** @throws RecordsError `READINGS_TOO_MANY` */
export function refuseTooMany(samples: number, maxReadings: number): void {
  if (samples <= maxReadings) return
  throw new RecordsError(
    'READINGS_TOO_MANY',
    `The recording has more than ${maxReadings} samples. Split the file by time.`,
    { maxReadings },
  )
}
