import { setTimeout as pause } from 'node:timers/promises'

/**
 * Before each act, so that it begins with a slice of the processor's time of its own, as in a process that
 * makes a message now and then: what other programs take on a busy machine is measured less.
 */
const PAUSE_MS = 5

/** The middle of `times` durations of one act, in milliseconds; `prepare` is not timed. */
export async function medianMs<T>(
  times: number,
  prepare: (time: number) => T,
  act: (prepared: T) => unknown,
): Promise<number> {
  return (await measureTimes(times, prepare, act)).medianMs
}

/** As {@link medianMs}, and what a quarter of the acts took at most: others on the machine disturb it less. */
export async function measureTimes<T>(
  times: number,
  prepare: (time: number) => T,
  act: (prepared: T) => unknown,
): Promise<{ readonly medianMs: number; readonly quarterMs: number }> {
  const durations: number[] = []
  for (let time = 0; time < times; time++) {
    const prepared = prepare(time)
    await pause(PAUSE_MS)
    const from = performance.now()
    act(prepared)
    durations.push(performance.now() - from)
  }
  durations.sort((a, b) => a - b)
  return { medianMs: durations[times >> 1] ?? Number.NaN, quarterMs: durations[times >> 2] ?? Number.NaN }
}
