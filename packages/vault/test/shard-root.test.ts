import { encode } from '@ipld/dag-cbor'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createShardHasher, isUnitOf, parseShardRoot, rankOf, rendezvousOrder } from '../src/index.ts'
import { cidOfRoot } from './root-cid.ts'
import { noise } from './streams.ts'

const test = suite('vault/shard-root')

async function nameOf(
  units: readonly Uint8Array[],
): Promise<{ cid: string; root: Uint8Array; sizeBytes: number }> {
  const hasher = createShardHasher()
  for (const unit of units) await hasher.add(unit)
  return hasher.finish()
}

test('names a shard by the hashes of its units, and knows each unit in its place only', async () => {
  const units = [noise(100, 1), noise(100, 2), noise(40, 3)]
  const { cid, root, sizeBytes } = await nameOf(units)
  assert.is(sizeBytes, 240)
  assert.is(cid, cidOfRoot(root))
  const parsed = await parseShardRoot(root, cid)
  assert.ok(parsed)
  assert.is(parsed.sizeBytes, 240)
  for (const [at, unit] of units.entries()) {
    for (const index of [0, 1, 2, 3]) assert.is(await isUnitOf(parsed, index, unit), index === at)
    const forged = Uint8Array.from(unit, (byte, i) => (i === 7 ? byte ^ 1 : byte))
    assert.is(await isUnitOf(parsed, at, forged), false)
  }
})

test('refuses a root that is not the named one', async () => {
  const { root } = await nameOf([noise(10)])
  const other = await nameOf([noise(11)])
  assert.is(await parseShardRoot(root, other.cid), null)
  const forged = Uint8Array.from(root, (byte, at) => (at === 5 ? byte ^ 1 : byte))
  assert.is(await parseShardRoot(forged, (await nameOf([noise(10)])).cid), null)
})

test('refuses a root in another form, though its name fits', async () => {
  const forms: unknown[] = [
    null,
    7,
    [],
    { v: 1, size: 10 },
    { v: 2, size: 10, units: [] },
    { v: 1, size: 0.5, units: [] },
    { v: 1, size: 10, units: ['x'] },
    { v: 1, size: 10, units: [], more: 1 },
  ]
  for (const form of forms) {
    const root = encode(form)
    assert.is(await parseShardRoot(root, cidOfRoot(root)), null, JSON.stringify(form))
  }
  const garbage = noise(30)
  assert.is(await parseShardRoot(garbage, cidOfRoot(garbage)), null)
})

test('orders candidates alike for everyone, and moves only what was a lost candidate’s own', async () => {
  const candidates = Array.from({ length: 20 }, (_, at) => `peer${at}`)
  const order = await rendezvousOrder(candidates, 'subject')
  assert.equal(await rendezvousOrder([...candidates].reverse(), 'subject'), order)
  assert.equal([...order].sort(), [...candidates].sort())
  const without = candidates.filter((candidate) => candidate !== order[3])
  assert.equal(
    await rendezvousOrder(without, 'subject'),
    order.filter((candidate) => candidate !== order[3]),
  )
  assert.is.not((await rendezvousOrder(candidates, 'another')).join(), order.join())
  assert.is(await rankOf(order[5] ?? '', candidates, 'subject'), 5)
  assert.is(await rankOf('stranger', candidates, 'subject'), -1)
})

test.run()
