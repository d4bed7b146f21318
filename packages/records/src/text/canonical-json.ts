import { RecordsError } from '../errors.ts'

/** A decimal number that is written digit by digit as it was read, so that `5.0` stays `5.0`. */
export class Decimal {
  readonly text: string

  /** @throws RecordsError `VALUE_INVALID` unless the text is a FHIR decimal of at most 64 characters */
  constructor(text: string) {
    if (!DECIMAL.test(text) || text.length > 64)
      throw new RecordsError('VALUE_INVALID', 'A decimal number must be digits, with a point if needed.')
    this.text = text
  }
}

/** @see https://hl7.org/fhir/R4/datatypes.html#decimal */
const DECIMAL = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?$/

/** What the canonical writer accepts; anything else in an object is a programming error. */
export type CanonicalValue =
  | string
  | number
  | boolean
  | null
  | Decimal
  | readonly CanonicalValue[]
  | { readonly [key: string]: CanonicalValue | undefined }

/**
 * JSON with sorted keys, no white space and one spelling per string, so that equal values are equal
 * bytes; properties that are `undefined` are left out. {@link Decimal} is the one addition to RFC 8785:
 * FHIR gives the decimals of a number a meaning that an IEEE double loses.
 * @throws RecordsError `VALUE_INVALID` for a number JSON has no form for, or text with a lone surrogate
 * @see https://www.rfc-editor.org/rfc/rfc8785#section-3.2
 * @see https://hl7.org/fhir/R4/datatypes.html#decimal
 */
export function canonicalJson(value: CanonicalValue): string {
  if (value instanceof Decimal) return value.text
  if (typeof value === 'number') return writeNumber(value)
  if (typeof value === 'string') return writeText(value)
  if (typeof value === 'boolean' || value === null) return String(value)
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`
  return writeObject(value)
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new RecordsError('VALUE_INVALID', 'A number must be finite.')
  return JSON.stringify(value)
}

function writeText(value: string): string {
  if (!value.isWellFormed()) throw new RecordsError('VALUE_INVALID', 'A text must be well-formed Unicode.')
  return JSON.stringify(value)
}

function writeObject(value: { readonly [key: string]: CanonicalValue | undefined }): string {
  const members: string[] = []
  // Array.sort compares UTF-16 code units, which is the order section 3.2.3 asks for.
  for (const key of Object.keys(value).sort()) {
    const member = value[key]
    if (member !== undefined) members.push(`${writeText(key)}:${canonicalJson(member)}`)
  }
  return `{${members.join(',')}}`
}

function isList(value: CanonicalValue): value is readonly CanonicalValue[] {
  return Array.isArray(value)
}
