import { RecordsError } from '../errors.ts'
import { readText } from '../text/source-text.ts'
import type { GlucoseReading, ObservationLine } from './observation.ts'
import { observationLine } from './observation.ts'

/** Canonical lines are about 550 bytes. */
const MAX_LINE_LENGTH = 1024

/**
 * Reads a record's canonical bytes back into readings, in bounded memory. Every line must be, byte for
 * byte, what the importer writes: one profile throughout, sorted by subject and instant, each line
 * ended by a line feed.
 * @throws RecordsError `RECORD_INVALID`, naming the row
 */
export async function* parseRecord(
  source: AsyncIterable<Uint8Array>,
  options: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<GlucoseReading> {
  const readers = [observationLine('mg/dL'), observationLine('mmol/L')]
  let reader: ObservationLine | undefined
  let last: GlucoseReading | undefined
  let row = 0
  for await (const line of readLines(source, options.signal)) {
    row += 1
    reader ??= readers.find(({ read }) => read(line) !== null)
    const reading = reader?.read(line) ?? null
    if (reading === null) throw invalid(row, 'is not a glucose reading in canonical form')
    if (!mayFollow(last, reading)) throw invalid(row, 'is out of order')
    last = reading
    yield reading
  }
  if (last === undefined) throw invalid(1, 'is missing')
}

/** Subjects are numbered without gaps; within a subject, time moves on. */
function mayFollow(last: GlucoseReading | undefined, next: GlucoseReading): boolean {
  if (last?.subject === next.subject) return last.timeMs < next.timeMs
  return next.subject === (last?.subject ?? 0) + 1
}

async function* readLines(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  let rest = ''
  let row = 0
  for await (const text of readAscii(source, signal)) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    row += lines.length
    yield* lines
    if (rest.length > MAX_LINE_LENGTH) throw invalid(row + 1, 'is too long')
  }
  if (rest !== '') throw invalid(row + 1, 'has no line feed at its end')
}

/** Bytes that are no text are as foreign here as any other line. */
async function* readAscii(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  try {
    yield* readText(source, { signal, keepMark: true })
  } catch (error) {
    if (!(error instanceof RecordsError) || error.code !== 'FORMAT_UNKNOWN') throw error
    throw new RecordsError('RECORD_INVALID', 'The record is not UTF-8 text.')
  }
}

function invalid(row: number, what: string): RecordsError {
  return new RecordsError('RECORD_INVALID', `Line ${row} of the record ${what}.`, { row })
}
