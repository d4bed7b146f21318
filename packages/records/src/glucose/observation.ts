import type { CanonicalValue } from '../text/canonical-json.ts'
import { canonicalJson, Decimal } from '../text/canonical-json.ts'
import { parseInstant } from '../text/date-time.ts'
import type { Comparator, GlucoseUnit } from './glucose-value.ts'

/** One glucose reading of a record. */
export interface GlucoseReading {
  /** Record-local pseudonym: 1 for the subject that appears first in the file, then 2, … */
  readonly subject: number
  /** FHIR dateTime with seconds and offset, as the record holds it. */
  readonly time: string
  /** Milliseconds since 1970. */
  readonly timeMs: number
  readonly value: number
  /** The value's decimal digits, exactly as the device gave them. */
  readonly valueText: string
  readonly unit: GlucoseUnit
  /** `<` or `>` when the sensor only said that the glucose is beyond `value`; otherwise null. */
  readonly comparator: Comparator | null
}

interface Profile {
  readonly url: string
  readonly loinc: string
  /** How the profile spells the unit for people; the UCUM code is the {@link GlucoseUnit}. */
  readonly unitText: string
}

const CGM = 'http://hl7.org/fhir/uv/cgm/StructureDefinition/'

/** Interstitial glucose of a CGM sensor; 2339-0 (blood) would be wrong. */
const PROFILES: Readonly<Record<GlucoseUnit, Profile>> = {
  'mg/dL': { url: `${CGM}cgm-sensor-reading-mass-per-volume`, loinc: '99504-3', unitText: 'mg/dl' },
  'mmol/L': { url: `${CGM}cgm-sensor-reading-moles-per-volume`, loinc: '105272-9', unitText: 'mmol/l' },
}

/** Canonical URL of the HL7 CGM profile that readings in this unit follow. */
export function profileOf(unit: GlucoseUnit): string {
  return PROFILES[unit].url
}

/** LOINC code of readings in this unit. */
export function loincOf(unit: GlucoseUnit): string {
  return PROFILES[unit].loinc
}

/**
 * The FHIR R4 Observation of one reading, ready for `canonicalJson`. It has no id and names no device.
 * @see https://hl7.org/fhir/uv/cgm/artifacts.html
 */
export function observationOf(
  reading: Pick<GlucoseReading, 'subject' | 'time' | 'valueText' | 'unit' | 'comparator'>,
): { readonly [key: string]: CanonicalValue | undefined } {
  const { url, loinc, unitText } = PROFILES[reading.unit]
  return {
    resourceType: 'Observation',
    meta: { profile: [url] },
    status: 'final',
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' },
        ],
      },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: loinc }] },
    subject: { reference: `Patient/subject-${reading.subject}` },
    effectiveDateTime: reading.time,
    valueQuantity: {
      value: new Decimal(reading.valueText),
      comparator: reading.comparator ?? undefined,
      unit: unitText,
      system: 'http://unitsofmeasure.org',
      code: reading.unit,
    },
  }
}

/** Writes and reads the canonical line of one reading, without line break; ASCII only. */
export interface ObservationLine {
  write(reading: Pick<GlucoseReading, 'subject' | 'time' | 'valueText' | 'comparator'>): string
  /** @returns null unless the line is, byte for byte, what `write` gives for some reading */
  read(line: string): GlucoseReading | null
}

/**
 * Lines of one unit differ in four places only. What stands between is taken from one canonical
 * Observation, which makes writing fast and reading strict.
 */
export function observationLine(unit: GlucoseUnit): ObservationLine {
  const parts = canonicalJson(
    observationOf({ subject: 7, time: '@time', valueText: '7', unit, comparator: '<' }),
  ).split(/@time|(?<=subject-)7|"comparator":"<",|(?<="value":)7/)
  const [head = '', afterTime = '', afterSubject = '', afterComparator = '', tail = ''] = parts
  const gaps = [head, afterTime, afterSubject, afterComparator, tail].map(escapePattern)
  const pattern = new RegExp(
    `^${gaps[0]}([^"]+)${gaps[1]}([1-9][0-9]{0,6})${gaps[2]}(?:"comparator":"([<>])",)?${gaps[3]}([0-9.]{1,20})${gaps[4]}$`,
  )
  return {
    write({ time, subject, comparator, valueText }) {
      const word = comparator === null ? '' : `"comparator":"${comparator}",`
      return head + time + afterTime + subject + afterSubject + word + afterComparator + valueText + tail
    },
    read(line) {
      const [, time = '', subject = '', comparator, valueText = ''] = pattern.exec(line) ?? []
      if (time === '' || !isDecimal(valueText)) return null
      const timeMs = parseInstant(time)
      if (timeMs === null) return null
      return {
        subject: Number(subject),
        time,
        timeMs,
        value: Number(valueText),
        valueText,
        unit,
        comparator: comparator === '<' || comparator === '>' ? comparator : null,
      }
    },
  }
}

function isDecimal(text: string): boolean {
  return /^(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/.test(text)
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
