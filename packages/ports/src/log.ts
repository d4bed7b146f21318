/**
 * - `error`: a promise to a user is broken; `warn`: will break unless someone acts;
 * - `info`: a state changed; `debug`: the rest.
 */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug'

/** Writes one event. Fields never hold health data, keys, plaintext or anything that names a patient. */
export type Log = (
  level: LogLevel,
  event: string,
  fields?: Readonly<Record<string, string | number | boolean | null>>,
) => void

/** Tells the time; tests pass their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number
}

/** The system's clock. */
export const systemClock: Clock = { nowMs: () => Date.now() }

/** Whole seconds since 1970. */
export function nowSec(clock: Clock): number {
  return Math.floor(clock.nowMs() / 1000)
}

/** Progress of long work, for a person to look at. */
export interface Progress {
  /** Business step, such as `seal` or `place`. */
  readonly step: string
  readonly done: number
  /** Same unit as `done`; null while unknown. */
  readonly total: number | null
  readonly unit: 'bytes' | 'peers' | 'readings'
}

/** Receives progress; must not throw. */
export type OnProgress = (progress: Progress) => void
