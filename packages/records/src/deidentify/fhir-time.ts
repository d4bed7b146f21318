/** Milliseconds of a day without leap seconds or changes of the clock. */
export const DAY_MS = 86_400_000

/** A FHIR date, dateTime or instant, as precise as it was written. */
export type FhirTime =
  | { readonly precision: 'year'; readonly year: number }
  | { readonly precision: 'day'; readonly year: number; readonly dayNumber: number }
  | {
      readonly precision: 'time'
      readonly year: number
      /** The instant, to the second. */
      readonly instantMs: number
      readonly offsetMin: number
      /** Digits of the second after the point, as written, with the point; or nothing. */
      readonly fraction: string
    }

const TIME =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?:Z|([+-])(\d\d):(\d\d)))?)?)?$/

/**
 * Reads a date of any precision and any year; a year with month counts as a year.
 * @returns null for text that is no FHIR date, names no day that exists, or has a time without offset
 * @see https://hl7.org/fhir/R4/datatypes.html#dateTime
 */
export function readFhirTime(text: string): FhirTime | null {
  const parts = TIME.exec(text)
  if (parts === null) return null
  const [, years, month, day, hour, minute, second, fraction = '', sign, offsetHours, offsetMinutes] = parts
  const year = Number(years)
  if (year === 0) return null
  if (month === undefined) return { precision: 'year', year }
  if (Number(month) < 1 || Number(month) > 12) return null
  if (day === undefined) return { precision: 'year', year }
  const dayNumber = dayNumberOf(year, Number(month), Number(day))
  if (dayNumber === null) return null
  if (hour === undefined) return { precision: 'day', year, dayNumber }
  const offset = Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0)
  // FHIR allows a leap second.
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60 || offset > 14 * 60) return null
  const offsetMin = sign === '-' ? -offset : offset
  const secondOfDay = Number(hour) * 3600 + Number(minute) * 60 + Number(second)
  const instantMs = dayNumber * DAY_MS + secondOfDay * 1000 - offsetMin * 60_000
  return { precision: 'time', year, instantMs, offsetMin, fraction }
}

/** Whether a record of a living person's can be of that time; anything else is a slip of the pen. */
export function isPlausible({ year }: FhirTime): boolean {
  return year >= 1900 && year <= 2100
}

/** Days since 1970 of a date of the Gregorian calendar; null when there is no such date. */
export function dayNumberOf(year: number, month: number, day: number): number | null {
  const date = new Date(0)
  // Date.UTC takes years below 100 for those of the twentieth century.
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() / DAY_MS : null
}

/** The year in which a day lies. */
export function yearOfDay(dayNumber: number): number {
  return new Date(dayNumber * DAY_MS).getUTCFullYear()
}

/** `YYYY-MM-DD`; null for years that FHIR cannot write. */
export function dayText(dayNumber: number): string | null {
  const year = yearOfDay(dayNumber)
  if (year < 1 || year > 9999) return null
  return new Date(dayNumber * DAY_MS).toISOString().slice(0, 10)
}

/** `YYYY`. */
export function yearText(year: number): string {
  return String(year).padStart(4, '0')
}
