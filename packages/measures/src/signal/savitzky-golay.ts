/**
 * Velocity of a signal by the slope of the cubic that fits five neighbouring samples best, per second. The
 * two samples at each end take their slope from the first or last five. At least five samples.
 *
 * @see Savitzky, Golay 1964, Anal. Chem. 36:1627, tables for five points, cubic, first derivative
 */
export function differentiateSmoothly(samples: Float64Array, rateHz: number): Float64Array {
  const last = samples.length - 3
  return samples.map((_, at) => {
    const centre = Math.min(Math.max(at, 2), last)
    return rateHz * slopeOfCubic(samples, centre, at - centre)
  })
}

/** Slope per sample, `offset` samples from the middle of the five around `centre`. */
function slopeOfCubic(samples: Float64Array, centre: number, offset: number): number {
  const [p, q, r, s, t] = samples.subarray(centre - 2, centre + 3) as unknown as Five
  // Coefficients of the discrete orthogonal polynomials 1, u, u² − 2, u³ − 3.4 u over u = −2 … 2.
  const linear = (2 * (t - p) + (s - q)) / 10
  const square = (2 * (p + t) - (q + s) - 2 * r) / 14
  const cubic = (1.2 * (t - p) - 2.4 * (s - q)) / 14.4
  return linear + 2 * square * offset + cubic * (3 * offset * offset - 3.4)
}

type Five = readonly [number, number, number, number, number]
