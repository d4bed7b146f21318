import { RecordsError } from '../errors.ts'
import type { WrittenTime } from '../text/date-time.ts'
import { offsetText } from '../text/date-time.ts'
import { openTimeZone } from '../text/time-zone.ts'
import type { EntryLog } from './entry-log.ts'
import { HOUR_TWICE } from './note-book.ts'

/** A time whose instant is known. */
export interface PlacedTime {
  /** FHIR dateTime with offset. */
  readonly text: string
  readonly timeMs: number
}

/** Places times that may lack an offset. */
export interface LocalTimes {
  /**
   * The instant of a time: as written, or in the given zone.
   * @param series entries of one series follow each other in time, which settles the hour that autumn repeats
   * @throws RecordsError `TIME_ZONE_NEEDED`, `TIME_NOT_IN_ZONE`, naming the row
   */
  place(time: WrittenTime, series: string, row: number): PlacedTime
}

/**
 * Opens the times of one file.
 * @throws RecordsError `TIME_ZONE_UNKNOWN`
 */
export function openLocalTimes(timeZone: string | undefined, log: EntryLog): LocalTimes {
  const zone = timeZone === undefined ? null : openTimeZone(timeZone)
  const lastMs = new Map<string, number>()

  function offsetsOf(wallMs: number, row: number): readonly number[] {
    if (zone === null)
      throw new RecordsError(
        'TIME_ZONE_NEEDED',
        `Line ${row}: the time has no offset from UTC. Name the time zone of the device, such as --tz Europe/Rome.`,
        { row, field: 'time' },
      )
    log.useTimeZone(zone.name)
    const offsets = zone.offsetsAt(wallMs)
    if (offsets.length > 1) log.note(HOUR_TWICE)
    if (offsets.length > 0) return offsets
    throw new RecordsError(
      'TIME_NOT_IN_ZONE',
      `Line ${row}: clocks in the given time zone skipped this time. Give the zone the device was set to (--tz).`,
      { row, field: 'time' },
    )
  }

  return {
    place({ wallMs, offsetMin, text }, series, row) {
      if (offsetMin !== null) return { text, timeMs: wallMs - offsetMin * 60_000 }
      const offsets = offsetsOf(wallMs, row)
      const last = lastMs.get(series) ?? Number.NEGATIVE_INFINITY
      const fits = offsets.find((minutes) => wallMs - minutes * 60_000 >= last) ?? offsets[0] ?? 0
      const timeMs = wallMs - fits * 60_000
      lastMs.set(series, timeMs)
      return { text: text + (zone?.isUtc === true ? 'Z' : offsetText(fits)), timeMs }
    },
  }
}
