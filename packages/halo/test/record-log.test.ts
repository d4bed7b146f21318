import type { Address, Bytes32 } from '@halo/consent'
import { datasetIdOf, hexOf } from '@halo/consent'
import type { Publication } from '@halo/ports'
import { checkEntry, RefusedError, readAnchor } from '@halo/ports'
import type { TileStore } from '@halo/proofs'
import { createMemoryStore, decodeReceipt, openLog, verifyConsistency } from '@halo/proofs'
import { Wallet as Signer } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { DEPLOYMENT } from '../../ports/test/memory-chain.ts'
import { signPublication } from '../../ports/test/sample-publication.ts'
import type { HaloPeerOptions } from '../src/index.ts'
import type { MemoryHalo, MemoryPeer } from './memory-halo.ts'
import { failureOf, openMemoryHalo, until } from './memory-halo.ts'

const test = suite('halo/record-log')
const patient = new Signer(`0x${'5'.repeat(64)}`)

async function publication(number: number): Promise<Publication> {
  const bytes = new Uint8Array(32).fill(number)
  return signPublication(patient, { commitment: hexOf(bytes) as Bytes32, salt: bytes })
}

async function openOne(options: HaloPeerOptions = {}): Promise<MemoryHalo & { readonly peer: MemoryPeer }> {
  const halo = await openMemoryHalo({ peers: 1, peer: options })
  const [peer] = halo.peers
  assert.ok(peer)
  return { ...halo, peer }
}

/** Whether a receipt shows its entry to somebody with the chain and the registry. */
async function holds({ chain }: MemoryHalo, one: Publication, receipt: Uint8Array): Promise<boolean> {
  const checked = checkEntry({ ...one, receipt }, DEPLOYMENT, chain.members)
  return checked?.isSigned === true && (await readAnchor(checked, chain.ledger)) !== null
}

test('brings all that arrives while one root is under way on chain with the next', async () => {
  await using halo = await openOne()
  const [isSent, isMined] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  halo.chain.before = () => {
    isSent.resolve()
    return isMined.promise
  }
  const all = await Promise.all(Array.from({ length: 40 }, (_, at) => publication(at + 1)))
  const list = (one: Publication): ReturnType<MemoryPeer['peer']['service']['publish']> =>
    halo.peer.call().publish(one, {})
  const first = all.slice(0, 1).map(list)
  await isSent.promise
  const { get } = halo.peer.store
  const looked = new Set<string>()
  halo.peer.store.get = (key) => {
    if (key.startsWith('leaf/')) looked.add(key)
    return get(key)
  }
  const rest = all.slice(1).map(list)
  await until(() => looked.size === 39)
  isMined.resolve()
  const receipts = await Promise.all([...first, ...rest])
  assert.is(halo.chain.mined.length, 2)
  assert.is(new Set(receipts.map(({ receipt }) => decodeReceipt(receipt).index)).size, 40)
  for (const [at, { receipt }] of receipts.entries())
    assert.ok(await holds(halo, all[at] as Publication, receipt))
})

test('waits between anchorings as long as it is told', async () => {
  await using halo = await openMemoryHalo({ peers: 1, peer: { anchorEveryMs: 200 } })
  const [peer] = halo.peers
  assert.ok(peer)
  await peer.call().publish(await publication(1), {})
  const rest = await Promise.all([2, 3, 4, 5].map((number) => publication(number)))
  await Promise.all(rest.map((one) => peer.call().publish(one, {})))
  assert.is(halo.chain.mined.length, 2)
})

test('gives the same receipt again, after a restart too, and anchors nothing for it', async () => {
  await using halo = await openOne()
  const one = await publication(1)
  const { receipt } = await halo.peer.call().publish(one, {})
  await halo.peer.call().publish(await publication(2), {})
  // As a peer that was killed after anchoring and before listing.
  await halo.peer.store.delete(`entry/${datasetIdOf(one.commitment, one.patient)}`)
  await halo.peer.restart()
  assert.equal(await halo.peer.call().publish(one, {}), { receipt, txHash: null })
  assert.is(halo.chain.mined.length, 2)
})

test('anchors after a restart what was logged and not anchored, whoever asks', async () => {
  await using halo = await openOne()
  halo.chain.before = () => {
    throw new RefusedError('CHAIN_REFUSED')
  }
  const one = await publication(1)
  assert.is(await failureOf(halo.peer.call().publish(one, {})), 'CHAIN_REFUSED')
  assert.is((await openLog(halo.peer.tiles)).head.size, 1)
  halo.chain.before = () => {}
  await halo.peer.restart()
  await until(() => halo.chain.mined.length === 1)
  const { receipt, txHash } = await halo.peer.call().publish(one, {})
  assert.is(txHash, null)
  assert.ok(await holds(halo, one, receipt))
  assert.is((await openLog(halo.peer.tiles)).head.size, 1)
})

test('pays for no root twice when it is killed after the chain took it and before it could note it', async () => {
  await using halo = await openOne()
  halo.chain.after = () => {
    throw new RefusedError('TIMED_OUT')
  }
  const one = await publication(1)
  assert.is(await failureOf(halo.peer.call().publish(one, {})), 'TIMED_OUT')
  halo.chain.after = () => {}
  await halo.peer.restart()
  const { receipt } = await halo.peer.call().publish(one, {})
  assert.ok(await holds(halo, one, receipt))
  assert.is(halo.chain.mined.length, 1)
})

test('survives a kill at every file it writes, and finds every leaf again once', async () => {
  for (let files = 0; files < 8; files++) {
    await using halo = await openOne()
    const { peer } = halo
    await peer.call().publish(await publication(1), {})
    const heal = breakAfter(peer.tiles, files)
    const two = await publication(2)
    const isWhole = (await failureOf(peer.call().publish(two, {}))) === 'nothing failed'
    heal()
    await peer.restart()
    const { receipt } = await peer.call().publish(two, {})
    assert.ok(await holds(halo, two, receipt), `${files} files`)
    assert.is((await openLog(peer.tiles)).head.size, 2)
    if (isWhole) return
  }
  assert.unreachable('a publication never came through')
})

/** From so many writes on, a store takes nothing more, as that of a process that is no more. */
function breakAfter(tiles: TileStore, files: number): () => void {
  const { write } = tiles
  let left = files
  tiles.write = async (path, bytes) => {
    if (left-- <= 0) throw new Error('killed')
    await write(path, bytes)
  }
  return () => {
    tiles.write = write
  }
}

test('goes on with no log that is older than what it has signed', async () => {
  await using halo = await openOne()
  const { peer } = halo
  const files = new Map<string, Uint8Array>()
  const { write } = peer.tiles
  peer.tiles.write = async (path, bytes) => {
    files.set(path, bytes)
    await write(path, bytes)
  }
  await peer.call().publish(await publication(1), {})
  const old = new Map(files)
  await peer.call().publish(await publication(2), {})
  peer.tiles.read = async (path) => old.get(path) ?? null
  await peer.restart()
  assert.is(await failureOf(peer.call().publish(await publication(3), {})), 'INTERNAL')
  assert.ok(peer.log.some(({ event, fields }) => event === 'log-unusable' && 'code' in fields))
  assert.is(halo.chain.mined.length, 2)
})

test('goes on with no log that is older than what the chain holds, though all of its directory is', async () => {
  await using halo = await openOne()
  const { peer } = halo
  const two = [await publication(1), await publication(2)] as const
  for (const one of two) await peer.call().publish(one, {})
  // Everything of this peer is lost; its key and its account are not.
  for (const { key } of await peer.store.list('')) await peer.store.delete(key)
  const empty = new Map<string, Uint8Array>()
  peer.tiles.read = async (path) => empty.get(path) ?? null
  peer.tiles.write = async (path, bytes) => void empty.set(path, bytes)
  await peer.restart()
  assert.is(await failureOf(peer.call().publish(await publication(3), {})), 'INTERNAL')
  assert.ok(peer.log.some(({ level, event }) => level === 'error' && event === 'log-behind'))
  assert.is(empty.size, 0)
})

test('anchors again what a chain has taken back', async () => {
  await using halo = await openOne()
  const one = await publication(1)
  const { receipt: before } = await halo.peer.call().publish(one, {})
  const { root, size } = decodeReceipt(before)
  halo.chain.dropRoot(halo.peer.member.operator, size, hexOf(root) as Bytes32)
  assert.not.ok(await holds(halo, one, before))
  const { receipt } = await halo.peer.call().publish(one, {})
  assert.ok(await holds(halo, one, receipt))
  const [listed] = await halo.peer.call().catalogue({ after: null, limit: 1 }, {})
  assert.equal(listed?.receipt, receipt)
})

test('only ever adds to what it has anchored', async () => {
  await using halo = await openOne()
  const receipts = []
  for (const number of [1, 2, 3, 4]) {
    const { receipt } = await halo.peer.call().publish(await publication(number), {})
    receipts.push(decodeReceipt(receipt))
  }
  const log = await openLog(halo.peer.tiles)
  const last = receipts.at(-1)
  assert.ok(last)
  for (const { size, root } of receipts)
    assert.ok(verifyConsistency(await log.proveConsistency(size, last.size), root, last.root))
})

test('refuses beyond this hour’s anchors before anything is logged', async () => {
  await using halo = await openMemoryHalo({ peers: 1, peer: { anchorsPerHour: 1 } })
  const [peer] = halo.peers
  assert.ok(peer)
  await peer.call().publish(await publication(1), {})
  assert.is(await failureOf(peer.call().publish(await publication(2), {})), 'BUSY')
  assert.is((await openLog(peer.tiles)).head.size, 1)
})

/** Another history of a peer's log, with the same beginning and so many leaves of its own. */
async function forkOf(
  peer: MemoryPeer,
  own: number,
): Promise<{ readonly size: number; readonly root: Bytes32 }> {
  const log = await openLog(peer.tiles)
  const other = await openLog(createMemoryStore())
  const shared = await Promise.all(Array.from({ length: log.head.size }, (_, index) => log.entry(index)))
  const { size, root } = await other.append([
    ...shared,
    ...Array.from({ length: own }, () => new Uint8Array(32).fill(0xf0)),
  ])
  return { size, root: hexOf(root) as Bytes32 }
}

test('signs nothing more once the chain holds another log of its name, be it as long or shorter', async () => {
  for (const own of [1, 2]) {
    await using halo = await openOne({ anchorRetryMs: 1 })
    const { peer, chain } = halo
    await peer.call().publish(await publication(1), {})
    const fork = await forkOf(peer, 1)
    chain.before = () => {
      throw new RefusedError('CHAIN_REFUSED')
    }
    for (let number = 2; number < 2 + own; number++)
      assert.is(await failureOf(peer.call().publish(await publication(number), {})), 'CHAIN_REFUSED')
    // Another process with this operator's key is faster.
    await peer.peer[Symbol.asyncDispose]()
    chain.before = () => {}
    await chain.writer(peer.member.operator).anchorRoot(fork.size, fork.root)
    await peer.restart()
    await until(() => peer.peer.logProblem() === 'forked')
    assert.ok(peer.log.some(({ level, event }) => level === 'error' && event === 'log-forked'))
    for (const number of [2, 9])
      assert.is(await failureOf(peer.call().publish(await publication(number), {})), 'INTERNAL')
    assert.is(chain.mined.length, 2)
    assert.is((await openLog(peer.tiles)).head.size, 1 + own)
  }
})

test('sends nothing when another log is anchored in its name while it asks the chain for its own root', async () => {
  // The chain itself refuses a root as long as its newest; it would take a longer one, of whatever history.
  for (const own of [2, 1]) {
    await using halo = await openOne({ anchorRetryMs: 3_600_000 })
    const { peer, chain } = halo
    await peer.call().publish(await publication(1), {})
    const fork = await forkOf(peer, 1)
    chain.before = () => {
      throw new RefusedError('CHAIN_REFUSED')
    }
    for (let number = 2; number < 1 + own; number++)
      assert.is(await failureOf(peer.call().publish(await publication(number), {})), 'CHAIN_REFUSED')
    const sent: string[] = []
    chain.before = (name) => void sent.push(name)
    const other = chain.writer(peer.member.operator)
    const { rootAnchor } = chain.ledger
    let looks = 0
    Object.assign(chain.ledger, {
      rootAnchor: async (...query: Parameters<typeof rootAnchor>) => {
        const found = await rootAnchor(...query)
        if (looks++ === 0) await other.anchorRoot(fork.size, fork.root)
        return found
      },
    })
    assert.is(await failureOf(peer.call().publish(await publication(9), {})), 'INTERNAL')
    assert.equal(sent, ['anchor'], 'that of the other process alone')
    assert.is((await openLog(peer.tiles)).head.size, 1 + own)
    assert.is(peer.peer.logProblem(), 'forked')
    assert.ok(peer.log.some(({ level, event }) => level === 'error' && event === 'log-forked'))
  }
})

test('says that nothing is wrong with its log, or what', async () => {
  await using halo = await openOne({ anchorRetryMs: 1 })
  const { peer, chain } = halo
  await peer.call().publish(await publication(1), {})
  await peer.restart()
  await peer.call().publish(await publication(2), {})
  assert.is(peer.peer.logProblem(), null, 'it has looked, or it would have logged nothing')
  const foreign = hexOf(new Uint8Array(32)) as Bytes32
  await chain.writer(peer.member.operator).anchorRoot(9, foreign)
  await peer.restart()
  await until(() => peer.peer.logProblem() === 'behind')
  chain.dropRoot(peer.member.operator, 9, foreign)
  await until(() => peer.peer.logProblem() === null)
  peer.tiles.read = async () => null
  await peer.restart()
  await until(() => peer.peer.logProblem() === 'unusable')
})

test('anchors what was logged however long the chain takes nothing', async () => {
  await using halo = await openOne({ anchorRetryMs: 1 })
  const { peer, chain } = halo
  const one = await publication(1)
  chain.before = () => {
    throw new Error('no funds')
  }
  assert.is(await failureOf(peer.call().publish(one, {})), 'INTERNAL')
  const failures = (): number => peer.log.filter(({ event }) => event === 'anchor-failed').length
  await until(() => failures() >= 8)
  chain.before = () => {}
  await until(() => chain.mined.length === 1)
  const { txHash } = await peer.call().publish(one, {})
  assert.is(txHash, null)
})

test('anchors again by itself what the chain has taken back, when it hears of it and when it starts', async () => {
  await using halo = await openOne({ anchorRetryMs: 1 })
  const { peer, chain } = halo
  const one = await publication(1)
  const { receipt } = await peer.call().publish(one, {})
  const { size, root } = decodeReceipt(receipt)
  const takeBack = (): void => chain.dropRoot(peer.member.operator, size, hexOf(root) as Bytes32)
  takeBack()
  await peer.peer.listener.onRollback(0)
  await until(() => chain.mined.length === 2)
  takeBack()
  await peer.restart()
  await until(() => chain.mined.length === 3)
  assert.ok(await chain.ledger.rootAnchor(peer.member.operator, size, hexOf(root) as Bytes32))
})

test('looks once more when the chain takes blocks back while it looks', async () => {
  await using halo = await openOne({ anchorRetryMs: 1 })
  const { peer, chain } = halo
  const { receipt } = await peer.call().publish(await publication(1), {})
  const { size, root } = decodeReceipt(receipt)
  const goOn = Promise.withResolvers<void>()
  const { rootAnchor } = chain.ledger
  let looks = 0
  Object.assign(chain.ledger, {
    rootAnchor: async (...query: Parameters<typeof rootAnchor>) => {
      const found = await rootAnchor(...query)
      if (looks++ === 0) await goOn.promise
      return found
    },
  })
  await peer.peer.listener.onRollback(0)
  await until(() => looks === 1)
  chain.dropRoot(peer.member.operator, size, hexOf(root) as Bytes32)
  await peer.peer.listener.onRollback(0)
  goOn.resolve()
  await until(() => chain.mined.length === 2)
})

test('gives a receipt when its root is as deep as its operator wants, of the block it is in by then', async () => {
  await using halo = await openOne({ confirmations: 3, chainPollMs: 1, anchorRetryMs: 1 })
  const { peer, chain } = halo
  const one = await publication(1)
  let given: Uint8Array | null = null
  const listing = peer
    .call()
    .publish(one, {})
    .then(({ receipt }) => {
      given = receipt
      return receipt
    })
  const asked = (): number => chain.asked.get('headBlock') ?? 0
  const askMore = async (): Promise<void> => {
    const before = asked()
    await until(() => asked() > before + 2)
  }
  await until(() => chain.mined.length === 1)
  chain.block++
  await askMore()
  assert.is(given, null)
  const { root } = (await openLog(peer.tiles)).head
  chain.dropRoot(peer.member.operator, 1, hexOf(root) as Bytes32)
  chain.block += 5
  halo.clock.skipSec(60)
  // Between being taken back and mined again it is nowhere: whoever waits is told so.
  assert.is(await failureOf(listing), 'NOT_CONFIRMED')
  const again = peer.call().publish(one, {})
  await until(() => chain.mined.length === 2)
  chain.block += 2
  const { receipt } = await again
  assert.is(decodeReceipt(receipt).anchor?.block, chain.block - 2)
  assert.ok(await holds(halo, one, receipt))
})

test('measures the block that a root is in by now, also when it is mined again between two questions', async () => {
  await using halo = await openOne({ confirmations: 3, chainPollMs: 1 })
  const { peer, chain } = halo
  const { rootAnchor, headBlock } = chain.ledger
  let heads = 0
  let minedAgain: Promise<number> | null = null
  Object.assign(chain.ledger, {
    headBlock: async () => {
      heads++
      return headBlock()
    },
    rootAnchor: async (...query: Parameters<typeof rootAnchor>) => {
      const found = await rootAnchor(...query)
      const [operator, size, root] = query
      // Whoever asks has been told of the block before; by now the root is in another one, deep in the chain.
      if (heads > 0 && found !== null) minedAgain ??= mineAgain(operator, size, root)
      await minedAgain
      return found
    },
  })
  const mineAgain = async (operator: Address, size: number, root: Bytes32): Promise<number> => {
    chain.dropRoot(operator, size, root)
    chain.block += 2
    return (await chain.writer(operator).anchorRoot(size, root)).block
  }
  const one = await publication(1)
  const listing = peer.call().publish(one, {})
  await until(() => minedAgain !== null)
  const block = await minedAgain
  chain.block += 2
  const { receipt } = await listing
  assert.is(decodeReceipt(receipt).anchor?.block, block)
  assert.ok(await holds(halo, one, receipt))
})

test('stays on its feet when its clock is set back', async () => {
  await using halo = await openOne({ anchorEveryMs: 20, anchorsPerHour: 5 })
  await halo.peer.call().publish(await publication(1), {})
  halo.clock.skipSec(-3_600)
  for (const number of [2, 3, 4]) {
    const signal = AbortSignal.timeout(30_000)
    assert.is(
      await failureOf(halo.peer.call().publish(await publication(number), { signal })),
      'nothing failed',
    )
  }
})

test('logs nothing for who has left before it was their turn', async () => {
  await using halo = await openOne()
  const { peer, chain } = halo
  const [isSent, isMined] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  chain.before = () => {
    isSent.resolve()
    return isMined.promise
  }
  const first = peer.call().publish(await publication(1), {})
  await isSent.promise
  const leaving = new AbortController()
  const looked = Promise.withResolvers<void>()
  const { get } = peer.store
  peer.store.get = (key) => {
    if (key.startsWith('leaf/')) looked.resolve()
    return get(key)
  }
  const second = failureOf(peer.call().publish(await publication(2), { signal: leaving.signal }))
  await looked.promise
  leaving.abort(new DOMException('gone', 'AbortError'))
  await second
  isMined.resolve()
  await first
  await peer.call().publish(await publication(3), {})
  assert.is((await openLog(peer.tiles)).head.size, 2)
})

test('stops while it notes many leaves, and goes on where it was', async () => {
  await using halo = await openOne()
  const { peer } = halo
  await peer.call().publish(await publication(1), {})
  const log = await openLog(peer.tiles)
  await log.append(
    Array.from({ length: 299 }, (_, at) => new Uint8Array(32).fill(at % 200, 8).fill(at >> 4, 4, 8)),
  )
  const { putNew, put } = peer.store
  let [noted, counted] = [0, 0]
  peer.store.putNew = async (key, value) => {
    if (key.startsWith('leaf/') && ++noted === 100) void peer.peer[Symbol.asyncDispose]()
    return putNew(key, value)
  }
  peer.store.put = async (key, value) => {
    if (key === 'log/leaves') counted++
    return put(key, value)
  }
  await peer.restart()
  await failureOf(peer.call().publish(await publication(2), {}))
  assert.ok(noted < 200, `${noted} noted`)
  await peer.restart()
  await peer.call().publish(await publication(3), {})
  assert.is(noted, 300)
  assert.ok(counted < 10, `${counted} times counted`)
})

test.run()
