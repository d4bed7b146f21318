import type { AccessRequest, Address, Bytes32, ChainFacts, Deployment, RequestId } from '@halo/consent'
import { NATIVE_COIN, parseAddress, requestIdOf } from '@halo/consent'
import type { CallOptions, Ledger, RootAnchor } from '@halo/ports'
import type { ChainConnection } from './connection.ts'
import { connect } from './connection.ts'
import { CONSENT_STATUS, ESCROW_STATUS, INTERFACES, requestOfResult } from './contracts.ts'
import { ChainError } from './errors.ts'
import { createMemberReader } from './members.ts'

/** How to reach a deployment of the contracts. */
export interface LedgerOptions {
  /** HTTP JSON-RPC of one node, which this reader believes. */
  readonly rpcUrl: string
  readonly deployment: Deployment
  /**
   * Blocks a transaction must be deep, its own included, before a writer's call returns.
   * @defaultValue 1
   */
  readonly confirmations?: number
  /**
   * Milliseconds one question to the node may take.
   * @defaultValue 10_000
   */
  readonly timeoutMs?: number
}

/** A ledger that a writer and a watcher can be opened on. */
export interface ChainLedger extends Ledger, AsyncDisposable {
  readonly connection: ChainConnection
  readonly confirmations: number
}

/**
 * Connects to a chain and checks that it is the right one and that the contracts are there.
 * @throws ChainError `CHAIN_UNREACHABLE`, `CHAIN_WRONG`, `CONTRACT_MISSING` or `DEPLOYMENT_WRONG`
 */
export async function openLedger(options: LedgerOptions, call: CallOptions = {}): Promise<ChainLedger> {
  const connection = connect(options.rpcUrl, options.timeoutMs ?? 10_000)
  try {
    await checkDeployment(connection, options.deployment, call)
  } catch (error) {
    await connection[Symbol.asyncDispose]()
    throw error
  }
  return createLedger(connection, options.deployment, options.confirmations ?? 1)
}

function createLedger(
  connection: ChainConnection,
  deployment: Deployment,
  confirmations: number,
): ChainLedger {
  return {
    connection,
    deployment,
    confirmations,
    members: createMemberReader(connection, deployment.registry),
    facts: (request, options) => readFacts(connection, deployment, request, options),
    rootAnchor: (operator, size, root, options) =>
      readRootAnchor(connection, deployment, [operator, size, root], options),
    anchoredHead: async (operator, options) => {
      const [head] = await connection.call('anchor', deployment.anchor, 'headOf', [operator], options)
      const size = Number(head['size'])
      return size === 0 ? null : { size, rootStart: head['rootStart'] }
    },
    findRequest: (id, options) => readRequest(connection, deployment, id, options),
    headBlock: async (options) => (await newestHeader(connection, options)).number,
    chainTimeSec: async (options) => (await newestHeader(connection, options)).timeSec,
    balanceOf: (account, currency, options) => readBalance(connection, account, currency, options),
    creditOf: async (account, currency, options) =>
      (await connection.call('escrow', deployment.escrow, 'creditOf', [account, currency], options))[0],
    deliveryQuorum: async (options) =>
      Number((await connection.call('escrow', deployment.escrow, 'deliveryQuorum', [], options))[0]),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  }
}

async function checkDeployment(
  connection: ChainConnection,
  deployment: Deployment,
  options: CallOptions,
): Promise<void> {
  const chainId = await connection.chainId(options)
  if (chainId !== deployment.chainId) {
    const details = { expected: `${deployment.chainId}`, found: `${chainId}` }
    const message = `The node serves chain ${chainId}, but the deployment is on chain ${deployment.chainId}.`
    throw new ChainError('CHAIN_WRONG', message, { details })
  }
  for (const contract of ['registry', 'anchor', 'escrow', 'consent', 'token'] as const) {
    if ((await connection.codeSize(deployment[contract], options)) > 0) continue
    const message = `There is no contract at the deployment's address of the ${contract}.`
    throw new ChainError('CONTRACT_MISSING', message, { details: { contract } })
  }
  await checkWiring(connection, deployment, options)
}

/** Who names whom: each contract is asked for what it was made with. */
const WIRING = [
  ['escrow', 'registry', 'registry'],
  ['escrow', 'consentRegistry', 'consent'],
  ['escrow', 'accessToken', 'token'],
  ['anchor', 'registry', 'registry'],
] as const

async function checkWiring(
  connection: ChainConnection,
  deployment: Deployment,
  options: CallOptions,
): Promise<void> {
  for (const [asked, getter, contract] of WIRING) {
    const [address] = await connection.call(asked, deployment[asked], getter, [], options)
    if (address === parseAddress(deployment[contract])) continue
    const message = `The ${asked} of the deployment uses another ${contract} than the deployment names.`
    throw new ChainError('DEPLOYMENT_WRONG', message, { details: { contract } })
  }
}

/** The header comes first and the facts are read at its block, so that all of them are of one state. */
async function readFacts(
  connection: ChainConnection,
  deployment: Deployment,
  request: AccessRequest,
  options?: CallOptions,
): Promise<ChainFacts> {
  const header = await newestHeader(connection, options)
  const at = { ...options, block: header.number }
  const [facts] = await connection.call('escrow', deployment.escrow, 'factsOf', [request], at)
  const consentBlock = Number(facts['consentBlock'])
  return {
    escrow: ESCROW_STATUS[Number(facts['escrow'])] ?? 'none',
    consent: CONSENT_STATUS[Number(facts['consent'])] ?? 'none',
    accessUntilSec: Number(facts['accessUntil']),
    tokenOwner: orNull(facts['tokenOwner']),
    confirmations: consentBlock === 0 ? 0 : header.number - consentBlock + 1,
    chainTimeSec: header.timeSec,
  }
}

async function readRootAnchor(
  connection: ChainConnection,
  { anchor }: Deployment,
  key: readonly [operator: Address, size: number, root: Bytes32],
  options?: CallOptions,
): Promise<RootAnchor | null> {
  const found = await connection.call('anchor', anchor, 'anchoredAt', key, options)
  const block = Number(found['atBlock'])
  if (block === 0) return null
  return {
    atSec: Number(found['atSec']),
    block,
    txHash: await findAnchorTx(connection, anchor, key, block, options),
  }
}

/** The contract's state is what counts: a node without old logs, or that refuses them, still tells that the root is there. */
async function findAnchorTx(
  connection: ChainConnection,
  anchor: Address,
  [operator, size, root]: readonly [Address, number, Bytes32],
  block: number,
  options?: CallOptions,
): Promise<Bytes32 | null> {
  const topics = INTERFACES.anchor.encodeFilterTopics('RootAnchored', [operator, size])
  const filter = { addresses: [anchor], topics: topics as Bytes32[], fromBlock: block, toBlock: block }
  try {
    const logs = await connection.logs(filter, options)
    return logs.find((log) => log.data === root)?.txHash ?? null
  } catch (error) {
    if ((error as { code?: unknown }).code === 'CHAIN_ANSWER_BAD') return null
    throw error
  }
}

async function readRequest(
  connection: ChainConnection,
  deployment: Deployment,
  id: RequestId,
  options?: CallOptions,
): Promise<AccessRequest | null> {
  const state = await connection.call('escrow', deployment.escrow, 'statusOf', [id], options)
  if (Number(state['status']) === 0) return null
  const block = Number(state['requestedBlock'])
  const { escrow } = deployment
  const event = await findEvent(connection, 'escrow', escrow, 'AccessRequested', id, block, options)
  const request = requestOfResult(event['request'])
  if (requestIdOf(request, deployment) !== id) throw inconsistent('request')
  return request
}

/** The one event of a block whose first topic is `key`; the contract stored which block that is. */
async function findEvent(
  connection: ChainConnection,
  contract: 'escrow',
  address: Address,
  name: string,
  key: Bytes32,
  block: number,
  options?: CallOptions,
): ReturnType<ChainConnection['call']> {
  const fragment = INTERFACES[contract].getEvent(name)
  const topics = [fragment?.topicHash as Bytes32, key]
  const filter = { addresses: [address], topics, fromBlock: block, toBlock: block }
  const [log] = await connection.logs(filter, options)
  if (log === undefined || fragment === null) throw inconsistent(name)
  return INTERFACES[contract].decodeEventLog(fragment, log.data, log.topics)
}

async function readBalance(
  connection: ChainConnection,
  account: Address,
  currency: Address,
  options?: CallOptions,
): Promise<bigint> {
  if (currency === NATIVE_COIN) return connection.balance(account, options)
  return (await connection.call('erc20', currency, 'balanceOf', [account], options))[0]
}

async function newestHeader(
  connection: ChainConnection,
  options?: CallOptions,
): Promise<NonNullable<Awaited<ReturnType<ChainConnection['header']>>>> {
  const header = await connection.header('latest', options)
  if (header === null) throw inconsistent('block')
  return header
}

function orNull(address: string): Address | null {
  return address === NATIVE_COIN ? null : (address as Address)
}

function inconsistent(what: string): ChainError {
  const message = "The chain node's logs do not contain what its contract state vouches for."
  return new ChainError('CHAIN_INCONSISTENT', message, { details: { what } })
}
