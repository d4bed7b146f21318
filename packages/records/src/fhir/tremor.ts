import type { FhirResource, JsonValue } from '../text/fhir-json.ts'
import type { Figure } from './codes.ts'
import { invalidField, quantity } from './codes.ts'
import type { HaloCode } from './halo-codes.ts'
import { haloCode } from './halo-codes.ts'
import type { ObservationContext } from './observation.ts'
import { buildObservation, quantityComponent } from './observation.ts'

/** What one minute of acceleration says about tremor; null where there is no such figure. */
export interface TremorMinuteFigures {
  /** `none`: judged, and there was no tremor; `unknown`: could not be judged. */
  readonly status: 'tremor' | 'none' | 'unknown'
  readonly frequencyHz: Figure | null
  readonly accelerationMps2: Figure | null
  readonly displacementCm: Figure | null
  readonly bandFraction: Figure | null
  readonly concentration: Figure | null
  /** 0 to 4, uncalibrated or calibrated as the method says; experimental. */
  readonly grade?: Figure | null | undefined
}

/** Tremor of a day or any other period. */
export interface TremorSummaryFigures {
  readonly validMinutes: number
  /** Minutes with tremor by valid minutes, 0 to 1. */
  readonly occurrence: Figure
  /** Absent when no minute showed tremor. */
  readonly frequencyHz?: Figure | undefined
  readonly displacementP90Cm?: Figure | undefined
}

type Part = readonly [code: HaloCode, field: string, value: Figure | null | undefined, unit: string]

/**
 * One Observation per minute: tremor, no tremor, or not judged, which is no answer.
 * @param method algorithm, its version and whether the grade is calibrated
 * @throws RecordsError `FIELD_INVALID` for a figure that is not finite, or tremor without its figures
 */
export function buildTremorMinute(
  minute: TremorMinuteFigures,
  method: string,
  context: ObservationContext,
): FhirResource {
  if (minute.status === 'tremor' && minute.frequencyHz === null)
    throw invalidField('frequencyHz', 'must be there with tremor')
  const components = partsOf([
    ['tremor-frequency', 'frequencyHz', minute.frequencyHz, 'Hz'],
    ['tremor-acceleration', 'accelerationMps2', minute.accelerationMps2, 'm/s2'],
    ['tremor-displacement', 'displacementCm', minute.displacementCm, 'cm'],
    ['tremor-band-fraction', 'bandFraction', minute.bandFraction, '1'],
    ['tremor-concentration', 'concentration', minute.concentration, '1'],
    ['tremor-grade', 'grade', minute.grade, '1'],
  ])
  const answer =
    minute.status === 'unknown'
      ? { absent: 'not-performed' }
      : { valueCode: haloCode(minute.status === 'tremor' ? 'tremor-present' : 'tremor-absent') }
  return buildObservation(
    { category: 'exam', code: [haloCode('tremor-minute')], method, components, ...answer },
    context,
  )
}

/**
 * One Observation for a period; `context.effective` is its first and last minute.
 * @throws RecordsError `FIELD_INVALID` for a figure that is not finite
 */
export function buildTremorSummary(
  summary: TremorSummaryFigures,
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
    value === undefined || value === null
      ? []
      : [quantityComponent([haloCode(code)], quantity(field, value, unit))],
  )
}
