import { buildBloodPressure } from '../fhir/vital-signs.ts'
import { Decimal } from '../text/canonical-json.ts'
import { deviceOf, pressureOf } from './apple-health-record.ts'
import type { Attributes, TimeReader } from './apple-health-times.ts'
import type { SettlingRule } from './note-book.ts'
import { SUBJECT } from './vital-signs-line.ts'
import type { Outcome, VitalSignWriter } from './vital-signs-writer.ts'

/** Brings together the pressures of one measurement. */
export interface PressureReader {
  /** A pressure that stands by itself: it says again what a correlation says, if one does. */
  takeAlone(record: Attributes): void
  /** The records of one correlation of both pressures. */
  takePair(records: readonly Attributes[]): void
  /** Leaves out the pressures that no correlation had. */
  end(): void
}

const WITHOUT_PAIR: SettlingRule = {
  rule: 'blood-pressure-without-pair',
  text: 'Blood pressures of which only one of the two values is there, or which are not in mmHg, were left out.',
}

/** Two a day for longer than a lifetime; beyond it, pressures are not matched any more. */
const MAX_WAITING = 65_536

/** Opens a reader of blood pressures for one file. */
export function createPressureReader(writer: VitalSignWriter, timesOf: TimeReader): PressureReader {
  /** How often a pressure stood alone, less how often it was part of a correlation. */
  const balance = new Map<string, number>()
  let unmatched = 0

  /** Changes a pressure's balance; each step towards 0 is a pressure that was said twice. */
  function settle(record: Attributes, step: 1 | -1): void {
    const key = keyOf(record)
    const before = balance.get(key) ?? 0
    if (before * step < 0) writer.repeat()
    if (before + step === 0) balance.delete(key)
    else if (before !== 0 || balance.size < MAX_WAITING) balance.set(key, before + step)
    else if (step === 1) unmatched += 1
  }

  return {
    takeAlone: (record) => settle(record, 1),
    takePair(records) {
      for (const record of records) if (pressureOf(record) !== undefined) settle(record, -1)
      writer.take(readPair(records, timesOf))
    },
    end() {
      for (const count of balance.values()) unmatched += Math.max(0, count)
      if (unmatched === 0) return
      writer.note(WITHOUT_PAIR)
      writer.leaveOut(WITHOUT_PAIR.rule, unmatched)
    },
  }
}

function readPair(records: readonly Attributes[], timesOf: TimeReader): Outcome {
  const systolic = records.find((record) => pressureOf(record) === 'systolic')
  const diastolic = records.find((record) => pressureOf(record) === 'diastolic')
  const times = systolic === undefined ? null : timesOf(systolic)
  if (!isPressure(systolic) || !isPressure(diastolic) || times === null) return WITHOUT_PAIR
  const { start, end } = times
  const [high, low] = [systolic['value'] ?? '', diastolic['value'] ?? '']
  const context = {
    subject: SUBJECT,
    effective: end === undefined ? start.text : { start: start.text, end: end.text },
    device: deviceOf(systolic['device'] ?? ''),
  }
  return {
    key: `blood-pressure ${high} ${low} ${context.device ?? ''}`,
    ...times,
    build: (id) =>
      buildBloodPressure(
        { systolicMmHg: new Decimal(high), diastolicMmHg: new Decimal(low) },
        { id, ...context },
      ),
  }
}

/** Whether a value is a pressure in mmHg that a living person can have. */
function isPressure(record: Attributes | undefined): record is Attributes {
  const { value = '', unit } = record ?? {}
  return (
    unit === 'mmHg' && /^[0-9]{1,3}(?:\.[0-9]{1,20})?$/.test(value) && !/^0[0-9]/.test(value) && +value >= 10
  )
}

function keyOf(record: Attributes): string {
  return `${record['type']} ${record['value']} ${record['unit']} ${record['startDate']} ${record['endDate']}`
}
