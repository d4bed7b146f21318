/** Passes items on until the signal aborts, also while the source is silent; the source is closed then. */
export async function* abortable<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  if (signal === undefined) return yield* source
  signal.throwIfAborted()
  const iterator = source[Symbol.asyncIterator]()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  aborted.catch(() => {})
  const onAbort = (): void => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    for (;;) {
      const { value, done } = await Promise.race([iterator.next(), aborted])
      if (done === true) return
      yield value
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    // A silent source would keep the caller waiting here, so its end is not awaited.
    iterator.return?.()?.then(undefined, () => {})
  }
}
