import { Decimal } from '../../text/canonical-json.ts'
import type { JsonValue } from '../../text/fhir-json.ts'

/** The JSON kind of each primitive type. @see https://hl7.org/fhir/R4/datatypes.html */
const KINDS: ReadonlyMap<string, 'string' | 'boolean' | 'number'> = new Map([
  ['boolean', 'boolean'],
  ['decimal', 'number'],
  ['integer', 'number'],
  ['positiveInt', 'number'],
  ['unsignedInt', 'number'],
  ...[
    'base64Binary canonical code date dateTime id instant markdown oid string time uri url uuid xhtml',
  ].flatMap((names) => names.split(' ').map((name) => [name, 'string'] as const)),
])

/** Whether values of the type are JSON strings, numbers or booleans. */
export function isPrimitive(type: string): boolean {
  return KINDS.has(type)
}

/**
 * What is wrong with a primitive value by its kind of JSON; its form is checked by @medplum/core.
 * @returns null when nothing is
 */
export function wrongKind(value: JsonValue, type: string): string | null {
  const kind = KINDS.get(type)
  const isNumber = typeof value === 'number' || value instanceof Decimal
  if (kind === 'number' ? !isNumber : typeof value !== kind) return `must be a ${kind}`
  if (value instanceof Decimal && type !== 'decimal') return 'must be a whole number'
  return null
}
