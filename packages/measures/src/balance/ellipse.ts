import type { SwayEllipse } from '../plot/sway-plots.ts'
import { computeMean, computeMeanProduct } from '../signal/statistics.ts'
import type { UniformTrace } from './trace.ts'

/** Second moments of a trace about its origin, cm². */
export interface Spread {
  readonly ml: number
  readonly ap: number
  readonly mlAp: number
}

/** @see Schubert, Kirchner 2014, Gait Posture 39:518 (prediction against confidence ellipse) */
const PROBABILITY = 0.95

/** Second moments about the origin of the trace, with 1/N. */
export function computeSpread({ mlCm, apCm }: Pick<UniformTrace, 'mlCm' | 'apCm'>): Spread {
  return {
    ml: computeMeanProduct(mlCm, mlCm),
    ap: computeMeanProduct(apCm, apCm),
    mlAp: computeMeanProduct(mlCm, apCm),
  }
}

/**
 * Area of the 95 % prediction ellipse of `count` points, cm²: 2π F (N+1)(N−1) / (N(N−2)) √det, F the 95 %
 * quantile of F(2, N−2).
 * @see Schubert, Kirchner 2014, Gait Posture 39:518, equation for bivariate prediction ellipses
 */
export function computeEllipseArea(spread: Spread, count: number): number {
  return Math.PI * scaleOfEllipse(count) * Math.sqrt(determinantOf(spread))
}

/** Same for N without end: 2π (−ln 0.05) √det = 5.991 π √det. */
export function computeLargeSampleArea(spread: Spread): number {
  return -2 * Math.PI * Math.log(1 - PROBABILITY) * Math.sqrt(determinantOf(spread))
}

/**
 * Centre, axes and direction of the ellipse about the mean position that holds the next point with 95 %
 * probability (a prediction ellipse, mostly called confidence ellipse), to draw over a statokinesigram.
 */
export function computeEllipse(trace: UniformTrace): SwayEllipse {
  const spread = computeSpread(trace)
  const count = trace.mlCm.length
  const scale = scaleOfEllipse(count)
  const [major, minor] = eigenvaluesOf(spread)
  return {
    centreMlCm: 0,
    centreApCm: 0,
    semiMajorCm: Math.sqrt(scale * major),
    semiMinorCm: Math.sqrt(scale * minor),
    angleRad: directionOf(spread),
  }
}

/** Angle between the first principal axis and AP in degrees, 0 … 90; null when there is no such axis. */
export function computePrincipalDirection({ mlCm, apCm }: UniformTrace): number | null {
  const spread = computeSpread({ mlCm, apCm })
  // Principal components are about the mean of what is left after resampling.
  const [ml, ap] = [computeMean(mlCm), computeMean(apCm)]
  const centred = { ml: spread.ml - ml * ml, ap: spread.ap - ap * ap, mlAp: spread.mlAp - ml * ap }
  if (centred.ml === centred.ap && centred.mlAp === 0) return null
  return Math.abs(90 - Math.abs((directionOf(centred) * 180) / Math.PI))
}

/** 2 F (N+1)(N−1) / (N(N−2)); F(2, m) has the closed quantile (m/2)((1−p)^(−2/m) − 1). */
function scaleOfEllipse(count: number): number {
  const freedom = count - 2
  const quantile = (freedom / 2) * ((1 - PROBABILITY) ** (-2 / freedom) - 1)
  return (2 * quantile * (count + 1) * (count - 1)) / (count * (count - 2))
}

/** Never below 0, where rounding may bring the determinant of a line. */
function determinantOf({ ml, ap, mlAp }: Spread): number {
  return Math.max(0, ml * ap - mlAp * mlAp)
}

function eigenvaluesOf(spread: Spread): readonly [major: number, minor: number] {
  const half = (spread.ml + spread.ap) / 2
  const reach = Math.hypot((spread.ml - spread.ap) / 2, spread.mlAp)
  const major = half + reach
  return [major, major > 0 ? determinantOf(spread) / major : 0]
}

function directionOf({ ml, ap, mlAp }: Spread): number {
  return Math.atan2(2 * mlAp, ml - ap) / 2
}
