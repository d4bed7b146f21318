import { RecordsError } from '../errors.ts'
import type { CgmSessionStart } from '../glucose/gatt-cgm.ts'
import type { TimedReading } from '../glucose/source-reading.ts'
import { offsetText, parseInstant, parseWrittenTime } from '../text/date-time.ts'
import { invalidOption } from '../text/options.ts'
import type { TimeZone } from '../text/time-zone.ts'
import { openTimeZone } from '../text/time-zone.ts'
import type { SourceOptions } from './source.ts'

/** Places minutes that count from a session's start. */
export interface SessionClock {
  /**
   * Begins a session.
   * @throws RecordsError `TIME_INVALID`, `TIME_ZONE_NEEDED`, `TIME_NOT_IN_ZONE`, naming the row
   */
  start(session: CgmSessionStart, row: number): void
  /** The time so many minutes into the session, or null if nothing says when that began. */
  at(minutes: number): Pick<TimedReading, 'time' | 'timeMs' | 'wallMs' | 'offsetMin'> | null
  /** The given zone, if a session needed it. */
  readonly usedZone: string | null
}

interface Session {
  readonly startMs: number
  /** Minutes east of UTC to write its times with. */
  offsetAt(timeMs: number): number
}

/**
 * Opens a clock that has no session yet, or the one that began at `options.startTime`. Minutes of a session
 * are real time, so that summer time neither skips nor repeats any.
 * @throws RecordsError `OPTION_INVALID`, `TIME_ZONE_UNKNOWN`
 */
export function openSessionClock(options: SourceOptions): SessionClock {
  const zone = options.timeZone === undefined ? null : openTimeZone(options.timeZone)
  let session = options.startTime === undefined ? null : sessionFrom(options.startTime)
  let usedZone: string | null = null

  return {
    start({ localTime, utcOffsetMin }, row) {
      const wallMs = parseWrittenTime(localTime)?.wallMs
      if (wallMs === undefined) throw startInvalid(row)
      if (utcOffsetMin !== null) session = fixedSession(wallMs, utcOffsetMin)
      else {
        session = zonedSession(wallMs, zone, row)
        usedZone = zone?.name ?? null
      }
    },
    at(minutes) {
      if (session === null) return null
      const timeMs = session.startMs + minutes * 60_000
      const offsetMin = session.offsetAt(timeMs)
      const wallMs = timeMs + offsetMin * 60_000
      return {
        timeMs,
        offsetMin,
        wallMs,
        time: new Date(wallMs).toISOString().slice(0, 19) + offsetText(offsetMin),
      }
    },
    get usedZone() {
      return usedZone
    },
  }
}

function sessionFrom(startTime: string): Session {
  const startMs = parseInstant(startTime)
  const offsetMin = parseWrittenTime(startTime)?.offsetMin ?? null
  if (startMs !== null && offsetMin !== null) return { startMs, offsetAt: () => offsetMin }
  throw invalidOption('startTime', 'a time such as 2026-01-31T08:05:00+01:00')
}

function fixedSession(wallMs: number, offsetMin: number): Session {
  return { startMs: wallMs - offsetMin * 60_000, offsetAt: () => offsetMin }
}

function zonedSession(wallMs: number, zone: TimeZone | null, row: number): Session {
  if (zone === null)
    throw new RecordsError(
      'TIME_ZONE_NEEDED',
      `Row ${row}: the sensor does not say in which zone its session began. Name it, such as --tz Europe/Rome.`,
      { row },
    )
  // In the hour that autumn repeats the earlier of the two is taken, as for any time without offset.
  const offsetMin = zone.offsetsAt(wallMs)[0]
  if (offsetMin !== undefined) return { startMs: wallMs - offsetMin * 60_000, offsetAt: zone.offsetAt }
  throw new RecordsError(
    'TIME_NOT_IN_ZONE',
    `Row ${row}: clocks in the given time zone skipped the start of the session. Give the zone the device was set to (--tz).`,
    { row },
  )
}

function startInvalid(row: number): RecordsError {
  return new RecordsError(
    'TIME_INVALID',
    `Row ${row}: the session's start is no date and time; the sensor's clock was never set. Say when it began (--start), and leave the row out.`,
    { row },
  )
}
