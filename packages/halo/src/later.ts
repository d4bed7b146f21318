import { reasonOf } from '@halo/ports'
import type { PeerContext } from './parts.ts'

/** What `setTimeout` can count to; beyond it, it fires at once. */
const MAX_DELAY_MS = 2 ** 31 - 1
/** Attempts at one piece of work until the peer is restarted. */
const MAX_ATTEMPTS = 5

/** Work that a peer does on its own account, some time after a call. */
export interface LaterWork {
  /** The same work is not put off twice. */
  readonly key: string
  readonly delayMs: number
  /** Until the second attempt, when the first fails; twice as long before each further one. */
  readonly retryMs: number
  readonly run: () => Promise<void>
  /** Name of the log entry about a failed attempt, and what else it says. */
  readonly event: string
  readonly fields: Readonly<Record<string, string>>
}

/** Puts work off. A failure is logged and tried again, a few times; nothing runs once the peer stops. */
export function runLater(context: PeerContext, work: LaterWork): void {
  if (context.later.has(work.key)) return
  context.later.add(work.key)
  schedule(context, work, 1, work.delayMs)
}

function schedule(context: PeerContext, work: LaterWork, attempt: number, delayMs: number): void {
  if (context.stopped.aborted) return
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
  try {
    await work.run()
  } catch (error) {
    context.log('warn', work.event, { ...work.fields, attempt, reason: reasonOf(error) })
    if (attempt < MAX_ATTEMPTS) return schedule(context, work, attempt + 1, work.retryMs * 2 ** (attempt - 1))
  }
  context.later.delete(work.key)
}
