import { PeersError } from './errors.ts'

/**
 * Runs work under a signal that aborts with the given one, or with PeersError `STREAM_STALLED` when
 * time is up. Its listener and timer end with the work, so that a long stream collects none.
 */
export async function within<T>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const controller = new AbortController()
  const onAbort = (): void => controller.abort(signal?.reason)
  const timer = setTimeout(() => controller.abort(stalled(timeoutMs)), timeoutMs)
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    return await raced(work(controller.signal), controller.signal)
  } catch (error) {
    // Libraries wrap or replace the reason of an abort; the reason itself is what the caller can act on.
    throw controller.signal.aborted ? controller.signal.reason : error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}

/** The result of a promise, or the signal's reason as soon as it aborts, whatever the promise does then. */
export async function raced<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => {})
    throw signal.reason
  }
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function stalled(timeoutMs: number): PeersError {
  return new PeersError('STREAM_STALLED', 'The other side did not answer in time.', {
    details: { timeoutMs },
  })
}
