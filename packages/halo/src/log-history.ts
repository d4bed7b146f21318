import { hexOf } from '@halo/consent'
import type { Ledger, LedgerWriter, Log } from '@halo/ports'
import { RefusedError } from '@halo/ports'
import type { MerkleLog, TileStore } from '@halo/proofs'
import { openLog } from '@halo/proofs'
import { once } from './once.ts'
import type { PeerState } from './state.ts'

/**
 * Why a member's log signs nothing: its files are damaged or older than what was noted (`unusable`), the chain
 * holds a larger log of this operator (`behind`), or another one of the same or a lesser size (`forked`).
 */
export type LogProblem = 'unusable' | 'behind' | 'forked'

/** Where a log is, and who knows what it has held. */
export interface LogHistoryParts {
  readonly tiles: TileStore
  readonly state: PeerState
  readonly ledger: Ledger
  readonly writer: LedgerWriter
  readonly log: Log
  /** Aborts when the peer stops. */
  readonly stopped: AbortSignal
}

/** A member's log together with the question whether it still is the one that went before. */
export interface LogHistory {
  /** The log as this peer left it: an older copy, or another one, is not gone on with. */
  open(): Promise<MerkleLog>
  /**
   * The log, if it continues what the chain holds under this operator's name: it would show two histories otherwise.
   * @throws RefusedError `INTERNAL` when it does not
   */
  openContinuing(): Promise<MerkleLog>
  /** What was found wrong when it was looked at last. */
  problem(): LogProblem | null
}

/** A log that is opened at the first question. */
export function createLogHistory(parts: LogHistoryParts): LogHistory {
  let problem: LogProblem | null = null
  const open = once(async () => {
    try {
      return await openNoted(parts)
    } catch (error) {
      problem = 'unusable'
      throw error
    }
  })
  return {
    open,
    async openContinuing() {
      const log = await open()
      problem = await findProblem(parts, log)
      if (problem !== null) throw unsigned(problem)
      return log
    },
    problem: () => problem,
  }
}

async function openNoted({ tiles, state, log }: LogHistoryParts): Promise<MerkleLog> {
  const newest = await state.newestRoot()
  try {
    return await openLog(tiles, newest === null ? {} : { lastCheckpoint: newest })
  } catch (error) {
    log('error', 'log-unusable', { code: String((error as { readonly code?: unknown }).code ?? 'unknown') })
    throw error
  }
}

/** Compares the newest root on the chain with this log's own at that size. */
async function findProblem(
  { ledger, writer, log: note }: LogHistoryParts,
  log: MerkleLog,
): Promise<LogProblem | null> {
  const anchored = await ledger.anchoredHead(writer.account)
  if (anchored === null) return null
  const fields = { size: log.head.size, anchoredSize: anchored.size }
  if (anchored.size > log.head.size) {
    note('error', 'log-behind', fields)
    return 'behind'
  }
  if (hexOf(await log.root(anchored.size)).startsWith(anchored.rootStart)) return null
  note('error', 'log-forked', fields)
  return 'forked'
}

function unsigned(problem: LogProblem): RefusedError {
  const message =
    problem === 'behind'
      ? 'The chain holds a larger log of this operator. Restore the directory log/ from a newer copy.'
      : 'The chain holds another log of this operator. Restore the directory log/ of the process that anchored it.'
  return new RefusedError('INTERNAL', { message })
}

/** Leaves noted in one go: others get their turn in between, and a peer that stops need not note them all. */
const NOTED_AT_ONCE = 64

/** Notes where each leaf is. A crash between appending and noting is made up for here. */
export async function noteLeaves(
  { state, stopped }: Pick<LogHistoryParts, 'state' | 'stopped'>,
  log: MerkleLog,
): Promise<void> {
  const { size } = log.head
  for (let from = await state.leafCount(); from < size; from += NOTED_AT_ONCE) {
    stopped.throwIfAborted()
    const leaves: Uint8Array[] = []
    for (let index = from; index < Math.min(size, from + NOTED_AT_ONCE); index++)
      leaves.push(await log.entry(index))
    await state.addLeaves(leaves, from)
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
}
