import type { Address, Bytes32, DatasetId, Hex, RequestId } from '@halo/consent'
import { bytesOf, hexOf, parseAddress } from '@halo/consent'
import { malformed } from '../errors.ts'

/**
 * Turns a typed value into a plain dag-cbor value and back. Reading checks type and bounds of every
 * field and throws PeersError `MESSAGE_MALFORMED`; canonical form is checked once for the whole message.
 */
export interface Codec<T> {
  toValue(value: T): unknown
  fromValue(value: unknown): T
}

/** Bytes of a bounded length. */
export function bytesBetween(min: number, max: number): Codec<Uint8Array> {
  return checked((value) => {
    if (!(value instanceof Uint8Array) || value.length < min || value.length > max)
      throw malformed(`bytes of length ${min} to ${max} are wanted`)
    return value
  })
}

/** Text of at most `maxBytes` bytes of UTF-8. */
export function textUpTo(maxBytes: number): Codec<string> {
  return checked((value) => {
    const isFine = typeof value === 'string' && value.length <= maxBytes && value.isWellFormed()
    if (!isFine || new TextEncoder().encode(value).length > maxBytes)
      throw malformed(`text of at most ${maxBytes} bytes is wanted`)
    return value
  })
}

/** A whole number from `min` to `max`. */
export function wholeBetween(min: number, max: number): Codec<number> {
  return checked((value) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max)
      throw malformed(`a whole number from ${min} to ${max} is wanted`)
    return value
  })
}

/** A whole number that counts bytes or seconds. */
export const whole: Codec<number> = wholeBetween(0, Number.MAX_SAFE_INTEGER)

/** True or false. */
export const flag: Codec<boolean> = checked((value) => {
  if (typeof value !== 'boolean') throw malformed('true or false is wanted')
  return value
})

/** Null, where an answer says no more than that all went well. */
export const nothing: Codec<null> = checked((value) => {
  if (value !== null) throw malformed('null is wanted')
  return value
})

/** One of a few texts. */
export function oneOf<T extends string>(...texts: readonly T[]): Codec<T> {
  return checked((value) => {
    const found = texts.find((text) => text === value)
    if (found === undefined) throw malformed('an unknown word')
    return found
  })
}

/** An amount below 2^128 as a decimal text, which any language can read without losing digits. */
export const amount: Codec<bigint> = {
  toValue: (value) => amountText.fromValue(value.toString()),
  fromValue: (value) => BigInt(amountText.fromValue(value)),
}

const amountText: Codec<string> = checked((value) => {
  const isDecimal = typeof value === 'string' && /^(0|[1-9][0-9]{0,38})$/.test(value)
  if (!isDecimal || BigInt(value) >= 1n << 128n) throw malformed('a decimal amount below 2^128 is wanted')
  return value
})

/** Hex text in memory, bytes on the wire, so that there is one spelling. */
export function hexBetween(min: number, max: number): Codec<Hex> {
  const bytes = bytesBetween(min, max)
  return {
    toValue: (value) => bytes.fromValue(bytesOfHex(value)),
    fromValue: (value) => hexOf(bytes.fromValue(value)),
  }
}

const hex32 = hexBetween(32, 32)
const hex20 = hexBetween(20, 20)

/** 32 bytes. */
export const bytes32: Codec<Bytes32> = branded<Bytes32>()
/** A data set, 32 bytes. */
export const datasetId: Codec<DatasetId> = branded<DatasetId>()
/** A request, 32 bytes. */
export const requestId: Codec<RequestId> = branded<RequestId>()

/** An account, 20 bytes; checksummed in memory. */
export const address: Codec<Address> = {
  toValue: (value) => hex20.toValue(value),
  fromValue: (value) => parseAddress(hex20.fromValue(value)),
}

/** A list of at most `max` items. */
export function listUpTo<T>(item: Codec<T>, max: number): Codec<readonly T[]> {
  const check = (value: unknown): readonly unknown[] => {
    if (!Array.isArray(value) || value.length > max) throw malformed(`a list of at most ${max} is wanted`)
    return value
  }
  return {
    toValue: (value) => (check(value) as readonly T[]).map((one) => item.toValue(one)),
    fromValue: (value) => check(value).map((one) => item.fromValue(one)),
  }
}

/** A value or null. */
export function orNull<T>(codec: Codec<T>): Codec<T | null> {
  return {
    toValue: (value) => (value === null ? null : codec.toValue(value)),
    fromValue: (value) => (value === null ? null : codec.fromValue(value)),
  }
}

/** A map with exactly these keys. */
export function record<T extends object>(fields: { readonly [Key in keyof T]: Codec<T[Key]> }): Codec<T> {
  const keys = Object.keys(fields) as (keyof T & string)[]
  return {
    toValue: (value) => Object.fromEntries(keys.map((key) => [key, fields[key].toValue(value[key])])),
    fromValue: (value) => {
      const map = mapOf(value)
      if (Object.keys(map).length !== keys.length) throw malformed('a key is missing or unknown')
      const entries = keys.map((key) => {
        if (!Object.hasOwn(map, key)) throw malformed('a key is missing or unknown')
        return [key, fields[key].fromValue(map[key])] as const
      })
      return Object.fromEntries(entries) as T
    },
  }
}

/** A value of which more is asked than each of its fields alone tells; `what` says it. */
export function refined<T>(codec: Codec<T>, isFine: (value: T) => boolean, what: string): Codec<T> {
  const check = (value: T): T => {
    if (!isFine(value)) throw malformed(what)
    return value
  }
  return {
    toValue: (value) => codec.toValue(check(value)),
    fromValue: (value) => check(codec.fromValue(value)),
  }
}

/** A dag-cbor map as an object. */
export function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  const isMap =
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  if (!isMap) throw malformed('a map is wanted')
  return value as Readonly<Record<string, unknown>>
}

/** What is checked the same way in both directions. */
function checked<T>(check: (value: unknown) => T): Codec<T> {
  return { toValue: check, fromValue: check }
}

function branded<T extends Hex>(): Codec<T> {
  return { toValue: (value) => hex32.toValue(value), fromValue: (value) => hex32.fromValue(value) as T }
}

function bytesOfHex(hex: Hex): Uint8Array {
  const isHex = typeof hex === 'string' && /^0x([0-9a-fA-F]{2})*$/.test(hex)
  if (!isHex) throw malformed('0x and pairs of hex digits are wanted')
  return bytesOf(hex)
}
