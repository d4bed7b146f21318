import { type ByteReader, readerOf } from './byte-reader.ts'
import { copyBytes, type OwnBytes, randomBytes } from './bytes.ts'
import {
  type Envelope,
  encodeEnvelope,
  envelopeSizeOf,
  MAX_METADATA_BYTES,
  RECORD_SALT_BYTES,
} from './envelope.ts'
import { VaultError } from './errors.ts'
import { MANIFEST_SUITE, type ManifestSuite, PACKED_SUITE } from './manifest-format.ts'
import { isPacking, type Packing, pack, paddedSizeOf } from './packing.ts'
import { lookedAfter, readOnce } from './read-once.ts'
import { hashRecord, type RecordHash } from './record-commitment.ts'
import {
  chunkCipher,
  DEFAULT_CHUNK_BYTES,
  deriveContentKey,
  encodeHeader,
  HEADER_BYTES,
  importDataKey,
  isChunkSize,
  type SealedHeader,
  TAG_BYTES,
} from './sealed-format.ts'

/** How a record is sealed. */
export interface SealOptions {
  /** At most 64 KiB, sealed in front of the record; copied. */
  readonly metadata: Uint8Array
  /**
   * Plaintext bytes per chunk, 64 B to 1 MiB; both sides buffer about three chunks.
   * @defaultValue 262144
   */
  readonly chunkBytes?: number
  /** What `measurePacking` found; then the record is packed, and padded, before it is sealed. @defaultValue null */
  readonly packing?: Packing | null
  readonly signal?: AbortSignal | undefined
  /** Called with the record bytes taken in so far; must not throw. */
  readonly onProgress?: ((recordBytes: number) => void) | undefined
}

/** A record while it is being sealed. */
export interface Sealing {
  /** 32 bytes; the caller owns them and wipes them. May be wiped at any time: sealing holds its own. */
  readonly dataKey: Uint8Array
  /** Header, then one piece per chunk, each a fresh buffer; read once. Nothing happens until it is pulled. */
  readonly sealed: AsyncIterable<Uint8Array>
  /** Resolves when the last chunk is pulled; rejects when sealing fails or its reader leaves (`ABANDONED`). */
  readonly result: Promise<SealResult>
}

/** What came out of sealing. */
export interface SealResult {
  /** 32 bytes: the salted commitment to the record; with the patient's address it makes the data set's id. */
  readonly commitment: Uint8Array
  /** For the manifest: how it was sealed. */
  readonly suite: ManifestSuite
  readonly recordBytes: number
  /** Length of header, chunks and tags together. */
  readonly sealedBytes: number
  readonly chunkBytes: number
}

/** All that is random about one sealing. */
export interface SealRandomness {
  /** 32 bytes. */
  readonly dataKey: OwnBytes
  /** Commitment salt, 32 bytes. */
  readonly recordSalt: OwnBytes
  /** HKDF salt ‖ nonce prefix, 23 bytes. */
  readonly header: OwnBytes
}

const MAX_CHUNKS = 2 ** 32

/**
 * Seals a record in bounded memory: AES-256-GCM in chunks (STREAM), each authenticated by itself.
 * @param record pieces of any size; a piece is not used after the next one is asked for
 * @throws VaultError `OPTIONS_INVALID`, `METADATA_TOO_LARGE`; while
 * pulled also `RECORD_TOO_LARGE`, the signal's reason, and whatever `record` throws
 * @see "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance" (2015), STREAM
 */
export function sealRecord(record: AsyncIterable<Uint8Array>, options: SealOptions): Sealing {
  checkOptions(options)
  return sealWith(record, options, {
    dataKey: randomBytes(32),
    recordSalt: randomBytes(RECORD_SALT_BYTES),
    header: randomBytes(23),
  })
}

/** {@link sealRecord} with given randomness; only vectors may call it, as nothing here keeps a nonce fresh. */
export function sealWith(
  record: AsyncIterable<Uint8Array>,
  options: SealOptions,
  random: SealRandomness,
): Sealing {
  const packing = copyPacking(options)
  const header = encodeHeader(options.chunkBytes ?? DEFAULT_CHUNK_BYTES, random.header, packing !== null)
  const key = lookedAfter(deriveContentKey(importDataKey(random.dataKey), header, 'encrypt'))
  const envelope = { salt: random.recordSalt, metadata: copyBytes(options.metadata), packing }
  const outcome = Promise.withResolvers<SealResult>()
  const job: SealJob = { record, header, key, envelope, options, outcome }
  lookedAfter(outcome.promise)
  const sealed = readOnce(
    () => sealStream(job),
    async () => outcome.reject(abandoned()),
  )
  return { dataKey: random.dataKey, sealed, result: outcome.promise }
}

/**
 * The exact length of a sealed record, known before it is sealed.
 * @param record length of the record, or what its packing was measured to be
 * @param metadataBytes length of its metadata, at most 64 KiB
 * @throws VaultError `METADATA_TOO_LARGE`, `OPTIONS_INVALID`
 */
export function sealedSizeOf(
  record: number | Packing,
  metadataBytes: number,
  chunkBytes: number = DEFAULT_CHUNK_BYTES,
): number {
  checkMetadataSize(metadataBytes)
  checkChunkSize(chunkBytes)
  const packing = typeof record === 'number' ? null : copyPacking({ packing: record })
  const bodyBytes = typeof record === 'number' ? record : paddedSizeOf(record)
  const plainBytes = envelopeSizeOf(metadataBytes, packing) + bodyBytes
  return HEADER_BYTES + plainBytes + Math.ceil(plainBytes / chunkBytes) * TAG_BYTES
}

interface SealJob {
  readonly record: AsyncIterable<Uint8Array>
  readonly header: SealedHeader
  readonly key: Promise<CryptoKey>
  readonly envelope: Envelope
  readonly options: SealOptions
  readonly outcome: PromiseWithResolvers<SealResult>
}

async function* sealStream(job: SealJob): AsyncGenerator<Uint8Array, void> {
  const progress = { recordBytes: 0, hash: hashRecord(job.envelope) }
  const reader = readerOf(plaintext(job, progress), job.options.signal)
  try {
    yield copyBytes(job.header.bytes)
    yield* sealChunks(job, reader, progress)
  } catch (cause) {
    job.outcome.reject(cause)
    throw cause
  } finally {
    job.outcome.reject(abandoned())
    await reader.close()
  }
}

/** One chunk is encrypted (off this thread) while the next is read and hashed. */
async function* sealChunks(
  job: SealJob,
  reader: ByteReader,
  progress: Readonly<SealProgress>,
): AsyncGenerator<Uint8Array, void> {
  const { header, outcome } = job
  const suite = header.isPacked ? PACKED_SUITE : MANIFEST_SUITE
  const key = await job.key
  let sealedBytes = HEADER_BYTES
  let previous: Promise<Uint8Array> | null = null
  for (let index = 0, isLast = false; !isLast; index++) {
    if (index === MAX_CHUNKS) throw new VaultError('RECORD_TOO_LARGE', 'The record has too many chunks.')
    const plain = await reader.read(header.chunkBytes)
    isLast = !(await reader.hasMore())
    const current = lookedAfter(encryptChunk(key, chunkCipher(header, index, isLast), plain))
    if (previous !== null) yield await previous
    previous = current
    sealedBytes += plain.length + TAG_BYTES
  }
  const last = await previous
  const { recordBytes, hash } = progress
  const { chunkBytes } = header
  outcome.resolve({ commitment: hash.digest(), suite, recordBytes, sealedBytes, chunkBytes })
  if (last !== null) yield last
}

async function encryptChunk(key: CryptoKey, cipher: AesGcmParams, plain: OwnBytes): Promise<Uint8Array> {
  try {
    return new Uint8Array(await crypto.subtle.encrypt(cipher, key, plain))
  } finally {
    plain.fill(0)
  }
}

/** What is hashed so far of the record, as it was before packing. */
interface SealProgress {
  recordBytes: number
  readonly hash: RecordHash
}

async function* plaintext(job: SealJob, progress: SealProgress): AsyncGenerator<Uint8Array, void> {
  const { packing } = job.envelope
  yield encodeEnvelope(job.envelope)
  if (packing === null) yield* hashed(job, progress)
  else yield* pack(hashed(job, progress), packing, () => progress.recordBytes)
}

async function* hashed(job: SealJob, progress: SealProgress): AsyncGenerator<Uint8Array, void> {
  for await (const piece of job.record) {
    progress.hash.update(piece)
    progress.recordBytes += piece.length
    job.options.onProgress?.(progress.recordBytes)
    yield piece
  }
}

function checkOptions({ metadata, chunkBytes, packing }: SealOptions): void {
  checkMetadataSize(metadata.length)
  if (chunkBytes !== undefined) checkChunkSize(chunkBytes)
  if (packing === undefined || packing === null || isPacking(packing)) return
  const details = { field: 'packing' }
  throw new VaultError('OPTIONS_INVALID', 'Packing has to halve a record at least.', { details })
}

/** Its two lengths and nothing else, as they go into the envelope. */
function copyPacking({ packing }: Pick<SealOptions, 'packing'>): Packing | null {
  if (packing === undefined || packing === null) return null
  return { recordBytes: packing.recordBytes, packedBytes: packing.packedBytes }
}

function checkMetadataSize(metadataBytes: number): void {
  if (metadataBytes > MAX_METADATA_BYTES)
    throw new VaultError('METADATA_TOO_LARGE', `Metadata must be at most ${MAX_METADATA_BYTES} bytes.`)
}

function checkChunkSize(chunkBytes: number): void {
  if (isChunkSize(chunkBytes)) return
  const details = { field: 'chunkBytes' }
  throw new VaultError('OPTIONS_INVALID', 'A chunk holds 64 bytes to 1 MiB.', { details })
}

function abandoned(): VaultError {
  return new VaultError('ABANDONED', 'The reader stopped before the record was sealed.')
}
