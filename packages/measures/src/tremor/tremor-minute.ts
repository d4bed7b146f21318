import type { Acceleration, AccelerationTrace } from '../signal/acceleration.ts'
import { readAcceleration } from '../signal/acceleration.ts'
import { binAcceleration, binGain, chooseRate, DEFAULT_RATE_HZ, findBin } from './bin-acceleration.ts'
import type { TremorOptions } from './measure-tremor.ts'
import type { TremorReason, TremorStatus } from './tremor-gates.ts'
import { findReason, statusOf } from './tremor-gates.ts'
import type { TremorCalibration } from './tremor-grade.ts'
import { gradeTremor } from './tremor-grade.ts'
import { displacementOf, findTremorPeak } from './tremor-peak.ts'
import { computeTremorSpectrum } from './tremor-spectrum.ts'

/** What one minute of acceleration says about tremor. */
export interface TremorMinute {
  /** Whole minutes since the recording began. */
  readonly minute: number
  readonly status: TremorStatus
  /** Null with tremor. */
  readonly reason: TremorReason | null
  /** Share of the minute that holds samples. */
  readonly coverage: number
  /** Share of power in the band of tremor; null where coverage is low. */
  readonly bandFraction: number | null
  /** Share of the band's power around its peak; null where coverage is low. */
  readonly concentration: number | null
  /** Null without tremor, and so are the following. */
  readonly frequencyHz: number | null
  /** Root mean square within 1 Hz of the frequency. */
  readonly accelerationMps2: number | null
  /** From peak to peak of a straight oscillation. */
  readonly displacementCm: number | null
  /** 0 to 4; experimental, not a diagnosis; without a calibration of the patient's own not calibrated at all. */
  readonly grade: number | null
}

/** How to judge minutes. */
export interface TremorMinuteOptions extends TremorOptions {
  /** The patient's own, of `calibrateTremor`. @defaultValue alpha 0.5, beta −2: uncalibrated */
  readonly calibration?: TremorCalibration | undefined
}

const MINUTE_SEC = 60
/** Of the minute's samples. */
const LOWEST_COVERAGE = 0.8

/**
 * Judges a recording minute by minute, counted from its first sample. Minutes without any sample are left out.
 * @throws MeasuresError those of a bad trace; `RATE_INVALID` below 24 Hz
 */
export function* tremorByMinute(
  trace: AccelerationTrace,
  options: TremorMinuteOptions = {},
): Generator<TremorMinute> {
  const { timesSec, axes } = readAcceleration(trace)
  const rateHz = chooseRate(timesSec, options.rateHz)
  const originSec = timesSec[0] as number
  const minuteAt = (at: number): number => Math.floor(((timesSec[at] as number) - originSec) / MINUTE_SEC)
  for (let from = 0, to = 0; from < timesSec.length; from = to) {
    const minute = minuteAt(from)
    while (to < timesSec.length && minuteAt(to) === minute) to += 1
    const cut = (values: Float64Array): Float64Array => values.subarray(from, to)
    const part = { timesSec: cut(timesSec), axes: [cut(axes[0]), cut(axes[1]), cut(axes[2])] } as const
    yield judgeMinute(part, minute, originSec + minute * MINUTE_SEC, { ...options, rateHz })
  }
}

/**
 * Judges one minute, for data that come minute by minute.
 * @param trace samples from `startSec` until 60 s later, at `options.rateHz` (25 unless given) or more; others
 * do not count
 * @param minute number that the result carries
 * @throws MeasuresError those of a bad trace
 */
export function judgeTremorMinute(
  trace: AccelerationTrace,
  minute: number,
  startSec: number,
  options: TremorMinuteOptions = {},
): TremorMinute {
  const rateHz = options.rateHz ?? DEFAULT_RATE_HZ
  return judgeMinute(readAcceleration(trace), minute, startSec, { ...options, rateHz })
}

function judgeMinute(
  acceleration: Acceleration,
  minute: number,
  startSec: number,
  { rateHz, calibration }: TremorMinuteOptions & { readonly rateHz: number },
): TremorMinute {
  const grid = { startSec, count: Math.round(MINUTE_SEC * rateHz), rateHz }
  const coverage = coverageOf(acceleration.timesSec, grid)
  const binned = coverage < LOWEST_COVERAGE ? null : binAcceleration(acceleration, grid)
  const spectrum = binned && computeTremorSpectrum(binned)
  if (binned === null || spectrum === null)
    return { ...NOTHING, minute, status: 'unknown', reason: 'coverage', coverage }
  const { interpolatedHz: frequencyHz, ...peak } = findTremorPeak(spectrum)
  const accelerationMps2 = peak.peakRms / binGain(binned, frequencyHz)
  const reason = findReason({ ...peak, accelerationMps2 })
  const { bandFraction, concentration } = peak
  const judged = {
    ...NOTHING,
    minute,
    status: statusOf(reason),
    reason,
    coverage,
    bandFraction,
    concentration,
  }
  if (reason !== null) return judged
  const displacementCm = displacementOf(accelerationMps2, frequencyHz)
  const grade = gradeTremor(displacementCm, calibration)
  return { ...judged, frequencyHz, accelerationMps2, displacementCm, grade }
}

const NOTHING = {
  bandFraction: null,
  concentration: null,
  frequencyHz: null,
  accelerationMps2: null,
  displacementCm: null,
  grade: null,
} as const

/** Share of the grid's bins that hold a sample. */
function coverageOf(
  timesSec: Float64Array,
  grid: { readonly startSec: number; readonly count: number; readonly rateHz: number },
): number {
  const bins = new Set<number>()
  for (const time of timesSec) {
    const bin = findBin(time, grid)
    if (bin >= 0 && bin < grid.count) bins.add(bin)
  }
  return bins.size / grid.count
}
