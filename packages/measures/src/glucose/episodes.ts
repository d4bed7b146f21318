import type { GlucoseSample } from './glucose-reading.ts'
import { splitAtGaps } from './segments.ts'
import { type GlucoseTrace, traceReadings } from './trace.ts'

/** Limits whose crossing makes an episode: below 54 and 70, above 180 and 250 mg/dL. */
export type GlucoseLimit = 'below54' | 'below70' | 'above180' | 'above250'

/** A stretch of time beyond a limit. */
export interface GlucoseEpisode {
  readonly limit: GlucoseLimit
  /** First reading beyond the limit. */
  readonly startMs: number
  /** First reading of the recovery; without one, one interval after the last reading beyond the limit. */
  readonly endMs: number
  readonly durationMin: number
  /** Lowest or highest value, mg/dL. */
  readonly extremeMgDl: number
  /** Whether the recovery was seen, and not cut off by a gap or by the end of the readings. */
  readonly isRecovered: boolean
}

const IS_BEYOND: Readonly<Record<GlucoseLimit, (mgDl: number) => boolean>> = {
  below54: (mgDl) => mgDl < 54,
  below70: (mgDl) => mgDl < 70,
  above180: (mgDl) => mgDl > 180,
  above250: (mgDl) => mgDl > 250,
}

const MINUTE_MS = 60_000
/** An episode begins, and ends, with that much time on the other side of the limit. */
const LEAST_MS = 15 * MINUTE_MS
/** Over a longer gap an episode is not carried on; a sensor read so rarely has gaps of its own, half as long again. */
const MAX_GAP_MS = 45 * MINUTE_MS

/**
 * Episodes of one kind in order of time. One begins with readings beyond the limit for at least 15 minutes and ends
 * with readings back for at least 15 minutes; a shorter return belongs to it. k readings stand for k intervals
 * (median), and half an interval may be wanting, for sensors do not tick evenly: three readings of a
 * five-minute sensor, or one of a fifteen-minute sensor, are 15 minutes.
 * @throws MeasuresError `NO_READINGS`, `VALUE_INVALID`, `TIME_INVALID`, `UNIT_SUSPECT`
 * @see https://doi.org/10.2337/dc17-1600 (Danne 2017)
 */
export function findGlucoseEpisodes(
  readings: Iterable<GlucoseSample>,
  limit: GlucoseLimit,
): readonly GlucoseEpisode[] {
  return findEpisodes(traceReadings(readings), limit)
}

/** The same in a trace. */
function findEpisodes(trace: GlucoseTrace, limit: GlucoseLimit): readonly GlucoseEpisode[] {
  const intervalMs = trace.medianIntervalMs ?? 0
  const maxGapMs = Math.max(MAX_GAP_MS, 1.5 * intervalMs)
  return splitAtGaps(trace.timesMs, maxGapMs).flatMap(([from, to]) => {
    const timesMs = trace.timesMs.subarray(from, to)
    return findInStretch({ timesMs, valuesMgDl: trace.valuesMgDl.subarray(from, to), intervalMs }, limit)
  })
}

interface Stretch {
  readonly timesMs: Float64Array
  readonly valuesMgDl: Float64Array
  readonly intervalMs: number
}

function findInStretch(stretch: Stretch, limit: GlucoseLimit): readonly GlucoseEpisode[] {
  const { timesMs, valuesMgDl, intervalMs } = stretch
  const leastSpanMs = LEAST_MS - 1.5 * intervalMs
  const episodes: GlucoseEpisode[] = []
  let openFrom: number | null = null
  // Where the run of readings began that may open or close an episode.
  let runFrom: number | null = null
  for (const [index, value] of valuesMgDl.entries()) {
    if (IS_BEYOND[limit](value) === (openFrom !== null)) {
      runFrom = null
      continue
    }
    runFrom ??= index
    if ((timesMs[index] ?? 0) - (timesMs[runFrom] ?? 0) <= leastSpanMs) continue
    if (openFrom !== null) episodes.push(describeEpisode(stretch, limit, [openFrom, runFrom], true))
    openFrom = openFrom === null ? runFrom : null
    runFrom = null
  }
  if (openFrom !== null)
    episodes.push(describeEpisode(stretch, limit, [openFrom, runFrom ?? timesMs.length], false))
  return episodes
}

/** @param range first reading beyond the limit, and the one after the last */
function describeEpisode(
  { timesMs, valuesMgDl, intervalMs }: Stretch,
  limit: GlucoseLimit,
  [from, to]: readonly [number, number],
  isRecovered: boolean,
): GlucoseEpisode {
  const startMs = timesMs[from] ?? 0
  const endMs = timesMs[to] ?? (timesMs[to - 1] ?? 0) + intervalMs
  const pick = limit === 'below54' || limit === 'below70' ? Math.min : Math.max
  return {
    limit,
    startMs,
    endMs,
    durationMin: (endMs - startMs) / MINUTE_MS,
    extremeMgDl: valuesMgDl.subarray(from, to).reduce((extreme, value) => pick(extreme, value)),
    isRecovered,
  }
}

/** How often and how long, over all readings. */
export interface EpisodeFigures {
  readonly count: number
  /** Per seven days' worth of readings; null with one reading. */
  readonly per_week: number | null
  /** Null without episodes. */
  readonly mean_duration_min: number | null
}

/** Counts the episodes of each kind. */
export function countEpisodes(trace: GlucoseTrace): Readonly<Record<GlucoseLimit, EpisodeFigures>> {
  return {
    below54: figuresOf(trace, 'below54'),
    below70: figuresOf(trace, 'below70'),
    above180: figuresOf(trace, 'above180'),
    above250: figuresOf(trace, 'above250'),
  }
}

function figuresOf(trace: GlucoseTrace, limit: GlucoseLimit): EpisodeFigures {
  const episodes = findEpisodes(trace, limit)
  const count = episodes.length
  const weeks = (trace.timesMs.length * (trace.medianIntervalMs ?? 0)) / (7 * 86_400_000)
  const totalMin = episodes.reduce((sum, { durationMin }) => sum + durationMin, 0)
  return {
    count,
    per_week: weeks === 0 ? null : count / weeks,
    mean_duration_min: count === 0 ? null : totalMin / count,
  }
}
