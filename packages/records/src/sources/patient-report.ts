import type { Answer } from '../fhir/questionnaire-response.ts'
import { buildQuestionnaireResponse } from '../fhir/questionnaire-response.ts'
import { TREMOR_QUESTIONNAIRE } from '../fhir/tremor-questionnaire.ts'
import { canonicalJson } from '../text/canonical-json.ts'
import type { JsonValue } from '../text/fhir-json.ts'
import { readNumber, readTime, sizeOf } from './entry-fields.ts'
import type { EntryLog } from './entry-log.ts'
import type { Entry, EntryReader, EntryTools } from './json-entries.ts'
import { convertEntries } from './json-entries.ts'
import type { PlacedTime } from './local-times.ts'
import type { SettlingRule } from './note-book.ts'
import { NUMBERED_BY_APPEARANCE, nameIn, openNumbering } from './numbering.ts'
import type { OpenSource } from './source.ts'
import { hashText } from './text-hash.ts'

/** Fields of the report that are answered yes or no, in Spanish or English. */
const CHOICES: ReadonlyMap<string, string> = new Map([
  ['alcohol', 'alcohol'],
  ['caffee', 'coffee'],
])
const YES: ReadonlySet<string> = new Set(['si', 'sí', 'yes', 'true', '1'])
const NO: ReadonlySet<string> = new Set(['no', 'false', '0'])

/** Fields with a score from 0 to 4, under the names that the application gives them. */
const SCORES: ReadonlyMap<string, string> = new Map([
  ['ArmExtendL', 'arm-extend-left'],
  ['ArmExtendR', 'arm-extend-right'],
  ['TouchNoseL', 'touch-nose-left'],
  ['TouchNoseR', 'touch-nose-right'],
  ['Writting', 'writing'],
  ['LargeSpiral', 'large-spiral'],
  ['SmallSpiral', 'small-spiral'],
  ['StraightLine', 'straight-line'],
  ['CupsL', 'cups-left'],
  ['CupsR', 'cups-right'],
  ['DrinkingL', 'drinking-left'],
  ['DrinkingR', 'drinking-right'],
])

const TIMES: ReadonlyMap<string, string> = new Map(
  [1, 2, 3, 4, 5, 6, 7].map((part) => [`t${part}`, `time-${part}`]),
)

/** What names the phone; it tells reports of different phones apart and is then forgotten. */
const PHONE = ['uuid', 'MAC', 'PhoneMod']
const REPORT_NUMBER = 'X'
const MAX_MEDICINE_LENGTH = 1000
/** More phones than a study gives out; beyond it the field is no phone. */
const MAX_SUBJECTS = 10_000

const TIME_UNREADABLE: SettlingRule = {
  rule: 'time-unreadable',
  text: 'Reports without a readable date and time were left out.',
}
const PHONE_LEFT_OUT: SettlingRule = {
  rule: 'phone-left-out',
  text: 'What names the phone (model, network address, number) was left out.',
}
const PHONE_IS_SUBJECT: SettlingRule = {
  rule: 'phone-is-subject',
  text: 'Reports of different phones were taken as those of different people.',
}
const SUBJECTS_MANY: SettlingRule = {
  rule: 'subjects-too-many',
  text: 'Reports of more than 10 000 phones were left out.',
}
const NUMBER_LEFT_OUT: SettlingRule = {
  rule: 'report-number-left-out',
  text: 'The running number of the report was left out.',
}
const ANSWER_MISSING: SettlingRule = {
  rule: 'answer-missing',
  text: 'Questions that a report does not answer were left without answer.',
}
const ANSWER_UNREADABLE: SettlingRule = {
  rule: 'answer-unreadable',
  text: 'Answers that are not of the kind the question asks for were left out.',
}
const SCORE_OUT_OF_RANGE: SettlingRule = {
  rule: 'score-out-of-range',
  text: 'Scores that are not a whole number from 0 to 4 were left out.',
}
const YES_AND_NO: SettlingRule = {
  rule: 'yes-or-no-from-text',
  text: 'Si and No were read as yes and no.',
}
const TIMES_REVERSED: SettlingRule = {
  rule: 'times-reversed',
  text: 'Reports whose parts were not filled in one after the other were kept as they are.',
}
const NO_ANSWERS: SettlingRule = {
  rule: 'no-answers',
  text: 'Reports without any answer were left out.',
}
const FIELDS_UNKNOWN: SettlingRule = {
  rule: 'fields-unknown',
  text: 'Fields that Halo does not know were left out.',
}
const TIME_REPEATED: SettlingRule = {
  rule: 'time-repeated',
  text: 'Of several different reports of one person at one time the first was kept.',
}

/**
 * Patients' reports on tremor as paper 000's application stores them. One QuestionnaireResponse per report; what
 * names the phone is left behind.
 */
export const openPatientReport: OpenSource = (source, options) =>
  convertEntries(
    'patient-report',
    source,
    options,
    ['date', 'Medicine', 'caffee', 'ArmExtendL'],
    createReader,
  )

function createReader({ log, times, names }: EntryTools): EntryReader {
  const subjects = openNumbering(names, MAX_SUBJECTS, hashText)
  let phones = 0
  const seen = new Map<string, string>()

  /** A number in place of the phone. */
  function subjectOf(entry: Entry): number | null {
    const subject = subjects.numberOf(hashText(nameIn(entry['uuid'])))
    if (subject === null) return null
    if (subject.isNew) phones += 1
    if (subject.isNew && phones > 1) log.note(PHONE_IS_SUBJECT)
    if (subject.isByAppearance) log.note(NUMBERED_BY_APPEARANCE)
    return subject.number
  }

  return (entry, row) => {
    noteFields(entry, log)
    const subject = subjectOf(entry)
    if (subject === null) return leaveOut(log, SUBJECTS_MANY)
    const date = readTime(entry['date'])
    if (date === null) return leaveOut(log, TIME_UNREADABLE)
    const series = `subject-${subject}`
    const answers = {
      ...readChoices(entry, log),
      ...readMedicine(entry, log),
      ...readScores(entry, log),
      ...readTimes(entry, log, (field) => {
        const time = readTime(entry[field])
        return time === null ? null : times.place(time, series, row)
      }),
    }
    if (Object.keys(answers).length === 0) return leaveOut(log, NO_ANSWERS)
    const placed = times.place(date, series, row)
    const response = buildQuestionnaireResponse(TREMOR_QUESTIONNAIRE, answers, {
      subject: `Patient/${series}`,
      authored: placed.text,
    })
    const line = canonicalJson(response as JsonValue)
    const key = `${series} ${placed.timeMs}`
    const before = seen.get(key)
    if (before === hashText(line)) {
      log.repeat()
      return ''
    }
    if (before !== undefined) return leaveOut(log, TIME_REPEATED)
    seen.set(key, hashText(line))
    log.wrote(1)
    return `${line}\n`
  }
}

function noteFields(entry: Entry, log: EntryLog): void {
  const fields = Object.keys(entry)
  if (fields.some((field) => PHONE.includes(field))) log.note(PHONE_LEFT_OUT)
  if (fields.includes(REPORT_NUMBER)) log.note(NUMBER_LEFT_OUT)
  const unknown = fields.filter((field) => !isKnown(field)).length
  if (unknown > 0) log.note(FIELDS_UNKNOWN, unknown)
}

function isKnown(field: string): boolean {
  return (
    CHOICES.has(field) ||
    SCORES.has(field) ||
    TIMES.has(field) ||
    PHONE.includes(field) ||
    ['date', 'Medicine', 'Angle', REPORT_NUMBER].includes(field)
  )
}

type Answers = Record<string, Answer>

function readChoices(entry: Entry, log: EntryLog): Answers {
  const answers: Answers = {}
  for (const [field, linkId] of CHOICES) {
    const value = entry[field]
    const word = typeof value === 'string' ? value.trim().toLowerCase() : String(value)
    if (isMissing(value)) log.note(ANSWER_MISSING)
    else if (typeof value === 'boolean') answers[linkId] = value
    else if (YES.has(word) || NO.has(word)) {
      log.note(YES_AND_NO)
      answers[linkId] = YES.has(word)
    } else log.note(ANSWER_UNREADABLE)
  }
  return answers
}

function readMedicine(entry: Entry, log: EntryLog): Answers {
  const { Medicine: value } = entry
  const text = typeof value === 'string' ? value.trim() : ''
  if (isMissing(value)) log.note(ANSWER_MISSING)
  else if (text === '' || text.length > MAX_MEDICINE_LENGTH || !text.isWellFormed())
    log.note(ANSWER_UNREADABLE)
  else return { medicine: text }
  return {}
}

function readScores(entry: Entry, log: EntryLog): Answers {
  const answers: Answers = {}
  for (const [field, linkId] of SCORES) {
    const value = entry[field]
    const number = isMissing(value) ? null : readNumber(value, log)
    const score = number === null ? Number.NaN : sizeOf(number)
    if (isMissing(value)) log.note(ANSWER_MISSING)
    else if (number === null) log.note(ANSWER_UNREADABLE)
    else if (Number.isInteger(score) && score >= 0 && score <= 4) answers[linkId] = score
    else log.note(SCORE_OUT_OF_RANGE)
  }
  const { Angle: value } = entry
  const angle = readNumber(value, log)
  if (isMissing(value)) log.note(ANSWER_MISSING)
  else if (angle === null || Math.abs(sizeOf(angle)) > 360) log.note(ANSWER_UNREADABLE)
  else answers['angle'] = angle
  return answers
}

function readTimes(entry: Entry, log: EntryLog, place: (field: string) => PlacedTime | null): Answers {
  const answers: Answers = {}
  let lastMs = Number.NEGATIVE_INFINITY
  let isReversed = false
  for (const [field, linkId] of TIMES) {
    const placed = isMissing(entry[field]) ? null : place(field)
    if (isMissing(entry[field])) log.note(ANSWER_MISSING)
    else if (placed === null) log.note(ANSWER_UNREADABLE)
    else {
      isReversed ||= placed.timeMs < lastMs
      lastMs = placed.timeMs
      answers[linkId] = placed.text
    }
  }
  if (isReversed) log.note(TIMES_REVERSED)
  return answers
}

function isMissing(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === ''
}

function leaveOut(log: EntryLog, rule: SettlingRule): string {
  log.leaveOut(rule)
  return ''
}
