import { Decimal } from '../text/canonical-json.ts'
import { offsetText } from '../text/date-time.ts'
import type { JsonValue } from '../text/fhir-json.ts'
import type { Outcome } from './engine.ts'
import type { FhirTime } from './fhir-time.ts'
import { DAY_MS, dayText, isPlausible, readFhirTime, yearOfDay, yearText } from './fhir-time.ts'

/**
 * Says how far a time is from the patient's first record: `day`, counted from 0 on the day of the first record,
 * and `second` of that day, on a clock that never changes between summer and winter; `year` where the element
 * itself cannot say it.
 */
export const RELATIVE_TIME = 'https://halo.example/fhir/StructureDefinition/relative-time'

/** What rewriting a patient's times takes. */
export interface PatientTimes {
  /** Day number of the first record, by the clock of `offsetMin`; null when no record has a day. */
  readonly originDay: number | null
  /** Times of earlier years are not told: they would show an age of 90 or more, or are slips of the pen. */
  readonly firstYear: number
  /** Offset from UTC of the first record that has one, in minutes; all of the patient's times are given in it. */
  readonly offsetMin: number
  readonly shiftDays: number
  /** Keeps every time's own offset. */
  readonly keepsOffsets: boolean
}

/** Days in a year on the average of the Gregorian calendar. */
const DAYS_PER_YEAR = 365.2425
/** Beyond these, a distance between two days of one life says that it is a long one. */
const MAX_RELATIVE_DAYS = 89 * DAYS_PER_YEAR

/**
 * A time relative to the patient's first record. The year that is written counts whole years from the year of
 * that record: true years would show between which days a new year began, and so the calendar date of each.
 * An instant has no form for a year, which its extension says.
 */
export function makeRelative(text: JsonValue, type: string, patient: PatientTimes | null): Outcome {
  const time = readTellable(text, patient)
  if (time === null || patient === null) return {}
  const { originDay } = patient
  if (time.precision === 'year' || originDay === null) return yearOnly(time, type, patient)
  const { dayNumber, second } = onPatientsClock(time, patient.offsetMin)
  const day = dayNumber - originDay
  if (day > MAX_RELATIVE_DAYS || day < 0) return {}
  const parts: JsonValue[] = [{ url: 'day', valueInteger: day }]
  if (second !== null) parts.push({ url: 'second', valueDecimal: second })
  const year = yearOfDay(originDay) + Math.floor(day / DAYS_PER_YEAR)
  if (type === 'instant') parts.push({ url: 'year', valueInteger: year })
  const extension = [{ url: RELATIVE_TIME, extension: parts }]
  return type === 'instant' ? { extension } : { value: yearText(year), extension }
}

/**
 * A time moved by the patient's offset, whole days. All of a patient's times are given in one UTC offset: the
 * days on which clocks change would show by how much they were moved.
 */
export function shiftTime(text: JsonValue, type: string, patient: PatientTimes | null): Outcome {
  const time = readTellable(text, patient)
  if (time === null || patient === null) return {}
  if (time.precision === 'year') return yearOnly(time, type, patient)
  return moveTime(time, patient)
}

/** A time that {@link shiftTime} would move, whether or not it may be told. */
export function moveTime(
  time: Exclude<FhirTime, { readonly precision: 'year' }>,
  patient: PatientTimes,
): Outcome {
  if (time.precision === 'day') return textOrNothing(dayText(time.dayNumber + patient.shiftDays))
  const offsetMin = patient.keepsOffsets ? time.offsetMin : patient.offsetMin
  const wallMs = time.instantMs + offsetMin * 60_000
  const day = dayText(Math.floor(wallMs / DAY_MS) + patient.shiftDays)
  if (day === null) return {}
  const clock = new Date(positiveRemainder(wallMs)).toISOString().slice(11, 19)
  return { value: `${day}T${clock}${time.fraction}${offsetMin === 0 ? 'Z' : offsetText(offsetMin)}` }
}

/** Whether a text is a FHIR time at all: one that does not come out again was lost. */
export function isFhirTime(text: JsonValue): boolean {
  return typeof text === 'string' && readFhirTime(text) !== null
}

/**
 * A time of somebody's and of a year that may be told. Times that could be any one's of several are not: true
 * years beside those of the records that they speak of would show where a new year began.
 */
function readTellable(text: JsonValue, patient: PatientTimes | null): FhirTime | null {
  const time = typeof text === 'string' ? readFhirTime(text) : null
  return time !== null && patient !== null && isPlausible(time) && time.year >= patient.firstYear
    ? time
    : null
}

/** Years that lie this far before the first record cannot be those of records. */
const YEARS_BEFORE = 2

/**
 * The year alone, which an instant cannot say. A true year among times that were moved would show, like a new
 * year, by how much; so only years from long before the first of those times are told.
 */
function yearOnly({ year }: FhirTime, type: string, { originDay }: PatientTimes): Outcome {
  const isApart = originDay === null || year <= yearOfDay(originDay) - YEARS_BEFORE
  return type === 'instant' || !isApart ? {} : { value: yearText(year) }
}

function onPatientsClock(
  time: Exclude<FhirTime, { readonly precision: 'year' }>,
  offsetMin: number,
): { readonly dayNumber: number; readonly second: number | Decimal | null } {
  if (time.precision === 'day') return { dayNumber: time.dayNumber, second: null }
  const wallMs = time.instantMs + offsetMin * 60_000
  const second = positiveRemainder(wallMs) / 1000
  return {
    dayNumber: Math.floor(wallMs / DAY_MS),
    second: time.fraction === '' ? second : new Decimal(`${second}${time.fraction}`),
  }
}

function positiveRemainder(wallMs: number): number {
  return ((wallMs % DAY_MS) + DAY_MS) % DAY_MS
}

function textOrNothing(value: string | null): Outcome {
  return value === null ? {} : { value }
}
