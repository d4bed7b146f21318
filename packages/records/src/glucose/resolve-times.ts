import { RecordsError } from '../errors.ts'
import { offsetText } from '../text/date-time.ts'
import type { TimeZone } from '../text/time-zone.ts'
import type { SourceReading, TimedReading } from './source-reading.ts'

/** Readings with their instants, and how many of these the clock alone did not settle. */
export interface ResolvedTimes {
  readonly readings: readonly TimedReading[]
  /** Readings at a wall-clock time that the zone has twice; row order decided. */
  readonly ambiguous: number
  /** Row of the first of them; 0 if there is none. */
  readonly ambiguousRow: number
}

/**
 * Gives every reading its instant. Times with an offset are taken as written, others are read in the
 * zone. In the hour that autumn repeats, the time of a track must not run backwards from row to row: the
 * earliest instant not before the row above is taken. Tracks that list the newest first are read upwards.
 * @param readings in row order
 * @throws RecordsError `TIME_NOT_IN_ZONE` at a time the zone's clock skipped
 */
export function resolveTimes(readings: readonly SourceReading[], zone: TimeZone | null): ResolvedTimes {
  if (readings.every(isTimed)) return { readings, ambiguous: 0, ambiguousRow: 0 }
  const lastMs = new Map<number, number>()
  const upwards = zone === null ? new Set<number>() : newestFirstTracks(readings)
  const resolved: (TimedReading | undefined)[] = new Array(readings.length)
  let ambiguous = 0
  let ambiguousRow = 0
  const resolveAt = (index: number, isUpwards: boolean): void => {
    const reading = readings[index]
    if (reading === undefined || upwards.has(trackOf(reading)) !== isUpwards) return
    const offsets = offsetsOf(reading, zone)
    if (offsets.length > 1) {
      ambiguous += 1
      ambiguousRow = ambiguousRow === 0 ? reading.row : Math.min(ambiguousRow, reading.row)
    }
    const timed = placeAt(reading, offsets, lastMs.get(trackOf(reading)), zone)
    lastMs.set(trackOf(reading), timed.timeMs)
    resolved[index] = timed
  }
  for (let index = 0; index < readings.length; index++) resolveAt(index, false)
  for (let index = readings.length - 1; index >= 0; index--) resolveAt(index, true)
  return { readings: resolved.filter((reading) => reading !== undefined), ambiguous, ambiguousRow }
}

function isTimed(reading: SourceReading): reading is TimedReading {
  return reading.offsetMin !== null
}

function trackOf({ track, subject }: SourceReading): number {
  return track ?? subject
}

function offsetsOf(reading: SourceReading, zone: TimeZone | null): readonly number[] {
  if (reading.offsetMin !== null) return [reading.offsetMin]
  const offsets = zone?.offsetsAt(reading.wallMs) ?? []
  if (offsets.length > 0) return offsets
  throw new RecordsError(
    'TIME_NOT_IN_ZONE',
    `Row ${reading.row}: clocks in the given time zone skipped this time. Give the zone the device was set to (--tz).`,
    { row: reading.row, field: 'time' },
  )
}

function placeAt(
  reading: SourceReading,
  offsets: readonly number[],
  lastMs: number | undefined,
  zone: TimeZone | null,
): TimedReading {
  if (isTimed(reading)) return reading
  const instants = offsets.map((offsetMin) => reading.wallMs - offsetMin * 60_000)
  const forward = lastMs === undefined ? 0 : instants.findIndex((timeMs) => timeMs >= lastMs)
  const chosen = Math.max(forward, 0)
  const offsetMin = offsets[chosen] ?? 0
  const offset = zone?.isUtc === true ? 'Z' : offsetText(offsetMin)
  return {
    ...reading,
    timeMs: instants[chosen] ?? reading.wallMs,
    offsetMin,
    time: reading.time + offset,
  }
}

/** Tracks whose wall clock steps back from row to row more often than it steps on. */
function newestFirstTracks(readings: readonly SourceReading[]): Set<number> {
  const last = new Map<number, number>()
  const steps = new Map<number, number>()
  for (const reading of readings) {
    const track = trackOf(reading)
    const step = Math.sign(reading.wallMs - (last.get(track) ?? reading.wallMs))
    steps.set(track, (steps.get(track) ?? 0) + step)
    last.set(track, reading.wallMs)
  }
  return new Set([...steps].filter(([, sum]) => sum < 0).map(([track]) => track))
}
