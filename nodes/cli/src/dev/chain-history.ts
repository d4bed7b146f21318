import type { ChainLedger } from '@halo/chain'
import { INTERFACES } from '@halo/chain'
import type { Bytes32, Hex } from '@halo/consent'

/** A transaction of the story, as `report.json` lists it. */
export interface StoryTx {
  readonly name: string
  readonly gas: number
  readonly hash: Hex
}

const NAMES: Readonly<Record<string, string>> = {
  Anchored: 'anchor',
  AccessRequested: 'request',
  Granted: 'grant',
  Declined: 'decline',
  Revoked: 'revoke',
  Settled: 'settle',
  Refunded: 'refund',
}

/** Every transaction that said something of a data set or a request, in order, whoever sent it. */
export async function historyOf(
  ledger: ChainLedger,
  subjects: readonly Bytes32[],
): Promise<readonly StoryTx[]> {
  const { anchor, consent, escrow } = ledger.deployment
  const filter = {
    address: [anchor, consent, escrow],
    topics: [null, subjects],
    fromBlock: '0x0',
    toBlock: 'latest',
  }
  const logs = (await ledger.connection.rpc.send('eth_getLogs', [filter])) as readonly RawLog[]
  const txs: StoryTx[] = []
  for (const log of logs) {
    const name = NAMES[eventName(log) ?? '']
    if (name === undefined) continue
    const receipt = (await ledger.connection.rpc.send('eth_getTransactionReceipt', [
      log.transactionHash,
    ])) as RawReceipt
    txs.push({ name, gas: Number(receipt.gasUsed), hash: log.transactionHash })
  }
  return txs
}

interface RawLog {
  readonly topics: readonly Hex[]
  readonly data: Hex
  readonly transactionHash: Hex
}

interface RawReceipt {
  readonly gasUsed: Hex
}

function eventName(log: RawLog): string | undefined {
  for (const contract of ['anchor', 'consent', 'escrow'] as const) {
    const event = INTERFACES[contract].parseLog({ topics: [...log.topics], data: log.data })
    if (event !== null) return event.name
  }
  return undefined
}
