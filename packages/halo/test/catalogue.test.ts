import type { Bytes32, DatasetId } from '@halo/consent'
import { hexOf } from '@halo/consent'
import type { Publication } from '@halo/ports'
import { createMemoryStore, reasonOf } from '@halo/ports'
import { openLog } from '@halo/proofs'
import { Wallet as Signer } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createTestClock } from '../../ports/test/memory-chain.ts'
import { signPublication } from '../../ports/test/sample-publication.ts'
import type { Catalogue } from '../src/catalogue.ts'
import { createCatalogue } from '../src/catalogue.ts'
import { createRelayBudget } from '../src/relay-budget.ts'
import { openPeerState } from '../src/state.ts'
import type { MemoryPeer } from './memory-halo.ts'
import { failureOf, openMemoryHalo, until } from './memory-halo.ts'

const test = suite('halo/catalogue')
const patient = new Signer(`0x${'5'.repeat(64)}`)
const left = new DOMException('left', 'AbortError')

async function publication(number: number): Promise<Publication> {
  const bytes = new Uint8Array(32).fill(number)
  return signPublication(patient, { commitment: hexOf(bytes) as Bytes32, salt: bytes })
}

/** As a connection that breaks when its caller leaves, not as a client, who would not even call. */
function publishAs(peer: MemoryPeer, one: Publication, signal: AbortSignal): Promise<unknown> {
  return peer.peer.service.publish(one, { peerId: 'caller', isMember: false, signal })
}

const outcomeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error === left ? 'left' : reasonOf(error)),
  )

function openCatalogue(perHour: number): Catalogue {
  return createCatalogue({
    state: openPeerState(createMemoryStore()),
    maxEntries: 100,
    budget: createRelayBudget(createTestClock(), perHour),
    log: () => {},
  })
}

test('spends no listing on who leaves before anything is logged, however often', async () => {
  await using halo = await openMemoryHalo({ peers: 1, peer: { listingsPerHour: 2 } })
  const [peer] = halo.peers
  assert.ok(peer)
  const own = await publication(1)
  const { get } = peer.store
  for (const key of ['none', 'entry/', 'log/', 'leaf/']) {
    const leaving = new AbortController()
    if (key === 'none') leaving.abort(left)
    peer.store.get = (asked) => {
      if (asked.startsWith(key)) leaving.abort(left)
      return get(asked)
    }
    for (let times = 0; times < 3; times++)
      assert.is(await outcomeOf(publishAs(peer, own, leaving.signal)), 'left', key)
  }
  peer.store.get = get
  assert.is((await openLog(peer.tiles)).head.size, 0)
  for (const number of [2, 3])
    assert.is(await failureOf(peer.call().publish(await publication(number), {})), 'nothing failed')
  assert.is(await failureOf(peer.call().publish(await publication(4), {})), 'BUSY')
})

test('spends a listing on what it has logged, though its caller leaves before it is listed', async () => {
  await using halo = await openMemoryHalo({ peers: 1, peer: { listingsPerHour: 1 } })
  const [peer] = halo.peers
  assert.ok(peer)
  const leaving = new AbortController()
  const { write } = peer.tiles
  peer.tiles.write = async (...file) => {
    await write(...file)
    leaving.abort(left)
  }
  assert.is(await outcomeOf(publishAs(peer, await publication(1), leaving.signal)), 'left')
  assert.is(await failureOf(peer.call().publish(await publication(2), {})), 'BUSY')
  await until(async () => (await openLog(peer.tiles)).head.size === 1)
})

test('logs nothing for who leaves at the last moment, anchors no empty log, and spends neither listing nor anchor', async () => {
  await using halo = await openMemoryHalo({ peers: 1, peer: { listingsPerHour: 1, anchorsPerHour: 1 } })
  const [peer] = halo.peers
  assert.ok(peer)
  let sent = 0
  halo.chain.before = () => void sent++
  const leaving = new AbortController()
  const { get } = peer.store
  let looks = 0
  peer.store.get = (key) => {
    // The first look comes before its turn, the second when its batch is about to be logged.
    if (key.startsWith('leaf/') && ++looks === 2) leaving.abort(left)
    return get(key)
  }
  assert.is(await outcomeOf(publishAs(peer, await publication(1), leaving.signal)), 'left')
  assert.is(await failureOf(peer.call().publish(await publication(2), {})), 'nothing failed')
  assert.is((await openLog(peer.tiles)).head.size, 1)
  assert.is(sent, 1)
})

test('spends no listing on what it does not list', async () => {
  await using halo = await openMemoryHalo({ peers: 1, peer: { listingsPerHour: 1 } })
  const [peer] = halo.peers
  assert.ok(peer)
  const forged = { ...(await publication(1)), salt: null, receipt: Uint8Array.of(1) }
  for (let times = 0; times < 3; times++)
    assert.is(await failureOf(peer.call().publish(forged, {})), 'RECEIPT_FORGED')
  assert.is(await failureOf(peer.call().publish(await publication(2), {})), 'nothing failed')
})

test('gives those who arrive together no more listings than there are', async () => {
  const catalogue = openCatalogue(3)
  const ids = ['1', '2', '3', '4', '5'].map((digit) => `0x${digit.repeat(64)}` as DatasetId)
  const places = await Promise.allSettled(ids.map((id) => catalogue.reserve(id)))
  const given = places.filter((place) => place.status === 'fulfilled').map(({ value }) => value)
  assert.is(given.length, 3)
  given[0]?.keep()
  for (const place of given) place[Symbol.dispose]()
  const again = await Promise.allSettled(ids.map((id) => catalogue.reserve(id)))
  assert.is(again.filter(({ status }) => status === 'fulfilled').length, 2)
})

test('lets nobody who has left stand in the way of those who wait with the same data set', async () => {
  const catalogue = openCatalogue(100)
  const dataset = `0x${'1'.repeat(64)}` as DatasetId
  const first = await catalogue.reserve(dataset)
  const leaving = new AbortController()
  const gone = Array.from({ length: 16 }, () => outcomeOf(catalogue.reserve(dataset, leaving.signal)))
  assert.is(await outcomeOf(catalogue.reserve(dataset)), 'BUSY')
  leaving.abort(left)
  assert.equal(new Set(await Promise.all(gone)), new Set(['left']))
  const turns: string[] = []
  const next = catalogue.reserve(dataset).then((place) => {
    turns.push('next')
    return place
  })
  // Who leaves from between two that stay brings the one behind no nearer than the one in front.
  const between = new AbortController()
  const middle = outcomeOf(catalogue.reserve(dataset, between.signal))
  const last = catalogue.reserve(dataset).then((place) => {
    turns.push('last')
    return place
  })
  between.abort(left)
  assert.is(await middle, 'left')
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(turns, [], 'the one in front is not done')
  first[Symbol.dispose]()
  const place = await next
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(turns, ['next'])
  place[Symbol.dispose]()
  ;(await last)[Symbol.dispose]()
  assert.equal(turns, ['next', 'last'])
  assert.is(await outcomeOf(catalogue.reserve(dataset)), 'done', 'the line is gone')
})

test('takes a patient in after sixteen others have come with the same data set and left', async () => {
  await using halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  const [isSent, isMined] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  halo.chain.before = () => {
    isSent.resolve()
    return isMined.promise
  }
  const one = await publication(1)
  const first = failureOf(peer.call().publish(one, {}))
  await isSent.promise
  const leaving = new AbortController()
  const others = Array.from({ length: 16 }, () => outcomeOf(publishAs(peer, one, leaving.signal)))
  assert.is(await failureOf(peer.call().publish(one, {})), 'BUSY')
  leaving.abort(left)
  assert.equal(new Set(await Promise.all(others)), new Set(['left']))
  const late = failureOf(peer.call().publish(one, {}))
  isMined.resolve()
  assert.equal(await Promise.all([first, late]), ['nothing failed', 'nothing failed'])
})

test('begins at any of its entries, each as likely, however close to each other their ids lie', async () => {
  const state = openPeerState(createMemoryStore())
  const near = Array.from({ length: 9 }, (_, at) => `0x${'7'.repeat(63)}${at}` as DatasetId)
  const last = `0x${'8'.repeat(64)}` as DatasetId
  const budget = createRelayBudget(createTestClock(), 100)
  const catalogue = createCatalogue({ state, maxEntries: 100, budget, log: () => {} })
  assert.equal(await catalogue.page(null, 10), [])
  const one = { ...(await publication(1)), receipt: new Uint8Array(1) }
  for (const id of [...near, last]) await catalogue.add(id, { ...one, descriptor: id })
  const begun = new Map<string, number>()
  for (let draws = 0; draws < 2_000; draws++) {
    const [first] = await catalogue.page(null, 1)
    begun.set(first?.descriptor ?? '', (begun.get(first?.descriptor ?? '') ?? 0) + 1)
  }
  assert.equal([...begun.keys()].toSorted(), [...near, last])
  // 200 each are expected; a count outside of this is one in many millions.
  assert.ok([...begun.values()].every((count) => count > 100 && count < 320))
})

test.run()
