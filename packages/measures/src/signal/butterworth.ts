/**
 * One second-order section of a low-pass filter, both zeros at the Nyquist frequency and a gain of 1 at
 * rest: y = gain (1 + 2 z⁻¹ + z⁻²) / (1 + a1 z⁻¹ + a2 z⁻²).
 */
export interface LowPassSection {
  readonly gain: number
  readonly a1: number
  readonly a2: number
}

/**
 * Designs a digital Butterworth low-pass filter of even order as a cascade of sections, by the bilinear
 * transform with the cut-off prewarped: −3 dB at `cutoffHz`, which is below half of `rateHz`.
 *
 * @see Oppenheim, Schafer: Discrete-Time Signal Processing, section 7.3 (bilinear transform)
 */
export function designLowPass(order: number, cutoffHz: number, rateHz: number): readonly LowPassSection[] {
  const warped = Math.tan((Math.PI * cutoffHz) / rateHz)
  return Array.from({ length: order / 2 }, (_, pair) => {
    const damping = 2 * Math.sin(((2 * pair + 1) * Math.PI) / (2 * order))
    const norm = 1 + damping * warped + warped * warped
    const gain = (warped * warped) / norm
    return {
      gain,
      a1: (2 * (warped * warped - 1)) / norm,
      a2: (1 - damping * warped + warped * warped) / norm,
    }
  })
}
