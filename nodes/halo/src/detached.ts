/** Work that nobody waits for. */
export interface Detached {
  /** Asks for a run: at once, or after the one under way. However often it is asked meanwhile, one more run follows. */
  request(): void
}

/**
 * Runs `act` beside everything else, never two at once, until `signal` aborts.
 * @param act must not throw; gets a signal that aborts with `signal` or after `timeoutMs`
 */
export function createDetached(
  act: (options: { readonly signal: AbortSignal }) => Promise<void>,
  options: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Detached {
  let isAsked = false
  let isRunning = false
  const runAll = async (): Promise<void> => {
    isRunning = true
    while (isAsked && !options.signal.aborted) {
      isAsked = false
      await act({ signal: AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]) })
    }
    isRunning = false
  }
  return {
    request() {
      isAsked = true
      if (!isRunning) void runAll()
    },
  }
}
