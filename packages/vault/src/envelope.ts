import { decode, encode } from '@ipld/dag-cbor'
import type { ByteReader } from './byte-reader.ts'
import { areEqual, concatBytes, type OwnBytes, readU32, u32Bytes } from './bytes.ts'
import { VaultError } from './errors.ts'
import { isPacking, type Packing } from './packing.ts'

/** Largest accepted metadata, 64 KiB: readers hold them in memory. */
export const MAX_METADATA_BYTES = 65_536
/** Length of the commitment salt. */
export const RECORD_SALT_BYTES = 32
const MAX_ENVELOPE_BYTES = MAX_METADATA_BYTES + 128

/** What is sealed in front of the record, so that only who opens it learns salt and metadata. */
export interface Envelope {
  /** 32 random bytes that keep the commitment from being guessed. */
  readonly salt: Uint8Array
  readonly metadata: Uint8Array
  /** How the record is packed; null when it is not. */
  readonly packing: Packing | null
}

/** u32 length ‖ canonical dag-cbor map: `{salt, metadata}`, and of a packed record its two lengths. */
export function encodeEnvelope({ salt, metadata, packing }: Envelope): OwnBytes {
  const body = encode({ salt, metadata, ...packing })
  return concatBytes(u32Bytes(body.length), body)
}

/** Length of an encoded envelope. */
export function envelopeSizeOf(metadataBytes: number, packing: Packing | null): number {
  const blank = { salt: new Uint8Array(RECORD_SALT_BYTES), metadata: new Uint8Array(metadataBytes), packing }
  return encodeEnvelope(blank).length
}

/**
 * Reads the envelope and leaves the reader at the record.
 * @param isPacked asked once the first bytes are there: whether the header says that the record is packed
 * @throws VaultError `ENVELOPE_INVALID`
 */
export async function readEnvelope(reader: ByteReader, isPacked: () => boolean): Promise<Envelope> {
  const prefix = await reader.read(4)
  if (prefix.length < 4) throw invalid()
  const sizeBytes = readU32(prefix, 0)
  if (sizeBytes > MAX_ENVELOPE_BYTES) throw invalid()
  const body = await reader.read(sizeBytes)
  if (body.length < sizeBytes) throw invalid()
  return decodeEnvelope(body, isPacked())
}

function decodeEnvelope(body: Uint8Array, isPacked: boolean): Envelope {
  const { salt, metadata, recordBytes, packedBytes } = decodeFields(body)
  const isShaped = salt instanceof Uint8Array && metadata instanceof Uint8Array
  if (!isShaped || salt.length !== RECORD_SALT_BYTES || metadata.length > MAX_METADATA_BYTES) throw invalid()
  const packing = isPacked ? { recordBytes, packedBytes } : null
  if (packing !== null && !isPacking(packing)) throw invalid()
  if (!areEqual(encode({ salt, metadata, ...packing }), body)) throw invalid()
  return { salt, metadata, packing }
}

function decodeFields(body: Uint8Array): { readonly [K in keyof Envelope | keyof Packing]?: unknown } {
  try {
    return decode<object | null>(body) ?? {}
  } catch (cause) {
    throw invalid(cause)
  }
}

function invalid(cause?: unknown): VaultError {
  return new VaultError('ENVELOPE_INVALID', 'The sealed content does not begin with a canonical envelope.', {
    cause,
  })
}
