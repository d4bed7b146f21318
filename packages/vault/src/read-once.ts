import { VaultError } from './errors.ts'

/**
 * A stream that can be read once. A second reading throws instead of looking empty, and a reader that
 * leaves before its first piece still has `onUnread` called: a generator that never began runs no `finally`.
 */
export function readOnce<T>(
  start: () => AsyncGenerator<T, void>,
  onUnread: () => Promise<void>,
): AsyncIterable<T> {
  let isTaken = false
  return {
    [Symbol.asyncIterator]() {
      if (isTaken) throw new VaultError('ALREADY_READ', 'This stream was read before.')
      isTaken = true
      return iterateOnce(start(), onUnread)
    },
  }
}

function iterateOnce<T>(generator: AsyncGenerator<T, void>, onUnread: () => Promise<void>): AsyncIterator<T> {
  let hasBegun = false
  return {
    next() {
      hasBegun = true
      return generator.next()
    },
    async return() {
      if (!hasBegun) await onUnread()
      return generator.return()
    },
  }
}

/** Marks a promise as looked after, so that its rejection is no fault when nobody awaits it. */
export function lookedAfter<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
