import type { AccelerationTrace } from '../src/signal/acceleration.ts'

/** Pseudo-random numbers in [0, 1) that are the same in every run. */
export function createNoise(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Normally distributed numbers. */
export function createGauss(seed: number): () => number {
  const noise = createNoise(seed)
  return () => Math.sqrt(-2 * Math.log(1 - noise())) * Math.cos(2 * Math.PI * noise())
}

/** Acceleration in m/s², made of one function of time per axis. */
export function sampleTrace(
  axes: readonly ((timeSec: number) => number)[],
  { rateHz = 25, durationSec = 60 }: { readonly rateHz?: number; readonly durationSec?: number } = {},
): AccelerationTrace {
  const timesSec = new Float64Array(Math.round(rateHz * durationSec)).map((_, n) => n / rateHz)
  const along = (at: number): Float64Array => timesSec.map((timeSec) => axes[at]?.(timeSec) ?? 0)
  return { timesSec, x: along(0), y: along(1), z: along(2), unit: 'm/s2' }
}

/** Acceleration of a straight oscillation, its displacement from peak to peak given. */
export function oscillate(peakToPeakCm: number, frequencyHz: number): (timeSec: number) => number {
  const angular = 2 * Math.PI * frequencyHz
  const amplitude = (peakToPeakCm / 200) * angular ** 2
  return (timeSec) => amplitude * Math.sin(angular * timeSec)
}

/** The samples for which `isKept` says so. */
export function thinOut(trace: AccelerationTrace, isKept: (at: number) => boolean): AccelerationTrace {
  const keep = (values: Float64Array): Float64Array => values.filter((_, at) => isKept(at))
  return { ...trace, timesSec: keep(trace.timesSec), x: keep(trace.x), y: keep(trace.y), z: keep(trace.z) }
}
