import { MeasuresError } from '../errors.ts'
import type { AccelerationTrace } from '../signal/acceleration.ts'
import { readAcceleration, STANDARD_GRAVITY_MPS2 } from '../signal/acceleration.ts'
import { smoothSettled } from '../signal/filtfilt.ts'
import { resampleLinear } from '../signal/resample.ts'
import { detectStep, estimateNoise } from '../signal/resolution.ts'
import { computeMean } from '../signal/statistics.ts'
import type { CogMethod, PhoneAxis } from './method.ts'
import type { SensorFacts, SwayGrade } from './quality.ts'
import { gradeSensor } from './quality.ts'
import type { UniformTrace } from './trace.ts'
import { checkDuration, intervalOf, readTimes } from './trace.ts'

/** What acceleration of a phone held to the body does not say itself; a height is required. */
export interface CogOptions {
  /** Stature; the centre of mass is taken at 0.55 of it. Or give `comHeightM`. */
  readonly heightM?: number
  /** Height of the centre of mass above the ankles, roughly that of the navel. */
  readonly comHeightM?: number
  /** `gravity` for the direction of gravity as fused by the operating system. @defaultValue 'accelerometer' */
  readonly source?: 'accelerometer' | 'gravity'
  /** Axes across and along the direction the person faces; the third is up. @defaultValue ml x, ap z */
  readonly axes?: { readonly ml: PhoneAxis; readonly ap: PhoneAxis }
  /** Which way the screen looks, for the sign of the axes. @defaultValue 'outward' */
  readonly screen?: 'outward' | 'inward'
  /** What is left out at both ends, where hands are on the phone. @defaultValue 5 s and 2 s */
  readonly trim?: { readonly startSec: number; readonly endSec: number }
  /** At most 5: above 1 Hz acceleration of the body is taken for tilt. @defaultValue 1 */
  readonly lowPassHz?: number
}

/** Displacement of the centre of gravity about its mean, and what it was made of. */
export interface CogTrace extends UniformTrace {
  readonly method: CogMethod
  readonly sensor: SensorFacts
  readonly grade: SwayGrade
}

/** @see Winter 2009, Biomechanics and Motor Control of Human Movement, table 4.1 (0.55 to 0.57 of stature) */
const COM_SHARE_OF_STATURE = 0.55
const TALLEST_M = 2.8
const LOW_PASS_LIMIT_HZ = 5
/** Mean acceleration further from gravity than this is no quiet stance, or a sensor off its scale. */
const GRAVITY_TOLERANCE_MS2 = 0.3
/** A phone held less upright than this, and a person swaying or walking further than this. */
const TILT_LIMIT_RAD = (20 * Math.PI) / 180
/** Finer rounding does not matter, and floating point makes it hard to tell. */
const FINEST_STEP_MS2 = 0.001

/**
 * Sway of the centre of gravity from the tilt of a phone held at the navel: the body taken as a rigid
 * pendulum over the ankles that moves so slowly that acceleration is gravity alone, x = h tan θ. Trims,
 * checks unit and posture, finds the vertical as the mean direction, resamples to the recording's own rate
 * and smooths by a zero-phase Butterworth low-pass of order 4.
 * @param recording acceleration with gravity in it, in the phone's axes: x to the right of the screen, y to
 * its top, z out of it
 * @throws MeasuresError `OPTION_INVALID`, `NO_READINGS`, `VALUE_INVALID`, `UNIT_SUSPECT`, `RATE_INVALID`,
 * `TOO_SHORT`, `TOO_LONG`, `COVERAGE_LOW`, `POSTURE_INVALID`
 * @see Mayagoitia et al. 2002, Gait Posture 16:55 (accelerometer at the height of the centre of mass)
 */
export function cogFromAcceleration(recording: AccelerationTrace, options: CogOptions): CogTrace {
  const method = readMethod(options)
  const source = options.source ?? 'accelerometer'
  const raw = trimRecording(readRecording(recording, method.axes), method)
  const rateHz = readRate(raw.timesSec, method.lowPassHz)
  checkGravity(raw)
  const frame = findFrame(raw, options.screen ?? 'outward')
  const toTrace = (axis: Vector): Float64Array => {
    const displacement = projectTilt(raw, axis, frame.up, 100 * method.comHeightM)
    return resampleLinear(raw.timesSec, displacement, rateHz)
  }
  const [ml, ap] = [toTrace(frame.ml), toTrace(frame.ap)]
  const smooth = (samples: Float64Array): Float64Array =>
    smoothSettled(samples, { order: 4, cutoffHz: method.lowPassHz, rateHz })
  const sensor: SensorFacts = {
    source,
    rateHz,
    lowPassHz: method.lowPassHz,
    stepCm: (detectCoarsestStep(raw) * 100 * method.comHeightM) / STANDARD_GRAVITY_MPS2,
    noiseCm: Math.max(estimateNoise(ml, rateHz), estimateNoise(ap, rateHz)),
  }
  const grade = gradeSensor(sensor, method.comHeightM)
  return { rateHz, mlCm: smooth(ml), apCm: smooth(ap), method, sensor, grade }
}

type Vector = readonly [ml: number, ap: number, up: number]

/** Acceleration in m/s², in the order medio-lateral, antero-posterior, upright. */
interface BodyRecording {
  readonly timesSec: Float64Array
  readonly axes: readonly [ml: Float64Array, ap: Float64Array, up: Float64Array]
}

function readMethod(options: CogOptions): CogMethod {
  const comHeightM = options.comHeightM ?? COM_SHARE_OF_STATURE * (options.heightM ?? Number.NaN)
  const isTall = comHeightM > 0.1 && comHeightM < TALLEST_M * 0.7
  if (!isTall)
    throw new MeasuresError('OPTION_INVALID', 'heightM or comHeightM is missing, or not a height in metres')
  const lowPassHz = options.lowPassHz ?? 1
  if (!(lowPassHz > 0 && lowPassHz <= LOW_PASS_LIMIT_HZ))
    throw new MeasuresError('OPTION_INVALID', `lowPassHz is not within 0 to ${LOW_PASS_LIMIT_HZ}`)
  const { startSec, endSec } = options.trim ?? { startSec: 5, endSec: 2 }
  if (!(startSec >= 0 && endSec >= 0)) throw new MeasuresError('OPTION_INVALID', 'trim holds a negative time')
  const axes = options.axes ?? { ml: 'x', ap: 'z' }
  if (axes.ml === axes.ap)
    throw new MeasuresError('OPTION_INVALID', 'axes.ml and axes.ap are one axis: name two')
  return {
    model: 'quasi-static inverted pendulum',
    lowPassHz,
    comHeightM,
    trimStartSec: startSec,
    trimEndSec: endSec,
    axes,
  }
}

function readRecording(recording: AccelerationTrace, { ml, ap }: CogMethod['axes']): BodyRecording {
  const [x, y, z] = readAcceleration(recording).axes
  const phone = { x, y, z }
  const up = (['x', 'y', 'z'] as const).find((axis) => axis !== ml && axis !== ap) ?? 'y'
  return { timesSec: readTimes(recording.timesSec), axes: [phone[ml], phone[ap], phone[up]] }
}

function trimRecording({ timesSec, axes }: BodyRecording, method: CogMethod): BodyRecording {
  const untilSec = (timesSec.at(-1) ?? 0) - method.trimEndSec
  const isKept = (_: number, at: number): boolean =>
    (timesSec[at] ?? 0) >= method.trimStartSec && (timesSec[at] ?? 0) <= untilSec
  const keptSec = timesSec.filter(isKept)
  const times = keptSec.map((time) => time - (keptSec[0] ?? 0))
  checkDuration(times)
  return { timesSec: times, axes: [axes[0].filter(isKept), axes[1].filter(isKept), axes[2].filter(isKept)] }
}

/** The recording's own rate, in whole hertz as sensors are set to. */
function readRate(timesSec: Float64Array, lowPassHz: number): number {
  const rateHz = Math.round(1 / intervalOf(timesSec))
  if (rateHz > 2.2 * lowPassHz) return rateHz
  throw new MeasuresError('RATE_INVALID', 'timesSec is too sparse for lowPassHz: record at 25 Hz or more')
}

/** Tells a wrong unit or acceleration without gravity from a phone that was moved. */
function checkGravity({ axes: [ml, ap, up] }: BodyRecording): void {
  const mean = Math.hypot(computeMean(ml), computeMean(ap), computeMean(up))
  if (Math.abs(mean - STANDARD_GRAVITY_MPS2) <= GRAVITY_TOLERANCE_MS2) return
  const isOff = (factor: number): boolean => Math.abs(mean * factor - STANDARD_GRAVITY_MPS2) <= 1
  if (isOff(STANDARD_GRAVITY_MPS2) || isOff(1 / STANDARD_GRAVITY_MPS2))
    throw new MeasuresError('UNIT_SUSPECT', 'unit does not fit the values: give g or m/s2 as recorded')
  if (mean < 2)
    throw new MeasuresError(
      'VALUE_INVALID',
      'gravity is missing from x, y and z: give acceleration with gravity',
    )
  throw new MeasuresError(
    'POSTURE_INVALID',
    'mean acceleration is not gravity: stand still, calibrate the sensor',
  )
}

interface Frame {
  readonly ml: Vector
  readonly ap: Vector
  readonly up: Vector
}

/**
 * The vertical as the mean direction, and two horizontal axes. Phones that report the reaction to gravity
 * read upwards at rest, the others downwards: the first lose in the reading what the body gains forwards.
 */
function findFrame({ axes }: BodyRecording, screen: 'outward' | 'inward'): Frame {
  const up = normalise([computeMean(axes[0]), computeMean(axes[1]), computeMean(axes[2])])
  if (Math.acos(Math.min(1, Math.abs(up[2]))) > TILT_LIMIT_RAD)
    throw new MeasuresError('POSTURE_INVALID', 'the phone was not upright: hold it at the navel, top edge up')
  const readsUp = up[2] > 0 ? -1 : 1
  // With the screen outward its normal points forwards and its right edge to the person's left.
  const forward = (screen === 'outward' ? 1 : -1) * readsUp
  const ap = normalise([-up[1] * up[0], 1 - up[1] * up[1], -up[1] * up[2]])
  const across: Vector = [
    up[1] * ap[2] - up[2] * ap[1],
    up[2] * ap[0] - up[0] * ap[2],
    up[0] * ap[1] - up[1] * ap[0],
  ]
  const right = across[0] > 0 ? -forward : forward
  return { ml: scaleVector(across, right), ap: scaleVector(ap, forward), up }
}

/** h tan θ in cm for each sample, θ the tilt along one horizontal axis. */
function projectTilt({ axes }: BodyRecording, along: Vector, up: Vector, heightCm: number): Float64Array {
  const reach = heightCm * Math.tan(TILT_LIMIT_RAD)
  const dot = (vector: Vector, at: number): number =>
    vector[0] * (axes[0][at] ?? 0) + vector[1] * (axes[1][at] ?? 0) + vector[2] * (axes[2][at] ?? 0)
  const tilt = axes[0].map((_, at) => (heightCm * dot(along, at)) / dot(up, at))
  if (tilt.every((value) => Math.abs(value) <= reach)) return tilt
  throw new MeasuresError('POSTURE_INVALID', 'the phone was moved during the test: stand still until the end')
}

/** Coarsest of the three axes, those aside that never change unless none does. */
function detectCoarsestStep({ axes }: BodyRecording): number {
  const steps = axes.map((axis) => detectStep(axis, FINEST_STEP_MS2))
  const known = steps.filter(Number.isFinite)
  return known.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...known)
}

function normalise(vector: Vector): Vector {
  return scaleVector(vector, 1 / Math.hypot(...vector))
}

function scaleVector([ml, ap, up]: Vector, factor: number): Vector {
  return [factor * ml, factor * ap, factor * up]
}
