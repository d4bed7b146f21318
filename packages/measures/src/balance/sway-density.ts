import { smoothLowPass } from '../signal/filtfilt.ts'
import { computeMean } from '../signal/statistics.ts'
import type { UniformTrace } from './trace.ts'

/** 3 mm, and smoothing at 2.5 Hz. @see Baratto et al. 2002, Motor Control 6:246 (sway density plot) */
export const SWAY_DENSITY_RADIUS_CM = 0.3
const LOW_PASS_HZ = 2.5

/**
 * Structural indices: how long the trace stays near a point at the moments when it does so longest (s), and
 * how far these places are from each other (cm). Null when there is no such moment, or only one.
 */
export function computeSwayDensity(
  trace: UniformTrace,
  radiusCm: number,
): Record<'mean_peak_Sway_Density' | 'mean_distance_peak_Sway_Density', number> {
  const stays = smoothLowPass(countStays(trace, radiusCm), {
    order: 4,
    cutoffHz: LOW_PASS_HZ,
    rateHz: trace.rateHz,
  })
  const peaks = findPeaks(stays)
  const distances = peaks.slice(1).map((at, before) => distanceBetween(trace, at, peaks[before] ?? at))
  return {
    mean_peak_Sway_Density: computeMean(peaks.map((at) => stays[at] ?? 0)),
    mean_distance_peak_Sway_Density: computeMean(distances),
  }
}

/** For each sample but the last, the time around it without leaving the circle about it, in seconds. */
function countStays(trace: UniformTrace, radiusCm: number): Float64Array {
  const count = trace.mlCm.length
  const { mlCm, apCm } = trace
  const square = radiusCm * radiusCm
  // Squares, as this comparison is what a long trace spends its time on.
  const isNear = (a: number, b: number): boolean => {
    const ml = (mlCm[a] ?? 0) - (mlCm[b] ?? 0)
    const ap = (apCm[a] ?? 0) - (apCm[b] ?? 0)
    return ml * ml + ap * ap <= square
  }
  return Float64Array.from({ length: count - 1 }, (_, at) => {
    let after = at
    while (after + 1 < count && isNear(after + 1, at)) after += 1
    let before = at
    while (before > 0 && isNear(before - 1, at)) before -= 1
    return (after - before) / trace.rateHz
  })
}

function findPeaks(values: Float64Array): readonly number[] {
  const peaks: number[] = []
  for (let at = 1; at < values.length - 1; at += 1) {
    const value = values[at] ?? 0
    if (value > (values[at - 1] ?? 0) && value > (values[at + 1] ?? 0)) peaks.push(at)
  }
  return peaks
}

function distanceBetween({ mlCm, apCm }: UniformTrace, a: number, b: number): number {
  return Math.hypot((mlCm[a] ?? 0) - (mlCm[b] ?? 0), (apCm[a] ?? 0) - (apCm[b] ?? 0))
}
