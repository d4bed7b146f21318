import { type ByteReader, readerOf } from './byte-reader.ts'
import { areEqual, copyBytes, type OwnBytes } from './bytes.ts'
import { type Envelope, readEnvelope } from './envelope.ts'
import { VaultError } from './errors.ts'
import { unpack } from './packing.ts'
import { lookedAfter, readOnce } from './read-once.ts'
import { hashRecord } from './record-commitment.ts'
import {
  chunkCipher,
  decodeHeader,
  deriveContentKey,
  HEADER_BYTES,
  importDataKey,
  type SealedHeader,
  TAG_BYTES,
} from './sealed-format.ts'

/** How a record is opened. */
export interface OpenOptions {
  /** 32 bytes; copied before the call returns, so the caller may wipe them at once. */
  readonly dataKey: Uint8Array
  /** 32 bytes: the commitment that the record must match; copied. */
  readonly commitment: Uint8Array
  /** Length of the sealed record where it is known; tells truncation from forgery in every case. */
  readonly sealedBytes?: number | undefined
  /**
   * Length of the record where it is known: a packed record that announces another one is refused before
   * it is unpacked. Without it, what who sealed it announced is the bound.
   */
  readonly recordBytes?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** What is known once a whole record was read and matched. */
export interface Verified {
  readonly commitment: Uint8Array
  /** 32 bytes that prove the commitment to others. */
  readonly salt: Uint8Array
  readonly recordBytes: number
}

/** A record while it is being opened. Asking for `metadata` or reading `record` starts the work. */
export interface Opening {
  /** Authentic as soon as it resolves; the caller owns it. */
  readonly metadata: Promise<Uint8Array>
  /**
   * Pieces are fresh buffers that the caller owns, each authentic and in its place; read once. Throws
   * before its end when anything is forged, missing or not what the patient committed to, so what was
   * read may be used only after the end.
   */
  readonly record: AsyncIterable<Uint8Array>
  /**
   * Resolves after the whole record was read and the commitment matched; rejects with `RECORD_MISMATCH`,
   * with whatever stopped the reading, or with `ABANDONED` when the reader left.
   */
  readonly verified: Promise<Verified>
}

/**
 * Opens a sealed record in bounded memory.
 * @param sealed pieces of any size; a piece is not used after the next one is asked for
 * @throws VaultError `KEY_INVALID`, `OPTIONS_INVALID`; while read also `HEADER_INVALID`, `CHUNK_FORGED`,
 * `SEALED_TRUNCATED`, `SEALED_TRAILING`, `ENVELOPE_INVALID`, `PACKING_INVALID`, `RECORD_MISMATCH`
 */
export function openRecord(sealed: AsyncIterable<Uint8Array>, options: OpenOptions): Opening {
  checkOptions(options)
  const outcome = Promise.withResolvers<Verified>()
  const commitment = copyBytes(options.commitment)
  const dataKey = lookedAfter(importDataKey(options.dataKey))
  let isPacked = false
  const onHeader = (header: SealedHeader): void => {
    isPacked = header.isPacked
  }
  const reader = readerOf(openStream(sealed, dataKey, onHeader, options), options.signal)
  let envelope: Promise<Envelope> | null = null
  const start = (): Promise<Envelope> => {
    envelope ??= lookedAfter(readEnvelope(reader, () => isPacked))
    return envelope
  }
  const leave = async (): Promise<void> => {
    outcome.reject(new VaultError('ABANDONED', 'The reader stopped before the record was verified.'))
    await reader.close()
  }
  lookedAfter(outcome.promise)
  return {
    get metadata() {
      return lookedAfter(start().then((opened) => copyBytes(opened.metadata)))
    },
    record: readOnce(() => readRecord({ start, reader, commitment, outcome, leave, options }), leave),
    verified: outcome.promise,
  }
}

interface OpenJob {
  readonly start: () => Promise<Envelope>
  readonly reader: ByteReader
  readonly commitment: Uint8Array
  readonly outcome: PromiseWithResolvers<Verified>
  readonly leave: () => Promise<void>
  readonly options: OpenOptions
}

async function* readRecord(job: OpenJob): AsyncGenerator<Uint8Array, void> {
  const { reader, commitment, outcome } = job
  try {
    const envelope = await job.start()
    const hash = hashRecord(envelope)
    let recordBytes = 0
    for await (const piece of plainPieces(reader, envelope, job.options)) {
      hash.update(piece)
      recordBytes += piece.length
      yield piece
    }
    if (!areEqual(hash.digest(), commitment))
      throw new VaultError('RECORD_MISMATCH', 'The record is not the one that was committed to.')
    outcome.resolve({ commitment: copyBytes(commitment), salt: copyBytes(envelope.salt), recordBytes })
  } catch (cause) {
    outcome.reject(cause)
    throw cause
  } finally {
    await job.leave()
  }
}

function plainPieces(
  reader: ByteReader,
  { packing }: Envelope,
  { recordBytes }: OpenOptions,
): AsyncIterable<Uint8Array> {
  if (packing === null) return allPieces(reader)
  if (recordBytes === undefined || recordBytes === packing.recordBytes) return unpack(reader, packing)
  throw new VaultError('PACKING_INVALID', 'The packed record announces another length than is known.')
}

async function* allPieces(reader: ByteReader): AsyncGenerator<Uint8Array, void> {
  for (let piece = await reader.readPiece(); piece !== null; piece = await reader.readPiece()) yield piece
}

/** Authentic plaintext, chunk by chunk; a chunk is decrypted while the one before is being used. */
async function* openStream(
  sealed: AsyncIterable<Uint8Array>,
  dataKey: Promise<CryptoKey>,
  onHeader: (header: SealedHeader) => void,
  options: OpenOptions,
): AsyncGenerator<Uint8Array, void> {
  const source = options.sealedBytes === undefined ? sealed : exactly(sealed, options.sealedBytes)
  const reader = readerOf(source, options.signal)
  try {
    const header = decodeHeader(await reader.read(HEADER_BYTES))
    onHeader(header)
    const key = await deriveContentKey(dataKey, header, 'decrypt')
    let previous: Promise<Uint8Array> | null = null
    for (let index = 0, isLast = false; !isLast; index++) {
      const frame = await reader.read(header.chunkBytes + TAG_BYTES)
      isLast = !(await reader.hasMore())
      const current = lookedAfter(openChunk(key, header, { frame, index, isLast }))
      if (previous !== null) yield await previous
      previous = current
    }
    if (previous !== null) yield await previous
  } finally {
    await reader.close()
  }
}

interface Chunk {
  readonly frame: OwnBytes
  readonly index: number
  readonly isLast: boolean
}

async function openChunk(key: CryptoKey, header: SealedHeader, chunk: Chunk): Promise<Uint8Array> {
  // Sealing never makes an empty chunk, as the envelope comes first and the last chunk holds the rest.
  if (chunk.frame.length <= TAG_BYTES) throw truncated()
  const plain = await tryChunk(key, header, chunk)
  if (plain !== null) return plain
  // The chunk may be genuine and only its end be missing or pushed out: the other last flag tells.
  const isGenuine = (await tryChunk(key, header, { ...chunk, isLast: !chunk.isLast })) !== null
  if (isGenuine) throw chunk.isLast ? truncated() : trailing()
  throw new VaultError('CHUNK_FORGED', `Chunk ${chunk.index} is not what was sealed.`, {
    details: { index: chunk.index },
  })
}

async function tryChunk(key: CryptoKey, header: SealedHeader, chunk: Chunk): Promise<Uint8Array | null> {
  try {
    const cipher = chunkCipher(header, chunk.index, chunk.isLast)
    return new Uint8Array(await crypto.subtle.decrypt(cipher, key, chunk.frame))
  } catch {
    return null
  }
}

async function* exactly(
  source: AsyncIterable<Uint8Array>,
  sizeBytes: number,
): AsyncGenerator<Uint8Array, void> {
  let seenBytes = 0
  for await (const piece of source) {
    seenBytes += piece.length
    if (seenBytes > sizeBytes) throw trailing()
    yield piece
  }
  if (seenBytes < sizeBytes) throw truncated()
}

function checkOptions({ dataKey, commitment }: OpenOptions): void {
  if (dataKey.length !== 32) throw new VaultError('KEY_INVALID', 'A data key is 32 bytes.')
  if (commitment.length !== 32)
    throw new VaultError('OPTIONS_INVALID', 'A commitment is 32 bytes.', { details: { field: 'commitment' } })
}

function truncated(): VaultError {
  return new VaultError('SEALED_TRUNCATED', 'The end of the sealed record is missing.')
}

function trailing(): VaultError {
  return new VaultError('SEALED_TRAILING', 'Something follows the end of the sealed record.')
}
