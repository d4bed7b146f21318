import { RecordsError } from '../errors.ts'
import type { Decimal } from '../text/canonical-json.ts'
import type { JsonValue } from '../text/fhir-json.ts'

/** Code systems by the canonical URLs that FHIR gives them. */
export const LOINC = 'http://loinc.org'
export const UCUM = 'http://unitsofmeasure.org'
export const OBSERVATION_CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category'
export const DATA_ABSENT_REASON = 'http://terminology.hl7.org/CodeSystem/data-absent-reason'

/** Codes that no public system has: stabilometry, tremor, indoor air, answers of our questionnaires. */
export const HALO_MEASURES = 'https://halo.example/fhir/CodeSystem/halo-measures'
/** Version of {@link HALO_MEASURES}; a code is added with a new version and never changes its meaning. */
export const HALO_MEASURES_VERSION = '1.0.0'

/** One code of one system. */
export interface Code {
  readonly system: string
  readonly code: string
}

/** A measured figure: digits that must not be lost come as a {@link Decimal}. */
export type Figure = number | Decimal

/** A CodeableConcept of one or more codes for the same thing, the most specific first. */
export function concept(...codes: readonly Code[]): JsonValue {
  return { coding: codes.map(({ system, code }) => coding(system, code)) }
}

/** A Coding; codes of our own system carry its version. */
export function coding(system: string, code: string): JsonValue {
  return system === HALO_MEASURES ? { system, version: HALO_MEASURES_VERSION, code } : { system, code }
}

/**
 * A Quantity in a UCUM unit. Without unit only the number is written: that says "unit not known", which no
 * code would.
 * @param field what the figure is, for the error
 * @throws RecordsError `FIELD_INVALID` for a number that is not finite
 */
export function quantity(
  field: string,
  value: Figure,
  unitCode: string | null,
  unitText?: string,
): JsonValue {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw invalidField(field, 'must be a finite number')
  if (unitCode === null) return { value }
  return { value, unit: unitText ?? unitCode, system: UCUM, code: unitCode }
}

/** The error of a field that cannot be written as FHIR; says which and why, never its value. */
export function invalidField(field: string, what: string): RecordsError {
  return new RecordsError('FIELD_INVALID', `The field ${field} ${what}.`, { field })
}
