import type { VitalSignKind } from '../fhir/vital-signs.ts'
import type { UnitRule } from './vital-signs-units.ts'

/** How records of one HealthKit type become Observations: one kind per unit that the Health app offers. */
export type AppleUnits = ReadonlyMap<string, UnitRule & { readonly kind: VitalSignKind }>

/** HealthKit writes mmol/L with the molar mass that it converts with. */
const APPLE_MMOL = 'mmol<180.1558800000541>/L'

/**
 * The quantity types that are taken over, without their common prefix. A HealthKit percentage is a fraction
 * of 1. Pounds, feet and miles are international units, which makes their factors exact.
 * @see https://developer.apple.com/documentation/healthkit/hkquantitytypeidentifier
 */
export const APPLE_QUANTITIES: ReadonlyMap<string, AppleUnits> = new Map([
  ['HeartRate', units('heart-rate', { 'count/min': { ucum: '/min' } })],
  ['RestingHeartRate', units('resting-heart-rate', { 'count/min': { ucum: '/min' } })],
  ['RespiratoryRate', units('respiratory-rate', { 'count/min': { ucum: '/min' } })],
  ['HeartRateVariabilitySDNN', units('heart-rate-variability', { ms: { ucum: 'ms' } })],
  ['OxygenSaturation', units('oxygen-saturation', { '%': { ucum: '%', shift: -2 } })],
  ['BodyTemperature', units('body-temperature', { degC: { ucum: 'Cel' }, degF: { ucum: '[degF]' } })],
  [
    'BodyMass',
    units('body-weight', {
      kg: { ucum: 'kg' },
      g: { ucum: 'g' },
      lb: { ucum: '[lb_av]' },
      st: { ucum: '[lb_av]', factor: 14n },
    }),
  ],
  [
    'Height',
    units('body-height', {
      cm: { ucum: 'cm' },
      m: { ucum: 'cm', shift: -2 },
      in: { ucum: '[in_i]' },
      ft: { ucum: '[in_i]', factor: 12n },
    }),
  ],
  ['StepCount', units('steps', { count: { ucum: '{steps}' } })],
  ['ActiveEnergyBurned', units('energy-burned', { kcal: { ucum: 'kcal' }, Cal: { ucum: 'kcal' } })],
  [
    'DistanceWalkingRunning',
    units('distance', {
      m: { ucum: 'm' },
      km: { ucum: 'm', shift: -3 },
      mi: { ucum: 'm', factor: 1_609_344n, shift: 3 },
    }),
  ],
  [
    'BloodGlucose',
    new Map([
      ['mg/dL', { kind: 'blood-glucose-mass', ucum: 'mg/dL' }],
      [APPLE_MMOL, { kind: 'blood-glucose-moles', ucum: 'mmol/L' }],
      ['mmol/L', { kind: 'blood-glucose-moles', ucum: 'mmol/L' }],
    ]),
  ],
])

/** Both pressures are records of their own and, once more, parts of a correlation. */
export const APPLE_PRESSURES: ReadonlyMap<string, 'systolic' | 'diastolic'> = new Map([
  ['BloodPressureSystolic', 'systolic'],
  ['BloodPressureDiastolic', 'diastolic'],
])

/** What records that are left out are counted as; the first prefix that fits decides. */
const LEFT_OUT: readonly (readonly [prefix: string, kind: string])[] = [
  ['BasalEnergyBurned', 'energy-at-rest'],
  ['FlightsClimbed', 'activity'],
  ['Apple', 'activity'],
  ['Distance', 'activity'],
  ['PhysicalEffort', 'activity'],
  ['Running', 'activity'],
  ['Cycling', 'activity'],
  ['Swimming', 'activity'],
  ['Walking', 'mobility'],
  ['Stair', 'mobility'],
  ['SixMinute', 'mobility'],
  ['VO2Max', 'fitness'],
  ['HeartRateRecovery', 'fitness'],
  ['Dietary', 'nutrition'],
  ['Body', 'body-measures'],
  ['LeanBodyMass', 'body-measures'],
  ['WaistCircumference', 'body-measures'],
  ['Headphone', 'sound'],
  ['Environmental', 'sound'],
  ['Audio', 'sound'],
  ['InsulinDelivery', 'insulin'],
  ['Menstrual', 'reproductive-health'],
  ['Ovulation', 'reproductive-health'],
  ['Cervical', 'reproductive-health'],
  ['Sexual', 'reproductive-health'],
  ['Pregnancy', 'reproductive-health'],
  ['Contraceptive', 'reproductive-health'],
  ['BasalBodyTemperature', 'reproductive-health'],
  ['Mindful', 'mind'],
]

/** Names come from this list alone: what a file says is never repeated in a report. */
export function kindLeftOut(type: string): string {
  return LEFT_OUT.find(([prefix]) => type.startsWith(prefix))?.[1] ?? 'other-records'
}

/** What elements beside records and correlations are counted as; `person` is who the patient is. */
export const APPLE_ELEMENTS: ReadonlyMap<string, string> = new Map([
  ['ExportDate', 'export-date'],
  ['Me', 'person'],
  ['Workout', 'workout'],
  ['ActivitySummary', 'activity-summary'],
  ['ClinicalRecord', 'clinical-record'],
  ['Audiogram', 'audiogram'],
  ['VisionPrescription', 'vision-prescription'],
])

function units(kind: VitalSignKind, rules: Readonly<Record<string, UnitRule>>): AppleUnits {
  return new Map(Object.entries(rules).map(([unit, rule]) => [unit, { ...rule, kind }]))
}
