import { MeasuresError } from '../errors.ts'
import { computeMedian } from '../signal/statistics.ts'

/**
 * Displacement of the centre of pressure or gravity in cm about any origin, ML positive to the right, AP
 * positive forward; with a constant rate, or with one time in ascending seconds for each sample.
 */
export type SwayTrace = {
  readonly mlCm: ArrayLike<number>
  readonly apCm: ArrayLike<number>
} & ({ readonly rateHz: number } | { readonly timesSec: ArrayLike<number> })

/** A checked trace, its times from 0 on. */
export interface TimedTrace {
  readonly timesSec: Float64Array
  readonly mlCm: Float64Array
  readonly apCm: Float64Array
}

/** A trace at a constant rate. */
export interface UniformTrace {
  readonly rateHz: number
  readonly mlCm: Float64Array
  readonly apCm: Float64Array
}

/** Diffusion and spectrum look at ten seconds at a time. */
const SHORTEST_SEC = 10
/** Sway density and diffusion take time by the square; tests of balance take a minute or two */
const LONGEST_SEC = 300
/** A longer gap hides sway that no straight line brings back. */
const LONGEST_GAP_SEC = 0.5
const MISSING_SHARE_LIMIT = 0.05

/**
 * Checks a trace and gives it times that start at 0. The input stays as it is.
 * @throws MeasuresError `VALUE_INVALID`, `RATE_INVALID`, `TOO_SHORT`, `TOO_LONG`, `COVERAGE_LOW`
 */
export function readTrace(trace: SwayTrace): TimedTrace {
  const mlCm = readFinite(trace.mlCm, 'mlCm')
  const apCm = readFinite(trace.apCm, 'apCm')
  const timesSec = 'timesSec' in trace ? readTimes(trace.timesSec) : countTimes(mlCm.length, trace.rateHz)
  if (mlCm.length !== apCm.length || mlCm.length !== timesSec.length)
    throw new MeasuresError(
      'VALUE_INVALID',
      'mlCm, apCm and timesSec differ in length: give one value per time',
    )
  checkDuration(timesSec)
  return { timesSec, mlCm, apCm }
}

/** Copies numbers, all of which have to be finite. */
function readFinite(values: ArrayLike<number>, field: string): Float64Array {
  const copy = Float64Array.from(values)
  if (copy.every(Number.isFinite)) return copy
  throw new MeasuresError(
    'VALUE_INVALID',
    `${field} holds what is not a finite number: leave such samples out`,
  )
}

/** Copies ascending times, counted from the first. */
export function readTimes(timesSec: ArrayLike<number>): Float64Array {
  const copy = readFinite(timesSec, 'timesSec')
  const start = copy[0] ?? 0
  const isAscending = copy.every((time, at) => at === 0 || time > (copy[at - 1] ?? 0))
  if (isAscending) return copy.map((time) => time - start)
  throw new MeasuresError(
    'RATE_INVALID',
    'timesSec does not ascend: sort the samples, leave repeated times out',
  )
}

/** Long enough, not too long, without large gaps. Times from 0 on. */
export function checkDuration(timesSec: Float64Array): void {
  const endSec = timesSec.at(-1) ?? 0
  // Half a sample of tolerance: n samples at rate r span (n − 1) / r.
  if (timesSec.length < 2 || endSec < SHORTEST_SEC - 1.5 * intervalOf(timesSec))
    throw new MeasuresError(
      'TOO_SHORT',
      `a recording of sway takes at least ${SHORTEST_SEC} s: record longer`,
    )
  if (endSec > LONGEST_SEC)
    throw new MeasuresError(
      'TOO_LONG',
      `a recording of sway takes at most ${LONGEST_SEC} s: cut out one test`,
    )
  checkGaps(timesSec, endSec)
}

/** Median interval of ascending times, in seconds. */
export function intervalOf(timesSec: Float64Array): number {
  return computeMedian(timesSec.subarray(1).map((time, at) => time - (timesSec[at] ?? 0)))
}

function countTimes(length: number, rateHz: number): Float64Array {
  if (!(Number.isFinite(rateHz) && rateHz > 0))
    throw new MeasuresError('RATE_INVALID', 'rateHz is not a positive number: give the sampling rate')
  return Float64Array.from({ length }, (_, at) => at / rateHz)
}

function checkGaps(timesSec: Float64Array, endSec: number): void {
  const usualSec = intervalOf(timesSec)
  let missingSec = 0
  let longestSec = 0
  for (let at = 1; at < timesSec.length; at += 1) {
    const gapSec = (timesSec[at] ?? 0) - (timesSec[at - 1] ?? 0)
    longestSec = Math.max(longestSec, gapSec)
    if (gapSec > 2 * usualSec) missingSec += gapSec - usualSec
  }
  if (longestSec <= Math.max(LONGEST_GAP_SEC, usualSec) && missingSec <= MISSING_SHARE_LIMIT * endSec) return
  throw new MeasuresError(
    'COVERAGE_LOW',
    `timesSec has a gap above ${LONGEST_GAP_SEC} s, or more than ${MISSING_SHARE_LIMIT * 100} % missing: record again`,
  )
}
