import { Decimal } from '../../text/canonical-json.ts'
import type { JsonValue } from '../../text/fhir-json.ts'

/** A copy without undefined members and with doubles for decimals, as validators of plain JSON expect it. */
export function toPlain(value: JsonValue | undefined): unknown {
  if (value instanceof Decimal) return Number(value.text)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(toPlain)
  const copy: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value)) if (member !== undefined) copy[key] = toPlain(member)
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
