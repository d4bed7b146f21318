import { buildSleep } from '../fhir/vital-signs.ts'
import { Decimal } from '../text/canonical-json.ts'
import type { Attributes, TimeReader } from './apple-health-times.ts'
import { APPLE_PRESSURES, APPLE_QUANTITIES, kindLeftOut } from './apple-health-types.ts'
import type { SettlingRule } from './note-book.ts'
import type { MeasuredFigure } from './vital-signs-line.ts'
import { SUBJECT } from './vital-signs-line.ts'
import { applyUnit } from './vital-signs-units.ts'
import type { Outcome } from './vital-signs-writer.ts'

const QUANTITY = 'HKQuantityTypeIdentifier'
const CATEGORY = 'HKCategoryTypeIdentifier'
const SLEEP = 'HKCategoryValueSleepAnalysis'

const TIME_UNREADABLE: SettlingRule = {
  rule: 'time-unreadable',
  text: 'Records without a date, time and offset from UTC were left out.',
}
const UNIT_UNKNOWN: SettlingRule = {
  rule: 'unit-unknown',
  text: 'Records in a unit that Halo does not know for their kind were left out.',
}
const GLUCOSE_SPECIMEN: SettlingRule = {
  rule: 'glucose-specimen-unstated',
  text: 'Apple Health does not say whether glucose was measured in blood or by a sensor under the skin. It calls it blood glucose, and so it is coded; each such Observation says so.',
}
const GLUCOSE_NOTE =
  'Specimen not stated: the source does not tell glucose in blood from interstitial glucose of a sensor.'
const PERCENT_OF_ONE: SettlingRule = {
  rule: 'percentage-from-fraction',
  text: 'Oxygen saturation is a fraction of 1 in Apple Health; it was written as a percentage.',
}

const SETTLED: Readonly<Record<string, Pick<MeasuredFigure, 'note' | 'settledBy'>>> = {
  BloodGlucose: { note: GLUCOSE_NOTE, settledBy: GLUCOSE_SPECIMEN },
  OxygenSaturation: { settledBy: PERCENT_OF_ONE },
}

/** Reads one record that stands by itself. */
export function readRecord(record: Attributes, timesOf: TimeReader): Outcome {
  const { type = '' } = record
  if (type.startsWith(QUANTITY)) return readQuantity(record, type.slice(QUANTITY.length), timesOf)
  if (type === `${CATEGORY}SleepAnalysis`) return readSleep(record, timesOf)
  return kindLeftOut(type.slice(CATEGORY.length))
}

/** Whether a record is one of the two pressures of a measurement, and which. */
export function pressureOf({ type = '' }: Attributes): 'systolic' | 'diastolic' | undefined {
  return type.startsWith(QUANTITY) ? APPLE_PRESSURES.get(type.slice(QUANTITY.length)) : undefined
}

function readQuantity(record: Attributes, type: string, timesOf: TimeReader): Outcome {
  const units = APPLE_QUANTITIES.get(type)
  if (units === undefined) return kindLeftOut(type)
  const rule = units.get(record['unit'] ?? '')
  if (rule === undefined) return UNIT_UNKNOWN
  const times = timesOf(record)
  if (times === null) return TIME_UNREADABLE
  return {
    kind: rule.kind,
    valueText: applyUnit(record['value'] ?? '', rule),
    unit: rule.ucum,
    ...times,
    device: deviceOf(record['device'] ?? ''),
    ...SETTLED[type],
  }
}

/** Stages by HealthKit's names; what is deep or REM sleep is sleep too, and core sleep is what others call light. */
const STAGES: ReadonlyMap<string, 'deepMin' | 'lightMin' | 'remMin' | 'awakeMin' | null> = new Map([
  ['Asleep', null],
  ['AsleepUnspecified', null],
  ['AsleepCore', 'lightMin'],
  ['AsleepDeep', 'deepMin'],
  ['AsleepREM', 'remMin'],
  ['Awake', 'awakeMin'],
])

/**
 * One Observation per stretch of one stage, as it was recorded: which stretches make up a night is for
 * whoever sums them. Being in bed is not sleep and is left out.
 */
function readSleep(record: Attributes, timesOf: TimeReader): Outcome {
  const value = record['value'] ?? ''
  const stage = STAGES.get(value.startsWith(SLEEP) ? value.slice(SLEEP.length) : '')
  if (stage === undefined) return value === `${SLEEP}InBed` ? 'in-bed' : 'sleep-unknown'
  const times = timesOf(record)
  if (times === null) return TIME_UNREADABLE
  const { start, end = start } = times
  const minutes = minutesText(end.timeMs - start.timeMs)
  const device = deviceOf(record['device'] ?? '')
  return {
    key: `sleep ${stage ?? 'asleep'} ${device ?? ''}`,
    start,
    end,
    build: (id) =>
      buildSleep(
        { asleepMin: stage === 'awakeMin' ? 0 : minutes, ...(stage === null ? {} : { [stage]: minutes }) },
        { id, subject: SUBJECT, effective: { start: start.text, end: end.text }, device },
      ),
  }
}

/** Minutes of a duration in whole seconds, to a thousandth. */
function minutesText(durationMs: number): Decimal {
  return new Decimal(String(Math.max(0, Math.round(durationMs / 60)) / 1000))
}

/**
 * The kind of device, which tells apart what phone and watch counted over the same time. Of the device's
 * description, which names its owner and its serial, only the model is looked at, and only for these words.
 */
export function deviceOf(description: string): string | undefined {
  if (description.includes(', model:Watch,')) return 'Device/apple-watch'
  if (description.includes(', model:iPhone,')) return 'Device/iphone'
  return undefined
}
