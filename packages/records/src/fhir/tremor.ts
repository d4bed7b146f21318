import type { FhirResource, JsonValue } from '../text/fhir-json.ts'
import type { Figure } from './codes.ts'
import { invalidField, quantity } from './codes.ts'
import type { HaloCode } from './halo-codes.ts'
import { haloCode } from './halo-codes.ts'
import type { ObservationContext } from './observation.ts'
import { buildObservation, quantityComponent } from './observation.ts'

/** What one minute of acceleration says about tremor, when it passed the gates. */
export interface TremorMinute {
  readonly frequencyHz: Figure
  readonly accelerationMps2: Figure
  readonly displacementCm: Figure
  readonly bandFraction: Figure
  readonly concentration: Figure
  /** 0 to 4, uncalibrated or calibrated as the method says; experimental. */
  readonly grade?: Figure | undefined
}

/** Tremor of a day or any other period. */
export interface TremorSummary {
  readonly validMinutes: number
  /** Minutes with tremor by valid minutes, 0 to 1. */
  readonly occurrence: Figure
  /** Absent when no minute showed tremor. */
  readonly frequencyHz?: Figure | undefined
  readonly displacementP90Cm?: Figure | undefined
}

type Part = readonly [code: HaloCode, field: string, value: Figure | undefined, unit: string]

/**
 * One Observation per minute; with `null` for figures it says that the minute could not be judged.
 * @param method algorithm, its version and whether the grade is calibrated
 * @throws RecordsError `FIELD_INVALID` for a figure that is not finite
 */
export function buildTremorMinute(
  minute: TremorMinute | null,
  method: string,
  context: ObservationContext,
): FhirResource {
  const code = [haloCode('tremor-minute')]
  // The gates found no tremor that could be told from movement: measured, but without an answer.
  if (minute === null)
    return buildObservation({ category: 'exam', code, method, absent: 'not-performed' }, context)
  const components = partsOf([
    ['tremor-frequency', 'frequencyHz', minute.frequencyHz, 'Hz'],
    ['tremor-acceleration', 'accelerationMps2', minute.accelerationMps2, 'm/s2'],
    ['tremor-displacement', 'displacementCm', minute.displacementCm, 'cm'],
    ['tremor-band-fraction', 'bandFraction', minute.bandFraction, '1'],
    ['tremor-concentration', 'concentration', minute.concentration, '1'],
    ['tremor-grade', 'grade', minute.grade, '1'],
  ])
  return buildObservation({ category: 'exam', code, method, components }, context)
}

/**
 * One Observation for a period; `context.effective` is its first and last minute.
 * @throws RecordsError `FIELD_INVALID` for a figure that is not finite
 */
export function buildTremorSummary(
  summary: TremorSummary,
  method: string,
  context: ObservationContext,
): FhirResource {
  const components = partsOf([
    ['tremor-valid-minutes', 'validMinutes', summary.validMinutes, 'min'],
    ['tremor-occurrence', 'occurrence', summary.occurrence, '1'],
    ['tremor-frequency', 'frequencyHz', summary.frequencyHz, 'Hz'],
    ['tremor-displacement-p90', 'displacementP90Cm', summary.displacementP90Cm, 'cm'],
  ])
  return buildObservation(
    { category: 'exam', code: [haloCode('tremor-summary')], method, components },
    context,
  )
}

/**
 * A score that a source computed by a method of its own, such as paper 000's `tre`.
 * @throws RecordsError `FIELD_INVALID` unless the score is a whole number from 0 to 4
 */
export function buildTremorScore(score: number, context: ObservationContext): FhirResource {
  if (!Number.isInteger(score) || score < 0 || score > 4)
    throw invalidField('tremor score', 'must be a whole number from 0 to 4')
  const valueQuantity = quantity('tremor score', score, '1', 'score')
  return buildObservation({ category: 'exam', code: [haloCode('tremor-score')], valueQuantity }, context)
}

function partsOf(parts: readonly Part[]): readonly JsonValue[] {
  return parts.flatMap(([code, field, value, unit]) =>
    value === undefined ? [] : [quantityComponent([haloCode(code)], quantity(field, value, unit))],
  )
}
