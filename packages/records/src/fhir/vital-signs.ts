import type { FhirResource, JsonValue } from '../text/fhir-json.ts'
import type { Code, Figure } from './codes.ts'
import { invalidField, LOINC, quantity } from './codes.ts'
import type { ObservationContext } from './observation.ts'
import { buildObservation, quantityComponent } from './observation.ts'

const BASE = 'http://hl7.org/fhir/StructureDefinition/'

/** What {@link buildVitalSign} can write. `steps`, `energy-burned` and `distance` belong to the span they cover. */
export type VitalSignKind =
  | 'heart-rate'
  | 'resting-heart-rate'
  | 'respiratory-rate'
  | 'oxygen-saturation'
  | 'body-temperature'
  | 'body-weight'
  | 'body-height'
  | 'heart-rate-variability'
  | 'steps'
  | 'steps-per-day'
  | 'energy-burned'
  | 'energy-burned-per-day'
  | 'distance'
  | 'blood-glucose-mass'
  | 'blood-glucose-moles'

interface VitalSign {
  readonly profile?: string
  readonly category: 'vital-signs' | 'activity' | 'laboratory'
  /** LOINC codes, the most specific first. */
  readonly loinc: readonly string[]
  /** UCUM codes that are allowed, the usual one first. */
  readonly units: readonly string[]
  readonly unitText: string
}

/**
 * LOINC and UCUM codes as FHIR's vital signs profiles ask for them. Oxygen saturation carries both the
 * profile's code and the one for pulse oximetry; a resting rate is a heart rate too.
 * @see https://hl7.org/fhir/R4/observation-vitalsigns.html
 * @see https://hl7.org/fhir/us/physical-activity for the activity codes
 */
const VITAL_SIGNS: Readonly<Record<VitalSignKind, VitalSign>> = {
  'heart-rate': sign('heartrate', ['8867-4'], ['/min'], 'beats/minute'),
  'resting-heart-rate': sign('heartrate', ['40443-4', '8867-4'], ['/min'], 'beats/minute'),
  'respiratory-rate': sign('resprate', ['9279-1'], ['/min'], 'breaths/minute'),
  'oxygen-saturation': sign('oxygensat', ['59408-5', '2708-6'], ['%'], '%'),
  'body-temperature': sign('bodytemp', ['8310-5'], ['Cel', '[degF]'], '°C'),
  'body-weight': sign('bodyweight', ['29463-7'], ['kg', 'g', '[lb_av]'], 'kg'),
  'body-height': sign('bodyheight', ['8302-2'], ['cm', '[in_i]'], 'cm'),
  'heart-rate-variability': activity(['80404-7'], 'ms', 'ms'),
  steps: activity(['55423-8'], '{steps}', 'steps'),
  'steps-per-day': activity(['41950-7'], '/d', 'steps per day'),
  'energy-burned': activity(['41981-2'], 'kcal', 'kcal'),
  'energy-burned-per-day': activity(['41979-6'], 'kcal/d', 'kcal per day'),
  distance: activity(['55430-3'], 'm', 'm'),
  'blood-glucose-mass': laboratory('2339-0', 'mg/dL'),
  'blood-glucose-moles': laboratory('15074-8', 'mmol/L'),
}

/**
 * The Observation of one figure of a watch, a scale or an oximeter.
 * @param unit UCUM code of the value; by default the usual one of the kind, for example `kg`
 * @throws RecordsError `FIELD_INVALID` for a value that is not finite or a unit that the kind does not know
 */
export function buildVitalSign(
  kind: VitalSignKind,
  value: Figure,
  context: ObservationContext,
  unit?: string,
): FhirResource {
  const known = VITAL_SIGNS[kind]
  const code = unit ?? known.units[0] ?? ''
  if (!known.units.includes(code))
    throw invalidField(`unit of ${kind}`, `must be ${known.units.join(' or ')}`)
  const text = code === known.units[0] ? known.unitText : code
  return buildObservation(
    {
      profile: known.profile,
      category: known.category,
      code: known.loinc.map(loinc),
      valueQuantity: quantity(kind, value, code, text),
    },
    atOnce(context),
  )
}

/**
 * A span that starts when it ends is a moment. The rule vs-1 of the vital signs profiles has no answer for
 * spans, and some validators take that for a no.
 */
function atOnce(context: ObservationContext): ObservationContext {
  const { effective } = context
  if (typeof effective === 'string' || effective.start !== effective.end) return context
  return { ...context, effective: effective.start }
}

/** Systolic and diastolic pressure of one measurement, in mm[Hg]. */
export interface BloodPressure {
  readonly systolicMmHg: Figure
  readonly diastolicMmHg: Figure
}

/**
 * One Observation with both pressures.
 * @throws RecordsError `FIELD_INVALID` for a value that is not finite
 * @see https://hl7.org/fhir/R4/bp.html
 */
export function buildBloodPressure(pressure: BloodPressure, context: ObservationContext): FhirResource {
  const part = (field: string, code: string, value: Figure): JsonValue =>
    quantityComponent([loinc(code)], quantity(field, value, 'mm[Hg]', 'mmHg'))
  return buildObservation(
    {
      profile: `${BASE}bp`,
      category: 'vital-signs',
      code: [loinc('85354-9')],
      components: [
        part('systolic', '8480-6', pressure.systolicMmHg),
        part('diastolic', '8462-4', pressure.diastolicMmHg),
      ],
    },
    atOnce(context),
  )
}

/** How long a night's sleep was, and its stages where the device tells them; all in minutes. */
export interface Sleep {
  readonly asleepMin: Figure
  readonly deepMin?: Figure | undefined
  readonly lightMin?: Figure | undefined
  readonly remMin?: Figure | undefined
  /** Awake between falling asleep and getting up. */
  readonly awakeMin?: Figure | undefined
}

/** @see https://loinc.org/93832-4 and the stages 93831-6, 93830-8, 93829-0; 103215-0 wake after sleep onset */
const SLEEP_STAGES = [
  ['deepMin', '93831-6'],
  ['lightMin', '93830-8'],
  ['remMin', '93829-0'],
  ['awakeMin', '103215-0'],
] as const

/**
 * One Observation per night or nap; `context.effective` is the time in bed or asleep as the device gives it.
 * @throws RecordsError `FIELD_INVALID` for a value that is not finite
 */
export function buildSleep(sleep: Sleep, context: ObservationContext): FhirResource {
  const stages = SLEEP_STAGES.flatMap(([key, code]) => {
    const value = sleep[key]
    return value === undefined ? [] : [quantityComponent([loinc(code)], quantity(key, value, 'min'))]
  })
  return buildObservation(
    {
      category: 'activity',
      code: [loinc('93832-4')],
      valueQuantity: quantity('asleepMin', sleep.asleepMin, 'min'),
      components: stages,
    },
    context,
  )
}

function loinc(code: string): Code {
  return { system: LOINC, code }
}

function sign(
  profile: string,
  codes: readonly string[],
  units: readonly string[],
  unitText: string,
): VitalSign {
  return { profile: BASE + profile, category: 'vital-signs', loinc: codes, units, unitText }
}

function activity(codes: readonly string[], unit: string, unitText: string): VitalSign {
  return { category: 'activity', loinc: codes, units: [unit], unitText }
}

function laboratory(code: string, unit: string): VitalSign {
  return { category: 'laboratory', loinc: [code], units: [unit], unitText: unit }
}
