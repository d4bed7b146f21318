import { MamError } from './errors.ts'

/** Lets calls through one at a time, in the order in which they came. */
export interface Turns {
  /**
   * Runs `work` when all before it is done, however that ended.
   * @param signal heard until `work` begins: who leaves before gives its place back, and its work is never begun
   * @throws MamError `QUEUE_FULL` at once, `CHANNEL_CLOSED` after {@link Turns.close}; the signal's reason
   */
  take<T>(work: () => T | Promise<T>, signal?: AbortSignal): Promise<T>
  /** Lets nobody in any more; resolves when all that waited is done. */
  close(): Promise<void>
}

/** @param maxWaiting calls that may be under way or wait: more of them are refused, not piled up */
export function createTurns(maxWaiting: number): Turns {
  /** What calls those who wait, the first to come first. */
  const waiting = new Set<() => void>()
  let isBusy = false
  let isClosed = false

  async function enter(signal?: AbortSignal): Promise<void> {
    if (isBusy) return await queue(waiting, signal)
    isBusy = true
  }

  /** Calls the next, to whom the turn belongs from now on: nobody who comes by then gets in between. */
  function leave(): void {
    const [callNext] = waiting
    if (callNext === undefined) isBusy = false
    else callNext()
  }

  return {
    async take(work, signal) {
      if (isClosed) throw new MamError('CHANNEL_CLOSED', 'It was closed; open another one.')
      signal?.throwIfAborted()
      const underWay = waiting.size + (isBusy ? 1 : 0)
      if (underWay >= maxWaiting)
        throw new MamError('QUEUE_FULL', 'Too many calls wait already; call again when some are done.', {
          details: { waiting: underWay },
        })
      await enter(signal)
      try {
        signal?.throwIfAborted()
        return await work()
      } finally {
        leave()
      }
    },
    async close() {
      isClosed = true
      await enter()
      leave()
    },
  }
}

/** Resolves when called; who is told to stop before that waits no longer. */
function queue(waiting: Set<() => void>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => end(() => reject(signal?.reason))
    const call = (): void => end(resolve)
    const end = (how: () => void): void => {
      waiting.delete(call)
      signal?.removeEventListener('abort', stop)
      how()
    }
    waiting.add(call)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
