import type { JsonValue } from '../../text/fhir-json.ts'
import { LOINC, UCUM } from '../codes.ts'
import type { ProfileNode } from './profile-node.ts'

/** What the HL7 guide for continuous glucose monitoring, 1.0.0, asks of an Observation or Device. */
const CGM = 'http://hl7.org/fhir/uv/cgm/StructureDefinition/'

/** @see https://hl7.org/fhir/uv/cgm/artifacts.html */
export const CGM_PROFILES: Readonly<Record<string, ProfileNode>> = {
  [`${CGM}cgm-sensor-reading-mass-per-volume`]: sensorReading('99504-3', 'mg/dL', 'mg/dl'),
  [`${CGM}cgm-sensor-reading-moles-per-volume`]: sensorReading('105272-9', 'mmol/L', 'mmol/l'),
  [`${CGM}cgm-summary`]: summary('107931-8', [{ name: 'hasMember', min: 6 }]),
  [`${CGM}cgm-summary-mean-glucose-mass-per-volume`]: summary('97507-8', [amount(0, 'mg/dL', 'mg/dl')]),
  [`${CGM}cgm-summary-mean-glucose-moles-per-volume`]: summary('105273-7', [amount(0, 'mmol/L', 'mmol/l')]),
  [`${CGM}cgm-summary-times-in-ranges`]: summary('106793-3', [timesInRanges()]),
  [`${CGM}cgm-summary-gmi`]: summary('97506-0', [amount(1, '%', '%')]),
  [`${CGM}cgm-summary-coefficient-of-variation`]: summary('104638-2', [amount(1, '%', '%')]),
  [`${CGM}cgm-summary-days-of-wear`]: summary('104636-6', [amount(1, 'd', 'days')]),
  [`${CGM}cgm-summary-sensor-active-percentage`]: summary('104637-4', [amount(1, '%', '%')]),
  [`${CGM}cgm-device`]: device(),
}

function sensorReading(loinc: string, unitCode: string, unit: string): ProfileNode {
  return {
    name: 'Observation',
    constraints: [
      {
        key: 'cgm-sensor-value-or-dar',
        expression: 'value.exists() or dataAbsentReason.exists()',
        human: 'A sensor reading must have a valueQuantity or a dataAbsentReason.',
      },
    ],
    children: [
      { name: 'subject', min: 1 },
      { name: 'code', pattern: loincConcept(loinc) },
      { name: 'effective[x]', min: 1, types: ['dateTime'] },
      amount(0, unitCode, unit),
    ],
  }
}

function summary(loinc: string, more: readonly ProfileNode[]): ProfileNode {
  const bounds = [
    { name: 'start', min: 1 },
    { name: 'end', min: 1 },
  ]
  return {
    name: 'Observation',
    children: [
      { name: 'subject', min: 1 },
      { name: 'code', pattern: loincConcept(loinc) },
      { name: 'effective[x]', min: 1, types: ['Period'], children: bounds },
      ...more,
    ],
  }
}

/** A Quantity; the guide fixes how the unit is spelt for people, too. */
function amount(min: number, code: string, unit: string): ProfileNode {
  return { name: 'value[x]', min, types: ['Quantity'], pattern: { code, system: UCUM, unit } }
}

function timesInRanges(): ProfileNode {
  const ranges = [
    ['timeInVeryLow', '104642-4'],
    ['timeInLow', '104641-6'],
    ['timeInTarget', '97510-2'],
    ['timeInHigh', '104640-8'],
    ['timeInVeryHigh', '104639-0'],
  ] as const
  return {
    name: 'component',
    min: 5,
    discriminators: ['code'],
    slices: ranges.map(([name, loinc]) => ({
      name,
      min: 1,
      max: 1,
      children: [{ name: 'code', pattern: loincConcept(loinc) }, amount(1, '%', '%')],
    })),
  }
}

function device(): ProfileNode {
  const named = { name: 'cgmDeviceName', min: 1, max: 1 }
  const type = { name: 'type', fixed: 'user-friendly-name' }
  return {
    name: 'Device',
    children: [
      {
        name: 'deviceName',
        min: 1,
        discriminators: ['type'],
        slices: [{ ...named, children: [type, { name: 'name', min: 1 }] }],
      },
      { name: 'identifier', min: 1 },
    ],
  }
}

function loincConcept(code: string): JsonValue {
  return { coding: [{ system: LOINC, code }] }
}
