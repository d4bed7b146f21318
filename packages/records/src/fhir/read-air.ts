import { Decimal } from '../text/canonical-json.ts'
import { parseWrittenTime } from '../text/date-time.ts'
import type { FhirResource, JsonValue } from '../text/fhir-json.ts'
import { isObject } from '../text/fhir-json.ts'
import type { AirFigure, AirQuantity } from './air.ts'
import { AIR_QUANTITIES, codeOfAir } from './air.ts'
import { HALO_MEASURES } from './codes.ts'

/** What `buildIndoorAir` wrote, read back. */
export interface AirObservation {
  /** Reference to the room; empty where there is none. */
  readonly subject: string
  readonly timeMs: number
  readonly figures: Readonly<Partial<Record<AirQuantity, AirFigure & { readonly value: number }>>>
}

/** @returns null for any other resource, and for one without a time with offset or any figure */
export function readAirObservation(resource: FhirResource): AirObservation | null {
  const { resourceType, code, subject, effectiveDateTime, component } = resource
  if (resourceType !== 'Observation' || codeIn(code) !== 'indoor-air' || !Array.isArray(component))
    return null
  const time = typeof effectiveDateTime === 'string' ? parseWrittenTime(effectiveDateTime) : null
  if (time === null || time.offsetMin === null) return null
  const figures = Object.fromEntries(component.flatMap(figureOf))
  if (Object.keys(figures).length === 0) return null
  const reference = isObject(subject) ? subject['reference'] : undefined
  return {
    subject: typeof reference === 'string' ? reference : '',
    timeMs: time.wallMs - time.offsetMin * 60_000,
    figures,
  }
}

function figureOf(component: JsonValue): readonly (readonly [AirQuantity, AirFigure & { value: number }])[] {
  if (!isObject(component)) return []
  const name = AIR_QUANTITIES.find((quantity) => codeOfAir(quantity) === codeIn(component['code']))
  const { valueQuantity } = component
  if (name === undefined || !isObject(valueQuantity)) return []
  const { value, code } = valueQuantity
  const number = value instanceof Decimal ? Number(value.text) : value
  return typeof number === 'number'
    ? [[name, { value: number, unit: typeof code === 'string' ? code : null }]]
    : []
}

function codeIn(concept: JsonValue | undefined): string | undefined {
  const coding = isObject(concept) ? concept['coding'] : undefined
  const own = Array.isArray(coding)
    ? coding.find((one) => isObject(one) && one['system'] === HALO_MEASURES)
    : undefined
  return isObject(own) && typeof own['code'] === 'string' ? own['code'] : undefined
}
