import { computeMeanProduct, computeRms } from '../signal/statistics.ts'
import {
  computeEllipseArea,
  computeLargeSampleArea,
  computePrincipalDirection,
  computeSpread,
} from './ellipse.ts'
import type { PreparedTrace } from './prepare-trace.ts'
import type { SwayIndexName, SwayIndices } from './sway-indices.ts'

type PositionalName = Extract<
  SwayIndexName,
  | `mean_${'value' | 'distance'}_${'ML' | 'AP' | 'Radius'}`
  | `maximal_distance_${string}`
  | `rms_${string}`
  | `range_${string}`
  | `${'planar_deviation' | 'coefficient_sway_direction' | 'principal_sway_direction'}_ML_AND_AP`
  | `${'confidence_ellipse_area' | 'ellipse_area_large_sample'}_ML_AND_AP`
>

/** Indices of where the trace lies. @see Quijoux 2021, Physiol. Rep. 9:e15067, table of positional features */
export function computePositional(trace: PreparedTrace): Pick<SwayIndices, PositionalName> {
  const { mlCm, apCm } = trace
  const radiusCm = mlCm.map((ml, at) => Math.hypot(ml, apCm[at] ?? 0))
  const [rmsMl, rmsAp] = [computeRms(mlCm), computeRms(apCm)]
  const [rangeMl, rangeAp] = [rangeOf(mlCm), rangeOf(apCm)]
  const spread = computeSpread(trace)
  return {
    mean_value_ML: trace.meanMlCm,
    mean_value_AP: trace.meanApCm,
    mean_distance_ML: meanAbsolute(mlCm),
    mean_distance_AP: meanAbsolute(apCm),
    mean_distance_Radius: meanAbsolute(radiusCm),
    maximal_distance_ML: maximumAbsolute(mlCm),
    maximal_distance_AP: maximumAbsolute(apCm),
    maximal_distance_Radius: maximumAbsolute(radiusCm),
    rms_ML: rmsMl,
    rms_AP: rmsAp,
    rms_Radius: computeRms(radiusCm),
    range_ML: rangeMl,
    range_AP: rangeAp,
    range_ML_AND_AP: widestDistance(mlCm, apCm),
    range_ratio_ML_AND_AP: rangeMl / rangeAp,
    planar_deviation_ML_AND_AP: Math.hypot(rmsMl, rmsAp),
    coefficient_sway_direction_ML_AND_AP: computeMeanProduct(mlCm, apCm) / (rmsMl * rmsAp),
    confidence_ellipse_area_ML_AND_AP: computeEllipseArea(spread, mlCm.length),
    ellipse_area_large_sample_ML_AND_AP: computeLargeSampleArea(spread),
    principal_sway_direction_ML_AND_AP: computePrincipalDirection(trace),
  }
}

/** Mean distance from the origin. */
export function meanAbsolute(values: Float64Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length
}

function maximumAbsolute(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

function rangeOf(values: Float64Array): number {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  return most - least
}

type Point = readonly [ml: number, ap: number]

/** Largest distance between any two points: two corners of the convex hull, so only those are compared. */
function widestDistance(mlCm: Float64Array, apCm: Float64Array): number {
  const points = Array.from(mlCm, (ml, at): Point => [ml, apCm[at] ?? 0])
  points.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const corners = [...halfHull(points), ...halfHull(points.toReversed())]
  let widest = 0
  for (const [at, a] of corners.entries())
    for (const b of corners.slice(at + 1)) widest = Math.max(widest, Math.hypot(a[0] - b[0], a[1] - b[1]))
  return widest
}

/** One chain of the convex hull of sorted points. @see Andrew 1979, Inf. Process. Lett. 9:216 */
function halfHull(sorted: readonly Point[]): Point[] {
  const hull: Point[] = []
  for (const point of sorted) {
    while (hull.length > 1 && !turnsLeft(hull.at(-2) ?? point, hull.at(-1) ?? point, point)) hull.pop()
    hull.push(point)
  }
  return hull
}

function turnsLeft(a: Point, b: Point, c: Point): boolean {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) > 0
}
