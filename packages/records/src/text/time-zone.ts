import { RecordsError } from '../errors.ts'
import { parseOffset } from './date-time.ts'

/** Turns what a wall clock showed into the instants at which it did. */
export interface TimeZone {
  /** As given. */
  readonly name: string
  /** Whether the zone is UTC itself, whose offset is written `Z`. */
  readonly isUtc: boolean
  /**
   * Minutes east of UTC that hold when the clock shows this, in order of instant: none when the clock
   * skipped it, two when it was shown twice.
   */
  offsetsAt(wallMs: number): readonly number[]
  /** Minutes east of UTC that hold at an instant, in milliseconds since 1970. */
  offsetAt(timeMs: number): number
}

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/**
 * Opens a zone by IANA name (`Europe/Rome`) or fixed offset (`+01:00`, `Z`).
 * @throws RecordsError `TIME_ZONE_UNKNOWN`
 */
export function openTimeZone(name: string): TimeZone {
  const fixed = parseOffset(name)
  if (fixed) {
    const { minutes } = fixed
    return { name, isUtc: minutes === 0, offsetsAt: () => [minutes], offsetAt: () => minutes }
  }
  // Intl takes offsets of a day and forms without colon, which no FHIR dateTime can have.
  if (/^[+-]/.test(name)) throw unknownZone()
  const format = openFormat(name)
  const { offsetAt, steadyOffset } = cacheOffsets((timeMs) => readOffset(format, timeMs))
  return {
    name,
    isUtc: format.resolvedOptions().timeZone === 'UTC',
    offsetAt,
    offsetsAt(wallMs) {
      const steady = steadyOffset(Math.floor(wallMs / DAY_MS))
      if (steady !== null) return [steady]
      // Offsets lie within ±15 h and change at most once in two days, so these are all that can hold.
      const near = new Set([offsetAt(wallMs - DAY_MS), offsetAt(wallMs), offsetAt(wallMs + DAY_MS)])
      const fits = [...near].filter((offsetMin) => offsetAt(wallMs - offsetMin * MINUTE_MS) === offsetMin)
      return fits.sort((a, b) => b - a)
    },
  }
}

interface OffsetCache {
  offsetAt(timeMs: number): number
  /** The offset that holds from a day before this day (UTC, since 1970) to a day after it, or null if it changes. */
  steadyOffset(day: number): number | null
}

/**
 * Asking Intl costs microseconds, and a file has thousands of readings a day: ask for the two ends of
 * a day, and search the day only if they differ.
 */
function cacheOffsets(read: (timeMs: number) => number): OffsetCache {
  const starts = new Map<number, number>()
  const changes = new Map<number, number>()
  const steady = new Map<number, number | null>()
  const startOf = (day: number): number => remember(starts, day, () => read(day * DAY_MS))
  return {
    offsetAt(timeMs) {
      const day = Math.floor(timeMs / DAY_MS)
      const before = startOf(day)
      const after = startOf(day + 1)
      if (before === after) return before
      const changeMs = remember(changes, day, () => findChange(read, day * DAY_MS, (day + 1) * DAY_MS))
      return timeMs < changeMs ? before : after
    },
    steadyOffset: (day) =>
      remember(steady, day, () => {
        const first = startOf(day - 1)
        return [day, day + 1, day + 2].every((next) => startOf(next) === first) ? first : null
      }),
  }
}

/** First whole minute in (fromMs, toMs] at which the offset is no longer that of fromMs. */
function findChange(read: (timeMs: number) => number, fromMs: number, toMs: number): number {
  const before = read(fromMs)
  let low = fromMs
  let high = toMs
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS
    if (read(middle) === before) low = middle
    else high = middle
  }
  return high
}

function remember<T>(known: Map<number, T>, key: number, find: () => T): T {
  const before = known.get(key)
  if (before !== undefined) return before
  const value = find()
  known.set(key, value)
  return value
}

function openFormat(name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  } catch {
    throw unknownZone()
  }
}

/** Intl writes `GMT`, `GMT+02:00`, and `GMT-00:44:30` for a few zones before 1972, cut to the minute here. */
function readOffset(format: Intl.DateTimeFormat, timeMs: number): number {
  const name = format.formatToParts(timeMs).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT'
  return name === 'GMT' ? 0 : (parseOffset(name.slice(3, 9))?.minutes ?? 0)
}

function unknownZone(): RecordsError {
  return new RecordsError(
    'TIME_ZONE_UNKNOWN',
    'The given time zone is not known. Give an IANA name such as Europe/Rome, or an offset such as +01:00 (--tz).',
  )
}
