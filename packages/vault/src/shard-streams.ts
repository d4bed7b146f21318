import type { Stripe } from './erasure.ts'
import { invalidShape, MAX_SHARDS } from './erasure-shape.ts'
import { VaultError } from './errors.ts'

/** How far the shards of one record may drift apart. */
export interface ShardStreamOptions {
  /**
   * Units that may wait for one reader while others are ahead; bounds memory to this many stripes.
   * @defaultValue 4
   */
  readonly windowStripes?: number
  /** Ends all streams with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Deals stripes out to one stream per shard, so that each shard goes to its peer at its own pace.
 * All streams must be read side by side: the slowest holds the others back once they are a window
 * ahead. A reader that leaves (`break`, `return()`), even before its first unit, holds nobody back; when
 * all have left, the source is let go. An error of the source reaches every reader.
 * @param shards number of streams, the same as units per stripe
 * @throws VaultError `SHAPE_INVALID`; a stream read twice throws `ALREADY_READ`
 */
export function shardStreams(
  stripes: AsyncIterable<Stripe>,
  shards: number,
  options: ShardStreamOptions = {},
): readonly AsyncIterable<Uint8Array>[] {
  const windowStripes = options.windowStripes ?? 4
  if (!Number.isSafeInteger(shards) || shards < 1 || shards > MAX_SHARDS) throw invalidShape('shards')
  if (!Number.isSafeInteger(windowStripes) || windowStripes < 1) throw invalidShape('windowStripes')
  const dealer = new Dealer(stripes, shards, windowStripes)
  if (options.signal !== undefined) dealer.endWith(options.signal)
  return dealer.streams
}

/** What waits for one reader. */
interface Lane {
  readonly queue: Uint8Array[]
  isTaken: boolean
  isOpen: boolean
  /** Wakes the reader that waits; null when none does. */
  wake: PromiseWithResolvers<void> | null
}

/** How the source ended: by itself, or with an error. */
type Ending = { readonly error: unknown } | { readonly error?: never }

/** Pulls stripes while every open lane has room. */
class Dealer {
  readonly streams: readonly AsyncIterable<Uint8Array>[]
  readonly #source: AsyncIterator<Stripe>
  readonly #lanes: readonly Lane[]
  readonly #windowStripes: number
  #isPulling = false
  #ending: Ending | null = null
  /** Takes the listener off a signal that lives on. */
  readonly #finished = new AbortController()

  constructor(stripes: AsyncIterable<Stripe>, shards: number, windowStripes: number) {
    this.#source = stripes[Symbol.asyncIterator]()
    this.#windowStripes = windowStripes
    this.#lanes = Array.from({ length: shards }, () => ({
      queue: [],
      isTaken: false,
      isOpen: true,
      wake: null,
    }))
    this.streams = this.#lanes.map((lane) => ({ [Symbol.asyncIterator]: () => this.#read(lane) }))
  }

  /** Ends all lanes when the signal does. */
  endWith(signal: AbortSignal): void {
    const onAbort = (): void => {
      if (this.#ending !== null) return
      for (const lane of this.#lanes) lane.queue.length = 0
      this.#finish({ error: signal.reason })
      void this.#release()
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true, signal: this.#finished.signal })
  }

  // Written out, not a generator: `return()` must work while a `next()` waits for a slower lane.
  #read(lane: Lane): AsyncIterator<Uint8Array> {
    if (lane.isTaken) throw new VaultError('ALREADY_READ', 'This stream was read before.')
    lane.isTaken = true
    return {
      next: () => this.#next(lane),
      return: async () => {
        await this.#close(lane)
        return { done: true, value: undefined }
      },
    }
  }

  async #next(lane: Lane): Promise<IteratorResult<Uint8Array, undefined>> {
    while (lane.isOpen) {
      const unit = lane.queue.shift()
      if (unit !== undefined) {
        void this.#pull()
        return { done: false, value: unit }
      }
      if (this.#ending !== null) {
        if ('error' in this.#ending) throw this.#ending.error
        break
      }
      const wake = lane.wake ?? Promise.withResolvers<void>()
      lane.wake = wake
      void this.#pull()
      await wake.promise
    }
    return { done: true, value: undefined }
  }

  async #close(lane: Lane): Promise<void> {
    if (!lane.isOpen) return
    lane.isOpen = false
    lane.queue.length = 0
    this.#wake(lane)
    if (this.#lanes.some((other) => other.isOpen)) void this.#pull()
    else if (this.#ending === null) {
      this.#finish({})
      await this.#release()
    }
  }

  async #pull(): Promise<void> {
    if (this.#isPulling) return
    this.#isPulling = true
    try {
      while (this.#ending === null && this.#hasRoom()) {
        const step = await this.#source.next()
        if (step.done === true) this.#finish({})
        else this.#deal(step.value)
      }
    } catch (error) {
      this.#finish({ error })
      void this.#release()
    } finally {
      this.#isPulling = false
    }
  }

  #finish(ending: Ending): void {
    if (this.#ending !== null) return
    this.#ending = ending
    this.#finished.abort()
    for (const lane of this.#lanes) this.#wake(lane)
  }

  #hasRoom(): boolean {
    const open = this.#lanes.filter((lane) => lane.isOpen)
    return open.length > 0 && open.every((lane) => lane.queue.length < this.#windowStripes)
  }

  #deal({ units }: Stripe): void {
    if (units.length !== this.#lanes.length) throw invalidShape('units')
    if (this.#ending !== null) return
    this.#lanes.forEach((lane, shard) => {
      const unit = units[shard]
      if (!lane.isOpen || unit === undefined) return
      lane.queue.push(unit)
      this.#wake(lane)
    })
  }

  #wake(lane: Lane): void {
    lane.wake?.resolve()
    lane.wake = null
  }

  /** The source's clean-up is started, not waited for beyond a pull that may hang. */
  async #release(): Promise<void> {
    const released = this.#source.return?.()
    if (this.#isPulling) released?.catch(() => {})
    else await released?.catch(() => {})
  }
}
