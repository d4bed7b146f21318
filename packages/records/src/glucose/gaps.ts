/** A stretch without readings, longer than three times the subject's median interval. */
export interface Gap {
  /** Last instant before and first instant after, milliseconds since 1970. */
  readonly fromMs: number
  readonly toMs: number
}

/** How one subject's readings follow each other. */
export interface SubjectReport {
  readonly subject: number
  readonly readings: number
  /** Null with fewer than two readings. */
  readonly medianIntervalSec: number | null
  readonly gaps: readonly Gap[]
}

/** A sensor may miss a reading or two on the radio; beyond that the gap is worth telling. */
const GAP_FACTOR = 3

/**
 * Reports the readings of each subject.
 * @param readings sorted by subject, then instant
 */
export function reportSubjects(
  readings: readonly { readonly subject: number; readonly timeMs: number }[],
): readonly SubjectReport[] {
  const times = new Map<number, number[]>()
  for (const { subject, timeMs } of readings) {
    const known = times.get(subject)
    if (known === undefined) times.set(subject, [timeMs])
    else known.push(timeMs)
  }
  return [...times].map(([subject, timesMs]) => ({ subject, readings: timesMs.length, ...findGaps(timesMs) }))
}

/**
 * Median interval and gaps of one series.
 * @param timesMs ascending
 */
export function findGaps(timesMs: readonly number[]): Pick<SubjectReport, 'medianIntervalSec' | 'gaps'> {
  const steps = new Float64Array(Math.max(0, timesMs.length - 1))
  for (let at = 0; at < steps.length; at++) steps[at] = (timesMs[at + 1] ?? 0) - (timesMs[at] ?? 0)
  const medianMs = median(steps)
  if (medianMs === null) return { medianIntervalSec: null, gaps: [] }
  const gaps: Gap[] = []
  for (const [at, stepMs] of steps.entries()) {
    const fromMs = timesMs[at] ?? 0
    if (stepMs > GAP_FACTOR * medianMs) gaps.push({ fromMs, toMs: fromMs + stepMs })
  }
  return { medianIntervalSec: medianMs / 1000, gaps }
}

function median(values: Float64Array): number | null {
  const sorted = values.slice().sort()
  const upper = sorted[sorted.length >> 1]
  const lower = sorted[(sorted.length - 1) >> 1]
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2
}
