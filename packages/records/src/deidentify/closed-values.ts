import { HALO_MEASURES, HALO_MEASURES_VERSION, UCUM } from '../fhir/codes.ts'
import { Decimal } from '../text/canonical-json.ts'
import type { JsonValue } from '../text/fhir-json.ts'
import { asText, isObject } from '../text/fhir-json.ts'
import { TOP_AGE, yearsPerUnit } from './ages.ts'
import type { Node } from './engine.ts'
import { closedUnitText, isUcumCode } from './ucum.ts'
import { isPublicCode } from './vocabulary.ts'

const UNCERTAINTY = 'http://hl7.org/fhir/StructureDefinition/iso21090-uncertainty'
/** Ten million and more could be a telephone number or an account. */
const MAX_NUMBER = 10_000_000
/** A space between samples; a longer run could be a channel of its own. */
const SAMPLES = /^(?:-?\d{1,7}(?:\.\d{1,24})?|[EUL])(?: (?:-?\d{1,7}(?:\.\d{1,24})?|[EUL]))*$/
const CLOCK = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?$/

/** A number of a size that measures have, or undefined. */
export function closedNumber(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value === 'number') return Math.abs(value) < MAX_NUMBER ? value : undefined
  if (!(value instanceof Decimal) || value.text.length > 32) return undefined
  return Math.abs(Number(value.text)) < MAX_NUMBER ? value : undefined
}

/** Whether a text holds samples of FHIR's SampledData and nothing else. */
export function isSamples(text: string): boolean {
  return SAMPLES.test(text)
}

/** Whether a text is a time of day. */
export function isClock(text: string): boolean {
  return CLOCK.test(text)
}

/**
 * A Coding of a public system, without its display, which can hold anything. The version goes too, except that
 * of our own system.
 */
export function closedCoding({ system, version, code }: Node): Node | undefined {
  if (typeof system !== 'string' || typeof code !== 'string' || !isPublicCode(system, code)) return undefined
  return system === HALO_MEASURES && version === HALO_MEASURES_VERSION
    ? { system, version, code }
    : { system, code }
}

/**
 * A Quantity in a known unit, or without unit if it had none. One whose unit cannot be told is removed: a
 * number that has lost its unit would mislead.
 */
export function closedQuantity(quantity: Node): Node | undefined {
  const value = closedNumber(quantity['value'])
  if (value === undefined) return undefined
  const { unit, system, code, comparator, extension } = quantity
  const compared = typeof comparator === 'string' && /^(?:<|<=|>=|>)$/.test(comparator) ? { comparator } : {}
  // A bound without its direction is a wrong value.
  if (comparator !== undefined && !('comparator' in compared)) return undefined
  const uncertain = closedUncertainty(extension)
  const rest = { value, ...compared, ...(uncertain === undefined ? {} : { extension: uncertain }) }
  if (unit === undefined && system === undefined && code === undefined) return rest
  if (code === undefined) {
    if (typeof unit !== 'string' || !isUcumCode(unit)) return undefined
    return isLongLife(value, unit) ? topAge() : { ...rest, unit }
  }
  if (system !== UCUM || typeof code !== 'string' || !isUcumCode(code)) return undefined
  // Whatever lasts as long as a long life may be one.
  return isLongLife(value, code) ? topAge() : { ...rest, unit: closedUnitText(unit, code), system, code }
}

/** An age in a unit of time; one of 90 years and more becomes `>= 90 a`, whatever unit it was in. */
export function closedAge(age: Node): Node | undefined {
  const closed = closedQuantity(age)
  return closed === undefined || yearsPerUnit(asText(closed['code'])) === null ? undefined : closed
}

/** The Quantity for everybody of 90 years and more. @see https://hl7.org/fhir/uv/dapl */
export function topAge(): Node {
  return { value: TOP_AGE, comparator: '>=', unit: 'a', system: UCUM, code: 'a' }
}

/** Whether a figure of years has to be told as 90 or more. */
export function isTopAge(value: JsonValue | undefined): boolean {
  return numberOf(value) >= TOP_AGE
}

function isLongLife(value: JsonValue | undefined, unit: string): boolean {
  const years = yearsPerUnit(unit)
  return years !== null && Math.abs(numberOf(value)) * years >= TOP_AGE
}

/** A figure as a double; not a number for anything else. */
export function numberOf(value: JsonValue | undefined): number {
  return value instanceof Decimal ? Number(value.text) : typeof value === 'number' ? value : Number.NaN
}

function closedUncertainty(extensions: JsonValue | undefined): JsonValue | undefined {
  if (!Array.isArray(extensions)) return undefined
  const kept = extensions.flatMap((one: JsonValue) => {
    if (!isObject(one) || one['url'] !== UNCERTAINTY) return []
    const valueDecimal = closedNumber(one['valueDecimal'])
    return valueDecimal === undefined ? [] : [{ url: UNCERTAINTY, valueDecimal }]
  })
  return kept.length === 0 ? undefined : kept
}
