import { RecordsError } from '../errors.ts'
import { parseWrittenTime } from '../text/date-time.ts'
import type { TimeZone } from '../text/time-zone.ts'
import type { HeaderCell } from './motion-header.ts'
import { unitOf } from './motion-header.ts'

/** Names of the time's column; the first that the header has is taken. */
const TIME_NAMES: ReadonlySet<string> = new Set([
  't',
  'time',
  'timestamp',
  'datetime',
  'epoch',
  'elapsed',
  'elapsedtime',
  'timeelapsed',
  'secondselapsed',
  'timestampsincereboot',
  'accelerometertimestampsincereboot',
  'motiontimestampsincereboot',
])

/** Seconds in one of a unit. */
const SECONDS = { s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 } as const
type TimeUnit = keyof typeof SECONDS

/** A sensor's step: 8 to 1000 samples per second. The ranges of the four units do not overlap. */
const STEP_SEC = [0.001, 0.125] as const
/** 2000-01-01 to 2100-01-01: no device runs for 30 years, so such a time counts from 1970. */
const EPOCH_SEC = [946_684_800, 4_102_444_800] as const

/** How the times of a recording are to be read. */
export interface TimeScale {
  /** Seconds between the time in a row and that in the first. @throws RecordsError `TIME_INVALID` */
  secondsOf(text: string, row: number): number
  /** When the first sample was taken; null where times count from an unknown start. */
  readonly start: RecordingStart | null
  /** Whether the unit was found from the step of the times, as the header names none. */
  readonly isUnitInferred: boolean
  /** Whether times are those of a clock on the wall, so that their instant needs a zone. */
  readonly needsZone: boolean
}

/** An instant and the offset from UTC to write it with. */
export interface RecordingStart {
  /** Since 1970; may have fractions. */
  readonly timeMs: number
  readonly offsetMin: number
}

/** The column that holds the times. */
export function findTimeColumn(header: ReadonlyMap<string, HeaderCell>): HeaderCell | null {
  return [...header.values()].find(({ name }) => TIME_NAMES.has(name)) ?? null
}

/**
 * Finds out how times are written from the first of them: a date and time, or a number in the unit that the
 * header names, or else in the one unit in which the step is that of a sensor.
 * @param texts of the first rows, at least one
 * @throws RecordsError `TIME_INVALID`, `UNIT_NEEDED` where no unit makes sense, `UNIT_UNKNOWN`
 */
export function openTimeScale(
  column: HeaderCell,
  texts: readonly string[],
  firstRow: number,
  zone: TimeZone | null,
): TimeScale {
  const first = texts[0] ?? ''
  if (!isNumber(first)) return openWrittenTimes(first, firstRow, zone)
  const named = unitOf<TimeUnit>([column], ['s', 'ms', 'us', 'ns'])
  const unit = named ?? inferUnit(texts, column)
  const origin = Number(first)
  const epochSec = origin * SECONDS[unit]
  const isEpoch = epochSec >= EPOCH_SEC[0] && epochSec < EPOCH_SEC[1]
  return {
    secondsOf(text, row) {
      if (!isNumber(text)) throw timeInvalid(row)
      return (Number(text) - origin) * SECONDS[unit]
    },
    start: isEpoch ? { timeMs: epochSec * 1000, offsetMin: zone?.offsetAt(epochSec * 1000) ?? 0 } : null,
    isUnitInferred: named === null,
    needsZone: false,
  }
}

function openWrittenTimes(first: string, firstRow: number, zone: TimeZone | null): TimeScale {
  let lastMs = Number.NEGATIVE_INFINITY
  let needsZone = false
  const read = (text: string, row: number): RecordingStart => {
    const time = parseWrittenTime(text)
    if (time === null) throw timeInvalid(row)
    // Fractions finer than a millisecond, which the wall clock's reading does not hold.
    const finer = Number(`0.${/\.\d{3}(\d+)/.exec(text)?.[1] ?? '0'}`)
    const wallMs = time.wallMs + finer
    const offsets = time.offsetMin === null ? (zone?.offsetsAt(time.wallMs) ?? [0]) : [time.offsetMin]
    const offsetMin = offsets.find((offset) => wallMs - offset * 60_000 >= lastMs) ?? offsets[0]
    if (offsetMin === undefined)
      throw new RecordsError('TIME_NOT_IN_ZONE', `Row ${row}: clocks in the given zone skipped this time.`, {
        row,
      })
    lastMs = wallMs - offsetMin * 60_000
    needsZone ||= time.offsetMin === null
    return { timeMs: lastMs, offsetMin }
  }
  const origin = read(first, firstRow)
  return {
    secondsOf: (text, row) => (read(text, row).timeMs - origin.timeMs) / 1000,
    start: needsZone && zone === null ? null : origin,
    isUnitInferred: false,
    needsZone,
  }
}

function inferUnit(texts: readonly string[], column: HeaderCell): TimeUnit {
  const times = texts.filter(isNumber).map(Number)
  const steps = times.slice(1).map((time, at) => time - (times[at] as number))
  const usual = steps.sort((a, b) => a - b)[steps.length >> 1] ?? Number.NaN
  const units = Object.keys(SECONDS) as TimeUnit[]
  const unit = units.find(
    (name) => usual * SECONDS[name] >= STEP_SEC[0] && usual * SECONDS[name] < STEP_SEC[1],
  )
  if (unit !== undefined) return unit
  throw new RecordsError(
    'UNIT_NEEDED',
    'The header names no unit of the times, and their step fits no sensor. Name it in the header, as in time_s or time_ms.',
    { column: column.column + 1, field: 'time' },
  )
}

/** A plain decimal number, with or without exponent. */
export function isNumber(text: string): boolean {
  return /^[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,3})?$/.test(text)
}

function timeInvalid(row: number): RecordsError {
  return new RecordsError(
    'TIME_INVALID',
    `Row ${row}: the time is missing, or not written as in the first row. Correct or delete the row.`,
    { row, field: 'time' },
  )
}
