import type { LowPassSection } from './butterworth.ts'
import { designLowPass } from './butterworth.ts'

/**
 * Filters forwards and backwards, so that nothing is shifted in time and the effective order doubles. Both
 * ends are extended by their point reflection, `edgeSamples` long (less if there are fewer samples), and the
 * filter starts settled on the first value: SciPy's `filtfilt`, whose default edge is 3 (order + 1).
 * `samples` stay as they are.
 *
 * @see Gustafsson 1996, IEEE Trans. Signal Processing 44:988 (edges of forward-backward filters)
 */
export function filterZeroPhase(
  samples: Float64Array,
  sections: readonly LowPassSection[],
  edgeSamples: number = 3 * (2 * sections.length + 1),
): Float64Array {
  const reach = Math.max(0, Math.min(edgeSamples, samples.length - 1))
  const extended = extendOddly(samples, reach)
  for (let pass = 0; pass < 2; pass += 1) {
    for (const section of sections) runSection(extended, section)
    extended.reverse()
  }
  return extended.slice(reach, reach + samples.length)
}

/** A low-pass, with `rateHz` above twice `cutoffHz`. */
export interface LowPass {
  readonly order: number
  readonly cutoffHz: number
  readonly rateHz: number
}

/** Zero-phase Butterworth low-pass with SciPy's default edge. */
export function smoothLowPass(samples: Float64Array, { order, cutoffHz, rateHz }: LowPass): Float64Array {
  return filterZeroPhase(samples, designLowPass(order, cutoffHz, rateHz))
}

/** Same with an edge of three periods of the cut-off, in which a low one settles at a high rate, too. */
export function smoothSettled(samples: Float64Array, { order, cutoffHz, rateHz }: LowPass): Float64Array {
  const edgeSamples = Math.ceil((3 * rateHz) / cutoffHz)
  return filterZeroPhase(samples, designLowPass(order, cutoffHz, rateHz), edgeSamples)
}

function extendOddly(samples: Float64Array, reach: number): Float64Array {
  const count = samples.length
  const extended = new Float64Array(count + 2 * reach)
  const first = samples[0] ?? 0
  const last = samples[count - 1] ?? 0
  for (let at = 0; at < reach; at += 1) {
    extended[at] = 2 * first - (samples[reach - at] ?? first)
    extended[reach + count + at] = 2 * last - (samples[count - 2 - at] ?? last)
  }
  extended.set(samples, reach)
  return extended
}

/** Direct form II, transposed, in place; its two states start where a constant first value keeps them. */
function runSection(samples: Float64Array, { gain, a1, a2 }: LowPassSection): void {
  const start = samples[0] ?? 0
  let near = (1 - gain) * start
  let far = (gain - a2) * start
  for (let at = 0; at < samples.length; at += 1) {
    const input = samples[at] ?? 0
    const output = gain * input + near
    near = 2 * gain * input - a1 * output + far
    far = gain * input - a2 * output
    samples[at] = output
  }
}
