import type { GlucoseImport, ImportOptions } from '@halo/records'
import { importGlucose, RecordsError, recordBytes } from '@halo/records'

/** A source of the given chunks. */
export async function* chunksOf(...chunks: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* chunks
}

/** Imports a file that arrives in one piece. */
export function importText(file: string | Uint8Array, options: ImportOptions = {}): Promise<GlucoseImport> {
  return importGlucose(chunksOf(file), options)
}

/** The record's canonical bytes as text. */
export async function ndjsonOf({ record }: GlucoseImport): Promise<string> {
  return new TextDecoder().decode(await recordBytes(record))
}

/** The error a refused import ends with; fails when it succeeds or ends with another kind of error. */
export async function refusalOf(imported: Promise<unknown>): Promise<RecordsError> {
  try {
    await imported
  } catch (error) {
    if (error instanceof RecordsError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
