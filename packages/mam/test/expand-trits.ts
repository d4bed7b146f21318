/** Trits from a number, much faster than one by one: for fragments by the hundred. */
export function expandTrits(seed: number, length: number): Int8Array {
  let state = seed | 1
  return Int8Array.from({ length }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (Math.abs(state) % 3) - 1
  })
}
