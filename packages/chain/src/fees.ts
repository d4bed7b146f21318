import type { CallOptions } from '@halo/ports'
import type { ChainConnection } from './connection.ts'
import { RpcFailure } from './rpc.ts'

/** What a transaction offers per unit of gas, in wei. */
export type Fees =
  | { readonly type: 2; readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint }
  | { readonly type: 0; readonly gasPrice: bigint }

/** Tip where a node has no opinion, in wei. */
const DEFAULT_TIP = 1_000_000_000n

/**
 * Twice the base fee and the node's tip: six full blocks in a row still take the transaction.
 * @see EIP-1559: the base fee grows by at most one eighth per block
 */
export async function readFees(connection: ChainConnection, options?: CallOptions): Promise<Fees> {
  const baseFee = (await connection.header('latest', options))?.baseFee ?? null
  if (baseFee === null) {
    const gasPrice = BigInt(String(await connection.rpc.send('eth_gasPrice', [], options)))
    return { type: 0, gasPrice }
  }
  const tip = await readTip(connection, options)
  return { type: 2, maxFeePerGas: 2n * baseFee + tip, maxPriorityFeePerGas: tip }
}

/** The most one unit of gas may cost, in wei. */
export function highestPrice(fees: Fees): bigint {
  return fees.type === 2 ? fees.maxFeePerGas : fees.gasPrice
}

async function readTip(connection: ChainConnection, options?: CallOptions): Promise<bigint> {
  try {
    return BigInt(String(await connection.rpc.send('eth_maxPriorityFeePerGas', [], options)))
  } catch (error) {
    if (error instanceof RpcFailure) return DEFAULT_TIP
    throw error
  }
}
