import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { changePeer, openLedger, watchLedger } from '@halo/chain'
import { requestIdOf } from '@halo/consent'
import type { KeyValueStore, LedgerEvent, LedgerListener, Log } from '@halo/ports'
import { createMemoryStore } from '@halo/ports'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startAnvil } from '../../../nodes/cli/src/anvil.ts'
import type { LocalHalo } from './local-halo.ts'
import {
  addressOf,
  anchorDataset,
  COMMITMENT,
  draftRequest,
  firstOf,
  makeRequest,
  passTime,
  signAnswer,
  startHalo,
} from './local-halo.ts'

const test = suite('chain/watcher')

interface Diary extends LedgerListener {
  /** Resolves when something was rolled back for the first time. */
  readonly rolledBack: Promise<void>
  readonly events: LedgerEvent[]
  readonly rollbacks: number[]
  /** Resolves with the first event from now on of which a claim holds. */
  next(claim: (event: LedgerEvent) => boolean): Promise<LedgerEvent>
}

/** Remembers what it is told, and forgets what is rolled back. */
function createDiary(): Diary {
  const events: LedgerEvent[] = []
  const rollbacks: number[] = []
  const { promise: rolledBack, resolve } = Promise.withResolvers<void>()
  const waiting = new Set<(event: LedgerEvent) => void>()
  return {
    events,
    rollbacks,
    rolledBack,
    next: (claim) =>
      new Promise((tell) => {
        const look = (event: LedgerEvent): void => {
          if (!claim(event)) return
          waiting.delete(look)
          tell(event)
        }
        waiting.add(look)
      }),
    onEvent: async (event) => {
      events.push(event)
      for (const look of waiting) look(event)
    },
    onRollback: async (block) => {
      rollbacks.push(block)
      events.splice(0, events.length, ...events.filter((event) => event.block <= block))
      resolve()
    },
  }
}

const quiet: Log = () => undefined

function watch(
  halo: Pick<LocalHalo, 'ledger'>,
  listener: LedgerListener,
  state: KeyValueStore = createMemoryStore(),
  options: { readonly confirmations?: number; readonly maxRange?: number; readonly log?: Log } = {},
): ReturnType<typeof watchLedger> {
  const { log = quiet, ...rest } = options
  const signal = AbortSignal.timeout(30_000)
  return watchLedger({ ledger: halo.ledger, state, listener, log }, { signal, pollMs: 20, ...rest })
}

const kinds = (events: readonly LedgerEvent[]): readonly string[] => events.map(({ kind }) => kind)

test('tells the whole past in order, in ranges of any size, each event once', async () => {
  await using halo = await startHalo()
  const request = await makeRequest(halo)
  const { writer } = firstOf(halo.operators)
  await writer.answer('Grant', request, await signAnswer(halo, 'Grant', request))
  await writer.answer('Revoke', request, await signAnswer(halo, 'Revoke', request))
  await writer.refund(request)
  const head = await halo.ledger.connection.headBlock()
  const members = ['members', 'members', 'members', 'members', 'members', 'members']
  for (const maxRange of [1, 3, 2_000]) {
    const diary = createDiary()
    await using watcher = await watch(halo, diary, createMemoryStore(), { maxRange })
    await watcher.reached(head)
    assert.equal(kinds(diary.events), [...members, 'anchored', 'requested', 'answered', 'answered', 'closed'])
    const id = requestIdOf(request, halo.deployment)
    assert.equal(
      diary.events.find(({ kind }) => kind === 'requested'),
      {
        kind: 'requested',
        id,
        request,
        block: head - 3,
        logIndex: 0,
      },
    )
  }
})

test('goes on after a restart where it stopped, and tells nothing twice', async () => {
  await using halo = await startHalo()
  const [state, diary] = [createMemoryStore(), createDiary()]
  {
    await using watcher = await watch(halo, diary, state)
    await watcher.reached(await halo.ledger.connection.headBlock())
  }
  const before = diary.events.length
  await makeRequest(halo)
  await using watcher = await watch(halo, diary, state)
  await watcher.reached(await halo.ledger.connection.headBlock())
  assert.equal(kinds(diary.events.slice(before)), ['anchored', 'requested'])
  assert.equal(diary.rollbacks, [])
})

test('undoes what a reorg took away, and tells what came instead', async () => {
  await using halo = await startHalo()
  const dataset = await anchorDataset(halo)
  const diary = createDiary()
  await using watcher = await watch(halo, diary)
  const { connection } = halo.ledger
  const base = await connection.headBlock()
  const request = await draftRequest(halo, dataset)
  await halo.researcher.request(request, COMMITMENT)
  await watcher.reached(base + 1)
  assert.is(kinds(diary.events).at(-1), 'requested')

  // The last block is replaced by an empty one, and one more follows.
  await connection.rpc.send('anvil_reorg', [1, []])
  await passTime(halo, 5)
  await watcher.reached(base + 2)
  assert.equal(diary.rollbacks, [base])
  assert.is(kinds(diary.events).at(-1), 'anchored')
  assert.is((await halo.ledger.facts(request)).escrow, 'none')
})

test('undoes also what a reorg took away while it was not running', async () => {
  await using halo = await startHalo()
  const [state, diary] = [createMemoryStore(), createDiary()]
  const dataset = await anchorDataset(halo)
  const { connection } = halo.ledger
  const base = await connection.headBlock()
  await halo.researcher.request(await draftRequest(halo, dataset), COMMITMENT)
  await passTime(halo, 5)
  {
    await using watcher = await watch(halo, diary, state)
    await watcher.reached(base + 2)
  }
  await connection.rpc.send('anvil_rollback', [2])
  await passTime(halo, 5)
  await using watcher = await watch(halo, diary, state)
  await diary.rolledBack
  await watcher.reached(base + 1)
  assert.equal(diary.rollbacks, [base])
  assert.is(kinds(diary.events).at(-1), 'anchored')
})

test('tells an event only when it is as deep as asked', async () => {
  await using halo = await startHalo()
  const diary = createDiary()
  await using watcher = await watch(halo, diary, createMemoryStore(), { confirmations: 3 })
  await makeRequest(halo)
  const head = await halo.ledger.connection.headBlock()
  await watcher.reached(head - 2)
  assert.is(watcher.handledBlock(), head - 2)
  assert.not.ok(kinds(diary.events).includes('requested'))
  await passTime(halo, 1)
  await passTime(halo, 1)
  await watcher.reached(head)
  assert.is(kinds(diary.events).at(-1), 'requested')
})

test('tells withdrawals, refunds and changed members at once, and again when they are deep', async () => {
  await using halo = await startHalo()
  const request = await makeRequest(halo)
  const { writer, wallet } = firstOf(halo.operators)
  await writer.answer('Grant', request, await signAnswer(halo, 'Grant', request))
  const diary = createDiary()
  await using watcher = await watch(halo, diary, createMemoryStore(), { confirmations: 3 })
  const id = requestIdOf(request, halo.deployment)

  const revoked = diary.next((event) => event.kind === 'answered' && event.answer === 'Revoke')
  await anchorDataset(halo)
  await writer.answer('Revoke', request, await signAnswer(halo, 'Revoke', request))
  const { block } = await revoked
  assert.is(block, await halo.ledger.connection.headBlock(), 'told at the head')
  assert.ok(watcher.handledBlock() < block)
  assert.is(kinds(diary.events).filter((kind) => kind === 'anchored').length, 1, 'an anchor waits')

  const refunded = diary.next((event) => event.kind === 'closed')
  await halo.researcher.refund(request)
  const { block: refundBlock, logIndex } = await refunded
  assert.equal(diary.events.at(-1), { kind: 'closed', outcome: 'refunded', id, block: refundBlock, logIndex })
  const suspended = diary.next((event) => event.kind === 'members' && event.block > refundBlock)
  await changePeer(halo.admin, halo.deployment, 'suspend', addressOf(wallet))
  assert.is((await suspended).block, refundBlock + 1)

  await passTime(halo, 1)
  await passTime(halo, 1)
  await watcher.reached(refundBlock + 1)
  assert.equal(kinds(diary.events.filter((event) => event.block >= block)).toSorted(), [
    ...['answered', 'answered', 'closed', 'closed', 'members', 'members'],
  ])
  assert.equal(diary.rollbacks, [])
})

test('undoes a withdrawal that it told at once and that a reorg took away', async () => {
  await using halo = await startHalo()
  const request = await makeRequest(halo)
  const { writer } = firstOf(halo.operators)
  await writer.answer('Grant', request, await signAnswer(halo, 'Grant', request))
  await passTime(halo, 1)
  await passTime(halo, 1)
  const base = await halo.ledger.connection.headBlock()
  const diary = createDiary()
  await using watcher = await watch(halo, diary, createMemoryStore(), { confirmations: 3 })
  await watcher.reached(base - 2)
  const revoked = diary.next((event) => event.kind === 'answered' && event.answer === 'Revoke')
  await writer.answer('Revoke', request, await signAnswer(halo, 'Revoke', request))
  assert.is((await revoked).block, base + 1)

  await halo.ledger.connection.rpc.send('anvil_reorg', [1, []])
  await diary.rolledBack
  await passTime(halo, 1)
  await watcher.reached(base)
  assert.is(diary.rollbacks.length, 1)
  assert.is((await halo.ledger.facts(request)).consent, 'granted')
  assert.is(diary.events.filter((event) => event.kind === 'answered').length, 1)
})

test('tells an event again when the listener failed on it', async () => {
  await using halo = await startHalo()
  let failures = 2
  const diary = createDiary()
  const listener: LedgerListener = {
    onRollback: diary.onRollback,
    onEvent: async (event) => {
      if (event.kind === 'requested' && failures > 0) {
        failures -= 1
        throw new Error('not now')
      }
      await diary.onEvent(event)
    },
  }
  await makeRequest(halo)
  await using watcher = await watch(halo, listener)
  await watcher.reached(await halo.ledger.connection.headBlock())
  assert.is(failures, 0)
  assert.is(kinds(diary.events).filter((kind) => kind === 'requested').length, 1)
})

test('outlives a stop of the node and goes on when it is back', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'halo-chain-'))
  const log: string[] = []
  const unreachable = Promise.withResolvers<void>()
  try {
    const halo = await startHalo(3, dataDir)
    const { port } = halo.anvil
    const diary = createDiary()
    await using watcher = await watch(halo, diary, createMemoryStore(), {
      log: (_level, event) => {
        log.push(event)
        if (event === 'chain.unreachable') unreachable.resolve()
      },
    })
    const head = await halo.ledger.connection.headBlock()
    await watcher.reached(head)
    await halo.anvil[Symbol.asyncDispose]()
    await unreachable.promise
    assert.not.ok(watcher.isReachable())
    await using anvil = await startAnvil({ dataDir, port, accounts: 5 })
    await using ledger = await openLedger({ rpcUrl: anvil.rpcUrl, deployment: halo.deployment })
    assert.is((await ledger.members()).length, 3)
    const request = await makeRequest(halo)
    await watcher.reached(await ledger.connection.headBlock())
    assert.is((await ledger.facts(request)).escrow, 'open')
    assert.is(kinds(diary.events).at(-1), 'requested')
    assert.equal(log, ['chain.unreachable', 'chain.reachable'])
    assert.equal(diary.rollbacks, [])
    await halo[Symbol.asyncDispose]()
  } finally {
    await rm(dataDir, { recursive: true })
  }
})

test.run()
