import type { CallOptions, LedgerEvent } from '@halo/ports'
import { eventOfLog, watchedAddresses } from './events.ts'
import type { ChainLedger } from './ledger.ts'

/** Reads what the contracts said, no more blocks at a time than the node bears. */
export interface LogReader {
  /** Most blocks in one question; shrinks when the node finds it too many. */
  maxRange(): number
  /** What was said in a range, in order. */
  read(from: number, to: number, options: CallOptions): Promise<readonly LedgerEvent[]>
}

/** A reader that begins with `maxRange` blocks at a time and halves it at each refusal. */
export function createLogReader(ledger: ChainLedger, maxRange: number): LogReader {
  const { connection, deployment } = ledger
  const addresses = watchedAddresses(deployment)
  let range = maxRange
  return {
    maxRange: () => range,
    read: async (fromBlock, toBlock, options) => {
      try {
        const logs = await connection.logs({ addresses, fromBlock, toBlock }, options)
        return logs
          .toSorted((a, b) => a.block - b.block || a.logIndex - b.logIndex)
          .map((log) => eventOfLog(log, deployment))
          .filter((event) => event !== null)
      } catch (error) {
        const isTooMuch = (error as { code?: unknown }).code === 'CHAIN_ANSWER_BAD'
        if (isTooMuch) range = Math.max(1, Math.floor((toBlock - fromBlock + 1) / 2))
        throw error
      }
    },
  }
}
