import { RecordsError } from '../errors.ts'
import type { VitalSignKind } from '../fhir/vital-signs.ts'
import { parseWrittenTime } from '../text/date-time.ts'
import type { JsonValue } from '../text/fhir-json.ts'
import { isObject } from '../text/fhir-json.ts'
import type { Entry, EntryContext } from './fitbit-entries.ts'
import {
  readCount,
  readDay,
  readHeartRate,
  readRestingRate,
  readSleepLog,
  readWeight,
  textOf,
} from './fitbit-entries.ts'
import { addDuration, parseDay } from './fitbit-times.ts'
import type { SettlingRule } from './note-book.ts'
import type { Outcome, VitalSignWriter } from './vital-signs-writer.ts'

type ReadEntry = (entry: Entry, context: EntryContext) => Outcome

const CONFIDENCE: SettlingRule = {
  rule: 'confidence-not-kept',
  text: 'Fitbit gives each heart rate a confidence without saying what it means; it was not taken over.',
}
const DAY_UNKNOWN: SettlingRule = {
  rule: 'intraday-day-unknown',
  text: 'Values of a day were left out where the file names more than one day, or none.',
}

/**
 * Takes over what a file says. Which export it is, is told by its shape alone.
 * @param unit what the values are, where the file does not say
 * @throws RecordsError `FORMAT_UNKNOWN`, `UNIT_NEEDED`, and those of the clock
 */
export function readFitbit(
  value: JsonValue,
  unit: string | undefined,
  context: EntryContext,
  writer: VitalSignWriter,
): void {
  if (isList(value)) readList(value, readerOf(value[0], unit), context, writer)
  else if (!isObject(value)) throw unknownFormat()
  else if (isList(value['sleep'])) readList(value['sleep'], readSleepLog, context, writer)
  else if (isList(value['weight'])) readList(value['weight'], weightReader(unit), context, writer)
  else if (!readActivities(value, context, writer)) throw unknownFormat()
}

function readList(
  entries: readonly JsonValue[],
  read: ReadEntry,
  context: EntryContext,
  writer: VitalSignWriter,
): void {
  for (const entry of entries) {
    writer.nextEntry()
    writer.take(isObject(entry) ? read(entry, context) : 'other-entries')
  }
  if (read === readHeartRate) writer.note(CONFIDENCE)
}

/** The reader that fits the first entry of a list; entries of one file are alike. */
function readerOf(entry: JsonValue | undefined, unit: string | undefined): ReadEntry {
  if (entry === undefined) return () => 'other-entries'
  if (!isObject(entry)) throw unknownFormat()
  if ('dateOfSleep' in entry) return readSleepLog
  if ('weight' in entry && 'date' in entry) return weightReader(unit)
  const value = entry['value']
  if (!('dateTime' in entry) || value === undefined) throw unknownFormat()
  if (isObject(value) && 'bpm' in value) return readHeartRate
  if (isObject(value) && 'date' in value) return readRestingRate
  if (typeof value === 'string') return countReader(unit)
  throw unknownFormat()
}

function countReader(unit: string | undefined): ReadEntry {
  if (unit === 'steps' || unit === '{steps}') return (entry, context) => readCount('steps', entry, context)
  if (unit === 'kcal') return (entry, context) => readCount('energy-burned', entry, context)
  throw unitNeeded(
    'These values could be steps, calories or distances. Say which: --unit steps or --unit kcal.',
  )
}

function weightReader(unit: string | undefined): ReadEntry {
  if (unit === 'kg') return (entry, context) => readWeight('kg', entry, context)
  if (unit === 'lb' || unit === '[lb_av]') return (entry, context) => readWeight('[lb_av]', entry, context)
  throw unitNeeded(
    'The file does not say the unit of weights. Say which the account uses: --unit kg or --unit lb.',
  )
}

interface Activity {
  readonly day: VitalSignKind
  readonly intraday: VitalSignKind
}

/** Resources of the Web API's time series; each has days, and may have one day's values. */
const ACTIVITIES: ReadonlyMap<string, Activity> = new Map([
  ['activities-heart', { day: 'resting-heart-rate', intraday: 'heart-rate' }],
  ['activities-steps', { day: 'steps-per-day', intraday: 'steps' }],
  ['activities-calories', { day: 'energy-burned-per-day', intraday: 'energy-burned' }],
])

/** @see https://dev.fitbit.com/build/reference/web-api/intraday/get-activity-intraday-by-date/ */
function readActivities(file: Entry, context: EntryContext, writer: VitalSignWriter): boolean {
  let isKnown = false
  for (const [name, activity] of ACTIVITIES) {
    const days = file[name]
    if (!isList(days)) continue
    isKnown = true
    readList(days, (entry) => readDay(activity.day, entry), context, writer)
    const intraday = file[`${name}-intraday`]
    if (isObject(intraday)) readIntraday(activity.intraday, intraday, days, context, writer)
  }
  return isKnown
}

const SECONDS: ReadonlyMap<JsonValue | undefined, number> = new Map([
  ['second', 1],
  ['minute', 60],
])

/** Values of one day, `{ dataset: [{ time, value }], datasetInterval, datasetType }`; the day stands with its total. */
function readIntraday(
  kind: VitalSignKind,
  intraday: Entry,
  days: readonly JsonValue[],
  context: EntryContext,
  writer: VitalSignWriter,
): void {
  const dataset = intraday['dataset']
  if (!isList(dataset)) throw unknownFormat()
  const [first] = days
  const day = days.length === 1 && isObject(first) ? parseDay(first['dateTime']) : null
  const intervalMs =
    Number(textOf(intraday['datasetInterval'])) * (SECONDS.get(intraday['datasetType']) ?? 0) * 1000
  const isSpan = kind !== 'heart-rate'
  if (isSpan && !(intervalMs > 0 && intervalMs <= 86_400_000)) throw unknownFormat()
  const read: ReadEntry = ({ time, value }) => {
    const written = typeof time === 'string' && day !== null ? parseWrittenTime(`${day.text}T${time}`) : null
    if (written === null) return DAY_UNKNOWN
    const start = context.clock(written)
    return { kind, valueText: textOf(value), start, end: isSpan ? addDuration(start, intervalMs) : undefined }
  }
  readList(dataset, read, context, writer)
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function unitNeeded(message: string): RecordsError {
  return new RecordsError('UNIT_NEEDED', message, { option: 'unit' })
}

function unknownFormat(): RecordsError {
  return new RecordsError(
    'FORMAT_UNKNOWN',
    'The file is none of the Fitbit files that Halo knows: heart rate, resting heart rate, steps, calories, sleep or weight, as the account export or the Web API writes them.',
  )
}
