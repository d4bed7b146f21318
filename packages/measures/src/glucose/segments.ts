/**
 * Half-open index ranges between which time jumps by more than a bound.
 * @param timesMs rising
 */
export function splitAtGaps(timesMs: Float64Array, maxGapMs: number): readonly (readonly [number, number])[] {
  const segments: [number, number][] = []
  let from = 0
  for (let index = 1; index <= timesMs.length; index += 1) {
    const isJoined = (timesMs[index] ?? Number.POSITIVE_INFINITY) - (timesMs[index - 1] ?? 0) <= maxGapMs
    if (isJoined) continue
    segments.push([from, index])
    from = index
  }
  return segments
}
