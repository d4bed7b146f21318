import { RecordsError } from '../errors.ts'

/** One data message of a FIT file. */
export interface FitMessage {
  /** Global message number, such as 20 for a record. */
  readonly number: number
  /** Seconds since {@link FIT_EPOCH_MS}, of the message itself or of its compressed header; null without either. */
  readonly timestampSec: number | null
  /** Single whole numbers by field number, unscaled; what the device marked as invalid is not there. */
  readonly fields: ReadonlyMap<number, number>
}

/** Reads FIT bytes that arrive in pieces. */
export interface FitDecoder {
  push(bytes: Uint8Array): void
  /** @throws RecordsError `FRAME_INVALID` when the file is cut off, `FILE_EMPTY` when there was nothing */
  end(): void
}

/** 1989-12-31T00:00:00Z, from which FIT counts seconds. */
export const FIT_EPOCH_MS = 631_065_600_000

const LEAST_HEADER_BYTES = 12

/** Field number of the timestamp in every message that has one. */
const TIMESTAMP = 253

interface FieldDefinition {
  readonly number: number
  readonly size: number
  readonly baseType: number
}

interface Definition {
  readonly number: number
  readonly isLittleEndian: boolean
  readonly fields: readonly FieldDefinition[]
  readonly sizeBytes: number
}

/**
 * Opens a decoder of the FIT protocol, as far as its bytes go: headers, definitions, data with normal and
 * compressed headers, developer fields (passed over), chained files, both checksums. Holds at most one record.
 * Written here because decoders with the whole profile weigh 0.4 MB, of which a health record needs a dozen fields.
 * @param onMessage told of every data message, in order
 * @throws RecordsError while reading: `FORMAT_UNKNOWN`, `FRAME_INVALID`
 * @see https://developer.garmin.com/fit/protocol/
 */
export function createFitDecoder(onMessage: (message: FitMessage) => void): FitDecoder {
  let pending: Uint8Array = new Uint8Array(0)
  let definitions = new Map<number, Definition>()
  /** Bytes of records that are still to come; null before a header. */
  let leftBytes: number | null = null
  let lastSec: number | null = null
  let crc = 0
  let records = 0
  let files = 0

  /** Takes bytes from what is pending into the checksum. */
  function take(size: number): Uint8Array {
    const taken = pending.subarray(0, size)
    pending = pending.subarray(size)
    crc = updateCrc(crc, taken)
    return taken
  }

  function readHeader(): boolean {
    if (pending.length < LEAST_HEADER_BYTES) return false
    const size = pending[0] ?? 0
    const view = new DataView(pending.buffer, pending.byteOffset)
    // ".FIT", and protocol 1 or 2: another major version may lay out records differently.
    const isKnown = view.getUint32(8) === 0x2e464954 && view.getUint8(1) >> 4 <= 2
    if (size < LEAST_HEADER_BYTES || !isKnown) throw unknownFormat()
    if (pending.length < size) return false
    crc = 0
    const header = take(size)
    const headerCrc = size >= 14 ? view.getUint16(12, true) : 0
    if (headerCrc !== 0 && headerCrc !== updateCrc(0, header.subarray(0, 12)))
      throw invalidFrame(records, 'the checksum of the header is wrong')
    leftBytes = view.getUint32(4, true)
    definitions = new Map()
    lastSec = null
    return true
  }

  function readCrc(): boolean {
    if (pending.length < 2) return false
    const expected = crc
    const stored = take(2)
    if (((stored[0] ?? 0) | ((stored[1] ?? 0) << 8)) !== expected)
      throw invalidFrame(records, 'the checksum of the file is wrong')
    leftBytes = null
    files += 1
    return true
  }

  function readRecord(left: number): boolean {
    const header = pending[0] ?? 0
    const isCompressed = (header & 0x80) !== 0
    const isDefinition = !isCompressed && (header & 0x40) !== 0
    const local = isCompressed ? (header >> 5) & 0x03 : header & 0x0f
    const definition = definitions.get(local)
    if (!isDefinition && definition === undefined)
      throw invalidFrame(records + 1, 'a record has no definition')
    const size = isDefinition
      ? definitionSize(pending, (header & 0x20) !== 0)
      : 1 + (definition?.sizeBytes ?? 0)
    if (size === null || pending.length < size) {
      if (pending.length >= left || (size !== null && size > left))
        throw invalidFrame(records + 1, 'a record is longer than its file')
      return false
    }
    if (size > left) throw invalidFrame(records + 1, 'a record is longer than its file')
    const bytes = take(size)
    leftBytes = left - size
    if (isDefinition) definitions.set(local, readDefinition(bytes, (header & 0x20) !== 0))
    else if (definition !== undefined) readData(definition, bytes, isCompressed ? header & 0x1f : null)
    return true
  }

  function readData(definition: Definition, bytes: Uint8Array, offsetSec: number | null): void {
    records += 1
    const fields = readFields(definition, bytes)
    if (offsetSec !== null && lastSec !== null) lastSec = addOffset(lastSec, offsetSec)
    lastSec = fields.get(TIMESTAMP) ?? lastSec
    const hasTime = offsetSec !== null || fields.has(TIMESTAMP)
    onMessage({ number: definition.number, timestampSec: hasTime ? lastSec : null, fields })
  }

  function readNext(): boolean {
    if (pending.length === 0) return false
    if (leftBytes === null) return readHeader()
    return leftBytes === 0 ? readCrc() : readRecord(leftBytes)
  }

  return {
    push(bytes) {
      pending = pending.length === 0 ? bytes : concat(pending, bytes)
      while (readNext());
      // The caller may use its buffer again.
      pending = pending.slice()
    },
    end() {
      if (files === 0 && leftBytes === null && pending.length === 0)
        throw new RecordsError('FILE_EMPTY', 'The file is empty. Choose the export again.')
      if (files === 0 && leftBytes === null && pending.length < LEAST_HEADER_BYTES) throw unknownFormat()
      if (leftBytes !== null || pending.length > 0) throw invalidFrame(records, 'the file is cut off')
    },
  }
}

/** Bytes of a definition, or null as long as too few are there to say. */
function definitionSize(bytes: Uint8Array, hasDeveloperFields: boolean): number | null {
  const count = bytes[5]
  if (count === undefined) return null
  const size = 6 + count * 3
  if (!hasDeveloperFields) return size
  const developerCount = bytes[size]
  return developerCount === undefined ? null : size + 1 + developerCount * 3
}

function readDefinition(bytes: Uint8Array, hasDeveloperFields: boolean): Definition {
  const isLittleEndian = bytes[2] === 0
  const number = new DataView(bytes.buffer, bytes.byteOffset).getUint16(3, isLittleEndian)
  const end = 6 + (bytes[5] ?? 0) * 3
  const fields: FieldDefinition[] = []
  for (let at = 6; at < end; at += 3)
    fields.push({ number: bytes[at] ?? 0, size: bytes[at + 1] ?? 0, baseType: bytes[at + 2] ?? 0 })
  let sizeBytes = fields.reduce((sum, { size }) => sum + size, 0)
  if (hasDeveloperFields) for (let at = end + 2; at < bytes.length; at += 3) sizeBytes += bytes[at] ?? 0
  return { number, isLittleEndian, fields, sizeBytes }
}

function readFields({ fields, isLittleEndian }: Definition, bytes: Uint8Array): ReadonlyMap<number, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const found = new Map<number, number>()
  let at = 1
  for (const { number, size, baseType } of fields) {
    const type = BASE_TYPES[baseType & 0x1f]
    if (type !== undefined && size === type.size) {
      const value = type.read(view, at, isLittleEndian)
      if (value !== type.invalid) found.set(number, value)
    }
    at += size
  }
  return found
}

interface BaseType {
  readonly size: number
  /** What a device writes when it has no value. */
  readonly invalid: number
  read(view: DataView, at: number, isLittleEndian: boolean): number
}

const BYTE: BaseType = { size: 1, invalid: 0xff, read: (view, at) => view.getUint8(at) }
const UINT16: BaseType = {
  size: 2,
  invalid: 0xffff,
  read: (view, at, isLittle) => view.getUint16(at, isLittle),
}
const UINT32: BaseType = {
  size: 4,
  invalid: 0xffff_ffff,
  read: (view, at, isLittle) => view.getUint32(at, isLittle),
}

/**
 * Whole numbers of up to 32 bits by base type number; texts, fractions and longer numbers are not needed.
 * @see https://developer.garmin.com/fit/protocol/ table of base types
 */
const BASE_TYPES: Readonly<Record<number, BaseType>> = {
  0: BYTE,
  1: { size: 1, invalid: 0x7f, read: (view, at) => view.getInt8(at) },
  2: BYTE,
  3: { size: 2, invalid: 0x7fff, read: (view, at, isLittle) => view.getInt16(at, isLittle) },
  4: UINT16,
  5: { size: 4, invalid: 0x7fff_ffff, read: (view, at, isLittle) => view.getInt32(at, isLittle) },
  6: UINT32,
  10: { ...BYTE, invalid: 0 },
  11: { ...UINT16, invalid: 0 },
  12: { ...UINT32, invalid: 0 },
  13: BYTE,
}

/** A compressed header holds the last 5 bits of a time that is less than 32 s after the one before. */
function addOffset(lastSec: number, offsetSec: number): number {
  const low = lastSec % 32
  return lastSec - low + offsetSec + (offsetSec < low ? 32 : 0)
}

/** CRC-16 with the reflected polynomial 0xA001 and start 0. */
function updateCrc(crc: number, bytes: Uint8Array): number {
  let value = crc
  for (const byte of bytes) value = (value >> 8) ^ (CRC_TABLE[(value ^ byte) & 0xff] ?? 0)
  return value
}

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = (value >> 1) ^ ((value & 1) * 0xa001)
  return value
})

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}

function unknownFormat(): RecordsError {
  return new RecordsError('FORMAT_UNKNOWN', 'The file is no FIT file of protocol 1 or 2. Export it again.')
}

function invalidFrame(record: number, what: string): RecordsError {
  return new RecordsError('FRAME_INVALID', `FIT record ${record}: ${what}. Copy or export the file again.`, {
    row: record,
  })
}
