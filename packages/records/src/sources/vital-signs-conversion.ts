import { RecordsError } from '../errors.ts'
import { readText } from '../text/source-text.ts'
import type { Conversion, SourceKind, SourceOptions } from './source.ts'
import type { VitalSignWriter } from './vital-signs-writer.ts'
import { createVitalSignWriter } from './vital-signs-writer.ts'

/** Takes a file's text piece by piece, and writes what it says. */
export interface TextReader {
  push(text: string): void
  end(): void
}

/** Lines are passed on once so many characters wait. */
const PIECE_LENGTH = 65_536

/** A chunk is read in pieces, so that a file that comes as one text does not come out as one either. */
const CHUNK_LENGTH = 262_144

/**
 * A conversion by `run`, which begins with the iteration: what is wrong with the options is thrown there too.
 * @throws RecordsError while iterating; `NO_READINGS` when a file has become nothing
 */
export function openConversion(
  kind: SourceKind,
  options: SourceOptions,
  run: (writer: VitalSignWriter) => AsyncIterable<string>,
): Conversion {
  let writer: VitalSignWriter | null = null
  return {
    async *[Symbol.asyncIterator]() {
      writer = createVitalSignWriter(kind, options)
      yield* run(writer)
      if (writer.waiting > 0) yield writer.takeLines()
      if (writer.resources === 0) throw noReadings()
    },
    report: () => (writer ?? createVitalSignWriter(kind, {})).report(),
  }
}

/** The conversion of a text file by a reader that writes to the writer it is opened with. */
export function convertText(
  kind: SourceKind,
  source: AsyncIterable<Uint8Array | string>,
  options: SourceOptions,
  openReader: (writer: VitalSignWriter) => TextReader,
): Conversion {
  return openConversion(kind, options, async function* (writer) {
    const reader = openReader(writer)
    let bytes = 0
    const onBytes = (size: number): void => {
      bytes += size
    }
    for await (const text of readText(source, { signal: options.signal, onBytes })) {
      for (let from = 0; from < text.length; from += CHUNK_LENGTH) {
        reader.push(text.slice(from, from + CHUNK_LENGTH))
        if (writer.waiting >= PIECE_LENGTH) yield writer.takeLines()
      }
      options.onProgress?.({ bytes, records: writer.records })
    }
    reader.end()
  })
}

function noReadings(): RecordsError {
  return new RecordsError(
    'NO_READINGS',
    'The file holds nothing that can be taken over. Export a period in which something was measured.',
  )
}
