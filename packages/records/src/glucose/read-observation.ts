import { Decimal } from '../text/canonical-json.ts'
import { parseWrittenTime } from '../text/date-time.ts'
import type { FhirResource, JsonValue } from '../text/fhir-json.ts'
import { asText, isObject } from '../text/fhir-json.ts'
import type { GlucoseUnit } from './glucose-value.ts'

/**
 * Where the true value lies: below, at or below, at or above, above the given one.
 * @see https://hl7.org/fhir/R4/valueset-quantity-comparator.html
 */
export type QuantityComparator = '<' | '<=' | '>=' | '>'

/** A glucose value of an Observation, whoever wrote it. */
export interface GlucoseObservation {
  /** As the resource refers to it; empty where it does not. */
  readonly subject: string
  readonly timeMs: number
  readonly value: number
  readonly unit: GlucoseUnit
  readonly comparator: QuantityComparator | null
}

/**
 * Glucose by LOINC: interstitial (99504-3, 105272-9), and blood, serum, plasma or capillary as meters and
 * laboratories report it.
 */
const CODES: ReadonlySet<string> = new Set([
  '99504-3',
  '105272-9',
  '2339-0',
  '15074-8',
  '2345-7',
  '14749-6',
  '41653-7',
  '14743-9',
  '32016-8',
  '14745-4',
])

/**
 * Reads one glucose value from a FHIR R4 Observation.
 * @returns null for any other resource, and for one without a final value, a time with offset or one of
 * both units; and for a comparator that FHIR R4 does not have
 */
export function readGlucoseObservation(resource: FhirResource): GlucoseObservation | null {
  const { resourceType, status, code, subject, valueQuantity, effectiveDateTime, effectiveInstant } = resource
  if (resourceType !== 'Observation' || !isFinal(status) || !isGlucose(code)) return null
  const quantity = readQuantity(valueQuantity)
  const timeMs = readTime(effectiveDateTime ?? effectiveInstant)
  if (quantity === null || timeMs === null) return null
  const reference = isObject(subject) ? subject['reference'] : undefined
  return { subject: typeof reference === 'string' ? reference : '', timeMs, ...quantity }
}

function isFinal(status: JsonValue | undefined): boolean {
  return status === 'final' || status === 'amended' || status === 'corrected'
}

function isGlucose(code: JsonValue | undefined): boolean {
  const coding = isObject(code) ? code['coding'] : undefined
  return (
    Array.isArray(coding) &&
    coding.some(
      (one) => isObject(one) && one['system'] === 'http://loinc.org' && CODES.has(asText(one['code'])),
    )
  )
}

function readQuantity(
  quantity: JsonValue | undefined,
): Pick<GlucoseObservation, 'value' | 'unit' | 'comparator'> | null {
  if (!isObject(quantity)) return null
  const { value, comparator, code } = quantity
  const number = value instanceof Decimal ? Number(value.text) : value
  if (typeof number !== 'number' || (code !== 'mg/dL' && code !== 'mmol/L')) return null
  if (comparator === undefined) return { value: number, unit: code, comparator: null }
  return isComparator(comparator) ? { value: number, unit: code, comparator } : null
}

function isComparator(value: JsonValue): value is QuantityComparator {
  return value === '<' || value === '<=' || value === '>=' || value === '>'
}

function readTime(text: JsonValue | undefined): number | null {
  const time = typeof text === 'string' ? parseWrittenTime(text) : null
  return time === null || time.offsetMin === null ? null : time.wallMs - time.offsetMin * 60_000
}
