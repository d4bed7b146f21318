import type { Address, Deployment } from '@halo/consent'
import { parseAddress } from '@halo/consent'
import type { CallOptions } from '@halo/ports'
import { getCreateAddress } from 'ethers'
import type { ChainConnection } from './connection.ts'

/**
 * The block of a deployment: the first one at whose end any of its contracts is there. Found by halving,
 * about 25 steps on a chain of thirty million blocks; no contract stores it.
 * @returns 0 when the node keeps no state of that time, or may keep none: reading too much is slow,
 * reading too little would lose events
 */
export async function findFirstBlock(
  connection: ChainConnection,
  deployment: Deployment,
  options: CallOptions,
): Promise<number> {
  const { registry, anchor, escrow } = deployment
  const contracts = [registry, anchor, escrow].map((address) => parseAddress(address))
  try {
    const block = await halve(await connection.headBlock(options), (at) =>
      isAnyThere(connection, contracts, at, options),
    )
    return (await isMadeIn(connection, contracts, block, options)) ? block : 0
  } catch (error) {
    if ((error as { code?: unknown }).code === 'CHAIN_ANSWER_BAD') return 0
    throw error
  }
}

/** The least block for which a claim holds that stays true once it is; it must hold for `to`. */
async function halve(to: number, holds: (block: number) => Promise<boolean>): Promise<number> {
  let [low, high] = [0, to]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (await holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}

async function isAnyThere(
  connection: ChainConnection,
  contracts: readonly Address[],
  block: number,
  options: CallOptions,
): Promise<boolean> {
  for (const contract of contracts)
    if ((await connection.codeSize(contract, { ...options, block })) > 0) return true
  return false
}

/**
 * A node that has thrown old state away may answer "no code" where it should refuse, and halving then
 * ends where its state begins. So the block must hold the transaction that made a contract.
 */
async function isMadeIn(
  connection: ChainConnection,
  contracts: readonly Address[],
  block: number,
  options: CallOptions,
): Promise<boolean> {
  const senders = await connection.creations(block, options)
  return senders.some((sender) => contracts.includes(getCreateAddress(sender) as Address))
}
