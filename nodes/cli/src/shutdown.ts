import { EXIT, exitCodeOf } from './exit-code.ts'

let shutdown: AbortSignal | null = null

/** One signal per process, aborted by Ctrl-C, SIGTERM or the end of the process that started this one. */
export function shutdownSignal(): AbortSignal {
  shutdown ??= openShutdown()
  return shutdown
}

function openShutdown(): AbortSignal {
  const controller = new AbortController()
  const stop = (): void => {
    controller.abort(new DOMException('Interrupted.', 'AbortError'))
    // The channel to the process that started this one would keep it alive.
    if (process.connected) process.disconnect()
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  process.once('disconnect', stop)
  return controller.signal
}

/**
 * Whether an error is what stopping does to work under way: the abort itself, or that something stopped
 * can no longer be reached. Whatever else fails then is still a failure.
 */
export function isInterruption(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false
  const exit = exitCodeOf(error)
  if (error === signal.reason || exit === EXIT.INTERRUPTED || exit === EXIT.UNREACHABLE) return true
  const { cause } = (error ?? {}) as { readonly cause?: unknown }
  return cause !== undefined && isInterruption(cause, signal)
}

/** Waits until a signal aborts. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  // A signal alone does not keep a process alive; the timer does.
  const alive = setInterval(() => undefined, 1 << 30)
  return new Promise((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        clearInterval(alive)
        resolve()
      },
      { once: true },
    )
  })
}
