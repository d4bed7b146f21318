import { STANDARD_GRAVITY_MPS2 } from '../signal/acceleration.ts'
import type { SwaySource } from './method.ts'

/**
 * - `research`: all indices.
 * - `screening`: RMS and area with their error; path and velocity would mostly be the sensor's.
 * - `unusable`: nothing.
 */
export type SwayQuality = 'research' | 'screening' | 'unusable'

/** What keeps a recording from a better grade: its rate, its rounding, or its noise. */
export type SwayLimit = 'rate' | 'resolution' | 'noise'

/** What is known of the samples a trace was made of, lengths as they show in the trace. */
export interface SensorFacts {
  readonly source: SwaySource
  readonly rateHz: number
  /** What values were rounded to; 0 when not to be seen, infinite when no two values differ. */
  readonly stepCm: number
  /** Standard deviation of one sample's noise, before any filter. */
  readonly noiseCm: number
  /** Of the filter behind the trace. */
  readonly lowPassHz: number
}

/** A grade and its reasons; none for `research`. */
export interface SwayGrade {
  readonly quality: SwayQuality
  readonly limits: readonly SwayLimit[]
}

/** Worst values with which a grade is still given. */
interface GradeBounds {
  readonly rateHz: number
  readonly stepCm: number
  readonly noiseCm: number
}

/**
 * Simulated with a steady adult's trace: what lies within the bounds of `research` adds about a tenth or
 * less to the path length. `screening` ends a little above what browsers round acceleration to, 0.1 m/s²:
 * Device Orientation and Motion, section on privacy (https://www.w3.org/TR/orientation-event/).
 * Acceleration is given in m/s² here, and compared through the height of the centre of mass.
 */
const ACCELERATION_BOUNDS = {
  research: { rateHz: 25, step: 0.02, noise: 0.004 },
  screening: { rateHz: 10, step: 0.11, noise: 0.03 },
} as const

/** For centres of pressure: rounding to 0.2 mm adds about a tenth to the path, 2 mm is as much as sway itself. */
const PRESSURE_BOUNDS = {
  research: { rateHz: 20, stepCm: 0.02, noiseCm: Number.POSITIVE_INFINITY },
  screening: { rateHz: 10, stepCm: 0.2, noiseCm: Number.POSITIVE_INFINITY },
} as const

/** Grades what a sensor recorded. `comHeightM` only for acceleration, where it makes lengths of angles. */
export function gradeSensor(facts: SensorFacts, comHeightM: number | null): SwayGrade {
  const research = findLimits(facts, boundsOf('research', comHeightM))
  if (research.length === 0) return { quality: 'research', limits: [] }
  const screening = findLimits(facts, boundsOf('screening', comHeightM))
  if (screening.length === 0) return { quality: 'screening', limits: research }
  return { quality: 'unusable', limits: screening }
}

/** Part of white noise that passes the low-pass filter, standard deviation in cm. */
export function noiseInBandCm({ noiseCm, lowPassHz, rateHz }: SensorFacts): number {
  return noiseCm * Math.sqrt(Math.min(1, lowPassHz / (rateHz / 2)))
}

function boundsOf(grade: 'research' | 'screening', comHeightM: number | null): GradeBounds {
  if (comHeightM === null) return PRESSURE_BOUNDS[grade]
  const { rateHz, step, noise } = ACCELERATION_BOUNDS[grade]
  const cmPerMs2 = (100 * comHeightM) / STANDARD_GRAVITY_MPS2
  return { rateHz, stepCm: step * cmPerMs2, noiseCm: noise * cmPerMs2 }
}

function findLimits(facts: SensorFacts, bounds: GradeBounds): readonly SwayLimit[] {
  // Clocks jitter: a nominal rate may come out a little lower.
  const failed = {
    rate: facts.rateHz < 0.98 * bounds.rateHz,
    resolution: facts.stepCm > bounds.stepCm * (1 + 1e-6),
    noise: noiseInBandCm(facts) > bounds.noiseCm,
  }
  return (['rate', 'resolution', 'noise'] as const).filter((limit) => failed[limit])
}
