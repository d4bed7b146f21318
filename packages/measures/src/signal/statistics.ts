/** Arithmetic mean; NaN of nothing. */
export function computeMean(values: ArrayLike<number>): number {
  let sum = 0
  for (let at = 0; at < values.length; at += 1) sum += values[at] ?? Number.NaN
  return sum / values.length
}

/** Mean of the products of two series of one length; with itself the mean square. */
export function computeMeanProduct(first: Float64Array, second: Float64Array): number {
  let sum = 0
  for (let at = 0; at < first.length; at += 1) sum += (first[at] ?? 0) * (second[at] ?? 0)
  return sum / first.length
}

/** Root of the mean square about zero. */
export function computeRms(values: Float64Array): number {
  return Math.sqrt(computeMeanProduct(values, values))
}

/** Middle of the sorted values, of an even count the mean of the middle two; NaN of nothing. */
export function computeMedian(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort()
  const half = (sorted.length - 1) / 2
  return ((sorted[Math.floor(half)] ?? Number.NaN) + (sorted[Math.ceil(half)] ?? Number.NaN)) / 2
}

/** The values less their mean. */
export function centreValues(values: Float64Array): Float64Array {
  const mean = computeMean(values)
  return values.map((value) => value - mean)
}
