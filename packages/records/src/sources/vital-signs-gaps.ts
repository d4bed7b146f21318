import { utcText } from '../text/date-time.ts'
import type { SourceGap } from './source.ts'

/** Finds stretches without readings, whatever the order of the readings. */
export interface DailyCoverage {
  add(series: string, timeMs: number): void
  /** Gaps in order of series, then time. */
  gaps(): readonly SourceGap[]
}

const DAY_MS = 86_400_000

/**
 * Watches series that a worn device measures all day; a gap is more than a day without a reading. Keeps two
 * instants per series and day, so that ten years of a watch take some hundred kilobytes.
 */
export function watchCoverage(): DailyCoverage {
  const series = new Map<string, Map<number, [firstMs: number, lastMs: number]>>()
  return {
    add(name, timeMs) {
      const days = series.get(name) ?? new Map<number, [number, number]>()
      series.set(name, days)
      const day = Math.floor(timeMs / DAY_MS)
      const span = days.get(day)
      if (span === undefined) days.set(day, [timeMs, timeMs])
      else if (timeMs < span[0]) span[0] = timeMs
      else if (timeMs > span[1]) span[1] = timeMs
    },
    gaps: () => [...series.keys()].sort().flatMap((name) => gapsOf(name, series.get(name) ?? new Map())),
  }
}

function gapsOf(name: string, days: ReadonlyMap<number, readonly [number, number]>): SourceGap[] {
  const found: SourceGap[] = []
  let beforeMs: number | null = null
  for (const day of [...days.keys()].sort((a, b) => a - b)) {
    const [firstMs, lastMs] = days.get(day) ?? [0, 0]
    if (beforeMs !== null && firstMs - beforeMs > DAY_MS)
      found.push({ series: name, from: utcText(beforeMs), to: utcText(firstMs) })
    beforeMs = lastMs
  }
  return found
}
