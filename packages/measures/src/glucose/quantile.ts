/**
 * Quantile of values in rising order, by linear interpolation between the two nearest ranks (definition 7
 * of Hyndman and Fan, the default of R and numpy); NaN when there are none.
 * @param share 0 to 1
 * @see https://doi.org/10.1080/00031305.1996.10473566
 */
export function quantileOf(sorted: Float64Array, share: number): number {
  const rank = (sorted.length - 1) * share
  const low = sorted[Math.floor(rank)] ?? Number.NaN
  const high = sorted[Math.ceil(rank)] ?? Number.NaN
  return low + (high - low) * (rank - Math.floor(rank))
}
