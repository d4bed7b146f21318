import { createTurns } from './channel-turns.ts'
import type { MessageParser, UnmaskedMessage } from './engine.ts'
import { MamError, type MamErrorCode } from './errors.ts'
import { WIRE_TRYTES_MAX } from './message-limits.ts'
import { listenTo, listenToEnd, type ParseAnswer, type ParseRequest, type ParserPort } from './parser-port.ts'

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

/** Reads masked messages in a worker, one after the other. Dispose of it to end the worker. */
export interface Parser extends MessageParser, AsyncDisposable {
  /**
   * @throws MamError as an engine does, and `PARSE_TIMEOUT`, `PARSER_DIED`, after which the next call gets a new
   * worker; `ENGINE_MISSING` when that does not start, `QUEUE_FULL`, `CHANNEL_CLOSED`
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
  let running: RunningWorker | null = await startWorker(spawn, startLimitMs)

  async function ask(request: ParseRequest): Promise<UnmaskedMessage> {
    const worker = running?.isOver() === false ? running : await startWorker(spawn, startLimitMs)
    running = worker
    const answer = await worker.ask(request, timeLimitMs)
    if (answer.kind === 'parsed') return { nextRoot: answer.nextRoot, trytes: answer.trytes }
    if (answer.kind === 'refused') throw new MamError(answer.code as MamErrorCode, answer.message)
    throw new MamError('PARSER_DIED', 'The worker answered something else; ignore the message.')
  }

  return {
    async parseMessage(payload, root, sideKey) {
      if (payload.length > WIRE_TRYTES_MAX)
        throw new MamError('MESSAGE_MALFORMED', 'The payload is longer than any message; ignore it.')
      return await turns.take(() => ask({ payload, root, sideKey }))
    },
    async [Symbol.asyncDispose]() {
      await turns.close()
      await running?.end()
      running = null
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

/** A worker that serves one request at a time. */
interface RunningWorker {
  ask(request: ParseRequest, limitMs: number): Promise<ParseAnswer>
  isOver(): boolean
  end(): Promise<void>
}

async function startWorker(spawn: () => ParserWorker, limitMs: number): Promise<RunningWorker> {
  try {
    const worker = runWorker(spawn())
    await worker.ask(null, limitMs)
    return worker
  } catch (cause) {
    throw new MamError('ENGINE_MISSING', 'The worker that reads messages does not start; check its file.', {
      cause,
    })
  }
}

function runWorker(
  worker: ParserWorker,
): RunningWorker & { ask(request: null, limitMs: number): Promise<ParseAnswer> } {
  let isOver = false
  let waiting: PromiseWithResolvers<ParseAnswer> | null = null
  listenTo(worker, (message) => waiting?.resolve(message as ParseAnswer))
  listenToEnd(worker, (cause) => {
    isOver = true
    waiting?.reject(
      new MamError('PARSER_DIED', 'The worker ended while it read; ignore the message.', { cause }),
    )
  })

  async function end(): Promise<void> {
    isOver = true
    await worker.terminate()
  }

  return {
    isOver: () => isOver,
    end,
    /** `null` waits for the worker to be ready. */
    async ask(request: ParseRequest | null, limitMs: number) {
      waiting = Promise.withResolvers<ParseAnswer>()
      const timer = setTimeout(() => {
        waiting?.reject(new MamError('PARSE_TIMEOUT', 'The message took too long to read; ignore it.'))
      }, limitMs)
      try {
        if (request !== null) worker.postMessage(request)
        return await waiting.promise
      } catch (error) {
        // Not waited for: a worker that hangs may take its time to go.
        end().catch(() => {})
        throw error
      } finally {
        clearTimeout(timer)
        waiting = null
      }
    },
  }
}
