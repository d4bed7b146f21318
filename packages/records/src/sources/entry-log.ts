import { findGaps } from '../glucose/gaps.ts'
import { utcText } from '../text/date-time.ts'
import { emptyReport } from './empty-report.ts'
import { limitGaps } from './limit-gaps.ts'
import type { SettlingRule } from './note-book.ts'
import { openNoteBook } from './note-book.ts'
import type { SourceGap, SourceKind, SourceReport } from './source.ts'

/** Counts what became of the entries of one file. */
export interface EntryLog {
  /** Counts the next entry; what is said after it is said of this one. */
  next(): void
  note(rule: SettlingRule, count?: number): void
  /** Notes a rule by which the present entry does not become a resource. */
  leaveOut(rule: SettlingRule): void
  /** The present entry says again what an earlier one said. */
  repeat(): void
  wrote(resources: number): void
  /** A reading of a series that is measured at even intervals. */
  cover(series: string, timeMs: number): void
  useTimeZone(name: string): void
  /** Number of the present entry, counted from 1. */
  readonly entry: number
  /** Once, at the end. */
  report(): SourceReport
}

/** Opens the log of a file of one kind. */
export function openEntryLog(kind: SourceKind): EntryLog {
  const notes = openNoteBook()
  const leftOut = new Map<string, number>()
  const series = new Map<string, number[]>()
  let entry = 0
  let resources = 0
  let duplicates = 0
  let timeZone: string | null = null

  return {
    next() {
      entry += 1
    },
    note: (rule, count = 1) => notes.add(rule, entry, count),
    leaveOut(rule) {
      notes.add(rule, entry)
      leftOut.set(rule.rule, (leftOut.get(rule.rule) ?? 0) + 1)
    },
    repeat() {
      duplicates += 1
    },
    wrote(count) {
      resources += count
    },
    cover(name, timeMs) {
      const times = series.get(name)
      if (times === undefined) series.set(name, [timeMs])
      else times.push(timeMs)
    },
    useTimeZone(name) {
      timeZone = name
    },
    get entry() {
      return entry
    },
    report() {
      const gaps = limitGaps(
        [...series].flatMap(([name, times]) => gapsOf(name, times)),
        notes,
      )
      return {
        ...emptyReport(kind),
        recordsRead: entry,
        resources,
        duplicates,
        leftOut: Object.fromEntries([...leftOut].sort(([a], [b]) => (a < b ? -1 : 1))),
        notes: notes.list(),
        gaps,
        timeZone,
      }
    },
  }
}

function gapsOf(series: string, timesMs: readonly number[]): readonly SourceGap[] {
  const { gaps } = findGaps(timesMs.toSorted((a, b) => a - b))
  return gaps.map(({ fromMs, toMs }) => ({ series, from: utcText(fromMs), to: utcText(toMs) }))
}
