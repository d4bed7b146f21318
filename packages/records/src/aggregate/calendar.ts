import { RecordsError } from '../errors.ts'
import type { TimeZone } from '../text/time-zone.ts'

/** How long a window is: one instant, or a day, an ISO week, a month, a quarter of the calendar. */
export type WindowKind = 'real-time' | 'day' | 'week' | 'month' | 'quarter'

/** The kinds, shortest first. */
export const WINDOW_KINDS: readonly WindowKind[] = ['real-time', 'day', 'week', 'month', 'quarter']

/** A stretch of the calendar in one zone. */
export interface Period {
  /** `2026-01-05`, `2026-W02`, `2026-01`, `2026-Q1`; of `real-time` the instant in UTC. */
  readonly name: string
  /** First instant, and first instant after, milliseconds since 1970; equal for `real-time`. */
  readonly startMs: number
  readonly endMs: number
}

/** Finds the window that an instant lies in. */
export type FindPeriod = (timeMs: number) => Period

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/**
 * Windows of one kind in one zone's local time, so that a day has 23 or 25 hours where the clock changes.
 * @throws RecordsError `OPTION_INVALID` for a kind that is not known
 */
export function openCalendar(kind: WindowKind, zone: TimeZone): FindPeriod {
  if (!WINDOW_KINDS.includes(kind))
    throw new RecordsError('OPTION_INVALID', `The window must be one of ${WINDOW_KINDS.join(', ')}.`, {
      option: 'window',
    })
  if (kind === 'real-time')
    return (timeMs) => ({ name: new Date(timeMs).toISOString(), startMs: timeMs, endMs: timeMs })
  let last: Period = { name: '', startMs: 0, endMs: 0 }
  return (timeMs) => {
    if (timeMs < last.startMs || timeMs >= last.endMs) last = findPeriod(kind, zone, timeMs)
    return last
  }
}

function findPeriod(kind: Exclude<WindowKind, 'real-time'>, zone: TimeZone, timeMs: number): Period {
  const wallMs = timeMs + zone.offsetAt(timeMs) * MINUTE_MS
  const shown = WALL_PERIODS[kind](new Date(wallMs))
  const [startMs, endMs] = [instantOf(zone, shown.startMs), instantOf(zone, shown.endMs)]
  // Where a clock is put back or forward over midnight, what it shows is not the day that the instant lies in.
  if (timeMs >= endMs) return toInstants(zone, WALL_PERIODS[kind](new Date(shown.endMs)))
  if (timeMs < startMs) return toInstants(zone, WALL_PERIODS[kind](new Date(shown.startMs - 1)))
  return { name: shown.name, startMs, endMs }
}

function toInstants(zone: TimeZone, { name, startMs, endMs }: Period): Period {
  return { name, startMs: instantOf(zone, startMs), endMs: instantOf(zone, endMs) }
}

/** What the wall clock shows at both ends, as if it were UTC. */
const WALL_PERIODS: Readonly<Record<Exclude<WindowKind, 'real-time'>, (wall: Date) => Period>> = {
  day: (wall) => {
    const startMs = Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate())
    return { name: dayText(startMs), startMs, endMs: startMs + DAY_MS }
  },
  week: (wall) => weekOf(Math.floor(wall.getTime() / DAY_MS)),
  month: (wall) => {
    const [year, month] = [wall.getUTCFullYear(), wall.getUTCMonth()]
    const startMs = Date.UTC(year, month)
    return { name: dayText(startMs).slice(0, 7), startMs, endMs: Date.UTC(year, month + 1) }
  },
  quarter: (wall) => {
    const [year, quarter] = [wall.getUTCFullYear(), Math.floor(wall.getUTCMonth() / 3)]
    const ends = { startMs: Date.UTC(year, quarter * 3), endMs: Date.UTC(year, quarter * 3 + 3) }
    return { name: `${year}-Q${quarter + 1}`, ...ends }
  },
}

/** Weeks begin on Monday; a week belongs to the year of its Thursday. @see ISO 8601-1:2019, 3.1.1.23 */
function weekOf(day: number): Period {
  // 1 January 1970 was a Thursday, three days after a Monday.
  const monday = Math.floor((day + 3) / 7) * 7 - 3
  const year = new Date((monday + 3) * DAY_MS).getUTCFullYear()
  const firstThursday = Math.floor((Date.UTC(year, 0, 4) / DAY_MS + 3) / 7) * 7
  const week = (monday + 3 - firstThursday) / 7 + 1
  const name = `${year}-W${String(week).padStart(2, '0')}`
  return { name, startMs: monday * DAY_MS, endMs: (monday + 7) * DAY_MS }
}

/** The first instant at which the clock shows this or, where it skips this, something later. */
function instantOf(zone: TimeZone, wallMs: number): number {
  const [first] = zone.offsetsAt(wallMs)
  // Skipped: counted on with the offset of the day before, it is the instant of the change or later.
  return wallMs - (first ?? zone.offsetAt(wallMs - DAY_MS)) * MINUTE_MS
}

function dayText(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 10)
}
