import { MeasuresError } from '../errors.ts'
import type { SwayEllipse } from '../plot/sway-plots.ts'
import { detectStep } from '../signal/resolution.ts'
import type { CogTrace } from './cog-from-acceleration.ts'
import { computeIndices } from './compute-indices.ts'
import { computeEllipse } from './ellipse.ts'
import type { SwayCondition, SwayMethod } from './method.ts'
import type { PreparedTrace } from './prepare-trace.ts'
import { keepTrace, PREPARED_LOW_PASS_HZ, prepareTrace } from './prepare-trace.ts'
import type { SensorFacts, SwayGrade, SwayLimit } from './quality.ts'
import { gradeSensor } from './quality.ts'
import type { Interval } from './screening-error.ts'
import { createErrorModel } from './screening-error.ts'
import { SWAY_DENSITY_RADIUS_CM } from './sway-density.ts'
import type { SwayIndices } from './sway-indices.ts'
import type { SwayTrace, TimedTrace } from './trace.ts'
import { intervalOf, readTrace } from './trace.ts'

/** How a test was done, and how it is to be measured. */
export interface SwayOptions {
  /** @defaultValue null: not stated */
  readonly condition?: SwayCondition
  /** `none` for a centred trace of a constant rate that is smooth already. @defaultValue 'reference' */
  readonly preparation?: 'reference' | 'none'
  /** @defaultValue 0.3 */
  readonly swayDensityRadiusCm?: number
}

/** Path of the body seen from above, about its mean position: AP over ML, cm, with its ellipse. */
export interface Statokinesigram {
  readonly mlCm: Float64Array
  readonly apCm: Float64Array
  readonly ellipse: SwayEllipse
}

/** Both displacements over time, about their mean; the arrays of the statokinesigram. */
export interface Stabilogram {
  readonly rateHz: number
  /** From 0 on. */
  readonly timesSec: Float64Array
  readonly mlCm: Float64Array
  readonly apCm: Float64Array
}

/** What every result holds. The arrays are the caller's. */
export interface SwayDrawing {
  readonly statokinesigram: Statokinesigram
  readonly stabilogram: Stabilogram
  readonly method: SwayMethod
  readonly condition: SwayCondition | null
}

/** Of a recording fine enough for every index. */
export interface ResearchSway extends SwayDrawing {
  readonly quality: 'research'
  readonly indices: SwayIndices
}

/** The indices that coarse recordings allow. */
export type ScreeningName = 'rms_ML' | 'rms_AP' | 'confidence_ellipse_area_ML_AND_AP'

/** Of a coarse recording: no path, no velocity, and an error for what there is. */
export interface ScreeningSway extends SwayDrawing {
  readonly quality: 'screening'
  readonly limits: readonly SwayLimit[]
  readonly indices: Readonly<Record<ScreeningName, number>>
  /** Where the true values lie; see `createErrorModel`. */
  readonly intervals95: Readonly<Record<ScreeningName, Interval>>
  /** Standard errors: half the intervals over 1.96. */
  readonly errors: Readonly<Record<ScreeningName, number>>
}

/** Of a recording that says nothing about sway. */
export interface UnusableSway {
  readonly quality: 'unusable'
  readonly limits: readonly SwayLimit[]
  readonly method: SwayMethod
  readonly condition: SwayCondition | null
}

/** What a recording says about sway, by how fine it is; test `quality`. */
export type SwayMeasurement = ResearchSway | ScreeningSway | UnusableSway

/** Finest rounding of a centre of pressure that is looked for: a tenth of what could matter. */
const FINEST_STEP_CM = 0.001

/**
 * Indices of sway from a trace of the centre of pressure (force plate) or of gravity
 * (`cogFromAcceleration`). How much is computed depends on what the recording is good for: look at
 * `quality` first.
 * @throws MeasuresError `OPTION_INVALID`, `VALUE_INVALID`, `RATE_INVALID`, `TOO_SHORT`, `TOO_LONG`, `COVERAGE_LOW`
 * @see Quijoux et al. 2021, Physiol. Rep. 9:e15067
 */
export function measureSway(trace: SwayTrace | CogTrace, options: SwayOptions = {}): SwayMeasurement {
  const timed = readTrace(trace)
  const radiusCm = options.swayDensityRadiusCm ?? SWAY_DENSITY_RADIUS_CM
  if (!(radiusCm > 0))
    throw new MeasuresError('OPTION_INVALID', 'swayDensityRadiusCm is not a positive number')
  const { sensor, grade, cog } = describeSensor(trace, timed)
  const isPrepared = options.preparation === 'none'
  const prepared = isPrepared ? keepTrace(timed) : prepareTrace(timed)
  const method: SwayMethod = {
    algorithm: 'halo-sway',
    version: '1.0.0',
    source: sensor.source,
    preparation: isPrepared ? 'none' : 'swarii 25 Hz, low-pass 10 Hz',
    rateHz: prepared.rateHz,
    swayDensityRadiusCm: radiusCm,
    durationSec: (prepared.mlCm.length - 1) / prepared.rateHz,
    cog,
  }
  const base = { method, condition: options.condition ?? null }
  if (grade.quality === 'unusable') return { quality: 'unusable', limits: grade.limits, ...base }
  const drawing = { ...base, ...drawTrace(prepared) }
  const indices = computeIndices(prepared, radiusCm)
  if (grade.quality === 'research') return { quality: 'research', indices, ...drawing }
  return { quality: 'screening', limits: grade.limits, ...screenIndices(indices, sensor, method), ...drawing }
}

interface SensorAndGrade {
  readonly sensor: SensorFacts
  readonly grade: SwayGrade
  readonly cog: SwayMethod['cog']
}

function describeSensor(trace: SwayTrace | CogTrace, timed: TimedTrace): SensorAndGrade {
  if ('sensor' in trace) return { sensor: trace.sensor, grade: trace.grade, cog: trace.method }
  const steps = [timed.mlCm, timed.apCm].map((axis) => detectStep(axis, FINEST_STEP_CM))
  const known = steps.filter(Number.isFinite)
  const sensor: SensorFacts = {
    source: 'force-plate',
    rateHz: 1 / intervalOf(timed.timesSec),
    stepCm: known.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...known),
    noiseCm: 0,
    lowPassHz: PREPARED_LOW_PASS_HZ,
  }
  return { sensor, grade: gradeSensor(sensor, null), cog: null }
}

function drawTrace(trace: PreparedTrace): Pick<SwayDrawing, 'statokinesigram' | 'stabilogram'> {
  const { mlCm, apCm, rateHz } = trace
  const timesSec = mlCm.map((_, at) => at / rateHz)
  return {
    statokinesigram: { mlCm, apCm, ellipse: computeEllipse(trace) },
    stabilogram: { rateHz, timesSec, mlCm, apCm },
  }
}

function screenIndices(
  indices: SwayIndices,
  sensor: SensorFacts,
  method: SwayMethod,
): Pick<ScreeningSway, 'indices' | 'intervals95' | 'errors'> {
  const [ml, ap] = [indices.rms_ML ?? 0, indices.rms_AP ?? 0]
  const area = indices.confidence_ellipse_area_ML_AND_AP ?? 0
  const estimate = createErrorModel(sensor, method.durationSec)
  const [mlRange, apRange] = [estimate(ml), estimate(ap)]
  // Area of the ellipse per product of both RMS; of no movement at all, that of independent axes.
  const ratio = ml * ap > 0 ? area / (ml * ap) : -2 * Math.PI * Math.log(0.05)
  const areaRange = {
    lower: ratio * mlRange.lower * apRange.lower,
    upper: ratio * mlRange.upper * apRange.upper,
  }
  const name = 'confidence_ellipse_area_ML_AND_AP'
  return {
    indices: { rms_ML: ml, rms_AP: ap, [name]: area },
    intervals95: { rms_ML: mlRange, rms_AP: apRange, [name]: areaRange },
    errors: { rms_ML: errorOf(mlRange), rms_AP: errorOf(apRange), [name]: errorOf(areaRange) },
  }
}

function errorOf({ lower, upper }: Interval): number {
  return (upper - lower) / (2 * 1.96)
}
