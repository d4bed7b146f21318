import { RecordsError } from '../errors.ts'
import type { JsonValue } from '../text/fhir-json.ts'
import { isObject } from '../text/fhir-json.ts'
import type { Node } from './engine.ts'

/** What the input itself says identifies people, devices and places: none of it may be in the output. */
export interface KnownIdentifiers {
  add(resource: Node): void
  /** Whether a whole text, cleaned of case, accents and punctuation, is one of them. */
  isIdentifier(text: string): boolean
  /** Whether a whole number of that many digits or more is one of them, or all digits of one. */
  isNumber(value: number, minDigits: number): boolean
  /** Whether a text holds one of them as words, or long ones anywhere. */
  holdsIdentifier(text: string): boolean
}

/** Identifiers that are kept in memory; exports of more people are split. */
const MAX_IDENTIFIERS = 200_000
/** Shorter texts are too common to tell anything: initials, house numbers, the `1` of an id. */
const MIN_LENGTH = 3
/** Words of this length are also looked for within words. */
const MIN_INNER_LENGTH = 6

/** Elements whose texts identify, wherever they stand; texts beneath them do too. */
const IDENTIFYING: ReadonlySet<string> = new Set(
  `family given prefix suffix name alias line city district postalCode identifier telecom contact serialNumber
  distinctIdentifier lotNumber deviceIdentifier carrierHRF carrierAIDC udiCarrier deviceName subscriberId
  birthDate photo div generalPractitioner`.split(/\s+/),
)
/** Elements beneath those that are codes or dates, and would match everything. */
const TELLING_NOTHING: ReadonlySet<string> = new Set([
  'system',
  'use',
  'rank',
  'type',
  'period',
  'coding',
  'url',
  'relationship',
  'gender',
  'reference',
  'prefix',
  'suffix',
  'div',
])
/** Types whose ids are looked for: there are few of each, and people know them. */
const NAMED_TYPES =
  /^(?:Patient|Practitioner|PractitionerRole|RelatedPerson|Person|Device|Location|Organization)$/

/**
 * Collects identifiers as an export is surveyed.
 * @throws RecordsError `READINGS_TOO_MANY` from `add` for more than 200 000
 */
export function createKnownIdentifiers(): KnownIdentifiers {
  const whole = new Set<string>()
  const words = new Set<string>()
  const inner = new Set<string>()
  const numbers = new Set<string>()

  function note(text: string): void {
    const cleaned = compact(text)
    if (cleaned.length < MIN_LENGTH) return
    whole.add(cleaned)
    if (cleaned.length >= MIN_INNER_LENGTH) inner.add(cleaned)
    for (const digits of cleaned.match(/\d{5,}/g) ?? []) numbers.add(digits.replace(/^0+/, ''))
    for (const word of wordsOf(text)) if (word.length >= MIN_LENGTH) words.add(word)
    if (whole.size + words.size + numbers.size > MAX_IDENTIFIERS)
      throw new RecordsError(
        'READINGS_TOO_MANY',
        'The export names too many people to be checked; split it.',
        {
          maxIdentifiers: MAX_IDENTIFIERS,
        },
      )
  }

  function collect(value: JsonValue | undefined, isIdentifying: boolean): void {
    if (typeof value === 'string') {
      if (isIdentifying) note(value)
    } else if (Array.isArray(value)) for (const one of value) collect(one, isIdentifying)
    else if (isObject(value)) collectObject(value, isIdentifying)
  }

  function collectObject(object: Node, isIdentifying: boolean): void {
    const type = object['resourceType']
    if (typeof type === 'string' && NAMED_TYPES.test(type)) collect(object['id'], true)
    // The display of a reference is somebody's name, that of a code is not.
    if (typeof object['reference'] === 'string') collect(object['display'], true)
    for (const [name, child] of Object.entries(object))
      collect(child, !TELLING_NOTHING.has(name) && (isIdentifying || IDENTIFYING.has(name)))
  }

  return {
    add: (resource) => collectObject(resource, false),
    isIdentifier: (text) => whole.has(compact(text)),
    isNumber(value, minDigits) {
      const digits = String(Math.abs(value))
      return Number.isInteger(value) && digits.length >= minDigits && numbers.has(digits)
    },
    holdsIdentifier(text) {
      const cleaned = compact(text)
      if (whole.has(cleaned) || wordsOf(text).some((word) => words.has(word))) return true
      for (const one of inner) if (cleaned.includes(one)) return true
      return false
    },
  }
}

/**
 * From how many digits on a number is looked for: five, as postal codes have; six for quantities with a unit,
 * where a number of steps is now and then that of a postal code.
 * @param quantity whose figure it is; null for a number alone
 */
export function minDigitsOf(quantity: Node | null): number {
  return quantity?.['code'] === undefined && quantity?.['unit'] === undefined ? 5 : 6
}

function compact(text: string): string {
  return plain(text).replace(/[^\p{L}\p{N}]/gu, '')
}

function wordsOf(text: string): readonly string[] {
  return plain(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}

/** Lower case without accents, so that spelling does not hide a name. */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}|\p{Cf}/gu, '')
    .toLowerCase()
}
