import type { FhirResource, JsonValue } from '../text/fhir-json.ts'
import type { Code, Figure } from './codes.ts'
import { invalidField, LOINC, quantity, UCUM } from './codes.ts'
import type { ObservationContent, ObservationContext } from './observation.ts'
import { buildObservation, checkId, quantityComponent } from './observation.ts'

/**
 * Consensus figures of a period. Shares are percent of the readings and disjoint: `low` does not hold
 * `veryLow`, nor `high` `veryHigh`.
 */
export interface GlucoseFigures {
  readonly mean: Figure
  readonly meanUnit: 'mg/dL' | 'mmol/L'
  /** Null where it is not defined, as of one reading. */
  readonly cvPercent: Figure | null
  readonly gmiPercent: Figure
  readonly veryLowPercent: Figure
  readonly lowPercent: Figure
  readonly targetPercent: Figure
  readonly highPercent: Figure
  readonly veryHighPercent: Figure
  readonly daysOfWear: Figure
  /** Null where it is not defined, as of one reading. */
  readonly sensorActivePercent: Figure | null
}

/** First and last day of the report as FHIR dates, whose the figures are, and what ids begin with. */
export interface GlucosePeriod {
  /** Ids are made from it, such as `NAME-gmi`: at most 40 of `A-Z a-z 0-9 - .` */
  readonly id: string
  readonly subject: string
  readonly start: string
  readonly end: string
  readonly device?: string | undefined
}

const DATA_ABSENT_REASON_URL = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason'
const PROFILE = 'http://hl7.org/fhir/uv/cgm/StructureDefinition/cgm-summary'

/** @see https://hl7.org/fhir/uv/cgm/StructureDefinition-cgm-summary-times-in-ranges.html */
const RANGES = [
  ['veryLowPercent', '104642-4'],
  ['lowPercent', '104641-6'],
  ['targetPercent', '97510-2'],
  ['highPercent', '104640-8'],
  ['veryHighPercent', '104639-0'],
] as const

/**
 * The summary of a period as the HL7 CGM guide 1.0.0 asks for it: one Observation per figure, and last the
 * panel that names them as members. A figure that is null stays a member, and says that it has no number.
 * @throws RecordsError `FIELD_INVALID` for a figure that is not finite or an id that is too long
 * @see https://hl7.org/fhir/uv/cgm/StructureDefinition-cgm-summary.html
 */
export function buildGlucoseSummary(figures: GlucoseFigures, period: GlucosePeriod): readonly FhirResource[] {
  if (checkId(period.id).length > 40) throw invalidField('id', 'must be at most 40 characters')
  const members = [
    meanOf(figures, period),
    timesInRanges(figures, period),
    percent('gmi', '97506-0', 'gmiPercent', figures, period),
    percent('coefficient-of-variation', '104638-2', 'cvPercent', figures, period),
    daysOfWear(figures, period),
    percent('sensor-active-percentage', '104637-4', 'sensorActivePercent', figures, period),
  ]
  const hasMember = members.map(({ id }) => `Observation/${String(id)}`)
  return [...members, part('', '107931-8', period, { hasMember })]
}

function meanOf({ mean, meanUnit }: GlucoseFigures, period: GlucosePeriod): FhirResource {
  const isMass = meanUnit === 'mg/dL'
  // The guide's own spelling of the units, other than the codes'.
  const valueQuantity = quantity('mean', mean, meanUnit, isMass ? 'mg/dl' : 'mmol/l')
  const name = isMass ? 'mean-glucose-mass-per-volume' : 'mean-glucose-moles-per-volume'
  return part(name, isMass ? '97507-8' : '105273-7', period, { valueQuantity })
}

function timesInRanges(figures: GlucoseFigures, period: GlucosePeriod): FhirResource {
  const components = RANGES.map(([key, code]) =>
    quantityComponent([loinc(code)], quantity(key, figures[key], '%')),
  )
  return part('times-in-ranges', '106793-3', period, { components })
}

function daysOfWear({ daysOfWear }: GlucoseFigures, period: GlucosePeriod): FhirResource {
  return part('days-of-wear', '104636-6', period, {
    valueQuantity: quantity('daysOfWear', daysOfWear, 'd', 'days'),
  })
}

function percent(
  name: string,
  code: string,
  key: 'gmiPercent' | 'cvPercent' | 'sensorActivePercent',
  figures: GlucoseFigures,
  period: GlucosePeriod,
): FhirResource {
  const figure = figures[key]
  return part(name, code, period, {
    valueQuantity: figure === null ? absentQuantity('%') : quantity(key, figure, '%'),
  })
}

/**
 * A Quantity that says why it has no number. The guide's profiles ask for a Quantity in any case, and
 * `dataAbsentReason` may not stand beside one (obs-6), so that the extension says it.
 * @see https://hl7.org/fhir/R4/extension-data-absent-reason.html
 */
function absentQuantity(unit: string): JsonValue {
  const extension = [{ url: DATA_ABSENT_REASON_URL, valueCode: 'not-performed' }]
  return { extension, unit, system: UCUM, code: unit }
}

function part(
  name: string,
  code: string,
  period: GlucosePeriod,
  content: Pick<ObservationContent, 'components' | 'hasMember'> & { readonly valueQuantity?: JsonValue },
): FhirResource {
  const suffix = name === '' ? '' : `-${name}`
  const context: ObservationContext = {
    id: `${period.id}${suffix.replace('-per-volume', '').replace('-percentage', '')}`,
    subject: period.subject,
    effective: { start: period.start, end: period.end },
    device: period.device,
  }
  return buildObservation(
    { profile: PROFILE + suffix, category: 'laboratory', code: [loinc(code)], ...content },
    context,
  )
}

function loinc(code: string): Code {
  return { system: LOINC, code }
}
