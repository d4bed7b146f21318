import { MamError } from './errors.ts'
import { formatValues, readValues } from './trytes.ts'

/*
 * Bytes in trytes. A tryte holds log2(27) = 4.755 bits, so 5 are not to be had. 19 bytes fit into 32 trytes,
 * 256^19 < 27^32, which is 4.75 bits for each; the next block that wastes less is 41 bytes, and gains a
 * thousandth. A block is one number, its first byte and its first tryte the most significant. The last block
 * may be shorter and takes the fewest trytes that hold its bytes; each count of bytes comes to another count
 * of trytes, so the length needs no mark. Trytes that no bytes come to are refused: bytes have one form.
 */
const BLOCK_BYTES = 19
const BLOCK_TRYTES = 32
const TRYTE_BITS = Math.log2(27)

/** Digits of 3 bytes, and of 4 trytes: a digit of the one times the base of the other is far below 2^53. */
const BYTES_PER_DIGIT = 3
const BYTES_BASE = 2 ** 24
const TRYTES_PER_DIGIT = 4
const TRYTES_BASE = 27 ** 4

/** Bytes, any number and any values, as trytes. No bytes are no trytes, which a message cannot carry. */
export function encodeBytes(bytes: Uint8Array): string {
  const values = new Uint8Array(countTrytes(bytes.length))
  const blocks = Math.ceil(bytes.length / BLOCK_BYTES)
  for (let block = 0; block < blocks; block++) {
    const from = block * BLOCK_BYTES
    const sizeBytes = Math.min(BLOCK_BYTES, bytes.length - from)
    const digits = readDigits(bytes, from, sizeBytes, BYTES_PER_DIGIT, 256)
    const converted = convertDigits(digits, BYTES_BASE, TRYTES_BASE, BLOCK_TRYTES / TRYTES_PER_DIGIT)
    writeDigits(values, block * BLOCK_TRYTES, countTrytes(sizeBytes), converted, TRYTES_PER_DIGIT, 27)
  }
  return formatValues(values)
}

/**
 * The bytes that {@link encodeBytes} wrote.
 * @throws MamError `TRYTES_INVALID` for characters, a length or a value that no bytes come to
 */
export function decodeBytes(trytes: string): Uint8Array {
  const values = readValues(trytes, 'content')
  const bytes = new Uint8Array(countBytes(values.length))
  for (let from = 0, to = 0; from < values.length; from += BLOCK_TRYTES, to += BLOCK_BYTES) {
    const sizeTrytes = Math.min(BLOCK_TRYTES, values.length - from)
    const digits = readDigits(values, from, sizeTrytes, TRYTES_PER_DIGIT, 27)
    const converted = convertDigits(digits, TRYTES_BASE, BYTES_BASE, Math.ceil(BLOCK_BYTES / BYTES_PER_DIGIT))
    const rest = writeDigits(
      bytes,
      to,
      Math.min(BLOCK_BYTES, bytes.length - to),
      converted,
      BYTES_PER_DIGIT,
      256,
    )
    if (rest !== 0) throw new MamError('TRYTES_INVALID', 'The content holds trytes that no bytes come to')
  }
  return bytes
}

/** The most bytes that as many trytes hold. */
export function maxBytesIn(trytes: number): number {
  const rest = Math.floor(((trytes % BLOCK_TRYTES) * TRYTE_BITS) / 8)
  return Math.floor(trytes / BLOCK_TRYTES) * BLOCK_BYTES + rest
}

function countTrytes(bytes: number): number {
  const rest = Math.ceil(((bytes % BLOCK_BYTES) * 8) / TRYTE_BITS)
  return Math.floor(bytes / BLOCK_BYTES) * BLOCK_TRYTES + rest
}

function countBytes(trytes: number): number {
  const bytes = maxBytesIn(trytes)
  if (countTrytes(bytes) === trytes) return bytes
  throw new MamError('TRYTES_INVALID', 'The content has a number of trytes that no bytes come to')
}

/** The values of a block, most significant first, in digits of several, least significant digit first. */
function readDigits(
  values: Uint8Array,
  from: number,
  size: number,
  perDigit: number,
  base: number,
): number[] {
  const digits: number[] = []
  for (let end = from + size; end > from; end -= perDigit) {
    let digit = 0
    for (let at = Math.max(from, end - perDigit); at < end; at++)
      digit = digit * base + (values[at] as number)
    digits.push(digit)
  }
  return digits
}

/** The same number in another base, in `count` digits, which is enough for a block. */
function convertDigits(
  digits: readonly number[],
  fromBase: number,
  toBase: number,
  count: number,
): Float64Array {
  const converted = new Float64Array(count)
  for (let at = digits.length - 1; at >= 0; at--) {
    let carry = digits[at] as number
    for (let to = 0; to < count; to++) {
      const sum = (converted[to] as number) * fromBase + carry
      carry = Math.floor(sum / toBase)
      converted[to] = sum - carry * toBase
    }
  }
  return converted
}

/** Writes `size` values, and returns what is left of the number: zero if it fits. */
function writeDigits(
  values: Uint8Array,
  from: number,
  size: number,
  digits: Float64Array,
  perDigit: number,
  base: number,
): number {
  let at = from + size
  let rest = 0
  for (let digit of digits) {
    for (let place = 0; place < perDigit; place++) {
      if (at > from) values[--at] = digit % base
      else rest += digit % base
      digit = Math.floor(digit / base)
    }
  }
  return rest
}
