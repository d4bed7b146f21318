import type { SecurityLevel } from './curl-engine.ts'
import { HASH_TRITS } from './curl-rounds.ts'
import { sumTryte, TRYTE_TRITS } from './trytes.ts'

/** Fragments of a one-time key for each level of security: one for each tryte of a third of the hash. */
const LEVEL_FRAGMENTS = 27
/** A third of a hash: what one level of security signs, and the nonce. */
export const THIRD_TRITS = 81
/**
 * Zero as an encoded number: its one tryte would never be positive, which marks the last, so it has its own
 * form. It stands for the place in a tree of one leaf, and for its number of siblings.
 */
const ZERO = Int8Array.of(1, 0, 0, -1)
/** Four trytes count to 265 720 trits, five times as many as a message of the Tangle can hold. */
const LENGTH_TRYTES_MAX = 4
const LEVELS = [1, 2, 3] as const

/**
 * Where the parts of a message lie, in trits: place in the tree and length of the text in clear, then under
 * the mask next root, text, nonce, signature and number of siblings, then zeros up to a whole tryte.
 */
export interface MessageLayout {
  readonly security: SecurityLevel
  readonly nextRootAt: number
  readonly textAt: number
  readonly nonceAt: number
  readonly signatureAt: number
  readonly siblingsAt: number
  readonly paddingAt: number
  readonly sizeTrits: number
}

/** Trits of a one-time key and of a signature. */
export function keyTritsOf(security: SecurityLevel): number {
  return security * LEVEL_FRAGMENTS * HASH_TRITS
}

/** The layout of a message of `textTrits` trits. */
export function planMessage(textTrits: number, security: SecurityLevel): MessageLayout {
  const nextRootAt = ZERO.length + encodeLength(textTrits).length
  const textAt = nextRootAt + HASH_TRITS
  const nonceAt = textAt + textTrits
  const signatureAt = nonceAt + THIRD_TRITS
  const siblingsAt = signatureAt + keyTritsOf(security)
  const paddingAt = siblingsAt + ZERO.length
  const sizeTrits = Math.ceil(paddingAt / TRYTE_TRITS) * TRYTE_TRITS
  return { security, nextRootAt, textAt, nonceAt, signatureAt, siblingsAt, paddingAt, sizeTrits }
}

/** Writes what stands in clear, place and length of the text. */
export function writeHeader(trits: Int8Array, textTrits: number): void {
  trits.set(ZERO)
  trits.set(encodeLength(textTrits), ZERO.length)
}

/** Writes that there are no siblings. */
export function writeSiblings(trits: Int8Array, at: number): void {
  trits.set(ZERO, at)
}

/** Whether zero is written at a place, in its one form. */
export function isZeroAt(trits: Int8Array, at: number): boolean {
  return ZERO.every((trit, offset) => trits[at + offset] === trit)
}

/**
 * The layout that the clear part of a message tells, or null unless it is in its one form, ends in zeros and
 * has exactly as many trits as a message of some level has.
 */
export function readLayout(trits: Int8Array): MessageLayout | null {
  const textTrits = isZeroAt(trits, 0) ? readLength(trits, ZERO.length) : null
  if (textTrits === null || textTrits % TRYTE_TRITS !== 0) return null
  for (const security of LEVELS) {
    const layout = planMessage(textTrits, security)
    if (layout.sizeTrits === trits.length) return isPadded(trits, layout) ? layout : null
  }
  return null
}

function isPadded(trits: Int8Array, layout: MessageLayout): boolean {
  return trits.subarray(layout.paddingAt).every((trit) => trit === 0)
}

/**
 * A positive number: its balanced trytes, the least significant first, each but the last turned to be
 * negative or zero, so that the first positive one is the last; then for each tryte a bit that says whether it
 * was turned, together as one number of as many trits.
 */
function encodeLength(value: number): Int8Array {
  const digits: number[] = []
  for (let rest = value; rest > 0; ) {
    const digit = ((rest + 13) % 27) - 13
    digits.push(digit)
    rest = (rest - digit) / 27
  }
  const last = digits.length - 1
  const turned = digits.map((digit, at) => at < last && digit >= 0)
  const trits = new Int8Array(digits.length * (TRYTE_TRITS + 1))
  digits.forEach((digit, at) => {
    writeNumber(trits, at * TRYTE_TRITS, turned[at] ? -digit : digit, TRYTE_TRITS)
  })
  const bits = turned.reduce((sum, isTurned, at) => sum + (isTurned ? 2 ** at : 0), 0)
  writeNumber(trits, digits.length * TRYTE_TRITS, bits, digits.length)
  return trits
}

/** The number that {@link encodeLength} wrote at a place, or null where it would have written other trits. */
function readLength(trits: Int8Array, start: number): number | null {
  const count = countTrytes(trits, start)
  if (count === null || start + count * (TRYTE_TRITS + 1) > trits.length) return null
  const bits = readNumber(trits, start + count * TRYTE_TRITS, count)
  let value = 0
  for (let at = count - 1; at >= 0; at--) {
    const digit = sumTryte(trits, start + at * TRYTE_TRITS)
    value = value * 27 + ((bits >> at) & 1 ? -digit : digit)
  }
  const again = value > 0 ? encodeLength(value) : null
  return again?.length === count * (TRYTE_TRITS + 1) && again.every((trit, at) => trits[start + at] === trit)
    ? value
    : null
}

function countTrytes(trits: Int8Array, start: number): number | null {
  for (let count = 1; count <= LENGTH_TRYTES_MAX; count++) {
    if (sumTryte(trits, start + (count - 1) * TRYTE_TRITS) > 0) return count
  }
  return null
}

function writeNumber(trits: Int8Array, start: number, value: number, length: number): void {
  let rest = value
  for (let at = start; at < start + length; at++) {
    const trit = ((((rest + 1) % 3) + 3) % 3) - 1
    trits[at] = trit
    rest = (rest - trit) / 3
  }
}

function readNumber(trits: Int8Array, start: number, length: number): number {
  let value = 0
  for (let at = start + length - 1; at >= start; at--) value = value * 3 + (trits[at] as number)
  return value
}
