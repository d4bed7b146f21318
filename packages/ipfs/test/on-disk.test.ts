import { randomUUID } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf, filesIn, openDirectory, openStore, streamOf, unitOf } from './open-store.ts'

const test = suite('ipfs/on-disk')

test('leaves no file behind after the last shard is deleted', async () => {
  await using directory = await openDirectory()
  await using store = await openStore(directory.path)
  const shards = [[unitOf(1), unitOf(2)], [unitOf(2)], [unitOf(3), unitOf(3)]]
  for (const units of shards) {
    const { cid } = await store.blocks.putShard(streamOf(units))
    assert.ok((await filesIn(directory.path)).length > 0)
    await store.blocks.deleteShard(cid)
  }
  assert.equal(await filesIn(directory.path), [])
})

test('leaves no file behind of a shard that failed half-way', async () => {
  await using directory = await openDirectory()
  await using store = await openStore(directory.path)
  const kept = await store.blocks.putShard(streamOf([unitOf(1)]))
  const before = await filesIn(directory.path)
  const failing = async function* (): AsyncGenerator<Uint8Array> {
    yield unitOf(1)
    yield unitOf(2)
    throw new RangeError('source')
  }
  assert.is(await codeOf(store.blocks.putShard(failing())), 'RangeError')
  assert.equal(await filesIn(directory.path), before)
  assert.equal(await store.blocks.readUnit(kept.cid, 0), unitOf(1))
})

test('finds its shards again after it was closed', async () => {
  await using directory = await openDirectory()
  const units = [unitOf(1), unitOf(2)]
  const stored = await (async () => {
    await using store = await openStore(directory.path)
    return store.blocks.putShard(streamOf(units))
  })()
  await using store = await openStore(directory.path)
  assert.equal(await store.blocks.describe(stored.cid), stored)
  assert.equal(await store.blocks.readUnit(stored.cid, 1), unitOf(2))
})

test('knows after a restart what its shards take on disk, or at most when a pin does not say', async () => {
  await using directory = await openDirectory()
  const units = [unitOf(1, 5000), unitOf(2, 5000), unitOf(3, 3)]
  const { cid, usage } = await (async () => {
    await using store = await openStore(directory.path)
    const stored = await store.blocks.putShard(streamOf(units))
    return { cid: stored.cid, usage: await store.blocks.usage() }
  })()
  assert.equal(usage, { shards: 1, sizeBytes: (2 + 2 + 1 + 1) * 4096 })
  {
    await using store = await openStore(directory.path)
    assert.equal(await store.blocks.usage(), usage)
  }
  for (const content of ['', '-1', '1e3', 'x']) {
    await writeFile(join(directory.path, 'pins', cid), content)
    await using store = await openStore(directory.path)
    // 10 003 bytes in three units take five blocks at most.
    assert.equal(await store.blocks.usage(), { shards: 1, sizeBytes: (5 + 1) * 4096 })
  }
})

test('sweeps what a crash left behind, and nothing else', async () => {
  await using directory = await openDirectory()
  {
    await using store = await openStore(directory.path)
    await store.blocks.putShard(streamOf([unitOf(1)]))
  }
  const before = await filesIn(directory.path)
  const [shelf = ''] = await readdir(join(directory.path, 'blocks'))
  for (const name of [`${randomUUID()}.data`, '.HALF.data.tmp'])
    await writeFile(join(directory.path, 'blocks', shelf, name), 'leftover')
  assert.is((await filesIn(directory.path)).length, before.length + 2)
  await using _store = await openStore(directory.path)
  assert.equal(await filesIn(directory.path), before)
})

/** Flips one bit in the file that holds these bytes. */
async function damage(dir: string, bytes: Uint8Array): Promise<void> {
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isFile() || Buffer.compare(await readFile(path), bytes) !== 0) continue
    const flipped = bytes.slice()
    flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
    return writeFile(path, flipped)
  }
  throw new Error('No file holds these bytes.')
}

test('tells a damaged unit, and heals it when the shard is stored again', async () => {
  await using directory = await openDirectory()
  await using store = await openStore(directory.path)
  const units = [unitOf(1), unitOf(2)]
  const { cid } = await store.blocks.putShard(streamOf(units))
  await damage(directory.path, unitOf(2))
  assert.is(await codeOf(store.blocks.readUnit(cid, 1)), 'BLOCK_DAMAGED')
  assert.equal(await store.blocks.readUnit(cid, 0), unitOf(1))
  await store.blocks.putShard(streamOf(units))
  assert.equal(await store.blocks.readUnit(cid, 1), unitOf(2))
})

test('deletes every block of a shard whose root is damaged', async () => {
  await using directory = await openDirectory()
  await using store = await openStore(directory.path)
  const { cid } = await store.blocks.putShard(streamOf([unitOf(1), unitOf(2)]))
  await damage(directory.path, await store.blocks.readRoot(cid))
  assert.is(await codeOf(store.blocks.readRoot(cid)), 'BLOCK_DAMAGED')
  assert.is(await store.blocks.deleteShard(cid), 3)
  assert.equal(await filesIn(directory.path), [])
})

test('deletes a shard whose root was damaged while the store was closed, and says so until then', async () => {
  await using directory = await openDirectory()
  const { cid, root } = await (async () => {
    await using store = await openStore(directory.path)
    const stored = await store.blocks.putShard(streamOf([unitOf(1), unitOf(2)]))
    return { cid: stored.cid, root: await store.blocks.readRoot(stored.cid) }
  })()
  await damage(directory.path, root)
  const events: string[] = []
  await using store = await openStore(directory.path, { log: (_level, event) => events.push(event) })
  assert.equal(events, ['shard-root-damaged'])
  assert.is(await store.blocks.describe(cid), null)
  assert.is((await filesIn(directory.path)).length, 4)
  assert.is(await store.blocks.deleteShard(cid), 3)
  assert.equal(await filesIn(directory.path), [])
})

test.run()
