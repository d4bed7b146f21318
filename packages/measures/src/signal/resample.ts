import { MeasuresError } from '../errors.ts'

/**
 * Samples on a uniform grid from the first time on, by linear interpolation; the grid ends before the last time.
 * There is no anti-alias filter: what the signal holds above half the new rate appears below it.
 * @param timesSec ascending, as many as `values`; of equal times the last counts
 * @returns ⌈duration · rateHz⌉ values; one for a single sample
 * @throws MeasuresError `NO_READINGS`, `RATE_INVALID` for times that run backwards or a rate that is not positive
 */
export function resampleLinear(
  timesSec: Float64Array,
  values: Float64Array,
  rateHz: number,
): Float64Array<ArrayBuffer> {
  const first = timesSec[0]
  if (first === undefined) throw new MeasuresError('NO_READINGS', 'There are no samples to resample.')
  if (!(rateHz > 0) || values.length !== timesSec.length)
    throw new MeasuresError('RATE_INVALID', 'Resampling needs a positive rateHz and a time for every value.')
  checkAscending(timesSec)
  const duration = (timesSec.at(-1) as number) - first
  const grid = new Float64Array(Math.max(1, countBelow(duration, rateHz)))
  let after = 0
  for (let n = 0; n < grid.length; n++) {
    const timeSec = first + n / rateHz
    while (after < timesSec.length - 1 && (timesSec[after] as number) <= timeSec) after += 1
    grid[n] = interpolate(timesSec, values, after, timeSec)
  }
  return grid
}

/** Grid points n/rate with n/rate < duration; a rounding error of the product must not add one. */
function countBelow(durationSec: number, rateHz: number): number {
  const exact = durationSec * rateHz
  const nearest = Math.round(exact)
  return Math.abs(exact - nearest) < 1e-9 * Math.max(1, nearest) ? nearest : Math.ceil(exact)
}

function interpolate(timesSec: Float64Array, values: Float64Array, after: number, timeSec: number): number {
  const before = Math.max(0, after - 1)
  const from = timesSec[before] as number
  const to = timesSec[after] as number
  if (to === from) return values[after] as number
  const share = (timeSec - from) / (to - from)
  return (values[before] as number) + share * ((values[after] as number) - (values[before] as number))
}

function checkAscending(timesSec: Float64Array): void {
  for (let n = 0; n < timesSec.length; n++)
    if (
      !Number.isFinite(timesSec[n] as number) ||
      (n > 0 && (timesSec[n] as number) < (timesSec[n - 1] as number))
    )
      throw new MeasuresError(
        'RATE_INVALID',
        'Times must be finite and must not run backwards. Sort the samples.',
      )
}
