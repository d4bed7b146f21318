import { smoothSettled } from '../signal/filtfilt.ts'
import { drawNormal, startRandom } from '../signal/random.ts'
import { centreValues, computeRms } from '../signal/statistics.ts'
import type { SensorFacts } from './quality.ts'
import { noiseInBandCm } from './quality.ts'

/** Where the true value lies with about 95 % probability. */
export interface Interval {
  readonly lower: number
  readonly upper: number
}

/** A new value falls between the extremes of 40 others with a probability of 39/41 = 95 %. */
const REPLICATES = 40
/** To a 64th of what rounding and noise could do at most. */
const HALVINGS = 6
/** Sway of the centre of gravity: amplitudes fall with frequency, and hardly any of it lies above 1 Hz. */
const SLOWEST_HZ = 0.05
const FASTEST_HZ = 1
const SINES = 12
const SEED = 3

/**
 * A simulated sensor that is asked which true RMS values could have given a measured one: synthetic sway of
 * known RMS, at any offset from the steps, gets the recording's noise, is rounded and smoothed as the
 * recording was. An RMS is possible when what is measured lies within what the simulation measures for it.
 * Sway too small to cross a step measures 0, so 0 still has an upper bound.
 */
export function createErrorModel(
  sensor: SensorFacts,
  durationSec: number,
): (measuredRmsCm: number) => Interval {
  const replicates = simulateReplicates(sensor, durationSec)
  const simulate = (rmsCm: number): readonly number[] => replicates.map((measure) => measure(rmsCm))
  return (measuredCm) => {
    // Rounding moves no sample by more than half a step, so it moves the RMS by no more, either.
    const reachCm = sensor.stepCm / 2 + 3 * noiseInBandCm(sensor)
    const bounds = { lower: Math.max(0, measuredCm - reachCm), upper: measuredCm + reachCm }
    // What is measured grows with what is true, so each end of the possible values is found by halving.
    return {
      lower: bisect(bounds, (rmsCm) => Math.max(...simulate(rmsCm)) >= measuredCm).lower,
      upper: bisect(bounds, (rmsCm) => Math.min(...simulate(rmsCm)) > measuredCm).upper,
    }
  }
}

/** Narrows an interval around the place from which on a condition holds. */
function bisect(bounds: Interval, holds: (value: number) => boolean): Interval {
  let { lower, upper } = bounds
  for (let half = 0; half < HALVINGS; half += 1) {
    const middle = (lower + upper) / 2
    if (holds(middle)) upper = middle
    else lower = middle
  }
  return { lower, upper }
}

/** Each takes a true RMS and returns the RMS its sensor measures. */
function simulateReplicates(
  sensor: SensorFacts,
  durationSec: number,
): readonly ((rmsCm: number) => number)[] {
  const random = startRandom(SEED)
  const count = Math.max(32, Math.round(durationSec * sensor.rateHz))
  // The noise seen in the recording holds that of rounding, which is added here by rounding again.
  const whiteCm = Math.sqrt(Math.max(0, sensor.noiseCm ** 2 - sensor.stepCm ** 2 / 12))
  return Array.from({ length: REPLICATES }, () => {
    const sway = drawSway(random, count, sensor)
    const offsetCm = random() * sensor.stepCm
    const noise = drawNormal(random, count).map((value) => offsetCm + whiteCm * value)
    return (rmsCm: number) => {
      const sensed = sway.map((value, at) => roundTo(rmsCm * value + (noise[at] ?? 0), sensor.stepCm))
      return computeRms(smoothAs(centreValues(sensed), sensor))
    }
  })
}

/** Sway with an RMS of 1 as an ideal sensor would measure it. */
function drawSway(random: () => number, count: number, sensor: SensorFacts): Float64Array {
  const sines = Array.from({ length: SINES }, (_, at) => ({
    frequencyHz: SLOWEST_HZ * (FASTEST_HZ / SLOWEST_HZ) ** ((at + random()) / SINES),
    phase: 2 * Math.PI * random(),
  }))
  const raw = Float64Array.from({ length: count }, (_, at) =>
    sines.reduce(
      (sum, { frequencyHz, phase }) =>
        sum + Math.sin((2 * Math.PI * frequencyHz * at) / sensor.rateHz + phase) / frequencyHz,
      0,
    ),
  )
  const rms = computeRms(smoothAs(centreValues(raw), sensor))
  return raw.map((value) => value / rms)
}

function smoothAs(samples: Float64Array, { lowPassHz, rateHz }: SensorFacts): Float64Array {
  return rateHz > 2.2 * lowPassHz
    ? smoothSettled(samples, { order: 4, cutoffHz: lowPassHz, rateHz })
    : samples
}

function roundTo(value: number, step: number): number {
  return step === 0 ? value : step * Math.round(value / step)
}
