import { Decimal } from '../../text/canonical-json.ts'
import type { JsonValue } from '../../text/fhir-json.ts'

/**
 * A copy without undefined members and with doubles for decimals, as validators of plain JSON expect it.
 * @param replace gives what stands for an object, or undefined to copy it
 */
export function toPlain(
  value: JsonValue | undefined,
  replace?: (object: { readonly [key: string]: JsonValue | undefined }) => unknown,
): unknown {
  if (value instanceof Decimal) return Number(value.text)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item: JsonValue) => toPlain(item, replace))
  const object = value as { readonly [key: string]: JsonValue | undefined }
  const other = replace?.(object)
  if (other !== undefined) return other
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(object))
    if (object[key] !== undefined) copy[key] = toPlain(object[key], replace)
  return copy
}

/** Whether a value holds, at least, all that a pattern holds; lists in any order. @see https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_ */
export function includesPattern(value: JsonValue | undefined, pattern: JsonValue): boolean {
  if (Array.isArray(pattern))
    return (
      Array.isArray(value) && pattern.every((asked) => value.some((item) => includesPattern(item, asked)))
    )
  if (isPlainObject(pattern))
    return (
      isPlainObject(value) &&
      Object.entries(pattern).every(
        ([key, asked]) => asked === undefined || includesPattern(value[key], asked),
      )
    )
  return value === pattern
}

/** Whether a value is exactly what a profile fixes. */
export function equalsFixed(value: JsonValue | undefined, fixed: JsonValue): boolean {
  return includesPattern(value, fixed) && (value === fixed || includesPattern(fixed, value ?? null))
}

function isPlainObject(value: unknown): value is { readonly [key: string]: JsonValue | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Decimal)
}
