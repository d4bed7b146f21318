import type { ChainConnection, ChainLedger } from '@halo/chain'
import { ChainError, deployHalo, openLedger, watchLedger } from '@halo/chain'
import type { KeyValueStore, LedgerEvent } from '@halo/ports'
import { createMemoryStore } from '@halo/ports'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { LocalHalo } from './local-halo.ts'
import { startHalo } from './local-halo.ts'

const test = suite('chain/first-block')

/** How much a chain has grown before and after the contracts came. */
const BLOCKS = 400

interface LateLedger extends AsyncDisposable {
  readonly ledger: ChainLedger
  /** Block of the first contract that is watched. */
  readonly firstBlock: number
}

/** Contracts in the middle of a long chain. */
async function deployLate(halo: LocalHalo): Promise<LateLedger> {
  const { rpc } = halo.ledger.connection
  await rpc.send('anvil_mine', [BLOCKS])
  const { deployment, txs } = await deployHalo(halo.admin, { admin: halo.admin.address, deliveryQuorum: 2 })
  await rpc.send('anvil_mine', [BLOCKS])
  const ledger = await openLedger({ rpcUrl: halo.anvil.rpcUrl, deployment })
  const firstBlock = txs.find(({ name }) => name === 'deploy registry')?.block ?? 0
  return { ledger, firstBlock, [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose]() }
}

interface Reading {
  readonly fromBlocks: readonly number[]
  readonly headers: number
  readonly codes: number
}

/** Reads the whole past and says what the node was asked for. */
async function readPast(
  ledger: ChainLedger,
  changes: Partial<ChainConnection> = {},
  state: KeyValueStore = createMemoryStore(),
): Promise<Reading> {
  const fromBlocks: number[] = []
  const counts = { headers: 0, codes: 0 }
  const real = { ...ledger.connection, ...changes }
  const connection: ChainConnection = {
    ...real,
    header: (...args) => {
      counts.headers += 1
      return real.header(...args)
    },
    codeSize: (...args) => {
      counts.codes += 1
      return real.codeSize(...args)
    },
    logs: (filter, options) => {
      fromBlocks.push(filter.fromBlock)
      return real.logs(filter, options)
    },
  }
  const events: LedgerEvent[] = []
  const listener = {
    onEvent: async (event: LedgerEvent) => void events.push(event),
    onRollback: async () => undefined,
  }
  const parts = { ledger: { ...ledger, connection }, state, listener, log: () => undefined }
  const signal = AbortSignal.timeout(30_000)
  await using watcher = await watchLedger(parts, { signal, pollMs: 20, maxRange: 100 })
  await watcher.reached(await ledger.connection.headBlock())
  return { fromBlocks, ...counts }
}

test('begins at the block of the deployment, and asks for it once', async () => {
  await using halo = await startHalo(0)
  await using late = await deployLate(halo)
  const state = createMemoryStore()
  const first = await readPast(late.ledger, {}, state)
  assert.is(first.fromBlocks[0], late.firstBlock)
  assert.ok(first.codes <= 3 * 11, `${first.codes} questions`)
  await halo.ledger.connection.rpc.send('anvil_mine', [1])
  assert.is((await readPast(late.ledger, {}, state)).codes, 0)
})

test('asks for the headers of the newest 128 blocks and for few others', async () => {
  await using halo = await startHalo(0)
  await using late = await deployLate(halo)
  const { headers } = await readPast(late.ledger)
  assert.ok(headers < 128 + 40, `${headers} headers of more than ${BLOCKS} blocks`)
})

test('reads everything from a node that keeps no old state, whether it says so or not', async () => {
  await using halo = await startHalo(0)
  await using late = await deployLate(halo)
  const { connection } = late.ledger
  const refusing: ChainConnection['codeSize'] = async (address, options) => {
    if (options?.block === undefined) return connection.codeSize(address, options)
    throw new ChainError('CHAIN_ANSWER_BAD', 'missing trie node')
  }
  assert.is((await readPast(late.ledger, { codeSize: refusing })).fromBlocks[0], 0)
  const forgetting: ChainConnection['codeSize'] = async (address, options) =>
    (options?.block ?? 0) < late.firstBlock + 200 ? 0 : connection.codeSize(address, options)
  assert.is((await readPast(late.ledger, { codeSize: forgetting })).fromBlocks[0], 0)
})

test.run()
