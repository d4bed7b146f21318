import { MeasuresError } from '../errors.ts'
import { computeMean } from './statistics.ts'

/** Acceleration of a phone or watch along its three axes, with or without gravity. */
export interface AccelerationTrace {
  /** Ascending; from any origin. As many as there are values on each axis. */
  readonly timesSec: Float64Array
  readonly x: Float64Array
  readonly y: Float64Array
  readonly z: Float64Array
  /** `g` is standard gravity, 9.80665 m/s². */
  readonly unit: 'g' | 'm/s2'
}

/** A checked trace; axes in m/s². */
export interface Acceleration {
  readonly timesSec: Float64Array
  readonly axes: readonly [Float64Array, Float64Array, Float64Array]
}

/** 3rd General Conference on Weights and Measures, 1901. */
export const STANDARD_GRAVITY_MPS2 = 9.80665
/** Nobody is shaken by more than this on average. */
const HIGHEST_MEAN_G = 4

/**
 * Checks a trace and converts it to m/s²; the input stays as it is.
 * @throws MeasuresError `NO_READINGS`, `VALUE_INVALID` for values that are not finite or axes of unlike length,
 * `RATE_INVALID` for times that run backwards, `UNIT_SUSPECT` where size and unit do not go together
 */
export function readAcceleration(trace: AccelerationTrace): Acceleration {
  const { timesSec, x, y, z, unit } = trace
  if (timesSec.length === 0) throw new MeasuresError('NO_READINGS', 'The recording holds no samples.')
  if ([x, y, z].some((axis) => axis.length !== timesSec.length))
    throw new MeasuresError('VALUE_INVALID', 'x, y and z need one value for each of timesSec.')
  if (unit !== 'g' && unit !== 'm/s2')
    throw new MeasuresError('VALUE_INVALID', 'The unit of acceleration must be g or m/s2.')
  if (![timesSec, x, y, z].every((values) => values.every(Number.isFinite)))
    throw new MeasuresError(
      'VALUE_INVALID',
      'Times and accelerations must be finite: leave such samples out.',
    )
  if (timesSec.some((time, at) => at > 0 && time < (timesSec[at - 1] as number)))
    throw new MeasuresError('RATE_INVALID', 'timesSec must not run backwards: sort the samples by time.')
  checkUnit(trace)
  const scale = unit === 'g' ? STANDARD_GRAVITY_MPS2 : 1
  const convert = (axis: Float64Array): Float64Array => axis.map((value) => value * scale)
  return { timesSec, axes: [convert(x), convert(y), convert(z)] }
}

/** Gravity gives the unit away: it is 1 in g and 9.8 in m/s². */
function checkUnit({ x, y, z, unit }: AccelerationTrace): void {
  const sizes = x.map((value, at) => Math.hypot(value, y[at] as number, z[at] as number))
  const mean = computeMean(sizes)
  const spread = Math.sqrt(computeMean(sizes.map((size) => (size - mean) ** 2)))
  // Without gravity a size of 1 m/s² may well occur, but it does not stay there.
  const isRestInG = Math.abs(mean - 1) < 0.1 && spread < 0.1
  if (unit === 'g' ? mean <= HIGHEST_MEAN_G : !isRestInG) return
  const other = unit === 'g' ? 'm/s2' : 'g'
  throw new MeasuresError(
    'UNIT_SUSPECT',
    `The values do not look like accelerations in ${unit}, rather like ${other}. State the right unit.`,
  )
}
