import type { Hex, RequestId } from '@halo/consent'
import type { CallOptions, LedgerEvent, LedgerTx } from '@halo/ports'
import type { ChainLog } from './connection.ts'
import { ChainError } from './errors.ts'
import { eventOfLog } from './events.ts'
import { findFirstBlock } from './first-block.ts'
import type { ChainLedger } from './ledger.ts'

/** Blocks in one question for logs; what common nodes bear. */
const RANGE = 2_000

/**
 * Every transaction that said something of some requests, in order, whoever sent it. Named by what it
 * did: `request`, `grant`, `decline`, `revoke`, `settle` or `refund`. Reads the chain from the block of
 * the deployment on.
 * @param subjects ids of requests
 * @throws ChainError `CHAIN_UNREACHABLE`, `CHAIN_ANSWER_BAD` or `CHAIN_INCONSISTENT`
 */
export async function transactionsOf(
  ledger: ChainLedger,
  subjects: readonly RequestId[],
  options: CallOptions = {},
): Promise<readonly Pick<LedgerTx, 'name' | 'gas' | 'hash'>[]> {
  // To a node, an empty list of topics means any.
  if (subjects.length === 0) return []
  const found = []
  for (const log of await readLogs(ledger, subjects, options)) {
    const event = eventOfLog(log, ledger.deployment)
    const name = event === null ? null : nameOf(event)
    if (name !== null) found.push({ name, gas: await gasOf(ledger, log.txHash, options), hash: log.txHash })
  }
  return found
}

async function readLogs(
  { connection, deployment }: ChainLedger,
  subjects: readonly RequestId[],
  options: CallOptions,
): Promise<readonly ChainLog[]> {
  const addresses = [deployment.consent, deployment.escrow]
  const head = await connection.headBlock(options)
  const logs: ChainLog[] = []
  let fromBlock = await findFirstBlock(connection, deployment, options)
  while (fromBlock <= head) {
    const toBlock = Math.min(head, fromBlock + RANGE - 1)
    logs.push(
      ...(await connection.logs({ addresses, topics: [null, subjects], fromBlock, toBlock }, options)),
    )
    fromBlock = toBlock + 1
  }
  return logs.toSorted((a, b) => a.block - b.block || a.logIndex - b.logIndex)
}

function nameOf(event: LedgerEvent): string | null {
  switch (event.kind) {
    case 'requested':
      return 'request'
    case 'answered':
      return event.answer.toLowerCase()
    case 'closed':
      return event.outcome === 'settled' ? 'settle' : 'refund'
    case 'anchored':
    case 'members':
      return null
  }
}

/**
 * What a transaction that is on the chain has used.
 * @throws ChainError `CHAIN_UNREACHABLE` or `CHAIN_INCONSISTENT`
 */
export async function gasOf(
  { connection }: ChainLedger,
  hash: Hex,
  options: CallOptions = {},
): Promise<number> {
  const receipt = await connection.rpc.send('eth_getTransactionReceipt', [hash], options)
  const gas = Number((receipt as { readonly gasUsed?: unknown } | null)?.gasUsed)
  if (Number.isSafeInteger(gas)) return gas
  const message = 'The chain node has no receipt of a transaction whose logs it knows.'
  throw new ChainError('CHAIN_INCONSISTENT', message)
}
