import { hashTarget } from '@halo/records'
import type { Packing } from '@halo/vault'
import { measurePacking } from '@halo/vault'

/** A record's bytes, once or from the start at every call. */
export type RecordSource = AsyncIterable<Uint8Array> | (() => AsyncIterable<Uint8Array>)

/** What is known of a record before the first of it is sealed. */
export interface Foreseen {
  /** Null when packing does not pay, or the bytes can be read only once. */
  readonly packing: Packing | null
  /** SHA-256 of the record's bytes; null when they can be read only once. */
  readonly sha256: Uint8Array | null
  /** The bytes, to be sealed; once. */
  open(): AsyncIterable<Uint8Array>
}

/**
 * Reads a record ahead. Holders of shards are told sizes before the first byte, and metadata are sealed
 * in front of the record: so both have to be known before. Reading it again keeps memory flat.
 */
export async function foreseeRecord(record: RecordSource, signal?: AbortSignal): Promise<Foreseen> {
  if (typeof record !== 'function') return { packing: null, sha256: null, open: () => record }
  return {
    packing: await measurePacking(whileWanted(record(), signal)),
    sha256: await hashTarget(whileWanted(record(), signal)),
    open: record,
  }
}

async function* whileWanted(
  pieces: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    signal?.throwIfAborted()
    yield piece
  }
}
