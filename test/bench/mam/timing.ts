/** The middle of `times` durations of one act, in milliseconds; `prepare` is not timed. */
export function medianMs<T>(
  times: number,
  prepare: (time: number) => T,
  act: (prepared: T) => unknown,
): number {
  const durations = Array.from({ length: times }, (_, time) => {
    const prepared = prepare(time)
    const from = performance.now()
    act(prepared)
    return performance.now() - from
  })
  return durations.sort((a, b) => a - b)[times >> 1] ?? Number.NaN
}
