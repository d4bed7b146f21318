import { RecordsError } from '../errors.ts'
import type { WrittenTime } from '../text/date-time.ts'
import { offsetText } from '../text/date-time.ts'
import { openTimeZone } from '../text/time-zone.ts'
import { HOUR_TWICE } from './note-book.ts'
import type { SourceTime } from './vital-signs-line.ts'
import type { VitalSignWriter } from './vital-signs-writer.ts'

/**
 * Gives a written time its instant.
 * @throws RecordsError `TIME_ZONE_NEEDED` for a time without offset when no zone was given, `TIME_NOT_IN_ZONE`
 * for one that the zone's clocks skipped
 */
export type Clock = (time: WrittenTime) => SourceTime

/**
 * Opens a clock for the times of one file in the order of its rows.
 * @throws RecordsError `TIME_ZONE_UNKNOWN`
 */
export function createClock(timeZone: string | undefined, writer: VitalSignWriter): Clock {
  const zone = timeZone === undefined ? null : openTimeZone(timeZone)
  let lastMs = Number.NEGATIVE_INFINITY

  return ({ wallMs, offsetMin, text }) => {
    if (offsetMin !== null) return { text, timeMs: wallMs - offsetMin * 60_000 }
    const entry = writer.records
    if (zone === null) throw zoneNeeded(entry)
    const offsets = zone.offsetsAt(wallMs)
    const [first] = offsets
    if (first === undefined) throw notInZone(entry)
    writer.useTimeZone(zone.name)
    if (offsets.length > 1) writer.note(HOUR_TWICE)
    const chosen = offsets.find((offset) => wallMs - offset * 60_000 >= lastMs) ?? first
    lastMs = wallMs - chosen * 60_000
    return { text: text + (zone.isUtc ? 'Z' : offsetText(chosen)), timeMs: lastMs }
  }
}

function zoneNeeded(entry: number): RecordsError {
  return new RecordsError(
    'TIME_ZONE_NEEDED',
    `Entry ${entry}: the time has no offset from UTC. Name the time zone that it was written in, such as --tz Europe/Rome.`,
    { row: entry, field: 'time' },
  )
}

function notInZone(entry: number): RecordsError {
  return new RecordsError(
    'TIME_NOT_IN_ZONE',
    `Entry ${entry}: clocks in the given time zone skipped this time. Give the zone that it was written in (--tz).`,
    { row: entry, field: 'time' },
  )
}
