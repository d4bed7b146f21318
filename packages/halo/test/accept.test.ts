import { createHash } from 'node:crypto'
import type { ShardDeposit } from '@halo/ports'
import { createShardHasher } from '@halo/vault'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { verifyReceipt } from '../../peers/src/index.ts'
import { failureOf, noise, openMemoryHalo } from './memory-halo.ts'

const test = suite('halo/accept')
const ID = new Uint8Array(16).fill(1)
const OTHER_ID = new Uint8Array(16).fill(2)

function deposit(bytes: Uint8Array, changes: Partial<ShardDeposit> = {}): ShardDeposit {
  const units = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 1000) yield bytes.slice(at, at + 1000)
  }
  return { id: ID, sizeBytes: bytes.length, unitBytes: 1000, units: units(), ...changes }
}

test('signs a receipt for the very bytes it has on disk', async () => {
  await using halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  const bytes = noise(2500)
  const receipt = await peer.call().storeShard(deposit(bytes), {})
  const hasher = createShardHasher()
  for (const at of [0, 1000, 2000]) await hasher.add(bytes.slice(at, at + 1000))
  const { cid } = await hasher.finish()
  assert.is(receipt.content, cid)
  assert.is(receipt.peerId, peer.peerId)
  assert.equal(receipt.id, ID)
  assert.is(receipt.sizeBytes, 2500)
  assert.is(await verifyReceipt(receipt), true)
  assert.is(peer.blocks.shards.size, 1)
})

test('acknowledges the same bytes under the same id again, also side by side', async () => {
  await using halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  const twice = [deposit(noise(2500)), deposit(noise(2500))]
  const receipts = await Promise.all(twice.map((one) => peer.call().storeShard(one, {})))
  receipts.push(await peer.call().storeShard(deposit(noise(2500)), {}))
  assert.is(new Set(receipts.map((receipt) => receipt.content)).size, 1)
  assert.is(peer.blocks.shards.size, 1)
})

test('refuses other bytes under a taken id, and keeps the first', async () => {
  await using halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  const first = await peer.call().storeShard(deposit(noise(2500, 1)), {})
  assert.is(await failureOf(peer.call().storeShard(deposit(noise(2500, 2)), {})), 'STORE_CONFLICT')
  assert.equal([...peer.blocks.shards.keys()], [first.content])
})

test('leaves nothing behind of a shard that is longer or shorter than announced, or breaks off', async () => {
  await using halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield noise(1000)
    throw new Error('connection lost')
  }
  assert.is(
    await failureOf(peer.call().storeShard(deposit(noise(2500), { sizeBytes: 2499 }), {})),
    'MALFORMED',
  )
  assert.is(
    await failureOf(peer.call().storeShard(deposit(noise(2500), { sizeBytes: 2501 }), {})),
    'MALFORMED',
  )
  assert.is(
    await failureOf(peer.call().storeShard(deposit(noise(2500), { units: broken() }), {})),
    'INTERNAL',
  )
  assert.is(peer.blocks.shards.size, 0)
  assert.equal(await peer.store.list('shard/'), [])
})

test('never lets a refused deposit destroy somebody’s shard of the same bytes', async () => {
  await using halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  const bytes = noise(2500, 1)
  const { content } = await peer.call().storeShard(deposit(bytes), {})
  // Whoever has seen the bytes sends them under an id it took for something else.
  await peer.call().storeShard(deposit(noise(100, 2), { id: OTHER_ID }), {})
  const attack = deposit(bytes, { id: OTHER_ID })
  assert.is(await failureOf(peer.call().storeShard(attack, {})), 'STORE_CONFLICT')
  assert.is(await failureOf(peer.call().storeShard(deposit(bytes, { sizeBytes: 1 }), {})), 'MALFORMED')
  assert.ok(await peer.blocks.describe(content))
})

test('refuses more than it has room for, what is arriving included, and has room again after a failure', async () => {
  await using halo = await openMemoryHalo({ peers: 1, peer: { capacityBytes: 4000 } })
  const [peer] = halo.peers
  assert.ok(peer)
  const call = peer.call()
  const both = await Promise.allSettled([
    call.storeShard(deposit(noise(2500, 1)), {}),
    call.storeShard(deposit(noise(2500, 2), { id: OTHER_ID }), {}),
  ])
  assert.equal(both.map((one) => one.status).sort(), ['fulfilled', 'rejected'])
  const fails = deposit(noise(500, 3), { id: OTHER_ID, sizeBytes: 1500 })
  assert.is(await failureOf(call.storeShard(fails, {})), 'MALFORMED')
  await call.storeShard(deposit(noise(1500, 4), { id: new Uint8Array(16).fill(9) }), {})
})

test('keeps a key share as it came, once per id', async () => {
  await using halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  const sealed = noise(1169)
  const receipt = await peer.call().storeShare({ id: ID, sealed }, {})
  assert.is(receipt.content, `sha256:${createHash('sha256').update(sealed).digest('hex')}`)
  assert.is(await verifyReceipt(receipt), true)
  await peer.call().storeShare({ id: ID, sealed }, {})
  const other = peer.call().storeShare({ id: ID, sealed: noise(1169, 2) }, {})
  assert.is(await failureOf(other), 'STORE_CONFLICT')
  assert.equal(
    (await peer.store.list('share/')).map((entry) => entry.value),
    [sealed],
  )
})

/** A share's id. */
const shareId = (index: number): Uint8Array => new Uint8Array(16).fill(index)

test('counts key shares towards its capacity, before and after a restart', async () => {
  await using halo = await openMemoryHalo({ peers: 1, peer: { capacityBytes: 10_000 } })
  const [peer] = halo.peers
  assert.ok(peer)
  const send = (index: number): Promise<string> =>
    failureOf(peer.call().storeShare({ id: shareId(index), sealed: noise(4096, index + 1) }, {}))
  const results = await Promise.all(Array.from({ length: 100 }, (_, index) => send(index)))
  for (let index = 100; index < 200; index++) results.push(await send(index))
  const accepted = results.filter((result) => result === 'nothing failed').length
  assert.ok(accepted === 1 || accepted === 2)
  assert.is(results.filter((result) => result === 'STORAGE_FULL').length, 200 - accepted)
  assert.is((await peer.store.list('share/')).length, accepted)
  await peer.restart()
  if (accepted === 1) assert.is(await send(200), 'nothing failed')
  assert.is(await send(201), 'STORAGE_FULL')
  assert.is(await failureOf(peer.call().storeShard(deposit(noise(2500)), {})), 'STORAGE_FULL')
  assert.is((await peer.store.list('share/')).length, 2)
})

test('acknowledges a share again although it has no room for another', async () => {
  await using halo = await openMemoryHalo({ peers: 1, peer: { capacityBytes: 2000 } })
  const [peer] = halo.peers
  assert.ok(peer)
  const share = { id: ID, sealed: noise(1169) }
  await peer.call().storeShare(share, {})
  assert.is(await verifyReceipt(await peer.call().storeShare(share, {})), true)
  assert.is(await failureOf(peer.call().storeShare({ ...share, id: OTHER_ID }, {})), 'STORAGE_FULL')
})

test('counts a share once that is sent twice side by side', async () => {
  await using halo = await openMemoryHalo({ peers: 1, peer: { capacityBytes: 3000 } })
  const [peer] = halo.peers
  assert.ok(peer)
  const share = { id: ID, sealed: noise(1169) }
  await Promise.all([peer.call().storeShare(share, {}), peer.call().storeShare(share, {})])
  await peer.call().storeShare({ id: OTHER_ID, sealed: noise(1169, 2) }, {})
  assert.is((await peer.store.list('share/')).length, 2)
})

test('has no room for endless shares of no bytes', async () => {
  await using halo = await openMemoryHalo({ peers: 1, peer: { capacityBytes: 2000 } })
  const [peer] = halo.peers
  assert.ok(peer)
  const results: string[] = []
  for (let index = 0; index < 50; index++)
    results.push(
      await failureOf(peer.call().storeShare({ id: shareId(index), sealed: new Uint8Array() }, {})),
    )
  assert.is(results.at(-1), 'STORAGE_FULL')
})

test.run()
