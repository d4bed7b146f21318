import { HASH_TRITS } from './curl-rounds.ts'
import { MamError } from './errors.ts'

/** Trytes of a hash, a root and a seed. */
export const HASH_TRYTES = 81
/** A tryte is three trits, the least significant first. */
export const TRYTE_TRITS = 3

/** The characters of trytes by their value in base 27; as balanced trytes N to Z are −13 to −1. */
const ALPHABET = '9ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const CODES = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0))
/** Values by character code; −1 where the character is no tryte. */
const VALUES = Int8Array.from({ length: 128 }, (_, code) => CODES.indexOf(code))
/** Three trits for each value: those of value + 13 in plain ternary, each less one. */
const TRITS = Int8Array.from({ length: 81 }, (_, at) => {
  const shifted = (Math.floor(at / 3) + 13) % 27
  return (Math.floor(shifted / 3 ** (at % 3)) % 3) - 1
})
/** Character codes by t0 + 3 t1 + 9 t2 + 13. */
const CODES_BY_TRITS = Uint8Array.from({ length: 27 }, (_, sum) => CODES[(sum + 14) % 27] ?? 0)
const TEXT = new TextDecoder()

/** Whether a value is text of trytes only; the empty text is. */
export function isTrytes(text: unknown): text is string {
  if (typeof text !== 'string') return false
  for (let at = 0; at < text.length; at++) if (valueAt(text, at) < 0) return false
  return true
}

/**
 * Trytes as trits, three for each.
 * @param field what they are, for the message of the error
 * @throws MamError `TRYTES_INVALID`
 */
export function readTrytes(trytes: string, field: string): Int8Array {
  requireTrytes(trytes, field)
  const trits = new Int8Array(trytes.length * TRYTE_TRITS)
  writeTrytes(trytes, trits, 0)
  return trits
}

/** A root as 243 trits. @throws MamError `TRYTES_INVALID` unless it is 81 trytes */
export function readHash(trytes: string, field: string): Int8Array {
  requireHash(trytes, field)
  const trits = new Int8Array(HASH_TRITS)
  writeTrytes(trytes, trits, 0)
  return trits
}

/** Refuses what is not 81 trytes. @throws MamError `TRYTES_INVALID` */
export function requireHash(trytes: unknown, field: string): asserts trytes is string {
  requireTrytes(trytes, field)
  if (trytes.length === HASH_TRYTES) return
  throw new MamError('TRYTES_INVALID', `The ${field} must be ${HASH_TRYTES} trytes long`, {
    details: { field },
  })
}

/** Refuses what is not text of trytes. @throws MamError `TRYTES_INVALID` */
export function requireTrytes(trytes: unknown, field: string): asserts trytes is string {
  if (isTrytes(trytes)) return
  throw new MamError('TRYTES_INVALID', `The ${field} must hold only 9 and A to Z`, { details: { field } })
}

/** Writes checked trytes into trits, from a place on. */
export function writeTrytes(trytes: string, trits: Int8Array, start: number): void {
  let to = start
  for (let at = 0; at < trytes.length; at++) {
    const from = valueAt(trytes, at) * TRYTE_TRITS
    trits[to++] = TRITS[from] as number
    trits[to++] = TRITS[from + 1] as number
    trits[to++] = TRITS[from + 2] as number
  }
}

/** Trits from `start` to before `end`, a multiple of three of them, as trytes. */
export function formatTrytes(trits: Int8Array, start = 0, end: number = trits.length): string {
  const codes = new Uint8Array((end - start) / TRYTE_TRITS)
  let from = start
  for (let at = 0; at < codes.length; at++) {
    codes[at] = CODES_BY_TRITS[sumTryte(trits, from) + 13] as number
    from += TRYTE_TRITS
  }
  return TEXT.decode(codes)
}

/** The balanced value, −13 to 13, of the three trits at a place. */
export function sumTryte(trits: Int8Array, at: number): number {
  return (trits[at] as number) + 3 * (trits[at + 1] as number) + 9 * (trits[at + 2] as number)
}

/** The values in base 27, 0 to 26, of trytes. @throws MamError `TRYTES_INVALID` */
export function readValues(trytes: string, field: string): Uint8Array {
  requireTrytes(trytes, field)
  const values = new Uint8Array(trytes.length)
  for (let at = 0; at < values.length; at++) values[at] = valueAt(trytes, at)
  return values
}

/** Values 0 to 26 as text. */
export function formatValues(values: Uint8Array): string {
  const codes = new Uint8Array(values.length)
  for (let at = 0; at < codes.length; at++) codes[at] = CODES[values[at] as number] as number
  return TEXT.decode(codes)
}

/** The value in base 27 of one character; −1 where it is no tryte. */
function valueAt(trytes: string, at: number): number {
  return VALUES[trytes.charCodeAt(at)] ?? -1
}
