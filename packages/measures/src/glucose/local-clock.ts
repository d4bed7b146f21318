import { MeasuresError } from '../errors.ts'

/** What the clocks of a place show. */
export interface LocalClock {
  /** Milliseconds that a clock there is ahead of UTC at this instant. */
  offsetMsAt(timeMs: number): number
}

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/**
 * Opens the clock of an IANA zone such as `Europe/Rome`. Offsets come from the platform's own zone data, asked for
 * once a day (UTC), for asking costs far more than a reading does.
 * @throws MeasuresError `TIME_ZONE_UNKNOWN`
 */
export function openLocalClock(timeZone: string): LocalClock {
  const format = openFormat(timeZone)
  const atStart = new Map<number, number>()
  const changes = new Map<number, number>()
  const atStartOf = (day: number): number => remember(atStart, day, () => readOffsetMs(format, day * DAY_MS))
  return {
    offsetMsAt(timeMs) {
      const day = Math.floor(timeMs / DAY_MS)
      const before = atStartOf(day)
      const after = atStartOf(day + 1)
      if (before === after) return before
      return timeMs < remember(changes, day, () => findChange(format, day)) ? before : after
    },
  }
}

/** The first minute of a day (UTC) at which the offset is no longer that of its start. */
function findChange(format: Intl.DateTimeFormat, day: number): number {
  const before = readOffsetMs(format, day * DAY_MS)
  let low = 0
  let high = DAY_MS / MINUTE_MS
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (readOffsetMs(format, day * DAY_MS + middle * MINUTE_MS) === before) low = middle
    else high = middle
  }
  return day * DAY_MS + high * MINUTE_MS
}

/** What the clock shows, read as if it were UTC, less the instant. */
function readOffsetMs(format: Intl.DateTimeFormat, timeMs: number): number {
  const shown: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {}
  for (const { type, value } of format.formatToParts(timeMs)) shown[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown
  return Date.UTC(year, month - 1, day, hour, minute, second) - timeMs
}

function openFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    // Without a zone Intl takes the machine's own, which says nothing about the patient.
    if (typeof timeZone !== 'string') throw new TypeError()
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    throw new MeasuresError(
      'TIME_ZONE_UNKNOWN',
      'The given time zone is not known. Give an IANA name such as Europe/Rome.',
    )
  }
}

function remember(known: Map<number, number>, key: number, find: () => number): number {
  const before = known.get(key)
  if (before !== undefined) return before
  const value = find()
  known.set(key, value)
  return value
}
