import type { Address, Bytes32, Hex } from '@halo/consent'
import type { CallOptions } from '@halo/ports'
import type { Result } from 'ethers'
import { dataLength, toQuantity } from 'ethers'
import type { ContractName } from './contracts.ts'
import { INTERFACES } from './contracts.ts'
import { ChainError } from './errors.ts'
import { refusalOfRevert } from './revert.ts'
import type { Rpc } from './rpc.ts'
import { openRpc, RpcFailure } from './rpc.ts'

/** A block's header, as far as anyone here needs it. */
export interface Header {
  readonly number: number
  readonly hash: Bytes32
  readonly timeSec: number
  /** Wei, or null where the chain has no EIP-1559. */
  readonly baseFee: bigint | null
}

/** Who made a contract by a transaction of their own. */
export interface Creation {
  readonly from: Address
  readonly nonce: bigint
}

/** A log as a node reports it. */
export interface ChainLog {
  readonly address: Address
  readonly topics: readonly Hex[]
  readonly data: Hex
  readonly block: number
  readonly logIndex: number
  readonly txHash: Bytes32
}

/** Which logs to read. */
export interface LogFilter {
  readonly addresses: readonly Address[]
  /** A list means any of its topics, null any at all. */
  readonly topics?: readonly (Hex | readonly Hex[] | null)[]
  readonly fromBlock: number
  readonly toBlock: number
}

/** Typed questions to one node. */
export interface ChainConnection extends AsyncDisposable {
  readonly rpc: Rpc
  chainId(options?: CallOptions): Promise<bigint>
  headBlock(options?: CallOptions): Promise<number>
  /** A header by number, or of the newest block, or null when there is none yet. */
  header(block: number | 'latest', options?: CallOptions): Promise<Header | null>
  /** Bytes of code at an address, now or at the end of a block, where the node keeps state of that time. */
  codeSize(address: Address, options?: CallOptions & { readonly block?: number }): Promise<number>
  /** What is in a slot of a contract's storage, now or at the end of a block, where the node keeps state of that time. */
  storage(
    address: Address,
    slot: number,
    options?: CallOptions & { readonly block?: number },
  ): Promise<bigint>
  /** Senders of a block's transactions that make contracts, with the nonces that give these their addresses. */
  creations(block: number, options?: CallOptions): Promise<readonly Creation[]>
  balance(account: Address, options?: CallOptions): Promise<bigint>
  logs(filter: LogFilter, options?: CallOptions): Promise<readonly ChainLog[]>
  /**
   * Calls a contract without a transaction.
   * @throws RefusedError when the contract refuses
   */
  call(
    contract: ContractName,
    address: Address,
    method: string,
    args: readonly unknown[],
    options?: CallOptions & { readonly block?: number; readonly from?: Address },
  ): Promise<Result>
}

/** Connects to a node by HTTP; nothing is sent before the first question. */
export function connect(rpcUrl: string, timeoutMs: number): ChainConnection {
  const rpc = openRpc(rpcUrl, timeoutMs)
  const ask = async (method: string, params: readonly unknown[], options?: CallOptions): Promise<unknown> => {
    try {
      return await rpc.send(method, params, options)
    } catch (error) {
      throw error instanceof RpcFailure ? badAnswer(method, error) : error
    }
  }
  return {
    rpc,
    chainId: async (options) => BigInt(text(await ask('eth_chainId', [], options))),
    headBlock: async (options) => Number(text(await ask('eth_blockNumber', [], options))),
    header: async (block, options) => {
      const tag = block === 'latest' ? block : toQuantity(block)
      return parseHeader(await ask('eth_getBlockByNumber', [tag, false], options))
    },
    codeSize: async (address, options) =>
      dataLength(text(await ask('eth_getCode', [address, tagOf(options?.block)], options))),
    storage: async (address, slot, options) =>
      parseWord(await ask('eth_getStorageAt', [address, toQuantity(slot), tagOf(options?.block)], options)),
    creations: async (block, options) =>
      parseCreations(await ask('eth_getBlockByNumber', [toQuantity(block), true], options)),
    balance: async (account, options) =>
      BigInt(text(await ask('eth_getBalance', [account, 'latest'], options))),
    logs: async (filter, options) => parseLogs(await ask('eth_getLogs', [logQuery(filter)], options)),
    call: (contract, address, method, args, options) => call(rpc, contract, address, method, args, options),
    [Symbol.asyncDispose]: () => rpc[Symbol.asyncDispose](),
  }
}

async function call(
  rpc: Rpc,
  contract: ContractName,
  address: Address,
  method: string,
  args: readonly unknown[],
  options: CallOptions & { readonly block?: number; readonly from?: Address } = {},
): Promise<Result> {
  const data = INTERFACES[contract].encodeFunctionData(method, args)
  const tag = tagOf(options.block)
  const transaction = { to: address, data, ...(options.from ? { from: options.from } : {}) }
  try {
    const answer = text(await rpc.send('eth_call', [transaction, tag], options))
    return INTERFACES[contract].decodeFunctionResult(method, answer)
  } catch (error) {
    if (error instanceof RpcFailure) throw refusalOfRevert(error) ?? badAnswer('eth_call', error)
    throw (error as { code?: unknown }).code === 'BAD_DATA' ? badAnswer('eth_call', error) : error
  }
}

function tagOf(block: number | undefined): string {
  return block === undefined ? 'latest' : toQuantity(block)
}

function logQuery(filter: LogFilter): Record<string, unknown> {
  return {
    address: filter.addresses,
    topics: filter.topics ?? [],
    fromBlock: toQuantity(filter.fromBlock),
    toBlock: toQuantity(filter.toBlock),
  }
}

function parseHeader(value: unknown): Header | null {
  if (value === null) return null
  const block = value as Readonly<Record<string, unknown>>
  return {
    number: Number(text(block['number'])),
    hash: text(block['hash']) as Bytes32,
    timeSec: Number(text(block['timestamp'])),
    baseFee: typeof block['baseFeePerGas'] === 'string' ? BigInt(block['baseFeePerGas']) : null,
  }
}

function parseCreations(value: unknown): readonly Creation[] {
  const { transactions } = (value ?? {}) as { readonly transactions?: unknown }
  if (!Array.isArray(transactions)) throw badAnswer('eth_getBlockByNumber')
  return transactions
    .filter((transaction: Readonly<Record<string, unknown>>) => transaction['to'] === null)
    .map(({ from, nonce }) => ({ from: text(from) as Address, nonce: BigInt(text(nonce)) }))
}

/** Logs as a node reports them, checked. */
export function parseLogs(value: unknown): readonly ChainLog[] {
  if (!Array.isArray(value)) throw badAnswer('eth_getLogs')
  return value.map((log: Readonly<Record<string, unknown>>) => ({
    address: text(log['address']) as Address,
    topics: Array.isArray(log['topics']) ? log['topics'].map(text) : [],
    data: text(log['data']),
    block: Number(text(log['blockNumber'])),
    logIndex: Number(text(log['logIndex'])),
    txHash: text(log['transactionHash']) as Bytes32,
  }))
}

function text(value: unknown): Hex {
  if (typeof value === 'string' && value.startsWith('0x')) return value as Hex
  throw badAnswer('answer')
}

function parseWord(value: unknown): bigint {
  if (/^0x[0-9a-f]{1,64}$/i.test(text(value))) return BigInt(text(value))
  throw badAnswer('eth_getStorageAt')
}

function badAnswer(method: string, cause?: unknown): ChainError {
  const message = 'The chain node gave an answer that cannot be used.'
  return new ChainError('CHAIN_ANSWER_BAD', message, { details: { method }, cause })
}
