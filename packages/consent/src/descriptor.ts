import { ConsentError } from './errors.ts'
import type { Address } from './identifiers.ts'
import { parseAddress } from './identifiers.ts'
import { type Fields, parseCanonicalJson, toCanonicalJson } from './plain-json.ts'

/** A catalogue entry: what anyone may see of a data set. It says nothing of where the data is or whose it is. */
export interface Descriptor {
  readonly version: 1
  /** What the data is, such as `glucose-cgm`. */
  readonly kind: string
  /** Media format, such as `fhir-r4+ndjson`. */
  readonly format: string
  /** Rounded to two digits, because an exact count can single a person out. */
  readonly readingsAbout: number
  /** Whole days between first and last reading. */
  readonly days: number
  /** In the currency's smallest unit. */
  readonly price: bigint
  readonly currency: Address
  /** What the patient allows, in plain words on one line, at most 500 characters. */
  readonly terms: string
}

/**
 * The canonical JSON whose keccak-256 the patient signs and has logged.
 * @throws ConsentError `BAD_REQUEST` or `BAD_IDENTIFIER` for what no reader would accept
 */
export function encodeDescriptor(descriptor: Descriptor): string {
  const text = toCanonicalJson({ ...descriptor, price: descriptor.price.toString() })
  parseDescriptor(text)
  return text
}

/** @throws ConsentError `BAD_REQUEST` or `BAD_IDENTIFIER` unless the text is a canonical descriptor */
export function parseDescriptor(text: string): Descriptor {
  const fields = parseCanonicalJson(text, 'descriptor', [
    'version',
    'kind',
    'format',
    'readingsAbout',
    'days',
    'price',
    'currency',
    'terms',
  ])
  if (fields['version'] !== 1) throw badField('version', '1')
  return {
    version: 1,
    kind: parseText(fields, 'kind', 64),
    format: parseText(fields, 'format', 64),
    readingsAbout: parseCount(fields, 'readingsAbout'),
    days: parseCount(fields, 'days'),
    price: parsePrice(fields['price']),
    currency: parseAddress(fields['currency'], 'currency'),
    terms: parseText(fields, 'terms', 500),
  }
}

/** Rounds a count down to its two leading digits: 4032 becomes 4000, 37 stays 37. */
export function roundCount(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 1)
  return Math.floor(count / unit) * unit
}

/** The conditions a researcher accepts with a request; their text goes to the patient, their hash on chain. */
export interface Terms {
  readonly version: 1
  /** HL7 v3 ActReason code, such as `HRESCH`. */
  readonly purpose: string
  /** Who asks, as they want to be called, at most 200 characters. */
  readonly organisation: string
  /** What for, in plain words on one line, at most 1000 characters. */
  readonly project: string
}

/**
 * The canonical JSON of terms.
 * @throws ConsentError `BAD_REQUEST` for what no wallet would show
 */
export function encodeTerms(terms: Terms): string {
  const text = toCanonicalJson({ ...terms })
  parseTerms(text)
  return text
}

/** @throws ConsentError `BAD_REQUEST` unless the text is canonical terms */
export function parseTerms(text: string): Terms {
  const fields = parseCanonicalJson(text, 'terms', ['version', 'purpose', 'organisation', 'project'])
  if (fields['version'] !== 1) throw badField('version', '1')
  return {
    version: 1,
    purpose: parseText(fields, 'purpose', 32),
    organisation: parseText(fields, 'organisation', 200),
    project: parseText(fields, 'project', 1000),
  }
}

/**
 * Control characters (line breaks and terminal escapes too), characters that turn the direction of
 * writing or cannot be seen, halves of surrogate pairs: with them, a text could look like another one
 * on the screen of the person who decides.
 */
const UNSHOWABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u

/** Persian, Indic scripts and emoji cannot do without these. */
const JOINERS = /\u200c|\u200d|\ufe0f/gu

function parseText(fields: Fields, field: string, maxLength: number): string {
  const text = fields[field]
  if (typeof text === 'string' && text.length <= maxLength && isShowable(text)) return text
  throw badField(
    field,
    `a text of 1 to ${maxLength} characters on one line, without outer spaces or control characters`,
  )
}

function isShowable(text: string): boolean {
  const seen = text.replaceAll(JOINERS, '')
  return seen.length > 0 && text === text.trim() && !UNSHOWABLE.test(seen)
}

function parseCount(fields: Fields, field: string): number {
  const count = fields[field]
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0)
    throw badField(field, 'a whole number')
  return count
}

function parsePrice(price: unknown): bigint {
  if (typeof price !== 'string' || !/^(0|[1-9][0-9]{0,38})$/.test(price))
    throw badField('price', 'a whole amount as decimal text')
  return BigInt(price)
}

function badField(field: string, wanted: string): ConsentError {
  return new ConsentError('BAD_REQUEST', `The ${field} must be ${wanted}.`, { details: { field } })
}
