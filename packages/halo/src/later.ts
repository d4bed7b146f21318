import { reasonOf } from '@halo/ports'
import type { PeerContext } from './parts.ts'

/** What `setTimeout` can count to; beyond it, it fires at once. */
const MAX_DELAY_MS = 2 ** 31 - 1
/** Attempts at one piece of work until the peer is restarted, unless it is to be done in any case. */
const MAX_ATTEMPTS = 5
/** Longest time from one attempt at what is to be done in any case to the next. */
const MAX_RETRY_MS = 600_000

/** Where a piece of work is: put off, being done, or being done and asked for again. */
export type LaterStage = 'waiting' | 'running' | 'again'

/** Work that a peer does on its own account, some time after a call. */
export interface LaterWork {
  /** The same work is not put off twice. */
  readonly key: string
  readonly delayMs: number
  /** Until the second attempt, when the first fails; twice as long before each further one. */
  readonly retryMs: number
  readonly run: () => Promise<void>
  /** Tried until it succeeds, and once more when it is asked for again while it runs. @defaultValue false */
  readonly isPromised?: boolean
  /** Name of the log entry about a failed attempt, and what else it says. */
  readonly event: string
  readonly fields: Readonly<Record<string, string>>
}

/** Puts work off. A failure is logged and tried again; nothing runs once the peer stops. */
export function runLater(context: PeerContext, work: LaterWork): void {
  const stage = context.later.get(work.key)
  if (stage === 'running' && work.isPromised) context.later.set(work.key, 'again')
  if (stage === undefined) schedule(context, work, 1, work.delayMs)
}

function schedule(context: PeerContext, work: LaterWork, attempt: number, delayMs: number): void {
  if (context.stopped.aborted) return
  context.later.set(work.key, 'waiting')
  const onStop = (): void => clearTimeout(timer)
  const timer = setTimeout(
    () => {
      context.stopped.removeEventListener('abort', onStop)
      void runAttempt(context, work, attempt)
    },
    Math.min(delayMs, MAX_DELAY_MS),
  )
  context.stopped.addEventListener('abort', onStop, { once: true })
}

async function runAttempt(context: PeerContext, work: LaterWork, attempt: number): Promise<void> {
  context.later.set(work.key, 'running')
  try {
    await work.run()
  } catch (error) {
    context.log('warn', work.event, { ...work.fields, attempt, reason: reasonOf(error) })
    if (work.isPromised || attempt < MAX_ATTEMPTS)
      return schedule(context, work, attempt + 1, retryOf(work, attempt))
  }
  const isAskedAgain = context.later.get(work.key) === 'again'
  context.later.delete(work.key)
  if (isAskedAgain) schedule(context, work, 1, work.delayMs)
}

function retryOf({ retryMs, isPromised }: LaterWork, attempt: number): number {
  const delayMs = retryMs * 2 ** (attempt - 1)
  return isPromised ? Math.min(delayMs, Math.max(retryMs, MAX_RETRY_MS)) : delayMs
}
