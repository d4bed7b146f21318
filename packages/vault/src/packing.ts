import type { ByteReader } from './byte-reader.ts'
import { VaultError } from './errors.ts'
import { GzipFault, gunzip, gzip } from './gzip.ts'

/** A record that is packed by gzip before it is sealed: how long it is before and after. */
export interface Packing {
  readonly recordBytes: number
  readonly packedBytes: number
}

/** Deflate makes at most this many bytes of one. @see RFC 1951, 3.2.5: 258 bytes take 2 bits */
export const MAX_EXPANSION = 1032
/**
 * How every gzip of an engine's CompressionStream begins: magic number, deflate, no flags, no time. What
 * follows, how hard was tried and on which system, is the engine's. @see RFC 1952, 2.3
 */
const GZIP_START: readonly number[] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]
/** Place of the byte that says how hard was tried, and its values: default, most, fastest. */
const EFFORT = { at: 8, values: [0, 2, 4] }
/** A gzip of nothing: header 10, empty block 2, checksum and length 8. */
const MIN_PACKED_BYTES = 20
/** Zeros are written in pieces of this size. */
const ZERO_BYTES = 65_536

/** True for lengths that a packed record can have: packing halves it at least, or is not done. */
export function isPacking(
  value: {
    readonly [K in keyof Packing]: unknown
  },
): value is Packing {
  const { recordBytes, packedBytes } = value
  return (
    Number.isSafeInteger(recordBytes) &&
    Number.isSafeInteger(packedBytes) &&
    Number(packedBytes) >= MIN_PACKED_BYTES &&
    Number(packedBytes) <= Math.ceil(Number(recordBytes) / 2)
  )
}

/**
 * Length that a packed record is padded to: the record's own length, halved as often as the packed
 * bytes still fit. So the sealed size tells the record's length, as without packing, and by which power
 * of two it shrank; not how much its values vary.
 */
export function paddedSizeOf({ recordBytes, packedBytes }: Packing): number {
  let sizeBytes = recordBytes
  while (Math.ceil(sizeBytes / 2) >= packedBytes) sizeBytes = Math.ceil(sizeBytes / 2)
  return sizeBytes
}

/**
 * Finds out what packing makes of a record, which has to be known before it is sealed.
 * @param record read to its end; must give the same bytes again when it is sealed
 * @returns null when it would not halve the record: then it is sealed as it is
 */
export async function measurePacking(record: AsyncIterable<Uint8Array>): Promise<Packing | null> {
  let recordBytes = 0
  let packedBytes = 0
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of record) {
      recordBytes += piece.length
      yield piece
    }
  }
  for await (const piece of gzip(counted())) packedBytes += piece.length
  const packing = { recordBytes, packedBytes }
  return isPacking(packing) ? packing : null
}

/**
 * The packed record and its padding.
 * @throws VaultError `OPTIONS_INVALID` {field: 'packing'} when it is not as long as was measured
 */
export async function* pack(
  record: AsyncIterable<Uint8Array>,
  packing: Packing,
  recordBytes: () => number,
): AsyncGenerator<Uint8Array, void> {
  let packedBytes = 0
  for await (const piece of gzip(record)) {
    packedBytes += piece.length
    // Nothing longer may leave: sizes were told before.
    if (packedBytes > packing.packedBytes) throw unlikeMeasured()
    yield piece
  }
  if (packedBytes !== packing.packedBytes || recordBytes() !== packing.recordBytes) throw unlikeMeasured()
  for (let rest = paddedSizeOf(packing) - packedBytes; rest > 0; rest -= ZERO_BYTES)
    yield new Uint8Array(Math.min(rest, ZERO_BYTES))
}

/**
 * The record, unpacked, never more of it than was announced.
 * @param reader at the packed bytes; at its end afterwards
 * @throws VaultError `PACKING_INVALID`; whatever the reader throws
 */
export async function* unpack(reader: ByteReader, packing: Packing): AsyncGenerator<Uint8Array, void> {
  let recordBytes = 0
  try {
    for await (const piece of gunzip(withPlainHeader(takeFrom(reader, packing.packedBytes)))) {
      recordBytes += piece.length
      if (recordBytes > packing.recordBytes) throw invalid('is longer than it announces')
      yield piece
    }
  } catch (cause) {
    throw cause instanceof GzipFault ? invalid('is no gzip') : cause
  }
  if (recordBytes < packing.recordBytes) throw invalid('is shorter than it announces')
  await checkPadding(reader, paddedSizeOf(packing) - packing.packedBytes)
}

/**
 * Refuses a name, a comment, extra fields and a time: what unpacking drops would be room for what no
 * commitment covers and no reader of the record sees. Engines refuse a second gzip behind the first.
 */
async function* withPlainHeader(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let isFirst = true
  for await (const piece of packed) {
    // A first piece is longer than the header: so is the shortest gzip.
    if (isFirst && !isPlainHeader(piece)) throw invalid('is no gzip, or holds more than the record')
    isFirst = false
    yield piece
  }
}

function isPlainHeader(piece: Uint8Array): boolean {
  return GZIP_START.every((byte, at) => piece[at] === byte) && EFFORT.values.includes(piece[EFFORT.at] ?? -1)
}

async function* takeFrom(reader: ByteReader, sizeBytes: number): AsyncGenerator<Uint8Array, void> {
  for (let rest = sizeBytes; rest > 0; ) {
    const piece = await reader.read(Math.min(rest, ZERO_BYTES))
    if (piece.length === 0) throw invalid('ends too early')
    rest -= piece.length
    yield piece
  }
}

/** Padding that could hold something would be a place to hide it, and give one record many sealed forms. */
async function checkPadding(reader: ByteReader, sizeBytes: number): Promise<void> {
  let seenBytes = 0
  for (let piece = await reader.readPiece(); piece !== null; piece = await reader.readPiece()) {
    seenBytes += piece.length
    if (piece.some((byte) => byte !== 0)) throw invalid('is followed by what is no padding')
  }
  if (seenBytes !== sizeBytes) throw invalid('has padding of another length')
}

function unlikeMeasured(): VaultError {
  const details = { field: 'packing' }
  return new VaultError('OPTIONS_INVALID', 'The record is not the one that was measured for packing.', {
    details,
  })
}

function invalid(what: string): VaultError {
  return new VaultError('PACKING_INVALID', `The packed record ${what}.`)
}
