import type { Address, Hex } from '@halo/consent'
import { parseAddress } from '@halo/consent'
import type { CallOptions, LedgerTx } from '@halo/ports'
import type { TransactionRequest } from 'ethers'
import { keccak256, toQuantity, Wallet } from 'ethers'
import type { ChainConnection, ChainLog } from './connection.ts'
import { connect, parseLogs } from './connection.ts'
import { ChainError } from './errors.ts'
import { highestPrice, readFees } from './fees.ts'
import { refusalOfRevert } from './revert.ts'
import { RpcFailure } from './rpc.ts'
import { createQueue, wait } from './wait.ts'

/** Whoever can sign a transaction by itself; an ethers `Wallet` is one. */
export interface TransactionSigner {
  getAddress(): Promise<string>
  signTransaction(transaction: TransactionRequest): Promise<string>
}

/** A transaction to send. */
export interface TxCall {
  /** Business name, such as `request`. */
  readonly name: string
  /** Null deploys `data`. */
  readonly to: Address | null
  readonly data: Hex
  /** Wei that go along; 0 by default. */
  readonly value?: bigint
}

/** A mined transaction with what it left behind. */
export interface SentTx {
  readonly tx: LedgerTx
  readonly logs: readonly ChainLog[]
  /** Address of the contract a deployment made. */
  readonly created: Address | null
}

/** Sends transactions as one account, several at a time; nonces are given out one after the other. */
export interface ChainAccount extends AsyncDisposable {
  readonly address: Address
  readonly connection: ChainConnection
  /**
   * Returns once the transaction is mined.
   * @throws RefusedError when a contract refuses
   * @throws ChainError `INSUFFICIENT_FUNDS`, `TX_REVERTED`, `TX_TIMED_OUT`, `CHAIN_UNREACHABLE`
   */
  send(call: TxCall, options?: CallOptions): Promise<SentTx>
}

/** How an account waits. */
export interface AccountOptions {
  /**
   * Blocks a transaction must be deep, its own included, before `send` returns.
   * @defaultValue 1
   */
  readonly confirmations?: number
  /**
   * Milliseconds until a sent transaction counts as lost.
   * @defaultValue 120_000
   */
  readonly minedWithinMs?: number
}

/**
 * An account with its own connection, for set-up before there is a ledger.
 * @throws ChainError `SIGNER_BAD`
 */
export function openAccount(
  options: AccountOptions & {
    readonly rpcUrl: string
    /** Private key as hex, or a wallet. */
    readonly signer: string | TransactionSigner
    readonly timeoutMs?: number
  },
): Promise<ChainAccount> {
  return createAccount(connect(options.rpcUrl, options.timeoutMs ?? 10_000), options.signer, options)
}

/** An account on a connection; disposing it closes the connection. */
export async function createAccount(
  connection: ChainConnection,
  signer: string | TransactionSigner,
  options: AccountOptions = {},
): Promise<ChainAccount> {
  const wallet = typeof signer === 'string' ? walletOf(signer) : signer
  const address = parseAddress(await wallet.getAddress())
  const chainId = await connection.chainId()
  const submitter = createSubmitter(connection, wallet, address, chainId)
  const waiting = {
    confirmations: options.confirmations ?? 1,
    minedWithinMs: options.minedWithinMs ?? 120_000,
  }
  return {
    address,
    connection,
    send: async (call, callOptions) => {
      const prepared = await prepare(connection, address, call, callOptions)
      const raw = await submitter.submit(prepared, callOptions)
      try {
        return await waitUntilMined(connection, call, raw, waiting, callOptions)
      } catch (error) {
        submitter.forget()
        throw error
      }
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  }
}

/** The key must not reach the error, so the cause is left out. */
function walletOf(key: string): TransactionSigner {
  try {
    return new Wallet(key)
  } catch {
    throw new ChainError('SIGNER_BAD', 'The private key is not 32 bytes of hex.')
  }
}

/** Finds out before anything is signed whether the account can pay and the contract agrees. */
async function prepare(
  connection: ChainConnection,
  from: Address,
  call: TxCall,
  options?: CallOptions,
): Promise<TransactionRequest> {
  const value = call.value ?? 0n
  const balance = await connection.balance(from, options)
  if (balance < value) throw insufficient(call.name, 'price and relay fee', value, balance)
  const fees = await readFees(connection, options)
  const gasLimit = await estimateGas(connection, from, call, balance, options)
  const needed = value + gasLimit * highestPrice(fees)
  if (balance < needed) throw insufficient(call.name, 'transaction fee', needed, balance)
  return { to: call.to, data: call.data, value, gasLimit, ...fees }
}

/** A quarter more than estimated: another transaction before ours may make a slot of storage dearer. */
async function estimateGas(
  connection: ChainConnection,
  from: Address,
  call: TxCall,
  balance: bigint,
  options?: CallOptions,
): Promise<bigint> {
  const transaction = {
    from,
    data: call.data,
    value: toQuantity(call.value ?? 0n),
    ...(call.to === null ? {} : { to: call.to }),
  }
  try {
    const gas = BigInt(String(await connection.rpc.send('eth_estimateGas', [transaction], options)))
    return gas + gas / 4n
  } catch (error) {
    if (!(error instanceof RpcFailure)) throw error
    const refusal = refusalOfRevert(error)
    if (refusal !== null) throw refusal
    if (/insufficient funds|exceeds allowance/i.test(error.message) || balance === 0n) {
      throw insufficient(call.name, 'transaction fee', (call.value ?? 0n) + 1n, balance)
    }
    const details = { name: call.name }
    throw new ChainError('TX_REVERTED', `The chain would not run ${call.name}.`, { details, cause: error })
  }
}

function insufficient(name: string, what: string, needed: bigint, held: bigint): ChainError {
  const message =
    `The account cannot pay the ${what} of ${name}: ` +
    `it owns ${held} wei of the native coin and needs at least ${needed} wei. Fund it and try again.`
  const details = { name, what, neededWei: `${needed}`, heldWei: `${held}` }
  return new ChainError('INSUFFICIENT_FUNDS', message, { details })
}

interface Submitter {
  /** Returns the signed transaction once the node has taken it. */
  submit(transaction: TransactionRequest, options?: CallOptions): Promise<Hex>
  /** Asks the node for the next nonce again: a transaction that nobody waits for any more may be lost. */
  forget(): void
}

/**
 * Signs and hands over one transaction at a time. The next nonce is remembered, so that many can be
 * under way; after any failure it is asked for again, so that one lost transaction does not block the rest.
 */
function createSubmitter(
  connection: ChainConnection,
  signer: TransactionSigner,
  from: Address,
  chainId: bigint,
): Submitter {
  const queue = createQueue()
  let nextNonce: number | null = null
  const attempt = async (transaction: TransactionRequest, options?: CallOptions): Promise<Hex> => {
    const nonce = Math.max(nextNonce ?? 0, await pendingNonce(connection, from, options))
    nextNonce = null
    const raw = (await signer.signTransaction({ ...transaction, nonce, chainId })) as Hex
    await connection.rpc.send('eth_sendRawTransaction', [raw], options)
    nextNonce = nonce + 1
    return raw
  }
  const submit = async (transaction: TransactionRequest, options?: CallOptions): Promise<Hex> => {
    try {
      return await attempt(transaction, options)
    } catch (error) {
      if (!(error instanceof RpcFailure)) throw error
      if (isNonceTaken(error)) return attempt(transaction, options)
      throw badSubmission(error)
    }
  }
  return {
    submit: (transaction, options) => queue(() => submit(transaction, options)),
    forget: () => {
      nextNonce = null
    },
  }
}

/** Another process may use the same key, and the node may have forgotten what it was given. */
async function pendingNonce(
  connection: ChainConnection,
  from: Address,
  options?: CallOptions,
): Promise<number> {
  return Number(await connection.rpc.send('eth_getTransactionCount', [from, 'pending'], options))
}

function isNonceTaken(error: RpcFailure): boolean {
  return /nonce too low|already known|already imported|replacement/i.test(error.message)
}

function badSubmission(cause: RpcFailure): Error {
  const refusal = refusalOfRevert(cause)
  if (refusal !== null) return refusal
  if (/insufficient funds/i.test(cause.message)) {
    const message = 'The account cannot pay this transaction. Fund it and try again.'
    return new ChainError('INSUFFICIENT_FUNDS', message, { cause })
  }
  return new ChainError('CHAIN_ANSWER_BAD', 'The chain node did not take the transaction.', { cause })
}

interface Waiting {
  readonly confirmations: number
  readonly minedWithinMs: number
}

async function waitUntilMined(
  connection: ChainConnection,
  call: TxCall,
  raw: Hex,
  waiting: Waiting,
  options: CallOptions = {},
): Promise<SentTx> {
  const hash = keccak256(raw) as Hex
  const deadlineMs = performance.now() + waiting.minedWithinMs
  for (let pauseMs = 5; performance.now() < deadlineMs; pauseMs = Math.min(1_000, pauseMs * 2)) {
    const receipt = (await connection.rpc.send(
      'eth_getTransactionReceipt',
      [hash],
      options,
    )) as Receipt | null
    if (receipt !== null && (await isDeepEnough(connection, receipt, waiting.confirmations, options))) {
      return sentTx(connection, call, receipt, options)
    }
    await wait(pauseMs, options.signal)
    if (receipt === null && pauseMs >= 1_000) await sendAgain(connection, raw, options)
  }
  const message = `The transaction ${call.name} was sent but not mined in time; it may still be.`
  throw new ChainError('TX_TIMED_OUT', message, { details: { name: call.name, hash } })
}

interface Receipt {
  readonly from: Address
  readonly status: string
  readonly transactionHash: Hex
  readonly gasUsed: string
  readonly blockNumber: string
  readonly contractAddress: string | null
  readonly logs: unknown
}

async function isDeepEnough(
  connection: ChainConnection,
  receipt: Receipt,
  confirmations: number,
  options: CallOptions,
): Promise<boolean> {
  if (confirmations <= 1) return true
  return (await connection.headBlock(options)) - Number(receipt.blockNumber) + 1 >= confirmations
}

/** A node that was restarted has forgotten what was waiting; one that has not refuses, which is as good. */
async function sendAgain(connection: ChainConnection, raw: Hex, options: CallOptions): Promise<void> {
  try {
    await connection.rpc.send('eth_sendRawTransaction', [raw], options)
  } catch (error) {
    if (!(error instanceof RpcFailure)) throw error
  }
}

async function sentTx(
  connection: ChainConnection,
  call: TxCall,
  receipt: Receipt,
  options: CallOptions,
): Promise<SentTx> {
  const block = Number(receipt.blockNumber)
  if (receipt.status !== '0x1') throw await revertOf(connection, call, receipt, options)
  const tx = { name: call.name, hash: receipt.transactionHash, gas: Number(receipt.gasUsed), block }
  const created = receipt.contractAddress === null ? null : parseAddress(receipt.contractAddress)
  return { tx, logs: parseLogs(receipt.logs), created }
}

/** The receipt does not say why; running the call again on the state after it usually does. */
async function revertOf(
  connection: ChainConnection,
  call: TxCall,
  receipt: Receipt,
  options: CallOptions,
): Promise<Error> {
  const details = { name: call.name, hash: receipt.transactionHash }
  try {
    const transaction = {
      from: receipt.from,
      to: call.to,
      data: call.data,
      value: toQuantity(call.value ?? 0n),
    }
    await connection.rpc.send('eth_call', [transaction, receipt.blockNumber], options)
  } catch (error) {
    const refusal = error instanceof RpcFailure ? refusalOfRevert(error) : null
    if (refusal !== null) return refusal
  }
  return new ChainError('TX_REVERTED', `The transaction ${call.name} was mined and reverted.`, { details })
}
