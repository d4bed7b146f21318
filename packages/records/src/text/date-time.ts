/** A date and time as a file writes it: what a clock on the wall showed, and how far it was from UTC. */
export interface WrittenTime {
  /** The wall clock's reading, as milliseconds since 1970 as if it were UTC; finer digits are cut off. */
  readonly wallMs: number
  /** Null when the text says nothing about the zone. */
  readonly offsetMin: number | null
  /** FHIR dateTime; without offset where the file gives none. */
  readonly text: string
}

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?(Z|([+-])(\d\d):?(\d\d))?$/

/**
 * Reads `YYYY-MM-DDThh:mm[:ss[.fff]]`, with a blank for the `T`, and with or without `Z` or an offset.
 * Digits are kept as written; seconds that are left out become `:00`, which FHIR requires.
 * @returns null when the text is no such time, or its date does not exist
 * @see https://hl7.org/fhir/R4/datatypes.html#dateTime
 */
export function parseWrittenTime(text: string): WrittenTime | null {
  const parts = DATE_TIME.exec(text)
  if (parts === null) return null
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction = '', zone] = parts
  const wholeMs = wallMsOf(+year, +month, +day, +hour, +minute, +second)
  const offset = parseOffset(zone)
  if (wholeMs === null || offset === undefined) return null
  const wallMs = wholeMs + Number(`${fraction.slice(1)}000`.slice(0, 3))
  const zoneText = offset?.text ?? ''
  // Nearly all texts are in this spelling already; new strings for each would cost most of the memory.
  const isFhir = text[10] === 'T' && second !== '' && text.endsWith(zoneText)
  const fhirText = isFhir
    ? text
    : `${text.slice(0, 10)}T${hour}:${minute}:${second || '00'}${fraction}${zoneText}`
  return { wallMs, offsetMin: offset?.minutes ?? null, text: fhirText }
}

/**
 * Minutes east of UTC and the FHIR spelling of `Z`, `+hh:mm` or `+hhmm`.
 * @returns null for no text, undefined for text that is no offset of at most 14 hours
 */
export function parseOffset(text: string | undefined): { minutes: number; text: string } | null | undefined {
  if (text === undefined) return null
  if (text === 'Z') return { minutes: 0, text }
  const parts = /^([+-])(\d\d):?(\d\d)$/.exec(text)
  if (parts === null) return undefined
  const [, sign = '', hours = '', minutes = ''] = parts
  const total = Number(hours) * 60 + Number(minutes)
  if (Number(minutes) > 59 || total > 14 * 60) return undefined
  return { minutes: sign === '-' ? -total : total, text: `${sign}${hours}:${minutes}` }
}

/** `+hh:mm` for minutes east of UTC, up to 14 hours either way. */
export function offsetText(minutes: number): string {
  const size = Math.abs(minutes)
  const pad = (part: number): string => String(part).padStart(2, '0')
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`
}

/**
 * The instant a complete FHIR dateTime names, in milliseconds since 1970.
 * @returns null when the text is no dateTime with seconds and an offset, in the one spelling
 * {@link parseWrittenTime} gives
 */
export function parseInstant(text: string): number | null {
  const time = parseWrittenTime(text)
  if (time === null || time.offsetMin === null || time.text !== text) return null
  return time.wallMs - time.offsetMin * 60_000
}

/** An instant in UTC to the second, or to the millisecond if it has such: `2015-06-06T21:50:27Z`. */
export function utcText(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('.000Z', 'Z')
}

/** Years outside of 1970–2199 are refused: they are device clocks that were never set. */
function wallMsOf(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | null {
  if (year < 1970 || year > 2199 || hour > 23 || minute > 59 || second > 59) return null
  const ms = Date.UTC(year, month - 1, day, hour, minute, second)
  // Date.UTC turns 30 February into 1 March; a date that does not come back does not exist.
  const date = new Date(ms)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? ms : null
}
