import type { MessageParser, UnmaskedMessage } from './engine.ts'
import { checkPayload } from './engine-checks.ts'
import { MamError } from './errors.ts'
import { listenTo, listenToEnd, type ParseAnswer, type ParseRequest, type ParserPort } from './parser-port.ts'
import { createTurns } from './turns.ts'

/** A worker that runs {@link answerParsing}, as `new Worker(…)` gives it in Node and in a browser. */
export interface ParserWorker extends ParserPort {
  terminate(): unknown
}

/** How much a parser puts up with. */
export interface ParserLimits {
  /** For one message, in milliseconds; then its worker is ended. @defaultValue 1000, hundreds of times what one takes */
  readonly timeLimitMs?: number
  /** For a worker to load its engine, in milliseconds. @defaultValue 10 000 */
  readonly startLimitMs?: number
  /** Calls that may wait. @defaultValue 64 */
  readonly maxWaiting?: number
}

/** Reads masked messages in a worker, one after the other. Dispose of it to end the worker, whatever it does. */
export interface Parser extends MessageParser, AsyncDisposable {
  /**
   * @throws MamError as an engine does, and `PARSE_TIMEOUT`, `PARSER_DIED`, after which the next call gets a new
   * worker; `ENGINE_MISSING` when that does not start, `QUEUE_FULL`; `CHANNEL_CLOSED` also to who waits when
   * it is disposed of
   */
  parseMessage(payload: string, root: string, sideKey?: string): Promise<UnmaskedMessage>
}

/**
 * Starts a worker that reads what anybody may have sent: whatever that does to it, the caller gets an answer
 * in time.
 * @param spawn makes a worker that calls {@link answerParsing}; called again whenever one was ended
 * @throws MamError `ENGINE_MISSING` when the worker does not start
 */
export async function openParser(spawn: () => ParserWorker, limits: ParserLimits = {}): Promise<Parser> {
  const { timeLimitMs = 1000, startLimitMs = 10_000, maxWaiting = 64 } = limits
  checkLimits([timeLimitMs, startLimitMs, maxWaiting])
  const turns = createTurns(maxWaiting)
  let isClosed = false
  let running = await startWorker(spawn, startLimitMs, () => {})

  async function ask(request: Omit<ParseRequest, 'id'>): Promise<UnmaskedMessage> {
    if (isClosed) throw closed()
    if (running.isOver())
      running = await startWorker(spawn, startLimitMs, (starting) => {
        running = starting
      })
    const answer = await running.ask(request, timeLimitMs)
    if (answer.kind === 'parsed') return { nextRoot: answer.nextRoot, trytes: answer.trytes }
    throw new MamError(answer.code, answer.message)
  }

  return {
    async parseMessage(payload, root, sideKey) {
      checkPayload(payload)
      return await turns.take(() => ask({ payload, root, sideKey }))
    },
    async [Symbol.asyncDispose]() {
      isClosed = true
      const ending = running.end(closed())
      await turns.close()
      await ending
    },
  }
}

/** Timers take no more than 2^31 − 1 ms, and take what is more as none. */
function checkLimits(limits: readonly number[]): void {
  if (limits.every((limit) => Number.isSafeInteger(limit) && limit > 0 && limit < 2 ** 31)) return
  throw new MamError(
    'LIMIT_INVALID',
    'The limits of a parser are whole numbers from 1 to 2^31 − 1; correct them.',
  )
}

type Outcome = Extract<ParseAnswer, { readonly kind: 'parsed' | 'refused' }>

/** A worker that serves one request at a time. */
interface RunningWorker {
  ask(request: Omit<ParseRequest, 'id'>, limitMs: number): Promise<Outcome>
  isOver(): boolean
  /** Ends it; who waits for its answer gets the reason. */
  end(reason: MamError): Promise<void>
}

/** @param onSpawn gets the worker before it is ready, so that it can be ended by then */
async function startWorker(
  spawn: () => ParserWorker,
  limitMs: number,
  onSpawn: (worker: RunningWorker) => void,
): Promise<RunningWorker> {
  try {
    const { awaitReady, ...worker } = runWorker(spawn())
    onSpawn(worker)
    await awaitReady(limitMs)
    return worker
  } catch (cause) {
    if (cause instanceof MamError && cause.code === 'CHANNEL_CLOSED') throw cause
    throw new MamError('ENGINE_MISSING', 'The worker that reads messages does not start; check its file.', {
      cause,
    })
  }
}

function runWorker(worker: ParserWorker): RunningWorker & { awaitReady(limitMs: number): Promise<unknown> } {
  /** Why it was ended, or ended by itself; null while it runs. */
  let ending: MamError | null = null
  let lastId = 0
  let waiting: PromiseWithResolvers<ParseAnswer> | null = null
  listenTo(worker, (message) => {
    const answer = message as ParseAnswer | null
    if (answer?.id !== lastId) return
    if (answer.kind === 'failed') waiting?.reject(died())
    else waiting?.resolve(answer)
  })
  // Ended as well, also while nobody waits: after an error a worker of a browser would live on, unheard.
  listenToEnd(worker, (cause) => {
    if (ending === null) end(died(cause)).catch(() => {})
  })

  async function end(reason: MamError): Promise<void> {
    ending ??= reason
    waiting?.reject(reason)
    await worker.terminate()
  }

  /** The answer to what `post` asks, or an error after the limit; then the worker is of no more use. */
  async function hear(limitMs: number, post: () => void): Promise<ParseAnswer> {
    if (ending !== null) throw ending
    waiting = Promise.withResolvers<ParseAnswer>()
    const { promise, reject } = waiting
    const timeout = new MamError('PARSE_TIMEOUT', 'The message took too long to read; ignore it.')
    const timer = setTimeout(() => reject(timeout), limitMs)
    try {
      post()
      return await promise
    } catch (error) {
      // Not waited for: a worker that hangs may take its time to go.
      end(timeout).catch(() => {})
      throw error
    } finally {
      clearTimeout(timer)
      waiting = null
    }
  }

  return {
    awaitReady: (limitMs) => hear(limitMs, () => {}),
    ask: async (request, limitMs) =>
      (await hear(limitMs, () => worker.postMessage({ ...request, id: ++lastId }))) as Outcome,
    isOver: () => ending !== null,
    end,
  }
}

function died(cause?: unknown): MamError {
  return new MamError('PARSER_DIED', 'The worker ended while it read; ignore the message.', { cause })
}

function closed(): MamError {
  return new MamError('CHANNEL_CLOSED', 'The parser was closed; open another one.')
}
