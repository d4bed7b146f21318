import { Decimal } from '../../text/canonical-json.ts'
import type { JsonValue } from '../../text/fhir-json.ts'
import { isObject } from '../../text/fhir-json.ts'
import { UCUM } from '../codes.ts'
import type { IssueList } from './issue.ts'

type Element = { readonly [key: string]: JsonValue | undefined }
type Rule = readonly [key: string, what: string, holds: (element: Element, path: string) => boolean]

const UNIT: Rule = [
  'qty-3',
  'a code needs its system',
  ({ code, system }) => code === undefined || system !== undefined,
]

/** @see https://hl7.org/fhir/R4/datatypes.html#Coding "if it is a URI, it is absolute" */
const SYSTEM: Rule = [
  'system',
  'must be an absolute address',
  ({ system }) => system === undefined || isAbsolute(system),
]

/** Amounts with a kind of unit: UCUM's, and a code wherever there is a value. */
const UCUM_ONLY = ({ code, system, value }: Element): boolean =>
  (code !== undefined || value === undefined) && (system === undefined || system === UCUM)

/**
 * The rules of data types, which @medplum/core reads only where an element repeats them.
 * @see https://hl7.org/fhir/R4/datatypes.html
 */
const RULES: Readonly<Record<string, readonly Rule[]>> = {
  Coding: [SYSTEM],
  Quantity: [UNIT, SYSTEM],
  Age: [
    UNIT,
    ['age-1', 'must be more than zero, with a UCUM unit', (age) => UCUM_ONLY(age) && !(figureOf(age) <= 0)],
  ],
  Distance: [UNIT, ['dis-1', 'must have a UCUM unit', UCUM_ONLY]],
  Count: [
    UNIT,
    [
      'cnt-3',
      'must be a whole number, with 1 as unit',
      (count) => UCUM_ONLY(count) && (count['code'] ?? '1') === '1' && Number.isInteger(figureOf(count, 0)),
    ],
  ],
  Duration: [
    UNIT,
    [
      'drt-1',
      'a unit must be of UCUM and needs a value',
      ({ code, system, value }) => code === undefined || (system === UCUM && value !== undefined),
    ],
  ],
  Attachment: [
    [
      'att-1',
      'data need their content type',
      ({ data, contentType }) => data === undefined || contentType !== undefined,
    ],
  ],
  ContactPoint: [
    ['cpt-2', 'a value needs its system', ({ value, system }) => value === undefined || system !== undefined],
  ],
  Expression: [
    [
      'exp-1',
      'needs an expression or a reference',
      ({ expression, reference }) => expression !== undefined || reference !== undefined,
    ],
  ],
  Extension: [
    [
      'ext-1',
      'must have either a value or extensions',
      (extension) => hasValue(extension) !== (extension['extension'] !== undefined),
    ],
    [
      'url',
      'must be an absolute address, unless it is inside another extension',
      ({ url }, path) => url === undefined || isAbsolute(url) || INSIDE_EXTENSION.test(path),
    ],
  ],
  Period: [['per-1', 'must not end before it starts', ({ start, end }) => !isAfter(start, end)]],
  Range: [['rng-2', 'must not be higher at its low end', ({ low, high }) => !isHigher(low, high)]],
  Ratio: [
    [
      'rat-1',
      'needs both numerator and denominator, or neither but an extension',
      ({ numerator, denominator, extension }) =>
        (numerator === undefined) === (denominator === undefined) &&
        (numerator !== undefined || extension !== undefined),
    ],
  ],
}

/** Checks the rules of a data type at one of its values. */
export function checkTypeRules(value: Element, type: string, path: string, found: IssueList): void {
  for (const [key, what, holds] of RULES[type] ?? [])
    if (!holds(value, path)) found.error('INVARIANT_BROKEN', path, `${key}: ${what}`)
}

const INSIDE_EXTENSION = /xtension\[\d+\]\.extension\[\d+\]$/

function isAbsolute(address: JsonValue): boolean {
  return typeof address !== 'string' || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(address)
}

function hasValue(extension: Element): boolean {
  return Object.keys(extension).some((key) => /^_?value[A-Z]/.test(key) && extension[key] !== undefined)
}

function figureOf({ value }: Element, missing = Number.NaN): number {
  if (value === undefined) return missing
  return value instanceof Decimal ? Number(value.text) : Number(value)
}

/** Times of unlike precision are compared as far as both go. */
function isAfter(start: JsonValue | undefined, end: JsonValue | undefined): boolean {
  if (typeof start !== 'string' || typeof end !== 'string') return false
  if (start.includes('T') && end.includes('T')) return Date.parse(start) > Date.parse(end)
  const length = Math.min(start.split('T')[0]?.length ?? 0, end.split('T')[0]?.length ?? 0)
  return start.slice(0, length) > end.slice(0, length)
}

function isHigher(low: JsonValue | undefined, high: JsonValue | undefined): boolean {
  if (!isObject(low) || !isObject(high) || low['code'] !== high['code'] || low['unit'] !== high['unit'])
    return false
  return figureOf(low) > figureOf(high)
}
