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
  return [...times].map(([subject, timesMs]) => reportSubject(subject, timesMs))
}

function reportSubject(subject: number, timesMs: readonly number[]): SubjectReport {
  const steps = timesMs.slice(1).map((timeMs, index) => ({ fromMs: timesMs[index] ?? timeMs, toMs: timeMs }))
  const medianMs = median(steps.map(({ fromMs, toMs }) => toMs - fromMs))
  return {
    subject,
    readings: timesMs.length,
    medianIntervalSec: medianMs === null ? null : medianMs / 1000,
    gaps: steps.filter(({ fromMs, toMs }) => medianMs !== null && toMs - fromMs > GAP_FACTOR * medianMs),
  }
}

function median(values: readonly number[]): number | null {
  const sorted = Float64Array.from(values).sort()
  const upper = sorted[sorted.length >> 1]
  const lower = sorted[(sorted.length - 1) >> 1]
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2
}
