import { RecordsError } from '../errors.ts'
import { readText } from '../text/source-text.ts'
import type { Conversion, SourceOptions } from './source.ts'
import type { VitalSignWriter } from './vital-signs-writer.ts'

/** Takes a file's text piece by piece, and writes what it says. */
export interface TextReader {
  push(text: string): void
  end(): void
}

/** Lines are passed on once so many characters wait. */
const PIECE_LENGTH = 65_536

/** A chunk is read in pieces, so that a file that comes as one text does not come out as one either. */
const CHUNK_LENGTH = 262_144

/** The conversion of a text file by a reader that writes to `writer`. */
export function convertText(
  source: AsyncIterable<Uint8Array | string>,
  options: SourceOptions,
  writer: VitalSignWriter,
  reader: TextReader,
): Conversion {
  async function* run(): AsyncGenerator<string> {
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
    if (writer.waiting > 0) yield writer.takeLines()
    refuseNothing(writer)
  }
  return { [Symbol.asyncIterator]: run, report: () => writer.report() }
}

/** @throws RecordsError `NO_READINGS` when a file has become nothing */
export function refuseNothing(writer: VitalSignWriter): void {
  if (writer.report().resources > 0) return
  throw new RecordsError(
    'NO_READINGS',
    'The file holds nothing that can be taken over. Export a period in which something was measured.',
  )
}
