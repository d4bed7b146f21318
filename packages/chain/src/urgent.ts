import type { LedgerEvent, LedgerListener } from '@halo/ports'
import type { ChainConnection } from './connection.ts'
import type { RememberedBlock } from './cursor.ts'
import type { LogReader } from './log-reader.ts'

/**
 * Whether an event is told without waiting for confirmations: it takes something away, or may (a change
 * of members), and refusing a few blocks too early harms less than serving too long.
 */
function isUrgent(event: LedgerEvent): boolean {
  switch (event.kind) {
    case 'members':
      return true
    case 'answered':
      return event.answer === 'Revoke'
    case 'closed':
      return event.outcome === 'refunded'
    case 'anchored':
    case 'requested':
      return false
  }
}

/** Tells urgent events of blocks that are not deep enough for the others. */
export interface UrgentTeller {
  /**
   * Tells what is urgent up to `head` and was not told yet. Asks nothing while there is no new block.
   * @param confirmed newest block whose events need not wait
   * @param handled newest block whose events all were told
   */
  tell(confirmed: number, handled: number, head: number): Promise<void>
}

interface Parts {
  readonly connection: ChainConnection
  readonly reader: LogReader
  readonly listener: LedgerListener
  readonly signal: AbortSignal
}

/**
 * What was told is remembered in memory only: after a restart it is told again. When such a block
 * vanishes, the listener hears of a roll-back to the newest block that was handled in full.
 */
export function createUrgentTeller({ connection, reader, listener, signal }: Parts): UrgentTeller {
  let newest: RememberedBlock | null = null
  let hasTold = false

  const hashOf = async (block: number): Promise<RememberedBlock['hash'] | undefined> =>
    (await connection.header(block, { signal }))?.hash

  const undo = async (handled: number): Promise<void> => {
    if (newest === null || (await hashOf(newest.number)) === newest.hash) return
    if (hasTold) await listener.onRollback(handled)
    newest = null
    hasTold = false
  }

  const tellRange = async (from: number, to: number): Promise<void> => {
    const hash = await hashOf(to)
    const events = await reader.read(from, to, { signal })
    if (hash === undefined || (await hashOf(to)) !== hash)
      throw new Error('The chain changed while it was read.')
    for (const event of events.filter(isUrgent)) {
      hasTold = true
      await listener.onEvent(event)
      signal.throwIfAborted()
    }
    newest = { number: to, hash }
  }

  return {
    async tell(confirmed, handled, head) {
      if (head <= confirmed) return
      await undo(handled)
      let from = Math.max(confirmed + 1, handled + 1, (newest?.number ?? -1) + 1)
      while (from <= head) {
        const to = Math.min(head, from + reader.maxRange() - 1)
        await tellRange(from, to)
        from = to + 1
      }
    },
  }
}
