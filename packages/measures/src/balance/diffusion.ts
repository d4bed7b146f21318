import type { UniformTrace } from './trace.ts'

/**
 * The two regions of a diffusion plot meet between these lags, and lags go up to this share of the trace.
 * @see Quijoux 2021, Physiol. Rep. 9:e15067, stochastic features; Collins, De Luca 1993, Exp. Brain Res. 95:308
 */
const EARLIEST_SEC = 0.3
const LATEST_SEC = 2.5
const LAG_SHARE = 1 / 3

type DiffusionNames =
  | 'short_time_diffusion'
  | 'long_time_diffusion'
  | 'critical_time'
  | 'critical_displacement'
  | 'short_time_scaling'
  | 'long_time_scaling'

type DiffusionIndices<Axis extends string> = Record<`${DiffusionNames}_Diffusion_${Axis}`, number>

/**
 * Stabilogram diffusion: two lines through log mean square displacement over log lag. Diffusion is the
 * displacement (cm²) each line has at a lag of 1 s, scaling its slope halved (0.5 for a random walk), the
 * critical point where they cross, no later than the longest lag. NaN for an axis that does not move.
 */
export function computeDiffusion(trace: UniformTrace): DiffusionIndices<'ML'> & DiffusionIndices<'AP'> {
  return {
    ...diffuseAxis('ML', trace.mlCm, trace.rateHz),
    ...diffuseAxis('AP', trace.apCm, trace.rateHz),
  }
}

function diffuseAxis<Axis extends string>(
  axis: Axis,
  samples: Float64Array,
  rateHz: number,
): DiffusionIndices<Axis> {
  const lags = Math.trunc(samples.length * LAG_SHARE)
  const x = Float64Array.from({ length: lags }, (_, at) => Math.log((at + 1) / rateHz))
  const y = Float64Array.from({ length: lags }, (_, at) => Math.log(meanSquareStep(samples, at + 1)))
  const splits = splitPoints(rateHz, lags)
  const short = fitBest(splits.map((at) => fitLine(x.subarray(0, at), y.subarray(0, at))))
  const long = fitBest(splits.map((at) => fitLine(x.subarray(at - 1), y.subarray(at - 1))))
  const crossing = (long.intercept - short.intercept) / (short.slope - long.slope)
  const critical = Math.min(crossing, x.at(-1) ?? crossing)
  const named = (name: DiffusionNames): string => `${name}_Diffusion_${axis}`
  return {
    [named('short_time_diffusion')]: Math.exp(short.intercept),
    [named('long_time_diffusion')]: Math.exp(long.intercept),
    [named('critical_time')]: Math.exp(critical),
    [named('critical_displacement')]: Math.exp(short.intercept + short.slope * critical),
    [named('short_time_scaling')]: short.slope / 2,
    [named('long_time_scaling')]: long.slope / 2,
  } as DiffusionIndices<Axis>
}

/** How many lags the short region may have; three are left for the long one at least. */
function splitPoints(rateHz: number, lags: number): readonly number[] {
  const first = Math.trunc(EARLIEST_SEC * rateHz) + 1
  const last = Math.min(Math.trunc(LATEST_SEC * rateHz), lags - 2)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at)
}

function meanSquareStep(samples: Float64Array, lag: number): number {
  let sum = 0
  for (let at = lag; at < samples.length; at += 1) {
    const step = (samples[at] ?? 0) - (samples[at - lag] ?? 0)
    sum += step * step
  }
  return sum / (samples.length - lag)
}

interface Line {
  readonly slope: number
  readonly intercept: number
  readonly meanSquareError: number
}

/** Least squares. */
function fitLine(x: Float64Array, y: Float64Array): Line {
  const count = x.length
  const meanX = x.reduce((sum, value) => sum + value, 0) / count
  const meanY = y.reduce((sum, value) => sum + value, 0) / count
  let [xx, xy] = [0, 0]
  for (let at = 0; at < count; at += 1) {
    const dx = (x[at] ?? 0) - meanX
    xx += dx * dx
    xy += dx * ((y[at] ?? 0) - meanY)
  }
  const slope = xy / xx
  const intercept = meanY - slope * meanX
  const squares = y.reduce((sum, value, at) => sum + (value - intercept - slope * (x[at] ?? 0)) ** 2, 0)
  return { slope, intercept, meanSquareError: squares / count }
}

/** The line with the least error, of equals the last. */
function fitBest(lines: readonly Line[]): Line {
  const none = { slope: Number.NaN, intercept: Number.NaN, meanSquareError: Number.POSITIVE_INFINITY }
  return lines.reduce((best, line) => (line.meanSquareError <= best.meanSquareError ? line : best), none)
}
