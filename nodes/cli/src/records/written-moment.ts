/** A time, and how its file writes it: a date first. */
export interface Moment {
  readonly timeMs: number
  readonly written: string
}

/** The earliest and the latest of some moments. */
export interface Span {
  readonly first: Moment
  readonly last: Moment
}

/** The span that has room for one more moment; that moment alone without a span. */
export function extendSpan(span: Span | undefined, moment: Moment): Span {
  if (span === undefined) return { first: moment, last: moment }
  return {
    first: moment.timeMs < span.first.timeMs ? moment : span.first,
    last: moment.timeMs > span.last.timeMs ? moment : span.last,
  }
}

/** A time for people: by the clock of a zone, which is named, or else as the file writes it. */
export function showMoment({ timeMs, written }: Moment, timeZone: string | undefined): string {
  return timeZone === undefined ? written : `${openClock(timeZone).minuteOf(timeMs)} ${timeZone}`
}

/** A zone's clock, for many times of it. */
export interface ZoneClock {
  /** `YYYY-MM-DD`. */
  dayOf(timeMs: number): string
  /** `YYYY-MM-DD HH:MM`. */
  minuteOf(timeMs: number): string
}

/** All clocks of today's zones differ by whole quarters of an hour, so that in each the date stays. */
const QUARTER_MS = 900_000

/** @param timeZone a zone's name that is known to be one */
export function openClock(timeZone: string): ZoneClock {
  // Swedish dates are ISO 8601's.
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: timeZone === 'Z' ? 'UTC' : timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
  })
  const days = new Map<number, string>()
  return {
    dayOf(timeMs) {
      const quarter = Math.floor(timeMs / QUARTER_MS)
      const day = days.get(quarter) ?? format.format(timeMs).slice(0, 10)
      days.set(quarter, day)
      return day
    },
    minuteOf: (timeMs) => format.format(timeMs),
  }
}
