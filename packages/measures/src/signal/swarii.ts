/**
 * Resamples signals with irregular times to a constant rate by the weighted mean of a window sliding along
 * the time line: each sample weighs as long as it is the nearest one within the window. Windows without a
 * sample are bridged by straight lines. The grid starts at the first time (`timesSec` ascending, from 0
 * on); every column has one value per time.
 *
 * @see Audiffren, Contal 2016, Sensors 16:1208 (SWARII; window 0.08 s and 25 Hz for force platforms)
 */
export function resampleSwarii(
  timesSec: Float64Array,
  columns: readonly Float64Array[],
  { rateHz, windowSec }: { readonly rateHz: number; readonly windowSec: number },
): Float64Array[] {
  // A hair less than the window, so that samples of a regular rate lie clearly inside or outside.
  const reachSec = (windowSec - 1e-6) / 2
  const end = timesSec.at(-1) ?? 0
  const foundSec: number[] = []
  const values = columns.map((): number[] => [])
  let from = 0
  let isBroken = false
  // The grid's steps are summed, not multiplied: at the very end the rounding decides on one sample more.
  for (let nowSec = Math.max(0, timesSec[0] ?? 0); nowSec < end; nowSec += 1 / rateHz) {
    while ((timesSec[from] ?? end) <= nowSec && nowSec - (timesSec[from] ?? end) >= reachSec) from += 1
    const until = findWindowEnd(timesSec, from, nowSec, reachSec)
    if (until === from) {
      isBroken = true
      continue
    }
    foundSec.push(nowSec)
    const weights = weighWindow(timesSec, from, until, nowSec, reachSec)
    columns.forEach((column, at) => {
      values[at]?.push(averageWindow(column, from, weights))
    })
  }
  if (!isBroken) return values.map((column) => Float64Array.from(column))
  return values.map((column) => bridgeGaps(foundSec, column, rateHz))
}

function findWindowEnd(timesSec: Float64Array, from: number, nowSec: number, reachSec: number): number {
  let until = from
  while (until < timesSec.length && Math.abs((timesSec[until] ?? 0) - nowSec) < reachSec) until += 1
  return until
}

function weighWindow(
  timesSec: Float64Array,
  from: number,
  until: number,
  nowSec: number,
  reachSec: number,
): Float64Array {
  if (until - from === 1) return Float64Array.of(1)
  const timeAt = (at: number): number => timesSec[at] ?? 0
  return Float64Array.from({ length: until - from }, (_, offset) => {
    const at = from + offset
    const left = offset === 0 ? Math.max(timeAt(0), nowSec - reachSec) : (timeAt(at) + timeAt(at - 1)) / 2
    const right =
      at === until - 1 ? Math.min(timesSec.at(-1) ?? 0, nowSec + reachSec) : (timeAt(at + 1) + timeAt(at)) / 2
    return right - left
  })
}

function averageWindow(column: Float64Array, from: number, weights: Float64Array): number {
  let sum = 0
  let weight = 0
  weights.forEach((share, offset) => {
    sum += share * (column[from + offset] ?? 0)
    weight += share
  })
  return sum / weight
}

function bridgeGaps(foundSec: readonly number[], values: readonly number[], rateHz: number): Float64Array {
  const startSec = foundSec[0] ?? 0
  const count = Math.ceil(((foundSec.at(-1) ?? 0) - startSec) * rateHz)
  let right = 1
  return Float64Array.from({ length: count }, (_, at) => {
    const nowSec = startSec + at / rateHz
    while (right < foundSec.length - 1 && (foundSec[right] ?? 0) < nowSec) right += 1
    const left = right - 1
    const leftSec = foundSec[left] ?? 0
    const share = (nowSec - leftSec) / ((foundSec[right] ?? 0) - leftSec)
    return (values[left] ?? 0) + share * ((values[right] ?? 0) - (values[left] ?? 0))
  })
}
