import { RecordsError } from '../errors.ts'
import type { Period, WindowKind } from './calendar.ts'
import { gzipSizeOf } from './gzip-size.ts'
import type { SeriesTracker, WindowSeries } from './series.ts'
import { instantText, trackSeries } from './series.ts'
import type { TimedResource } from './timed-resource.ts'
import type { ConflictRule, Window, WindowHeader } from './window.ts'
import { hashHex, headOf, settle } from './window.ts'

/** Resources of one subject in one stretch of time. */
export interface Gathered {
  readonly subject: string
  readonly period: Period
  readonly resources: readonly TimedResource[]
}

/** How windows are made. */
export interface ChainOptions {
  readonly window: WindowKind
  readonly timeZone: string
  readonly conflicts: ConflictRule
  readonly maxConflicts: number
  readonly measureGzip: boolean
  readonly maxSeries: number
}

/** Numbers windows, describes them, and ties each to the one before. */
export interface WindowChain {
  /** Makes the next window. `duplicates` are added to those found here. */
  close(gathered: Gathered, duplicates?: number): Promise<Window>
  /** Hash of the last header; null before the first. */
  head(): string | null
}

/** Starts a chain. */
export function startChain(options: ChainOptions): WindowChain {
  const tracks = followSeries(options.maxSeries)
  let sequence = 0
  let head: string | null = null
  return {
    head: () => head,
    async close({ subject, period, resources }, duplicates = 0) {
      const settled = settle(resources, options.conflicts, options.maxConflicts)
      const bytes = new TextEncoder().encode(settled.kept.map(({ line }) => line).join(''))
      const header: WindowHeader = {
        version: 1,
        sequence,
        previous: head,
        window: options.window,
        name: period.name,
        timeZone: options.timeZone,
        start: instantText(period.startMs),
        end: instantText(period.endMs),
        subject,
        resources: settled.kept.length,
        duplicates: settled.duplicates + duplicates,
        conflicts: settled.conflicts,
        first: instantText(settled.kept[0]?.timeMs ?? period.startMs),
        last: instantText(settled.kept.at(-1)?.timeMs ?? period.startMs),
        rawBytes: bytes.length,
        sha256: hashHex(bytes),
        series: tracks.add(subject, settled.kept, period),
      }
      sequence += 1
      head = headOf(header)
      return { header, bytes, gzipBytes: options.measureGzip ? await gzipSizeOf(bytes) : null }
    },
  }
}

/** All series of the subject at hand; what is known of one subject is let go when the next begins. */
function followSeries(maxSeries: number): {
  add(subject: string, kept: readonly TimedResource[], period: Period): readonly WindowSeries[]
} {
  const trackers = new Map<string, SeriesTracker>()
  let current: string | null = null
  let count = 0
  return {
    add(subject, kept, period) {
      if (subject !== current) trackers.clear()
      current = subject
      const spanMs = period.endMs - period.startMs
      const bySeries = Map.groupBy(kept, ({ series }) => series)
      return [...bySeries.keys()].sort().map((series) => {
        const tracker = trackers.get(series) ?? trackSeries()
        if (!trackers.has(series) && ++count > maxSeries) throw tooManySeries(maxSeries)
        trackers.set(series, tracker)
        const timesMs = (bySeries.get(series) ?? []).map(({ timeMs }) => timeMs)
        return { series, ...tracker.add(timesMs, spanMs) }
      })
    },
  }
}

function tooManySeries(maxSeries: number): RecordsError {
  return new RecordsError(
    'READINGS_TOO_MANY',
    `There are more than ${maxSeries} series of measurements. Split the file, or raise maxSeries.`,
    { maxSeries },
  )
}
