import { differentiateSmoothly } from '../signal/savitzky-golay.ts'
import { centreValues, computeMean, computeMeanProduct } from '../signal/statistics.ts'
import { computeEllipseArea, computeSpread } from './ellipse.ts'
import { meanAbsolute } from './positional.ts'
import type { SwayIndexName, SwayIndices } from './sway-indices.ts'
import type { UniformTrace } from './trace.ts'

type VelocityName =
  | 'phase_plane_parameter'
  | 'zero_crossing_SPD'
  | 'peak_velocity_pos_SPD'
  | 'peak_velocity_neg_SPD'
  | 'peak_velocity_all_SPD'

type DynamicName = Extract<
  SwayIndexName,
  | `path_length_${string}`
  | `mean_velocity_${string}`
  | `mean_frequency_${string}`
  | `${'sway_area_per_second' | 'LFS' | 'fractal_dimension'}_ML_AND_AP`
  | `${VelocityName}_${'ML' | 'AP'}`
>

/** Indices of how the trace moves. @see Quijoux 2021, Physiol. Rep. 9:e15067, table of dynamic features */
export function computeDynamic(trace: UniformTrace): Pick<SwayIndices, DynamicName> {
  const { mlCm, apCm, rateHz } = trace
  const count = mlCm.length
  const still = new Float64Array(count)
  const path = { ml: pathLength(mlCm, still), ap: pathLength(still, apCm), both: pathLength(mlCm, apCm) }
  const areaCm2 = computeEllipseArea(computeSpread(trace), count)
  const radiusCm = mlCm.map((ml, at) => Math.hypot(ml, apCm[at] ?? 0))
  // The reference divides by N samples, textbooks by the N − 1 steps between them.
  const perSample = rateHz / count
  const perStep = rateHz / (count - 1)
  return {
    path_length_ML: path.ml,
    path_length_AP: path.ap,
    path_length_ML_AND_AP: path.both,
    mean_velocity_ML: path.ml * perSample,
    mean_velocity_AP: path.ap * perSample,
    mean_velocity_ML_AND_AP: path.both * perSample,
    mean_velocity_textbook_ML: path.ml * perStep,
    mean_velocity_textbook_AP: path.ap * perStep,
    mean_velocity_textbook_ML_AND_AP: path.both * perStep,
    sway_area_per_second_ML_AND_AP: (sweptArea(mlCm, apCm) * rateHz) / (count - 1),
    LFS_ML_AND_AP: path.both / areaCm2,
    fractal_dimension_ML_AND_AP: fractalDimension(path.both, areaCm2, count),
    // Frequency of the circle, or of the sine, that has this mean speed and mean distance (Prieto 1996).
    mean_frequency_ML: (path.ml * perStep) / (4 * Math.SQRT2 * meanAbsolute(mlCm)),
    mean_frequency_AP: (path.ap * perStep) / (4 * Math.SQRT2 * meanAbsolute(apCm)),
    mean_frequency_ML_AND_AP: (path.both * perStep) / (2 * Math.PI * meanAbsolute(radiusCm)),
    ...computeVelocity('ML', mlCm, rateHz),
    ...computeVelocity('AP', apCm, rateHz),
  }
}

function pathLength(mlCm: Float64Array, apCm: Float64Array): number {
  let length = 0
  for (let at = 1; at < mlCm.length; at += 1)
    length += Math.hypot((mlCm[at] ?? 0) - (mlCm[at - 1] ?? 0), (apCm[at] ?? 0) - (apCm[at - 1] ?? 0))
  return length
}

/** Sum of the triangles between the origin and each step. @see Prieto 1996, IEEE Trans. Biomed. Eng. 43:956 */
function sweptArea(mlCm: Float64Array, apCm: Float64Array): number {
  let doubled = 0
  for (let at = 1; at < mlCm.length; at += 1)
    doubled += Math.abs((mlCm[at] ?? 0) * (apCm[at - 1] ?? 0) - (mlCm[at - 1] ?? 0) * (apCm[at] ?? 0))
  return doubled / 2
}

/** ln N / (ln N + ln d − ln path), d the diameter of a circle as large as the ellipse. @see Prieto 1996 */
function fractalDimension(pathCm: number, areaCm2: number, count: number): number {
  const diameterCm = Math.sqrt((4 * areaCm2) / Math.PI)
  return Math.log(count) / (Math.log(count) + Math.log(diameterCm) - Math.log(pathCm))
}

function computeVelocity<Axis extends 'ML' | 'AP'>(
  axis: Axis,
  positionCm: Float64Array,
  rateHz: number,
): Record<`${VelocityName}_${Axis}`, number> {
  const velocity = differentiateSmoothly(positionCm, rateHz)
  const centred = centreValues(velocity)
  const { crossings, positive, negative } = findVelocityPeaks(velocity)
  return {
    // Root of variances of position (cm) and of velocity (cm/s), a mixture of units by definition.
    [`phase_plane_parameter_${axis}`]: Math.sqrt(
      computeMeanProduct(positionCm, positionCm) + computeMeanProduct(centred, centred),
    ),
    [`zero_crossing_SPD_${axis}`]: crossings,
    [`peak_velocity_pos_SPD_${axis}`]: computeMean(positive),
    [`peak_velocity_neg_SPD_${axis}`]: computeMean(negative),
    [`peak_velocity_all_SPD_${axis}`]: computeMean([...positive, ...negative]),
  } as Record<`${VelocityName}_${Axis}`, number>
}

/** Peak speeds between changes of direction, and how many changes there are; the open ends do not count. */
function findVelocityPeaks(velocity: Float64Array): {
  readonly crossings: number
  readonly positive: readonly number[]
  readonly negative: readonly number[]
} {
  const peaks = { positive: [] as number[], negative: [] as number[] }
  let crossings = 0
  let side = 0
  let peak = 0
  for (const value of velocity) {
    const turned = Math.sign(value)
    if (side !== 0 && turned === -side) {
      if (crossings > 0) peaks[side > 0 ? 'positive' : 'negative'].push(Math.abs(peak))
      crossings += 1
      peak = 0
    }
    if (turned !== 0) side = turned
    if (Math.abs(value) > Math.abs(peak)) peak = value
  }
  return { crossings, ...peaks }
}
