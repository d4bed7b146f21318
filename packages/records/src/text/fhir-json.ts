import { RecordsError } from '../errors.ts'
import type { CanonicalValue } from './canonical-json.ts'
import { Decimal } from './canonical-json.ts'

/** What JSON in a health record can be; numbers whose digits a double would lose are {@link Decimal}. */
export type JsonValue = CanonicalValue

/** A FHIR resource as plain data, its properties in the order they were written. */
export interface FhirResource {
  readonly resourceType: string
  readonly [key: string]: JsonValue | undefined
}

/** Deeper than any FHIR resource; beyond it recursion would end in a crash. */
const MAX_DEPTH = 64

/**
 * Reads JSON without losing the digits of decimals: `5.0` becomes a `Decimal`, `5` a number, so that
 * `canonicalJson` writes both as they were.
 * @param row where the text stands in its file, for the error
 * @throws RecordsError `JSON_MALFORMED` for text that is no JSON, is nested deeper than 64, or has a key `__proto__`
 * @see https://hl7.org/fhir/R4/json.html#primitive
 */
export function parseFhirJson(text: string, row = 1): JsonValue {
  if (depthOf(text) > MAX_DEPTH) throw malformed(row, `is nested deeper than ${MAX_DEPTH} levels`)
  try {
    return JSON.parse(text, reviveExactly) as JsonValue
  } catch {
    throw malformed(row, 'is not JSON, or holds a number or key that FHIR does not allow')
  }
}

/**
 * Reads JSON that has to be a resource, as {@link parseFhirJson}.
 * @throws RecordsError `JSON_MALFORMED`; `FORMAT_UNKNOWN` for JSON without a resource type
 */
export function parseResource(text: string, row: number): FhirResource {
  const value = parseFhirJson(text, row)
  if (isResource(value)) return value
  throw new RecordsError(
    'FORMAT_UNKNOWN',
    `The object on line ${row} has no resourceType, so it is no FHIR resource. Export the data as FHIR R4 JSON.`,
    { row },
  )
}

/** Whether a value is an object with a resource type; says nothing about its validity. */
export function isResource(value: JsonValue | undefined): value is FhirResource {
  return isObject(value) && typeof value['resourceType'] === 'string'
}

/** A text of a file, or '' for anything else: an object of a file may have a property `toString`, which `String` calls. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Whether a value is a JSON object: no list, no `Decimal`, not null. */
export function isObject(
  value: JsonValue | undefined,
): value is { readonly [key: string]: JsonValue | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Decimal)
}

// The third argument came with ECMAScript 2025 and is missing in TypeScript's library.
function reviveExactly(this: unknown, key: string, value: unknown, context?: { source?: string }): unknown {
  // Assigning to this key would change an object's prototype instead of a property.
  if (key === '__proto__') throw new TypeError('refused')
  if (typeof value !== 'number') return value
  const source = context?.source ?? String(value)
  return source === String(value) ? value : new Decimal(source)
}

/** How deep brackets are nested, counted without recursion and before anything is built. */
function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let isText = false
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (isText) {
      if (unit === 0x5c) at += 1
      else if (unit === 0x22) isText = false
    } else if (unit === 0x22) isText = true
    else if (unit === 0x7b || unit === 0x5b) deepest = Math.max(deepest, ++depth)
    else if (unit === 0x7d || unit === 0x5d) depth -= 1
  }
  return deepest
}

function malformed(row: number, what: string): RecordsError {
  return new RecordsError('JSON_MALFORMED', `Line ${row} ${what}. Export the data again.`, { row })
}
