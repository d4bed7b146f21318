import { hexToBytes } from '@noble/hashes/utils.js'
import type { Hex } from './eip712.ts'
import { checksumAddress } from './eip712-signer.ts'
import type { ProofsErrorCode } from './errors.ts'
import { ProofsError } from './errors.ts'
import { LAST_SEC } from './finding.ts'

/** Checks of values from outside; each names the field that is wrong, under one error code. */
export interface FieldReader {
  /** The error for a field. */
  invalid(field: string, cause?: unknown): ProofsError
  /** The error for a text that may say the same, in another form than it was written in; field `encoding`. */
  reformatted(): ProofsError
  /** A map with exactly these keys, and any of the optional ones. */
  map<Key extends string, Optional extends string = never>(
    value: unknown,
    field: string,
    keys: readonly Key[],
    optional?: readonly Optional[],
  ): { readonly [K in Key]: unknown } & { readonly [K in Optional]?: unknown }
  /** A list with a number of items in a range. */
  list(value: unknown, field: string, least: number, most: number): readonly unknown[]
  /** A whole number in a range. */
  whole(value: unknown, field: string, least: number, most?: number): number
  /** A well-formed text of at most so many UTF-16 units that matches a pattern. */
  text(value: unknown, field: string, mostUnits: number, pattern?: RegExp): string
  /** Bytes of one length, copied. */
  bytes(value: unknown, field: string, sizeBytes: number): Uint8Array
  boolean(value: unknown, field: string): boolean
  /** Unix seconds up to the year 9999, so that milliseconds are noticed. */
  seconds(value: unknown, field: string, least?: number): number
  /** The bytes of lower-case hex with `0x`, of one length. */
  hex(value: unknown, field: string, sizeBytes: number): Uint8Array
  /** Lower-case hex with `0x`, of a number of bytes in a range. */
  hexText(value: unknown, field: string, leastBytes: number, mostBytes?: number): Hex
  /** An address in EIP-55's mixed case, its one form. */
  address(value: unknown, field: string): Hex
}

/** @param what what is read, as messages name it */
export function createFieldReader(code: ProofsErrorCode, what: string): FieldReader {
  const invalid = (field: string, cause?: unknown): ProofsError =>
    new ProofsError(code, `The ${what}'s ${field} is missing or out of range; get the ${what} again.`, {
      details: { field },
      cause,
    })
  const wholeOf: FieldReader['whole'] = (value, field, least, most = Number.MAX_SAFE_INTEGER) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || Object.is(value, -0))
      throw invalid(field)
    if (value < least || value > most) throw invalid(field)
    return value
  }
  const hexTextOf: FieldReader['hexText'] = (value, field, leastBytes, mostBytes = leastBytes) => {
    const sizeBytes = typeof value === 'string' ? (value.length - 2) / 2 : -1
    const isHex = Number.isInteger(sizeBytes) && sizeBytes >= leastBytes && sizeBytes <= mostBytes
    if (!isHex || !/^0x[0-9a-f]*$/.test(value as string)) throw invalid(field)
    return value as Hex
  }
  return {
    invalid,
    reformatted: () => {
      const message = `The ${what} was re-saved or reformatted: the encoding of its bytes is not as it was written. Get the file as it was made.`
      return new ProofsError(code, message, { details: { field: 'encoding' } })
    },
    map: (value, field, keys, optional = []) => {
      if (!isPlainMap(value)) throw invalid(field)
      const known: readonly string[] = [...keys, ...optional]
      const isUnknown = Object.keys(value).some((key) => !known.includes(key))
      if (isUnknown || keys.some((key) => !Object.hasOwn(value, key))) throw invalid(field)
      return value as never
    },
    list: (value, field, least, most) => {
      if (!Array.isArray(value) || value.length < least || value.length > most) throw invalid(field)
      return value
    },
    whole: wholeOf,
    text: (value, field, mostUnits, pattern = /^/) => {
      if (typeof value !== 'string' || value.length > mostUnits) throw invalid(field)
      if (!value.isWellFormed() || !pattern.test(value)) throw invalid(field)
      return value
    },
    bytes: (value, field, sizeBytes) => {
      if (!(value instanceof Uint8Array) || value.length !== sizeBytes) throw invalid(field)
      return Uint8Array.from(value)
    },
    boolean: (value, field) => {
      if (typeof value !== 'boolean') throw invalid(field)
      return value
    },
    seconds: (value, field, least = 0) => wholeOf(value, field, least, LAST_SEC),
    hex: (value, field, sizeBytes) => hexToBytes(hexTextOf(value, field, sizeBytes).slice(2)),
    hexText: hexTextOf,
    address: (value, field) => {
      const isAddress = typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value)
      if (!isAddress || checksumAddress(value) !== value) throw invalid(field)
      return value as Hex
    },
  }
}

function isPlainMap(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
