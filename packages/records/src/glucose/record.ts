import { RecordsError } from '../errors.ts'
import { utcText } from '../text/date-time.ts'
import type { GlucoseUnit } from './glucose-value.ts'
import type { GlucoseReading } from './observation.ts'
import { observationLine, profileOf } from './observation.ts'
import type { TimedReading } from './source-reading.ts'

/** What a record is, without its content. Dates and counts are health data: keep them with the record. */
export interface RecordMetadata {
  readonly version: 1
  readonly kind: 'glucose-cgm'
  readonly format: 'fhir-r4+ndjson'
  /** Canonical URL of the FHIR profile of every line. */
  readonly profile: string
  readonly unit: GlucoseUnit
  readonly readings: number
  readonly subjects: number
  /** Earliest and latest instant, in UTC. */
  readonly start: string
  readonly end: string
  /** Size of the canonical bytes. */
  readonly sizeBytes: number
  /** Whether the file gave the times' offsets, or the caller's zone did. */
  readonly timeZoneSource: 'file' | 'given'
  readonly importer: { readonly name: string; readonly version: string }
}

/** A glucose record: one canonical FHIR Observation per line, sorted by subject and time. */
export interface GlucoseRecord {
  readonly metadata: RecordMetadata
  /** The canonical bytes in pieces of at most 64 KiB, from the start at every call; pieces are the caller's. */
  bytes(): AsyncIterable<Uint8Array>
  /** The readings, in the order of the bytes. */
  readings(): Iterable<GlucoseReading>
}

const IMPORTER = { name: '@halo/records', version: '0.1.0' } as const
const PIECE_BYTES = 64 * 1024

/**
 * Makes a record of readings that are sorted by subject and instant, each instant of a subject once.
 * @param readings not empty; kept, not copied
 */
export function createRecord(
  readings: readonly TimedReading[],
  origin: { readonly unit: GlucoseUnit; readonly timeZoneSource: 'file' | 'given' },
): GlucoseRecord {
  const { write } = observationLine(origin.unit)
  let sizeBytes = 0
  let startMs = Number.POSITIVE_INFINITY
  let endMs = Number.NEGATIVE_INFINITY
  for (const reading of readings) {
    // Lines are ASCII, so that their length is their size.
    sizeBytes += write(reading).length + 1
    startMs = Math.min(startMs, reading.timeMs)
    endMs = Math.max(endMs, reading.timeMs)
  }
  const metadata: RecordMetadata = {
    version: 1,
    kind: 'glucose-cgm',
    format: 'fhir-r4+ndjson',
    profile: profileOf(origin.unit),
    unit: origin.unit,
    readings: readings.length,
    subjects: readings.at(-1)?.subject ?? 0,
    start: utcText(startMs),
    end: utcText(endMs),
    sizeBytes,
    timeZoneSource: origin.timeZoneSource,
    importer: IMPORTER,
  }
  return {
    metadata,
    bytes: () => encodePieces(writeLines(readings, origin.unit)),
    readings: () => readEach(readings, origin.unit),
  }
}

/** All canonical bytes of a record at once. */
export async function recordBytes(record: GlucoseRecord): Promise<Uint8Array> {
  const bytes = new Uint8Array(record.metadata.sizeBytes)
  let at = 0
  for await (const piece of record.bytes()) {
    bytes.set(piece, at)
    at += piece.length
  }
  if (at === bytes.length) return bytes
  throw new RecordsError('RECORD_INVALID', 'The record is not as long as its metadata says.')
}

function* readEach(readings: readonly TimedReading[], unit: GlucoseUnit): Generator<GlucoseReading> {
  for (const { subject, time, timeMs, value, valueText, comparator } of readings)
    yield { subject, time, timeMs, value, valueText, unit, comparator }
}

/**
 * The canonical lines of readings in pieces of at most 64 KiB, each line with its line feed; ASCII, so that
 * length is size.
 */
export function* writeLines(readings: Iterable<TimedReading>, unit: GlucoseUnit): Generator<string> {
  const { write } = observationLine(unit)
  let text = ''
  for (const reading of readings) {
    const line = `${write(reading)}\n`
    if (text.length + line.length > PIECE_BYTES) {
      yield text
      text = ''
    }
    text += line
  }
  if (text !== '') yield text
}

async function* encodePieces(pieces: Iterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  for (const piece of pieces) yield encoder.encode(piece)
}
