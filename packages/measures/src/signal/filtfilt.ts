import type { LowPassSection } from './butterworth.ts'
import { designLowPass } from './butterworth.ts'

/**
 * Filters forwards and backwards, so that nothing is shifted in time and the effective order doubles. Both
 * ends are extended by their point reflection, 3 (order + 1) samples long, and the filter starts settled on
 * the first value: SciPy's `filtfilt` with its defaults. `samples` stay as they are and must be more than
 * the extension.
 *
 * @see Gustafsson 1996, IEEE Trans. Signal Processing 44:988 (edges of forward-backward filters)
 */
export function filterZeroPhase(samples: Float64Array, sections: readonly LowPassSection[]): Float64Array {
  const reach = countEdgeSamples(sections)
  const extended = extendOddly(samples, reach)
  for (let pass = 0; pass < 2; pass += 1) {
    for (const section of sections) runSection(extended, section)
    extended.reverse()
  }
  return extended.slice(reach, reach + samples.length)
}

/** Zero-phase Butterworth low-pass of one signal. `rateHz` above twice `cutoffHz`. */
export function smoothLowPass(
  samples: Float64Array,
  filter: { readonly order: number; readonly cutoffHz: number; readonly rateHz: number },
): Float64Array {
  return filterZeroPhase(samples, designLowPass(filter.order, filter.cutoffHz, filter.rateHz))
}

function countEdgeSamples(sections: readonly LowPassSection[]): number {
  return 3 * (2 * sections.length + 1)
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
