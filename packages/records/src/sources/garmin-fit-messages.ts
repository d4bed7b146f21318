import { buildBloodPressure } from '../fhir/vital-signs.ts'
import { utcText } from '../text/date-time.ts'
import type { FitMessage } from './garmin-fit-decoder.ts'
import { FIT_EPOCH_MS } from './garmin-fit-decoder.ts'
import type { SettlingRule } from './note-book.ts'
import type { SourceTime } from './vital-signs-line.ts'
import { SUBJECT } from './vital-signs-line.ts'
import { applyUnit } from './vital-signs-units.ts'
import type { Outcome } from './vital-signs-writer.ts'

/** What the messages of one file say, told one after the other. */
export type FitReader = (message: FitMessage) => readonly Outcome[]

/** Below this, a device counts seconds since it was switched on. @see https://developer.garmin.com/fit/protocol/ */
const LEAST_DATE_SEC = 0x1000_0000

const WALKING = 6
const RUNNING = 1

const TIME_RELATIVE: SettlingRule = {
  rule: 'time-relative',
  text: 'Messages whose time counts from when the device was switched on were left out.',
}
const TIME_MISSING: SettlingRule = {
  rule: 'time-missing',
  text: 'Measurements without a time were left out.',
}
const STEPS_BASE: SettlingRule = {
  rule: 'steps-base',
  text: 'Devices write steps as a running sum. The first sum of a file says where counting begins; it was left out.',
}
const STEPS_RESTART: SettlingRule = {
  rule: 'steps-restart',
  text: 'Where the running sum of steps began anew, the new sum was taken as the steps since the message before.',
}

/** Messages that are left out whole, by what they are counted as. */
const LEFT_OUT: ReadonlyMap<number, string> = new Map([
  [0, 'device'],
  [3, 'person'],
  [19, 'lap'],
  [21, 'event'],
  [23, 'device'],
  [49, 'device'],
  [78, 'beat-to-beat'],
  [227, 'stress'],
  [275, 'sleep-level'],
])

/**
 * Opens a reader of the messages that hold vital signs. Numbers of messages and fields, and scales, are those
 * of the FIT profile. Sleep levels are left out, because it is not documented whether a level begins or ends at
 * its time; laps, because the session counts the same energy.
 * @see https://developer.garmin.com/fit/
 */
export function createFitReader(): FitReader {
  const readSteps = createStepReader()
  let clockSec: number | null = null

  return (message) => {
    const { number, fields } = message
    const get = (field: number): number | undefined => fields.get(field)
    clockSec = message.timestampSec ?? clockSec
    const kind = LEFT_OUT.get(number)
    if (kind !== undefined) return [kind]
    switch (number) {
      case 18:
        return [readSession(message)]
      case 20:
        return readPoint(message)
      case 30:
        return [figure('body-weight', scaled(get(0), 2), message, 'kg')]
      case 51:
        return readPressure(message)
      case 55: {
        const sec = get(26) === undefined ? message.timestampSec : expandTime(get(26) ?? 0, clockSec)
        clockSec = sec ?? clockSec
        return readMonitoring({ ...message, timestampSec: sec }, readSteps)
      }
      case 211:
        return [figure('resting-heart-rate', scaled(get(1)), message)]
      case 269:
        return [figure('oxygen-saturation', scaled(get(0)), message)]
      case 297:
        return [figure('respiratory-rate', scaled(get(0), 2), message)]
      default:
        return ['other-messages']
    }
  }
}

type FigureKind =
  | 'heart-rate'
  | 'resting-heart-rate'
  | 'body-weight'
  | 'oxygen-saturation'
  | 'respiratory-rate'

function figure(kind: FigureKind, valueText: string | null, message: FitMessage, unit?: string): Outcome {
  if (valueText === null) return `without-${kind}`
  const start = timeOf(message.timestampSec)
  return 'rule' in start ? start : { kind, valueText, start, unit }
}

function readPoint(message: FitMessage): Outcome[] {
  const outcomes = [figure('heart-rate', scaled(message.fields.get(3)), message)]
  // Latitude and longitude: where a patient was is not for a health record.
  return message.fields.has(0) || message.fields.has(1) ? [...outcomes, 'position'] : outcomes
}

function readSession({ fields, timestampSec }: FitMessage): Outcome {
  const valueText = scaled(fields.get(11))
  if (valueText === null) return 'session-without-energy'
  const start = timeOf(fields.get(2) ?? timestampSec)
  const end = timeOf(timestampSec)
  if ('rule' in start) return start
  return 'rule' in end ? end : { kind: 'energy-burned', valueText, start, end }
}

function readPressure(message: FitMessage): Outcome[] {
  const [systolicMmHg, diastolicMmHg] = [message.fields.get(0), message.fields.get(1)]
  const start = timeOf(message.timestampSec)
  if (systolicMmHg === undefined || diastolicMmHg === undefined) return ['without-blood-pressure']
  if ('rule' in start) return [start]
  if (systolicMmHg < 10 || systolicMmHg > 400 || diastolicMmHg < 10 || diastolicMmHg > systolicMmHg)
    return ['blood-pressure-implausible']
  const pressure: Outcome = {
    key: `blood-pressure ${systolicMmHg} ${diastolicMmHg}`,
    start,
    build: (id) =>
      buildBloodPressure({ systolicMmHg, diastolicMmHg }, { id, subject: SUBJECT, effective: start.text }),
  }
  return message.fields.has(6)
    ? [pressure, figure('heart-rate', scaled(message.fields.get(6)), message)]
    : [pressure]
}

function readMonitoring(message: FitMessage, readSteps: StepReader): Outcome[] {
  const { fields } = message
  const outcomes: Outcome[] = []
  if (fields.has(27)) outcomes.push(figure('heart-rate', scaled(fields.get(27)), message))
  if (fields.has(3)) outcomes.push(readSteps(message))
  return outcomes.length === 0 ? ['monitoring-other'] : outcomes
}

type StepReader = (message: FitMessage) => Outcome

/** Turns the running sums of steps, one for each activity, into steps from message to message. */
function createStepReader(): StepReader {
  const sums = new Map<number, { readonly sum: number; readonly time: SourceTime }>()
  return ({ fields, timestampSec }) => {
    const activity = fields.get(5) ?? (fields.get(24) ?? 0) & 0x1f
    if (activity !== WALKING && activity !== RUNNING) return 'cycles-of-other-activities'
    const time = timeOf(timestampSec)
    if ('rule' in time) return time
    const sum = fields.get(3) ?? 0
    const before = sums.get(activity)
    sums.set(activity, { sum, time })
    if (before === undefined) return STEPS_BASE
    const isRestart = sum < before.sum
    return {
      kind: 'steps',
      valueText: String(isRestart ? sum : sum - before.sum),
      start: before.time,
      end: time,
      settledBy: isRestart ? STEPS_RESTART : undefined,
    }
  }
}

/** The last 16 bits of a time that is not before the one before. */
function expandTime(low: number, clockSec: number | null): number | null {
  if (clockSec === null) return null
  return clockSec + ((low - (clockSec % 0x1_0000) + 0x1_0000) % 0x1_0000)
}

function timeOf(timestampSec: number | null): SourceTime | SettlingRule {
  if (timestampSec === null) return TIME_MISSING
  if (timestampSec < LEAST_DATE_SEC) return TIME_RELATIVE
  const timeMs = FIT_EPOCH_MS + timestampSec * 1000
  return { text: utcText(timeMs), timeMs }
}

/** A number divided by a power of ten, digit by digit. */
function scaled(value: number | undefined, shift = 0): string | null {
  return value === undefined ? null : applyUnit(String(value), { ucum: '', shift })
}
