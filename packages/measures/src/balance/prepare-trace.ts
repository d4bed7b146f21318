import { MeasuresError } from '../errors.ts'
import { smoothLowPass } from '../signal/filtfilt.ts'
import { centreValues, computeMean } from '../signal/statistics.ts'
import { resampleSwarii } from '../signal/swarii.ts'
import type { TimedTrace, UniformTrace } from './trace.ts'
import { intervalOf } from './trace.ts'

/** A trace ready for the indices, and where its origin was before centring. */
export interface PreparedTrace extends UniformTrace {
  readonly meanMlCm: number
  readonly meanApCm: number
}

/**
 * Constants of Quijoux 2021, section 2.3 and its reference implementation: 25 Hz by windows of 0.08 s, then
 * a zero-phase Butterworth low-pass of order 4 at 10 Hz.
 */
const PREPARED_RATE_HZ = 25
export const PREPARED_LOW_PASS_HZ = 10
const WINDOW_SEC = 0.08
/** The reference leaves out what comes before 0.1 s, and the last sample. */
const LEAD_SEC = 0.1
/** Times that were counted from afar, such as 1970, are only so exact. */
const TIME_ERROR_SEC = 1e-6
/** Differences in cm, ML and AP added: so far off is an artefact if the trace is back so near afterwards. */
const ARTEFACT_OFF_CM = 2
const ARTEFACT_BACK_CM = 0.5

/** Centres, drops artefacts of one or two samples, resamples and smooths. */
export function prepareTrace(trace: TimedTrace): PreparedTrace {
  const [meanMlCm, meanApCm] = [computeMean(trace.mlCm), computeMean(trace.apCm)]
  const kept = dropArtefacts({ ...trace, mlCm: centreAxis(trace.mlCm), apCm: centreAxis(trace.apCm) })
  const grid = { rateHz: PREPARED_RATE_HZ, windowSec: WINDOW_SEC }
  const columns = resampleSwarii(kept.timesSec, [kept.mlCm, kept.apCm], grid)
  const filter = { order: 4, cutoffHz: PREPARED_LOW_PASS_HZ, rateHz: PREPARED_RATE_HZ }
  const [mlCm, apCm] = columns.map((column) => smoothLowPass(column, filter))
  if (mlCm === undefined || apCm === undefined) throw new TypeError('two columns in, two out')
  return { rateHz: PREPARED_RATE_HZ, mlCm, apCm, meanMlCm, meanApCm }
}

/** Sway density and diffusion take time by the square of it. */
const MOST_SAMPLES = 10_000

/**
 * Takes a trace as prepared elsewhere: centres it and does no more. Its rate has to be constant.
 * @throws MeasuresError `RATE_INVALID`, `TOO_LONG`
 */
export function keepTrace(trace: TimedTrace): PreparedTrace {
  if (trace.timesSec.length > MOST_SAMPLES)
    throw new MeasuresError(
      'TOO_LONG',
      `mlCm has more than ${MOST_SAMPLES} samples: let the trace be prepared`,
    )
  const intervalSec = intervalOf(trace.timesSec)
  const isUniform = trace.timesSec.every((time, at) => Math.abs(time - at * intervalSec) < 1e-3 * intervalSec)
  if (!isUniform)
    throw new MeasuresError('RATE_INVALID', 'timesSec is not of a constant rate: let the trace be prepared')
  return {
    rateHz: Number((1 / intervalSec).toPrecision(9)),
    mlCm: centreAxis(trace.mlCm),
    apCm: centreAxis(trace.apCm),
    meanMlCm: computeMean(trace.mlCm),
    meanApCm: computeMean(trace.apCm),
  }
}

/** An axis that never moves becomes exactly 0, so that no index is made of rounding errors. */
function centreAxis(values: Float64Array): Float64Array {
  const isStill = values.every((value) => value === values[0])
  return isStill ? new Float64Array(values.length) : centreValues(values)
}

function dropArtefacts(trace: TimedTrace): TimedTrace {
  const { timesSec, mlCm, apCm } = trace
  const kept: number[] = []
  for (let at = 1; at < timesSec.length - 1; at += 1) {
    if ((timesSec[at] ?? 0) >= LEAD_SEC - TIME_ERROR_SEC && !isArtefact(trace, at, kept.at(-1))) kept.push(at)
  }
  const pick = (values: Float64Array): Float64Array => Float64Array.from(kept, (at) => values[at] ?? 0)
  return { timesSec: pick(timesSec), mlCm: pick(mlCm), apCm: pick(apCm) }
}

/** Far from the sample kept before, to which the trace returns within two samples. */
function isArtefact({ mlCm, apCm }: TimedTrace, at: number, before: number | undefined): boolean {
  if (before === undefined) return false
  const distanceTo = (other: number): number =>
    Math.abs((mlCm[other] ?? 0) - (mlCm[before] ?? 0)) + Math.abs((apCm[other] ?? 0) - (apCm[before] ?? 0))
  if (distanceTo(at) <= ARTEFACT_OFF_CM) return false
  const hasSecond = at > 1 && at + 2 < mlCm.length
  return distanceTo(at + 1) < ARTEFACT_BACK_CM || (hasSecond && distanceTo(at + 2) < ARTEFACT_BACK_CM)
}
