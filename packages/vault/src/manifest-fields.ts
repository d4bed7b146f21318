import { copyBytes } from './bytes.ts'
import { VaultError } from './errors.ts'

/** The error for a manifest field; the field's path is the only detail. */
export function invalidField(field: string, cause?: unknown): VaultError {
  return new VaultError('MANIFEST_INVALID', `The manifest's ${field} is missing or out of range.`, {
    details: { field },
    cause,
  })
}

/** A map with exactly these keys. */
export function mapAt<Key extends string>(
  value: unknown,
  field: string,
  keys: readonly Key[],
): { readonly [K in Key]: unknown } {
  const isMap =
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  if (!isMap) throw invalidField(field)
  const unknownKey = Object.keys(value).some((key) => !(keys as readonly string[]).includes(key))
  if (unknownKey || keys.some((key) => !Object.hasOwn(value, key))) throw invalidField(field)
  return value as { readonly [K in Key]: unknown }
}

/** A list with a number of items in a range. */
export function listAt(value: unknown, field: string, least: number, most: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length < least || value.length > most) throw invalidField(field)
  return value
}

/** Bytes of one length, copied. */
export function bytesAt(value: unknown, field: string, sizeBytes: number): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length !== sizeBytes) throw invalidField(field)
  return copyBytes(value)
}

/** A whole number in a range. */
export function wholeAt(
  value: unknown,
  field: string,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw invalidField(field)
  if (value < least || value > most) throw invalidField(field)
  return value
}

/** A text that matches a pattern. */
export function textAt(value: unknown, field: string, pattern: RegExp): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw invalidField(field)
  return value
}

/** The one value that a field may have. */
export function exactlyAt<const T>(value: unknown, field: string, expected: T): T {
  if (value !== expected) throw invalidField(field)
  return expected
}
