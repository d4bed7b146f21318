import type { BlockStore } from '@halo/ports'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf, streamOf, unitOf } from './open-store.ts'

/** One store under test, empty at first. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly blocks: BlockStore
}

const MIB = 1 << 20

/** What every {@link BlockStore} must do, whatever keeps its blocks. */
export function runBlockStoreSuite(name: string, open: () => Promise<StoreUnderTest>): void {
  const test = suite(name)

  test('gives back the units of a shard and describes it', async () => {
    await using store = await open()
    const units = [unitOf(1, MIB), unitOf(2, MIB), unitOf(3, 5)]
    const stored = await store.blocks.putShard(streamOf(units))
    assert.equal(stored, { cid: stored.cid, sizeBytes: 2 * MIB + 5, units: 3 })
    for (const [index, unit] of units.entries())
      assert.equal(await store.blocks.readUnit(stored.cid, index), unit)
    assert.equal(await store.blocks.describe(stored.cid), stored)
    assert.equal(await store.blocks.usage(), { shards: 1, sizeBytes: 2 * MIB + 2 * 4096 })
  })

  test('names a shard by its content: known bytes have the known CID and root', async () => {
    await using store = await open()
    const { cid } = await store.blocks.putShard(streamOf([Uint8Array.of(1, 2, 3), Uint8Array.of(4)]))
    assert.is(cid, 'bafyreiee4h3kwhx37l4ho2zu7frakjgvduafwpawgjl4zcsevuu43mcpku')
    const root = Buffer.from(await store.blocks.readRoot(cid)).toString('hex')
    assert.ok(root.startsWith('a36176016473697a650465756e69747382d82a58250001551220'), root)
  })

  test('stores the same shard twice as one', async () => {
    await using store = await open()
    const first = await store.blocks.putShard(streamOf([unitOf(1)]))
    assert.equal(await store.blocks.putShard(streamOf([unitOf(1)])), first)
    assert.equal(await store.blocks.usage(), { shards: 1, sizeBytes: 2 * 4096 })
    assert.is(await store.blocks.deleteShard(first.cid), 2)
    assert.is(await codeOf(store.blocks.readUnit(first.cid, 0)), 'BLOCK_NOT_HELD')
  })

  test('counts what small units take: every block and the root rounded up to 4 KiB', async () => {
    await using store = await open()
    const stored = await store.blocks.putShard(
      streamOf(Array.from({ length: 300 }, (_, seed) => unitOf(seed, 3))),
    )
    assert.is(stored.sizeBytes, 900)
    const rootBytes = (await store.blocks.readRoot(stored.cid)).length
    assert.ok(rootBytes > 2 * 4096)
    assert.equal(await store.blocks.usage(), {
      shards: 1,
      sizeBytes: (300 + Math.ceil(rootBytes / 4096)) * 4096,
    })
  })

  test('stores the same shard side by side as one', async () => {
    await using store = await open()
    const units = [unitOf(1), unitOf(2), unitOf(1)]
    const stored = await Promise.all([1, 2, 3].map(() => store.blocks.putShard(streamOf(units))))
    assert.is(new Set(stored.map(({ cid }) => cid)).size, 1)
    assert.is(await store.blocks.deleteShard(stored[0]?.cid ?? ''), 3)
    assert.is(await store.blocks.deleteShard(stored[0]?.cid ?? ''), 0)
  })

  test('finds nothing of a deleted shard', async () => {
    await using store = await open()
    const { cid } = await store.blocks.putShard(streamOf([unitOf(1), unitOf(2)]))
    assert.is(await store.blocks.deleteShard(cid), 3)
    assert.is(await codeOf(store.blocks.readUnit(cid, 0)), 'BLOCK_NOT_HELD')
    assert.is(await codeOf(store.blocks.readRoot(cid)), 'BLOCK_NOT_HELD')
    assert.is(await store.blocks.describe(cid), null)
    assert.equal(await store.blocks.usage(), { shards: 0, sizeBytes: 0 })
  })

  test('keeps a unit that another shard uses too', async () => {
    await using store = await open()
    const one = await store.blocks.putShard(streamOf([unitOf(1), unitOf(2)]))
    const two = await store.blocks.putShard(streamOf([unitOf(2), unitOf(3)]))
    assert.is(await store.blocks.deleteShard(one.cid), 2)
    assert.equal(await store.blocks.readUnit(two.cid, 0), unitOf(2))
    assert.is(await store.blocks.deleteShard(two.cid), 3)
  })

  test('refuses an empty unit, a unit above 1 MiB and a shard without units', async () => {
    await using store = await open()
    assert.is(await codeOf(store.blocks.putShard(streamOf([unitOf(1), new Uint8Array()]))), 'BAD_UNIT')
    assert.is(await codeOf(store.blocks.putShard(streamOf([unitOf(1, MIB + 1)]))), 'BAD_UNIT')
    assert.is(await codeOf(store.blocks.putShard(streamOf([]))), 'BAD_SHARD')
    assert.equal(await store.blocks.usage(), { shards: 0, sizeBytes: 0 })
  })

  test('does not know units outside a shard, nor shards it was never given', async () => {
    await using store = await open()
    const { cid } = await store.blocks.putShard(streamOf([unitOf(1)]))
    for (const index of [-1, 1, 0.5, Number.NaN])
      assert.is(await codeOf(store.blocks.readUnit(cid, index)), 'BLOCK_NOT_HELD', String(index))
    assert.is(await codeOf(store.blocks.readUnit('nonsense', 0)), 'BLOCK_NOT_HELD')
    assert.is(await store.blocks.describe('nonsense'), null)
    assert.is(await store.blocks.deleteShard('nonsense'), 0)
  })

  test('passes on what its source throws and keeps nothing', async () => {
    await using store = await open()
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield unitOf(1)
      throw new RangeError('source')
    }
    assert.is(await codeOf(store.blocks.putShard(failing())), 'RangeError')
    assert.equal(await store.blocks.usage(), { shards: 0, sizeBytes: 0 })
  })

  test('stops at once when aborted, also while its source is silent', async () => {
    await using store = await open()
    const controller = new AbortController()
    const silent = async function* (): AsyncGenerator<Uint8Array> {
      yield unitOf(1)
      controller.abort(new RangeError('enough'))
      await new Promise(() => {})
    }
    assert.is(await codeOf(store.blocks.putShard(silent(), { signal: controller.signal })), 'RangeError')
    assert.equal(await store.blocks.usage(), { shards: 0, sizeBytes: 0 })
  })

  test.run()
}
