import type { Spectrum } from '../signal/welch.ts'
import { welch } from '../signal/welch.ts'
import type { BinnedAcceleration } from './bin-acceleration.ts'

/** Frequency resolution is 0.25 Hz; two periods of overlap average noise. */
export const SEGMENT_SEC = 4
/** A line across a longer gap would bridge a whole period at 4 Hz. */
const LONGEST_BRIDGE_SEC = 0.25

/**
 * Power spectral density of the acceleration, summed over the axes, (m/s²)²/Hz: Welch with Hann segments of 4 s,
 * half overlapping, linear trend removed. The sum does not depend on how the device is turned; the size |a|
 * would, and would show a horizontal tremor at twice its frequency. Gaps of up to 0.25 s are bridged by lines; at
 * longer ones the recording is cut and its parts of 4 s or more are averaged.
 * @returns null when no part is that long
 */
export function computeTremorSpectrum(binned: BinnedAcceleration): Spectrum | null {
  const { rateHz, axes } = binned
  const segmentLength = Math.round(SEGMENT_SEC * rateHz)
  const longestBridge = Math.floor(LONGEST_BRIDGE_SEC * rateHz)
  const spectra = findParts(axes[0], longestBridge)
    .filter(([from, to]) => to - from >= segmentLength)
    .flatMap(([from, to]) => {
      // As many as the segments in which a part is averaged.
      const weight = 1 + Math.floor((to - from - segmentLength) / (segmentLength - (segmentLength >> 1)))
      return axes.map((axis) => {
        const options = { rateHz, segmentLength, detrend: 'linear' } as const
        return { weight, spectrum: welch(bridgeGaps(axis.subarray(from, to)), options) }
      })
    })
  const first = spectra[0]
  if (first === undefined) return null
  const weights = spectra.reduce((sum, { weight }) => sum + weight, 0) / axes.length
  const density = first.spectrum.density.map((_, k) => {
    const sum = spectra.reduce(
      (total, { weight, spectrum }) => total + weight * (spectrum.density[k] ?? 0),
      0,
    )
    return sum / weights
  })
  return { frequenciesHz: first.spectrum.frequenciesHz, density }
}

/** Stretches `[from, to)` that begin and end with a sample and lack no more than `longestGap` in a row. */
function findParts(values: Float64Array, longestGap: number): [from: number, to: number][] {
  const parts: [number, number][] = []
  values.forEach((value, at) => {
    if (Number.isNaN(value)) return
    const last = parts.at(-1)
    if (last !== undefined && at - last[1] <= longestGap) last[1] = at + 1
    else parts.push([at, at + 1])
  })
  return parts
}

/** Straight lines from the value before a gap to the one after; the first and last value are there. */
function bridgeGaps(values: Float64Array): Float64Array {
  const bridged = values.slice()
  let known = 0
  for (let at = 1; at < bridged.length; at++) {
    if (Number.isNaN(bridged[at])) continue
    const from = bridged[known] as number
    const step = ((bridged[at] as number) - from) / (at - known)
    for (let gap = known + 1; gap < at; gap++) bridged[gap] = from + step * (gap - known)
    known = at
  }
  return bridged
}
