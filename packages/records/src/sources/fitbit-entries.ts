import { buildSleep } from '../fhir/vital-signs.ts'
import { Decimal } from '../text/canonical-json.ts'
import { parseWrittenTime } from '../text/date-time.ts'
import type { JsonValue } from '../text/fhir-json.ts'
import { isObject } from '../text/fhir-json.ts'
import type { DateOrder } from './fitbit-times.ts'
import { parseDay, parseExportDate, parseExportTime } from './fitbit-times.ts'
import type { SettlingRule } from './note-book.ts'
import type { Clock } from './vital-signs-clock.ts'
import type { MeasuredFigure, SourceTime } from './vital-signs-line.ts'
import { SUBJECT } from './vital-signs-line.ts'
import type { Outcome } from './vital-signs-writer.ts'

/** How the entries of one file are to be read. */
export interface EntryContext {
  readonly clock: Clock
  /** Number of the present entry. */
  entry(): number
  /** @throws RecordsError `DATE_ORDER_NEEDED` */
  dateOrder(): DateOrder
}

/** A JSON object of a file. */
export type Entry = { readonly [key: string]: JsonValue | undefined }

const TIME_UNREADABLE: SettlingRule = {
  rule: 'time-unreadable',
  text: 'Entries without a readable date or time were left out.',
}

/** `{ dateTime, value: { bpm, confidence } }` of an account export; the confidence is not documented. */
export function readHeartRate(entry: Entry, context: EntryContext): Outcome {
  const value = entry['value']
  const start = exportTime(entry['dateTime'], context)
  if (start === null) return TIME_UNREADABLE
  const valueText = textOf(isObject(value) ? value['bpm'] : undefined)
  return { kind: 'heart-rate', valueText, start }
}

/** `{ dateTime, value: { date, value, error } }` of an account export; days without one have no date inside. */
export function readRestingRate(entry: Entry, context: EntryContext): Outcome {
  const value = entry['value']
  if (!isObject(value) || value['date'] === null) return 'day-without-value'
  const start = parseExportDate(value['date'], context.dateOrder, context.entry())
  if (start === null) return TIME_UNREADABLE
  const valueText = textOf(value['value'])
  return { kind: 'resting-heart-rate', valueText, start }
}

/** `{ dateTime, value: "12" }` of an account export, which does not say what was counted nor for how long. */
export function readCount(kind: 'steps' | 'energy-burned', entry: Entry, context: EntryContext): Outcome {
  const start = exportTime(entry['dateTime'], context)
  if (start === null) return TIME_UNREADABLE
  return { kind, valueText: textOf(entry['value']), start }
}

/** `{ date, time, weight }` of the account export or of the Web API. */
export function readWeight(unit: 'kg' | '[lb_av]', entry: Entry, context: EntryContext): Outcome {
  const { date, time } = entry
  const day = parseDay(date) ?? parseExportDate(date, context.dateOrder, context.entry())
  const written = day === null || typeof time !== 'string' ? null : parseWrittenTime(`${day.text}T${time}`)
  if (written === null) return TIME_UNREADABLE
  return { kind: 'body-weight', valueText: textOf(entry['weight']), unit, start: context.clock(written) }
}

const STAGES = [
  ['deepMin', 'deep'],
  ['lightMin', 'light'],
  ['remMin', 'rem'],
  ['awakeMin', 'wake'],
] as const

/**
 * A sleep log of the account export or of the Web API, as one Observation with its stages.
 * @see https://dev.fitbit.com/build/reference/web-api/sleep/get-sleep-log-by-date/
 */
export function readSleepLog(entry: Entry, context: EntryContext): Outcome {
  const [from, to] = [writtenTime(entry['startTime']), writtenTime(entry['endTime'])]
  if (from === null || to === null) return TIME_UNREADABLE
  const [start, end] = [context.clock(from), context.clock(to)]
  const asleep = minutesOf(entry['minutesAsleep'])
  if (asleep === null) return 'sleep-without-minutes'
  const stages = stagesOf(entry)
  return {
    key: `sleep ${asleep.text} ${stages.map(([key, minutes]) => `${key} ${minutes.text}`).join(' ')}`,
    start,
    end,
    build: (id) =>
      buildSleep(
        { asleepMin: asleep, ...Object.fromEntries(stages) },
        { id, subject: SUBJECT, effective: { start: start.text, end: end.text } },
      ),
  }
}

function stagesOf(entry: Entry): readonly (readonly [string, Decimal])[] {
  const levels = entry['levels']
  const summary = isObject(levels) ? levels['summary'] : undefined
  if (!isObject(summary)) return []
  return STAGES.flatMap(([key, name]) => {
    const stage = summary[name]
    const minutes = isObject(stage) ? minutesOf(stage['minutes']) : null
    return minutes === null ? [] : [[key, minutes] as const]
  })
}

/** Minutes of at most a day; null for anything else. */
function minutesOf(value: JsonValue | undefined): Decimal | null {
  const text = textOf(value)
  return /^(?:0|[1-9][0-9]{0,3})$/.test(text) && Number(text) <= 1440 ? new Decimal(text) : null
}

/** A daily total of the Web API, `{ dateTime: "2026-01-31", value }`; it belongs to the day. */
export function readDay(kind: MeasuredFigure['kind'], entry: Entry): Outcome {
  const start = parseDay(entry['dateTime'])
  if (start === null) return TIME_UNREADABLE
  const value = entry['value']
  // Of heart rates, the day has zones too, and the resting rate only if the device was worn.
  if (kind !== 'resting-heart-rate') return { kind, valueText: textOf(value), start }
  const resting = isObject(value) ? value['restingHeartRate'] : undefined
  return resting === undefined ? 'day-without-value' : { kind, valueText: textOf(resting), start }
}

/** The digits of a number that the file writes as such or as text; '' for anything else. */
export function textOf(value: JsonValue | undefined): string {
  if (value instanceof Decimal) return value.text
  return typeof value === 'number' || typeof value === 'string' ? String(value) : ''
}

function exportTime(
  text: JsonValue | undefined,
  { clock, dateOrder, entry }: EntryContext,
): SourceTime | null {
  const written = parseExportTime(text, dateOrder, entry())
  return written === null ? null : clock(written)
}

function writtenTime(text: JsonValue | undefined) {
  return typeof text === 'string' ? parseWrittenTime(text) : null
}
