import { Decimal } from '../text/canonical-json.ts'
import type { WrittenTime } from '../text/date-time.ts'
import { parseWrittenTime } from '../text/date-time.ts'
import type { JsonValue } from '../text/fhir-json.ts'
import type { EntryLog } from './entry-log.ts'
import type { SettlingRule } from './note-book.ts'

const NUMBER_AS_TEXT: SettlingRule = {
  rule: 'number-as-text',
  text: 'Numbers that were written as text were read as numbers, digit by digit.',
}

const DECIMAL = /^-?(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,18})?$/

/** A number, or a text that is one; null for anything else. */
export function readNumber(value: JsonValue | undefined, log: EntryLog): Decimal | number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (value instanceof Decimal) return value
  if (typeof value !== 'string' || !DECIMAL.test(value.trim())) return null
  log.note(NUMBER_AS_TEXT)
  const text = value.trim()
  return String(Number(text)) === text ? Number(text) : new Decimal(text)
}

/** The size of a number that may be a {@link Decimal}. */
export function sizeOf(value: Decimal | number): number {
  return typeof value === 'number' ? value : Number(value.text)
}

/** A date and time by ISO 8601, with a blank or T; null for anything else. */
export function readTime(value: JsonValue | undefined): WrittenTime | null {
  return typeof value === 'string' ? parseWrittenTime(value.trim()) : null
}
