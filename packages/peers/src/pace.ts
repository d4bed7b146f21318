import type { Patience } from './channel.ts'
import { PeersError } from './errors.ts'

/** How fast a byte stream must be at least. */
export interface PaceLimits {
  /** 0: no least rate. */
  readonly leastBytesPerSecond: number
  /** For the first bytes, in milliseconds. */
  readonly graceMs: number
}

/** Takes the turns of the other side of a byte stream. */
export interface Pacing {
  /** Waits for the other side, at most as long as the patience and the pace allow. */
  wait<T>(patience: Patience, work: (patience: Patience) => Promise<T>): Promise<T>
  /** Says that so many bytes of content have passed. */
  pass(bytes: number): void
}

/** For who may take as long as it likes for the whole, such as the peer that a client has chosen. */
export const unpaced: Pacing = { wait: (patience, work) => work(patience), pass: () => {} }

/**
 * Ends a stream whose other side is slower than the least rate: an idle limit alone lets a caller hold
 * a slot for an hour with a byte now and then. Only the time spent waiting for the other side counts,
 * so that nobody is cut because this peer, or whom it asks, is slow.
 */
export class Pace implements Pacing {
  readonly #limits: PaceLimits
  readonly #nowMs: () => number
  #waitedMs = 0
  #bytes = 0

  constructor(limits: PaceLimits, nowMs: () => number = () => performance.now()) {
    this.#limits = limits
    this.#nowMs = nowMs
  }

  /** @throws PeersError `STREAM_STALLED` when the stream is too slow, beside what `work` throws */
  async wait<T>(patience: Patience, work: (patience: Patience) => Promise<T>): Promise<T> {
    const leftMs = this.#leftMs()
    if (leftMs <= 0) throw new PeersError('STREAM_STALLED', 'The other side is too slow.')
    const startMs = this.#nowMs()
    try {
      return await work({ ...patience, timeoutMs: Math.min(patience.timeoutMs, leftMs) })
    } finally {
      this.#waitedMs += this.#nowMs() - startMs
    }
  }

  pass(bytes: number): void {
    this.#bytes += bytes
  }

  #leftMs(): number {
    const { leastBytesPerSecond, graceMs } = this.#limits
    const earnedMs =
      leastBytesPerSecond > 0 ? (this.#bytes / leastBytesPerSecond) * 1000 : Number.POSITIVE_INFINITY
    return Math.max(graceMs, earnedMs) - this.#waitedMs
  }
}
