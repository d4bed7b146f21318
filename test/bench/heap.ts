/** Watches how much of the heap is in use, until stopped. */
export interface HeapWatch {
  /** The most that was in use since the watch began, in bytes; looked at ten times a second. */
  stop(): number
}

/** Begins to watch the heap. Garbage counts until it is collected, so that this is an upper bound. */
export function measureHeap(): HeapWatch {
  let peak = 0
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage().heapUsed)
  }
  const timer = setInterval(look, 100)
  return {
    stop() {
      look()
      clearInterval(timer)
      return peak
    },
  }
}
