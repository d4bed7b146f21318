import type { KeyValueStore, LedgerListener, Log } from '@halo/ports'
import type { ChainConnection, Header } from './connection.ts'
import type { Cursor, RememberedBlock } from './cursor.ts'
import { advance, RING_SIZE, readCursor, writeCursor } from './cursor.ts'
import { findFirstBlock } from './first-block.ts'
import type { ChainLedger } from './ledger.ts'
import type { LogReader } from './log-reader.ts'
import { createLogReader } from './log-reader.ts'
import type { UrgentTeller } from './urgent.ts'
import { createUrgentTeller } from './urgent.ts'
import { wait } from './wait.ts'

/** What a watcher reads from and tells. */
export interface WatchParts {
  readonly ledger: ChainLedger
  /** Keeps the cursor, so that a restart goes on where it stopped. */
  readonly state: KeyValueStore
  readonly listener: LedgerListener
  readonly log: Log
}

/** How a watcher reads. */
export interface WatchOptions {
  /** Ends the watcher. */
  readonly signal: AbortSignal
  /**
   * Milliseconds between two looks at the head.
   * @defaultValue 1_000
   */
  readonly pollMs?: number
  /**
   * Blocks an event must be deep, its own included, before it is told. Withdrawals, refunds and changes
   * of members are told at once, and once more when they are that deep.
   * @defaultValue 1
   */
  readonly confirmations?: number
  /**
   * Where a first run begins.
   * @defaultValue the block of the deployment, which the node is asked for; 0 where it does not know
   */
  readonly fromBlock?: number
  /**
   * Most blocks in one question for logs; halved while the node finds it too many.
   * @defaultValue 2_000
   */
  readonly maxRange?: number
}

/** A running watcher; disposing it waits until the listener is not being told anything any more. */
export interface LedgerWatcher extends AsyncDisposable {
  /** Newest block whose events the listener has handled, or -1. */
  handledBlock(): number
  /** Whether the last look at the node succeeded. */
  isReachable(): boolean
  /** Looks now instead of at the next poll; for whoever knows that something happened. */
  wake(): void
  /** Resolves once the listener has handled everything up to a block. */
  reached(block: number, options?: { readonly signal?: AbortSignal }): Promise<void>
}

/** Longest pause between two looks at a node that does not answer. */
const MAX_PAUSE_MS = 5_000

/**
 * Tells a listener what happens on chain: reads the logs of block after block, remembers how far it
 * came and the hashes of the last blocks, and rolls back when the chain no longer contains them.
 * The same event may be told again after a restart or a failure of the listener.
 */
export async function watchLedger(parts: WatchParts, options: WatchOptions): Promise<LedgerWatcher> {
  const closing = new AbortController()
  const signal = AbortSignal.any([options.signal, closing.signal])
  const { chainId, escrow } = parts.ledger.deployment
  const key = `chain/cursor/${chainId}/${escrow}`
  const watch = new Watch(parts, options, key, await readCursor(parts.state, key), signal)
  const running = watch.run()
  return {
    handledBlock: () => watch.handledBlock,
    isReachable: () => watch.isReachable,
    wake: () => watch.wake(),
    reached: (block, call) => watch.reached(block, call?.signal),
    [Symbol.asyncDispose]: async () => {
      closing.abort(new Error('The watcher is closed.'))
      await running
    },
  }
}

class Watch {
  readonly #parts: WatchParts
  readonly #options: WatchOptions
  readonly #key: string
  readonly #signal: AbortSignal
  readonly #waiters = new Set<{ readonly block: number; readonly resolve: () => void }>()
  readonly #reader: LogReader
  readonly #urgent: UrgentTeller
  /** Null until the first block is known. */
  #cursor: Cursor | null
  #sleeping = new AbortController()
  isReachable = true

  constructor(
    parts: WatchParts,
    options: WatchOptions,
    key: string,
    cursor: Cursor | null,
    signal: AbortSignal,
  ) {
    this.#parts = parts
    this.#options = options
    this.#key = key
    this.#cursor = cursor
    this.#signal = signal
    const { ledger, listener } = parts
    this.#reader = createLogReader(ledger, options.maxRange ?? 2_000)
    const { connection } = ledger
    this.#urgent = createUrgentTeller({ connection, reader: this.#reader, listener, signal })
  }

  get handledBlock(): number {
    return (this.#cursor?.nextBlock ?? 0) - 1
  }

  wake(): void {
    this.#sleeping.abort()
  }

  reached(block: number, signal?: AbortSignal): Promise<void> {
    if (this.handledBlock >= block) return Promise.resolve()
    this.wake()
    return new Promise((resolve, reject) => {
      const waiter = { block, resolve }
      this.#waiters.add(waiter)
      const stop = AbortSignal.any(signal ? [signal, this.#signal] : [this.#signal])
      const give = (): void => {
        this.#waiters.delete(waiter)
        reject(stop.reason)
      }
      if (stop.aborted) give()
      else stop.addEventListener('abort', give, { once: true })
    })
  }

  async run(): Promise<void> {
    const pollMs = this.#options.pollMs ?? 1_000
    let pauseMs = pollMs
    while (!this.#signal.aborted) {
      try {
        const isBehind = await this.#look()
        this.#noteReachable(true)
        pauseMs = isBehind ? 0 : pollMs
      } catch (error) {
        if (this.#signal.aborted) return
        this.#noteFailure(error)
        pauseMs = Math.min(MAX_PAUSE_MS, Math.max(pauseMs, pollMs, 50) * 2)
      }
      await this.#sleep(pauseMs)
    }
  }

  /** One step: undo what is gone, tell what is urgent, then handle one range. True when there is more to read. */
  async #look(): Promise<boolean> {
    const cursor = await this.#rollBack(this.#cursor ?? (await this.#begin()))
    const head = await this.#connection.headBlock({ signal: this.#signal })
    const target = head - (this.#options.confirmations ?? 1) + 1
    const from = cursor.nextBlock
    await this.#urgent.tell(target, from - 1, head)
    if (target < from) return false
    const to = Math.min(target, from + this.#reader.maxRange() - 1)
    await this.#handleRange(cursor, to, head)
    this.#tellWaiters()
    return to < target
  }

  async #begin(): Promise<Cursor> {
    const { connection, deployment } = this.#parts.ledger
    const firstBlock =
      this.#options.fromBlock ?? (await findFirstBlock(connection, deployment, { signal: this.#signal }))
    return this.#store({ firstBlock, nextBlock: firstBlock, ring: [] })
  }

  get #connection(): ChainConnection {
    return this.#parts.ledger.connection
  }

  async #rollBack(cursor: Cursor): Promise<Cursor> {
    const { ring, nextBlock, firstBlock } = cursor
    let kept = ring.length
    while (kept > 0 && !(await this.#isOnChain(ring[kept - 1]))) kept -= 1
    if (kept === ring.length) return cursor
    // With no remembered block left on the chain, everything is read again.
    const lastGood = ring[kept - 1]?.number ?? firstBlock - 1
    this.#parts.log('warn', 'chain.rolled_back', { from: nextBlock - 1, to: lastGood })
    await this.#parts.listener.onRollback(lastGood)
    return this.#store({ firstBlock, nextBlock: lastGood + 1, ring: ring.slice(0, kept) })
  }

  /** A node that is merely behind looks like a roll-back; telling again what it has not seen does no harm. */
  async #isOnChain(block: RememberedBlock | undefined): Promise<boolean> {
    if (block === undefined) return false
    return (await this.#connection.header(block.number, { signal: this.#signal }))?.hash === block.hash
  }

  /**
   * The last block's hash is read before and after the logs: if it stayed, the logs are of that chain.
   * Of blocks so near the head that they may still change, every hash is remembered, so that a roll-back
   * is exact; of older ranges the last one is enough.
   */
  async #handleRange(cursor: Cursor, to: number, head: number): Promise<void> {
    const from = cursor.nextBlock
    const tip = await this.#headerOrFail(to)
    const events = await this.#reader.read(from, to, { signal: this.#signal })
    const blocks = await this.#remember(Math.min(to, Math.max(from, head - RING_SIZE + 1)), to)
    if (blocks.at(-1)?.hash !== tip.hash) throw new Error('The chain changed while it was read.')
    for (const event of events) {
      await this.#parts.listener.onEvent(event)
      this.#signal.throwIfAborted()
    }
    await this.#store(advance(cursor, to + 1, blocks))
  }

  async #remember(from: number, to: number): Promise<readonly RememberedBlock[]> {
    const blocks: RememberedBlock[] = []
    for (let number = from; number <= to; number += 1) {
      blocks.push({ number, hash: (await this.#headerOrFail(number)).hash })
    }
    return blocks
  }

  async #headerOrFail(number: number): Promise<Header> {
    const header = await this.#connection.header(number, { signal: this.#signal })
    if (header === null) throw new Error('The chain changed while it was read.')
    return header
  }

  async #store(cursor: Cursor): Promise<Cursor> {
    await writeCursor(this.#parts.state, this.#key, cursor)
    this.#cursor = cursor
    return cursor
  }

  #tellWaiters(): void {
    for (const waiter of this.#waiters) {
      if (waiter.block > this.handledBlock) continue
      this.#waiters.delete(waiter)
      waiter.resolve()
    }
  }

  #noteReachable(isReachable: boolean): void {
    if (isReachable && !this.isReachable) this.#parts.log('info', 'chain.reachable')
    this.isReachable = isReachable
  }

  #noteFailure(error: unknown): void {
    const code = (error as { code?: unknown } | null)?.code
    const isNode = code === 'CHAIN_UNREACHABLE' || code === 'CHAIN_ANSWER_BAD'
    if (!isNode) this.#parts.log('warn', 'chain.watch_failed', { code: String(code ?? 'unknown') })
    else if (this.isReachable) this.#parts.log('warn', 'chain.unreachable', { code: String(code) })
    if (isNode) this.isReachable = false
  }

  async #sleep(ms: number): Promise<void> {
    this.#sleeping = new AbortController()
    const signal = AbortSignal.any([this.#sleeping.signal, this.#signal])
    await wait(ms, signal).catch(() => undefined)
  }
}
