import { buildTremorScore } from '../fhir/tremor.ts'
import { canonicalJson, Decimal } from '../text/canonical-json.ts'
import type { WrittenTime } from '../text/date-time.ts'
import { parseWrittenTime } from '../text/date-time.ts'
import type { JsonValue } from '../text/fhir-json.ts'
import { readNumber } from './entry-fields.ts'
import type { EntryLog } from './entry-log.ts'
import type { EntryReader, EntryTools } from './json-entries.ts'
import { convertEntries } from './json-entries.ts'
import type { SettlingRule } from './note-book.ts'
import type { OpenSource } from './source.ts'
import { SUBJECT } from './vital-signs-line.ts'

const SECONDS_OUT_OF_RANGE: SettlingRule = {
  rule: 'seconds-out-of-range',
  text: 'Entries whose seconds are 60 to 99 were left out: no clock shows such a time, and later entries already have the minute after it.',
}
const TIME_UNREADABLE: SettlingRule = {
  rule: 'time-unreadable',
  text: 'Entries without a readable date and time were left out.',
}
const SCORE_OUT_OF_RANGE: SettlingRule = {
  rule: 'score-out-of-range',
  text: 'Entries whose score is not a whole number from 0 to 4 were left out.',
}
const FIELDS_UNKNOWN: SettlingRule = {
  rule: 'fields-unknown',
  text: 'Fields that Halo does not know were left out.',
}
const TIME_REPEATED: SettlingRule = {
  rule: 'time-repeated',
  text: 'Of several different scores at one time the first was kept.',
}

/** Year to second without separators, as a number or a text. */
const COMPACT = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/

/**
 * Tremor scores as paper 000's watch sends them: a list of entries with `t`, a time whose digits are written as
 * one number, and `tre`, a score from 0 to 4. One Observation per entry.
 */
export const openTremorScore: OpenSource = (source, options) =>
  convertEntries('tremor-score', source, options, ['t', 'tre'], createReader)

function createReader({ log, times }: EntryTools): EntryReader {
  const seen = new Map<number, number>()
  return (entry, row) => {
    const unknown = Object.keys(entry).filter((field) => field !== 't' && field !== 'tre').length
    if (unknown > 0) log.note(FIELDS_UNKNOWN, unknown)
    const time = readCompactTime(entry['t'])
    if ('rule' in time) return leaveOut(log, time)
    const score = scoreOf(readNumber(entry['tre'], log))
    if (score === null) return leaveOut(log, SCORE_OUT_OF_RANGE)
    const placed = times.place(time, 'tremor-score', row)
    const before = seen.get(placed.timeMs)
    if (before === score) {
      log.repeat()
      return ''
    }
    if (before !== undefined) return leaveOut(log, TIME_REPEATED)
    seen.set(placed.timeMs, score)
    log.cover('tremor-score', placed.timeMs)
    log.wrote(1)
    const observation = buildTremorScore(score, { subject: SUBJECT, effective: placed.text })
    return `${canonicalJson(observation as JsonValue)}\n`
  }
}

function scoreOf(value: Decimal | number | null): number | null {
  const score = value instanceof Decimal ? Number(value.text) : value
  return score !== null && Number.isInteger(score) && score >= 0 && score <= 4 ? score : null
}

function readCompactTime(value: JsonValue | undefined): WrittenTime | SettlingRule {
  if (typeof value !== 'number' && typeof value !== 'string') return TIME_UNREADABLE
  const text = String(value).trim()
  const parts = COMPACT.exec(text)
  if (parts === null) return parseWrittenTime(text) ?? TIME_UNREADABLE
  const [, year, month, day, hour, minute, second] = parts
  const upToMinute = `${year}-${month}-${day}T${hour}:${minute}`
  if (Number(second) > 59 && parseWrittenTime(upToMinute) !== null) return SECONDS_OUT_OF_RANGE
  return parseWrittenTime(`${upToMinute}:${second}`) ?? TIME_UNREADABLE
}

function leaveOut(log: EntryLog, rule: SettlingRule): string {
  log.leaveOut(rule)
  return ''
}
