import type { OwnBytes } from './bytes.ts'

/** Reads a stream of pieces of any size in pieces of chosen size; never holds more than one piece. */
export interface ByteReader {
  /** The next `sizeBytes` in a fresh buffer that the caller owns; fewer only at the end of the stream. */
  read(sizeBytes: number): Promise<OwnBytes>
  /** What is left of the current piece, or the next one; null at the end. The source keeps owning it. */
  readPiece(): Promise<Uint8Array | null>
  /** Whether at least one more byte follows. */
  hasMore(): Promise<boolean>
  /** Lets go of the source; safe at any time, more than once. */
  close(): Promise<void>
}

const NOTHING = new Uint8Array(0)

/** A {@link ByteReader} over a source. The source may reuse a piece's buffer once the next piece is asked for. */
export function readerOf(source: AsyncIterable<Uint8Array>, signal?: AbortSignal): ByteReader {
  const iterator = source[Symbol.asyncIterator]()
  let rest: Uint8Array = NOTHING
  let isDone = false

  async function hasMore(): Promise<boolean> {
    while (rest.length === 0 && !isDone) {
      signal?.throwIfAborted()
      const step = await untilAborted(iterator.next(), signal)
      if (step.done === true) isDone = true
      else rest = step.value
    }
    return rest.length > 0
  }

  function take(sizeBytes: number): Uint8Array {
    const taken = rest.subarray(0, sizeBytes)
    rest = rest.subarray(taken.length)
    return taken
  }

  return {
    hasMore,
    async read(sizeBytes) {
      const bytes = new Uint8Array(sizeBytes)
      let filled = 0
      while (filled < sizeBytes && (await hasMore())) {
        const taken = take(sizeBytes - filled)
        bytes.set(taken, filled)
        filled += taken.length
      }
      return bytes.subarray(0, filled)
    },
    async readPiece() {
      return (await hasMore()) ? take(rest.length) : null
    },
    async close() {
      rest = NOTHING
      if (isDone) return
      isDone = true
      const closing = iterator.return?.()
      // An aborted source may hang in the very read that was given up; its clean-up is not waited for.
      if (signal?.aborted === true) closing?.catch(() => {})
      else await closing
    },
  }
}

/** A promise's outcome, or the signal's reason if that comes first. */
function untilAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
