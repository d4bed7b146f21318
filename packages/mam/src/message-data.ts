import { MamError } from './errors.ts'
import { formatValues, readValues } from './trytes.ts'

/*
 * The data of a message of the Tangle, as `@iota/mam.js` attaches it: the bytes of the packed tag in one byte,
 * the packed tag, the packed payload. Packed means 5 bits for each tryte, the highest first, and ones up to a
 * whole byte. Values 27 to 31 are no trytes, so that five or more ones at the end are known as filling.
 */
const TRYTE_BITS = 5
const FILLING = 31
/** As @iota/mam.js has it: a tag is at most 27 trytes, in 17 bytes. */
const TAG_TRYTES_MAX = 27
const TAG_BYTES_MAX = 17
/** A message of the Tangle, all of it. @see TIP-6 */
const DATA_BYTES_MAX = 32_768

/** A tag, which anybody can read and nobody vouches for, and a masked message. */
export interface MessageData {
  /** At most 27 trytes; empty for none. */
  readonly tag: string
  readonly payload: string
}

/**
 * The bytes under which `@iota/mam.js` attaches a payload, and finds it again: at most as many as {@link unpackMessage}
 * takes. A Tangle carries less: what `maxMessageTrytes` allows fits with any tag and any parents.
 * @throws MamError `TRYTES_INVALID`, also for no payload; `MESSAGE_TOO_LONG`
 */
export function packMessage({ tag, payload }: MessageData): Uint8Array {
  if (tag.length > TAG_TRYTES_MAX) throw new MamError('TRYTES_INVALID', 'The tag must be 27 trytes or fewer')
  if (payload.length === 0) throw new MamError('TRYTES_INVALID', 'The payload must be at least one tryte')
  const packedTag = packTrytes(tag, 'tag')
  const sizeBytes = 1 + packedTag.length + Math.ceil((payload.length * TRYTE_BITS) / 8)
  if (sizeBytes > DATA_BYTES_MAX) throw new MamError('MESSAGE_TOO_LONG', 'The payload fits into no message')
  const packed = packTrytes(payload, 'payload')
  const data = new Uint8Array(sizeBytes)
  data[0] = packedTag.length
  data.set(packedTag, 1)
  data.set(packed, 1 + packedTag.length)
  return data
}

/**
 * What {@link packMessage} packed, from anybody. Bytes have one form: `@iota/mam.js` drops what is no tryte
 * from among the others, this refuses it.
 * @throws MamError `MESSAGE_MALFORMED`
 */
export function unpackMessage(data: Uint8Array): MessageData {
  const tagBytes = data[0] ?? DATA_BYTES_MAX
  if (data.length > DATA_BYTES_MAX || tagBytes > TAG_BYTES_MAX || data.length <= 1 + tagBytes)
    throw malformed()
  return {
    tag: unpackTrytes(data.subarray(1, 1 + tagBytes)),
    payload: unpackTrytes(data.subarray(1 + tagBytes)),
  }
}

function packTrytes(trytes: string, field: string): Uint8Array {
  const values = readValues(trytes, field)
  const packed = new Uint8Array(Math.ceil((values.length * TRYTE_BITS) / 8))
  let bits = 0
  let held = 0
  let to = 0
  for (const value of values) {
    bits = (bits << TRYTE_BITS) | value
    held += TRYTE_BITS
    if (held < 8) continue
    held -= 8
    packed[to++] = bits >> held
    bits &= (1 << held) - 1
  }
  if (held > 0) packed[to] = (bits << (8 - held)) | (0xff >> held)
  return packed
}

function unpackTrytes(packed: Uint8Array): string {
  const values = new Uint8Array(Math.floor((packed.length * 8) / TRYTE_BITS))
  let bits = 0
  let held = 0
  let to = 0
  for (const byte of packed) {
    bits = (bits << 8) | byte
    held += 8
    for (; held >= TRYTE_BITS; held -= TRYTE_BITS) values[to++] = (bits >> (held - TRYTE_BITS)) & FILLING
    bits &= (1 << held) - 1
  }
  // With 5 to 7 bits of filling, one value too many was read: only then is the last byte needed without it.
  const isFilled = values.at(-1) === FILLING && (to - 1) * TRYTE_BITS > (packed.length - 1) * 8
  const trytes = isFilled ? values.subarray(0, -1) : values
  if (bits !== (1 << held) - 1 || trytes.some((value) => value > 26)) throw malformed()
  return formatValues(trytes)
}

function malformed(): MamError {
  return new MamError('MESSAGE_MALFORMED', 'The data is not a packed message: ignore it')
}
