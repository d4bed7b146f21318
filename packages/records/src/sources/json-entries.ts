import { RecordsError } from '../errors.ts'
import type { JsonValue } from '../text/fhir-json.ts'
import { isObject, parseFhirJson } from '../text/fhir-json.ts'
import { createJsonSplitter } from '../text/json-texts.ts'
import { checkCount } from '../text/options.ts'
import { readText } from '../text/source-text.ts'
import { emptyReport } from './empty-report.ts'
import type { EntryLog } from './entry-log.ts'
import { openEntryLog } from './entry-log.ts'
import type { LocalTimes } from './local-times.ts'
import { openLocalTimes } from './local-times.ts'
import type { Conversion, SourceKind, SourceOptions } from './source.ts'

/** One object of a file, by field. */
export type Entry = { readonly [field: string]: JsonValue | undefined }

/** Turns one entry into canonical lines, each with its line feed; an empty text when it says nothing new. */
export type EntryReader = (entry: Entry, row: number) => string

/** What a reader of entries works with. */
export interface EntryTools {
  readonly log: EntryLog
  readonly times: LocalTimes
  /** People or rooms, in the order of their numbers. */
  readonly names: readonly string[] | undefined
}

/** Lines are passed on once so many characters wait. */
const PIECE_LENGTH = 65_536

/**
 * Converts a file that is a list of JSON objects, or such objects line by line, one object after the other.
 * @param fields at least one of which the first object must have, to tell the kind of file
 */
export function convertEntries(
  kind: SourceKind,
  source: AsyncIterable<Uint8Array | string>,
  options: SourceOptions,
  fields: readonly string[],
  open: (tools: EntryTools) => EntryReader,
): Conversion {
  let report = emptyReport(kind)

  async function* run(): AsyncGenerator<string> {
    const maxReadings = checkCount('maxReadings', options.maxReadings ?? 500_000)
    const splitter = createJsonSplitter(checkCount('maxLineBytes', options.maxLineBytes ?? 65_536))
    const log = openEntryLog(kind)
    const read = open({ log, times: openLocalTimes(options.timeZone, log), names: options.names })
    let lines = ''
    let bytes = 0
    const onBytes = (size: number): void => {
      bytes += size
    }
    for await (const text of readText(source, { signal: options.signal, onBytes })) {
      for (const { text: json, row } of splitter.push(text)) {
        const entry = parseEntry(json, row)
        log.next()
        if (log.entry === 1) refuseOther(entry, fields, kind)
        if (log.entry > maxReadings) throw tooMany(maxReadings)
        lines += read(entry, row)
        if (lines.length < PIECE_LENGTH) continue
        yield lines
        lines = ''
      }
      options.onProgress?.({ bytes, records: log.entry })
    }
    splitter.end()
    report = log.report()
    if (lines !== '') yield lines
    if (report.resources === 0) throw noReadings()
  }
  return { [Symbol.asyncIterator]: run, report: () => report }
}

function parseEntry(json: string, row: number): Entry {
  const value = parseFhirJson(json, row)
  if (isObject(value)) return value
  throw new RecordsError(
    'JSON_MALFORMED',
    `Line ${row} holds something that is no object. Export the data again.`,
    {
      row,
    },
  )
}

function refuseOther(entry: Entry, fields: readonly string[], kind: SourceKind): void {
  if (fields.some((field) => entry[field] !== undefined)) return
  throw new RecordsError(
    'FORMAT_UNKNOWN',
    `The first entry has none of the fields of ${kind}: ${fields.join(', ')}. Check that this is the right file.`,
  )
}

function tooMany(maxReadings: number): RecordsError {
  return new RecordsError(
    'READINGS_TOO_MANY',
    `The file has more than ${maxReadings} entries. Split it by period.`,
    {
      maxReadings,
    },
  )
}

function noReadings(): RecordsError {
  return new RecordsError(
    'NO_READINGS',
    'The file holds no entry that can be taken over. Export a period in which something was measured.',
  )
}
