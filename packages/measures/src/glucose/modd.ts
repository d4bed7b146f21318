import type { GlucoseTrace } from './trace.ts'

const DAY_MS = 86_400_000

/** How much days differ from each other. */
export interface DayDifferences {
  /** Mean of daily differences, mg/dL; null when no reading has one a day before. */
  readonly MODD: number | null
  /** Pairs of readings that went into it. */
  readonly MODD_pairs: number
}

/**
 * Mean of |glucose(t) − glucose(t − 24 h)|. A reading's partner is the one nearest to 24 elapsed hours before, if
 * it is no more than half a median interval off (the earlier of two equally near); readings without partner
 * do not count. Elapsed time, so a change of the clock shifts nothing.
 * @see Molnar, Taylor and Ho, Diabetologia 8 (1972) 342
 */
export function measureDayDifferences(trace: GlucoseTrace): DayDifferences {
  const { timesMs, valuesMgDl, medianIntervalMs } = trace
  const toleranceMs = (medianIntervalMs ?? 0) / 2
  let pairs = 0
  let sum = 0
  let partner = 0
  for (let index = 0; index < timesMs.length; index += 1) {
    const wantedMs = (timesMs[index] ?? 0) - DAY_MS
    while (distanceAt(timesMs, partner + 1, wantedMs) < distanceAt(timesMs, partner, wantedMs)) partner += 1
    if (distanceAt(timesMs, partner, wantedMs) > toleranceMs) continue
    pairs += 1
    sum += Math.abs((valuesMgDl[index] ?? 0) - (valuesMgDl[partner] ?? 0))
  }
  return { MODD: pairs === 0 ? null : sum / pairs, MODD_pairs: pairs }
}

function distanceAt(timesMs: Float64Array, index: number, wantedMs: number): number {
  return Math.abs((timesMs[index] ?? Number.POSITIVE_INFINITY) - wantedMs)
}
