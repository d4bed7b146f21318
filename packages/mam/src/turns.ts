import { MamError } from './errors.ts'

/** Lets calls through one at a time, in the order in which they came. */
export interface Turns {
  /**
   * Runs `work` when all before it is done, however that ended.
   * @throws MamError `QUEUE_FULL` at once, `CHANNEL_CLOSED` after {@link Turns.close}
   */
  take<T>(work: () => T | Promise<T>): Promise<T>
  /** Lets nobody in any more; resolves when all that waited is done. */
  close(): Promise<void>
}

/** @param maxWaiting calls that may be under way or wait: more of them are refused, not piled up */
export function createTurns(maxWaiting: number): Turns {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let isClosed = false
  return {
    async take(work) {
      if (isClosed) throw new MamError('CHANNEL_CLOSED', 'It was closed; open another one.')
      if (waiting >= maxWaiting)
        throw new MamError('QUEUE_FULL', 'Too many calls wait already; call again when some are done.', {
          details: { waiting },
        })
      waiting++
      const turn = last.then(work).finally(() => void waiting--)
      last = turn.catch(() => {})
      return await turn
    },
    async close() {
      isClosed = true
      await last
    },
  }
}
