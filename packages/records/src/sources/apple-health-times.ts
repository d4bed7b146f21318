import { parseWrittenTime } from '../text/date-time.ts'
import type { SourceTime } from './vital-signs-line.ts'

/** The attributes of one element, as the file has them. */
export type Attributes = Readonly<Record<string, string>>

/** The times of a record, without `end` where it holds at one instant; null if they cannot be read. */
export type TimeReader = (record: Attributes) => { start: SourceTime; end?: SourceTime } | null

interface Midnight {
  readonly date: string
  readonly offset: string
  /** The offset as FHIR writes it. */
  readonly zone: string
  readonly timeMs: number
}

/**
 * Opens a reader of times such as `2026-01-31 08:05:00 +0100`. Records come by kind and then by time, so
 * that most share day and offset with the one before: the last midnight is kept.
 */
export function createTimeReader(): TimeReader {
  let last: Midnight | null = null

  function readMidnight(date: string, offset: string): Midnight | null {
    const zone = `${offset.slice(0, 3)}:${offset.slice(3)}`
    const time = parseWrittenTime(`${date}T00:00:00${zone}`)
    if (time === null || time.offsetMin === null) return null
    return { date, offset, zone, timeMs: time.wallMs - time.offsetMin * 60_000 }
  }

  function readTime(text: string): SourceTime | null {
    if (text.length !== 25 || text[10] !== ' ' || text[19] !== ' ') return null
    const clockMs = readClock(text)
    const date = text.slice(0, 10)
    const offset = text.slice(20)
    if (last === null || last.date !== date || last.offset !== offset) last = readMidnight(date, offset)
    if (last === null || clockMs === null) return null
    return { text: `${date}T${text.slice(11, 19)}${last.zone}`, timeMs: last.timeMs + clockMs }
  }

  return ({ startDate = '', endDate = startDate }) => {
    const start = readTime(startDate)
    if (start === null || endDate === startDate) return start === null ? null : { start }
    const end = readTime(endDate)
    return end === null ? null : { start, end }
  }
}

/** Milliseconds since midnight of the `hh:mm:ss` that begins at character 11. */
function readClock(text: string): number | null {
  const [hour, minute, second] = [readPair(text, 11), readPair(text, 14), readPair(text, 17)]
  const isClock = text[13] === ':' && text[16] === ':' && hour < 24 && minute < 60 && second < 60
  return isClock ? ((hour * 60 + minute) * 60 + second) * 1000 : null
}

/** A number of two digits, or one that is too large for a clock. */
function readPair(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const units = text.charCodeAt(at + 1) - 48
  return tens >= 0 && tens <= 9 && units >= 0 && units <= 9 ? tens * 10 + units : 100
}
