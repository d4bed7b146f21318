import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TestStore } from './open-store.ts'
import { codeOf, filesIn, openDirectory, openStore, streamOf, unitOf } from './open-store.ts'

const test = suite('ipfs/exchange')
const MIB = 1 << 20
const SERVING = { isServing: () => true }

/** Connects two nodes and waits until each knows what the other speaks. */
async function connect(from: TestStore, to: TestStore): Promise<void> {
  const identified = Promise.all([from, to].map(({ host }) => nextIdentify(host.libp2p)))
  const [address] = to.host.libp2p.getMultiaddrs()
  if (address === undefined) throw new Error('The node listens nowhere.')
  await from.host.libp2p.dial(address)
  await identified
}

function nextIdentify(libp2p: TestStore['host']['libp2p']): Promise<void> {
  return new Promise((resolve) => {
    libp2p.addEventListener('peer:identify', () => resolve(), { once: true })
  })
}

test('fetches a shard from another member and keeps it', async () => {
  await using there = await openDirectory()
  await using here = await openDirectory()
  await using holder = await openStore(there.path, SERVING)
  await using fetcher = await openStore(here.path)
  await connect(fetcher, holder)
  const units = [unitOf(1, MIB), unitOf(2, MIB), unitOf(3, MIB), unitOf(4, MIB), unitOf(5, 9)]
  const stored = await holder.blocks.putShard(streamOf(units))
  assert.equal(await fetcher.blocks.fetchShard(stored.cid), stored)
  assert.equal(await holder.blocks.deleteShard(stored.cid), 6)
  for (const [index, unit] of units.entries())
    assert.equal(await fetcher.blocks.readUnit(stored.cid, index), unit)
})

test('what was deleted does not come back, though a connected member still holds it', async () => {
  await using there = await openDirectory()
  await using here = await openDirectory()
  await using holder = await openStore(there.path, SERVING)
  await using eraser = await openStore(here.path)
  await connect(eraser, holder)
  const stored = await holder.blocks.putShard(streamOf([unitOf(1), unitOf(2)]))
  await eraser.blocks.fetchShard(stored.cid)
  assert.is(await eraser.blocks.deleteShard(stored.cid), 3)
  assert.is(await codeOf(eraser.blocks.readUnit(stored.cid, 0)), 'BLOCK_NOT_HELD')
  assert.is(await codeOf(eraser.blocks.readRoot(stored.cid)), 'BLOCK_NOT_HELD')
  assert.is(await eraser.blocks.describe(stored.cid), null)
  assert.equal(await filesIn(here.path), [])
  assert.equal(await holder.blocks.readUnit(stored.cid, 0), unitOf(1))
})

test('serves nothing to a member without a rule that says so, small blocks and their presence included', async () => {
  await using there = await openDirectory()
  await using here = await openDirectory()
  await using holder = await openStore(there.path)
  await using asker = await openStore(here.path, { fetchTimeoutMs: 700 })
  await connect(asker, holder)
  for (const size of [10, MIB]) {
    const stored = await holder.blocks.putShard(streamOf([unitOf(1, size)]))
    assert.is(await codeOf(asker.blocks.fetchShard(stored.cid)), 'SHARD_UNREACHABLE')
  }
  assert.equal(await filesIn(here.path), [])
})

test('asks the rule for every block, and serves none that it throws on', async () => {
  await using there = await openDirectory()
  await using here = await openDirectory()
  const asked = new Set<string>()
  let isServing = (_cid: string): boolean => true
  await using holder = await openStore(there.path, {
    isServing: (cid) => {
      asked.add(cid)
      return isServing(cid)
    },
  })
  await using asker = await openStore(here.path, { fetchTimeoutMs: 4000 })
  await connect(asker, holder)
  const { cid } = await holder.blocks.putShard(streamOf([unitOf(1), unitOf(2)]))
  isServing = (wanted) => wanted === cid
  assert.is(await codeOf(asker.blocks.fetchShard(cid)), 'SHARD_UNREACHABLE')
  assert.is(asked.size, 3, 'the root and two units')
  // Other shards: bitswap does not ask for, nor send, the same block again so soon.
  const second = await holder.blocks.putShard(streamOf([unitOf(3)]))
  isServing = () => {
    throw new RangeError('rule')
  }
  assert.is(await codeOf(asker.blocks.fetchShard(second.cid)), 'SHARD_UNREACHABLE')
  const third = await holder.blocks.putShard(streamOf([unitOf(4)]))
  isServing = () => true
  assert.is(await codeOf(asker.blocks.fetchShard(third.cid)), 'none')
})

test('gives up on a shard that no connected member has, and keeps nothing', async () => {
  await using there = await openDirectory()
  await using here = await openDirectory()
  await using other = await openStore(there.path, SERVING)
  await using fetcher = await openStore(here.path, { fetchTimeoutMs: 300 })
  await connect(fetcher, other)
  const stored = await other.blocks.putShard(streamOf([unitOf(1)]))
  await other.blocks.deleteShard(stored.cid)
  assert.is(await codeOf(fetcher.blocks.fetchShard(stored.cid)), 'SHARD_UNREACHABLE')
  assert.equal(await filesIn(here.path), [])
})

test('refuses a CID that names no shard root', async () => {
  await using here = await openDirectory()
  await using fetcher = await openStore(here.path)
  const raw = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
  for (const cid of ['nonsense', raw, 'QmPK1s3pNYLi9ERiq3BDxKa4XosgWwFRQUydHUtz4YgpqB'])
    assert.is(await codeOf(fetcher.blocks.fetchShard(cid)), 'BAD_CID', cid)
})

for (const isListed of [true, false]) {
  test(`a ${isListed ? 'member gets what it wants' : "stranger's want gets nothing"} over bitswap`, async () => {
    await using there = await openDirectory()
    await using here = await openDirectory()
    await using holder = await openStore(there.path, { ...SERVING, isMember: () => isListed })
    await using asker = await openStore(here.path, { fetchTimeoutMs: isListed ? 10_000 : 700 })
    await connect(asker, holder)
    const stored = await holder.blocks.putShard(streamOf([unitOf(1)]))
    const outcome = await codeOf(asker.blocks.fetchShard(stored.cid))
    assert.is(outcome, isListed ? 'none' : 'SHARD_UNREACHABLE')
  })

  test(`${isListed ? 'asks members' : 'does not ask strangers'} for blocks`, async () => {
    await using there = await openDirectory()
    await using here = await openDirectory()
    await using holder = await openStore(there.path, SERVING)
    await using asker = await openStore(here.path, {
      isMember: () => isListed,
      fetchTimeoutMs: isListed ? 10_000 : 700,
    })
    await connect(holder, asker)
    const stored = await holder.blocks.putShard(streamOf([unitOf(1)]))
    const outcome = await codeOf(asker.blocks.fetchShard(stored.cid))
    assert.is(outcome, isListed ? 'none' : 'SHARD_UNREACHABLE')
  })
}

test.run()
