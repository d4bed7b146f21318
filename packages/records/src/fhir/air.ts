import type { FhirResource } from '../text/fhir-json.ts'
import type { Figure } from './codes.ts'
import { concept, invalidField, quantity } from './codes.ts'
import type { HaloCode } from './halo-codes.ts'
import { haloCode } from './halo-codes.ts'
import type { ObservationContext } from './observation.ts'
import { buildObservation, checkId, quantityComponent } from './observation.ts'

/** What a sensor in a room can measure, in the order in which an Observation holds it. */
export const AIR_QUANTITIES = [
  'pm2_5',
  'pm10',
  'tvoc',
  'co2',
  'co',
  'no2',
  'o3',
  'hcho',
  'c6h6',
  'temperature',
  'humidity',
  'illumination',
  'noise',
] as const

/** One of {@link AirReading}'s quantities. */
export type AirQuantity = (typeof AIR_QUANTITIES)[number]

/** A figure and its UCUM unit, such as `ug/m3`, `[ppm]`, `Cel`, `%`, `lx`; null where the source names none. */
export interface AirFigure {
  readonly value: Figure
  readonly unit: string | null
}

/** What was measured at one time. */
export type AirReading = Readonly<Partial<Record<AirQuantity, AirFigure>>>

/**
 * One Observation per time with a component per quantity. Its subject is the room, a Location that says
 * nothing about where it is; whom the air concerns is the focus.
 * @param patient reference to the person in the room
 * @throws RecordsError `FIELD_INVALID` for a reading without figures, or a figure that is not finite
 * @see https://hl7.org/fhir/R4/observation-definitions.html#Observation.focus
 */
export function buildIndoorAir(
  reading: AirReading,
  context: ObservationContext & { readonly patient?: string | undefined },
): FhirResource {
  const components = AIR_QUANTITIES.flatMap((name) => {
    const figure = reading[name]
    if (figure === undefined) return []
    return [quantityComponent([haloCode(codeOfAir(name))], quantity(name, figure.value, figure.unit))]
  })
  if (components.length === 0) throw invalidField('reading', 'must hold at least one quantity')
  return buildObservation(
    { category: 'exam', code: [haloCode('indoor-air')], focus: context.patient, components },
    context,
  )
}

/** The code of a quantity's component. */
export function codeOfAir(name: AirQuantity): HaloCode {
  return name === 'pm2_5' ? 'air-pm2-5' : `air-${name}`
}

/**
 * A room without name, address or position: a home's place would identify who lives there.
 * @throws RecordsError `FIELD_INVALID` for an id that FHIR does not allow
 */
export function buildIndoorLocation(id: string): FhirResource {
  const system = 'http://terminology.hl7.org/CodeSystem/location-physical-type'
  return {
    resourceType: 'Location',
    id: checkId(id),
    mode: 'instance',
    physicalType: concept({ system, code: 'ro' }),
  }
}
