import type { JsonValue } from '../text/fhir-json.ts'
import { asText, isObject } from '../text/fhir-json.ts'
import type { Node } from './engine.ts'

/** Ages of this many years and more are told as such. @see 45 CFR 164.514(b)(2)(i)(C) */
export const TOP_AGE = 90

/** Parts of a year on the average of the Gregorian calendar, by UCUM unit of time. @see https://ucum.org/ucum#section-Tables-of-Terminal-Symbols */
const PER_YEAR: Readonly<Record<string, number>> = {
  a: 1,
  mo: 12,
  wk: 52.1775,
  d: 365.2425,
  h: 8765.82,
  min: 525_949.2,
  s: 31_556_952,
}
const PREFIXES: Readonly<Record<string, number>> = { da: 10, h: 100, k: 1e3, M: 1e6, G: 1e9 }

/**
 * Years that one of a unit lasts, for units of time, also with a number before or behind (`10.a`), an annotation
 * or a prefix (`Ms`).
 * @returns null for other units
 */
export function yearsPerUnit(unit: string): number | null {
  let years: number | null = null
  let factor = 1
  for (const part of unit.replace(/\{[^}]*\}/g, '').split(/(?=[./])/)) {
    const text = part.replace(/^[./]/, '')
    const isDivided = part.startsWith('/')
    const number = numberOf(text)
    if (number !== null) factor *= isDivided ? 1 / number : number
    else if (years !== null || isDivided) return null
    else years = yearsOf(text.replace(/\+?1$/, ''))
    if (number === null && years === null) return null
  }
  return years === null ? null : years * factor
}

/** LOINC and SNOMED CT codes for a person's age: at present, told, estimated, at a sample, at death, at an onset. */
const AGE_CODES: ReadonlySet<string> = new Set(
  '30525-0 21611-9 21612-7 29553-5 35659-2 39016-1 63900-5 397669002 424144002 445518008'.split(' '),
)
/** LOINC codes for the year and the date of birth. */
const BIRTH_CODES: ReadonlySet<string> = new Set(['80904-6', '21112-8'])

/** Whether a CodeableConcept says that the figure is an age. */
export function isAgeConcept(concept: unknown): boolean {
  return codesOf(concept).some((code) => AGE_CODES.has(code))
}

/** Whether a CodeableConcept says that the figure is a year of birth. */
export function isBirthConcept(concept: unknown): boolean {
  return codesOf(concept).some((code) => BIRTH_CODES.has(code))
}

const AGE_WORDS =
  /(?<!\p{L})(?:age|aged|ages|old|alter|alt|età|eta|anni|âge|ans|edad|años|idade|leeftijd|ålder)(?!\p{L})/iu
const BIRTH_WORDS =
  /(?<!\p{L})(?:birth|birthday|birthdate|birthyear|born|yob|dob|geburt\p{L}*|geboren|nascita|nato|nata|naissance|née?|nacimiento|nascimento)(?!\p{L})/iu

/** Whether a question of any questionnaire asks for an age, as far as its id and its words tell. */
export function asksForAge(item: Node): boolean {
  const words = wordsOf(item)
  return AGE_WORDS.test(words) || [...AGE_CODES].some((code) => words.includes(code))
}

/** Whether a question of any questionnaire asks for a time of birth, as far as its id and its words tell. */
export function asksForBirth(item: Node): boolean {
  const words = wordsOf(item)
  return BIRTH_WORDS.test(words) || [...BIRTH_CODES].some((code) => words.includes(code))
}

/** `patientAge` and `age_now` are words too. */
function wordsOf({ linkId, text }: Node): string {
  const words = `${asText(linkId)} ${asText(text)}`.slice(0, 2000).normalize('NFC')
  return words.replace(/(\p{Ll})(?=\p{Lu})/gu, '$1 ')
}

function codesOf(concept: unknown): readonly string[] {
  const codings = isObject(concept as JsonValue) ? (concept as Node)['coding'] : undefined
  if (!Array.isArray(codings)) return []
  return codings.flatMap((one: JsonValue) => (isObject(one) ? [asText(one['code'])] : []))
}

function numberOf(text: string): number | null {
  if (text === '') return 1
  const power = /^10[*^]([+-]?\d)?$/.exec(text)
  if (power !== null) return 10 ** Number(power[1] ?? 1)
  return /^\d+$/.test(text) ? Number(text) : null
}

function yearsOf(unit: string): number | null {
  const plain = Object.hasOwn(PER_YEAR, unit) ? PER_YEAR[unit] : undefined
  if (plain !== undefined) return 1 / plain
  const prefix = PREFIXES[unit.slice(0, -1)]
  return unit.endsWith('s') && prefix !== undefined ? prefix / 31_556_952 : null
}
