import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { LocalNetwork, TestPeer } from '../fixture/local-network.ts'
import { memorySink, startLocalNetwork } from '../fixture/local-network.ts'
import type { Patient } from './agreement.ts'
import { askFresh, isRecord, publishFresh } from './agreement.ts'
import { outcomeOf } from './asking.ts'
import { replaceByLiar } from './liar.ts'

const test = suite('attack/tampered-shard')

test('damaged shards are found, their holders named, and the record comes from the others', async () => {
  await using network = await startLocalNetwork()
  const patient = await publishFresh(network, randomBytes(1_000_000))
  const asker = await askFresh(network, patient)
  await patient.wallet.approve(asker.id)
  const [first, second, third] = holdersOf(network, patient)
  assert.ok(first && second && third)

  await flipBlocks(first, () => true)
  await flipBlocks(second, (size) => size > 100_000)
  const sink = memorySink()
  await asker.research.collect(asker.id, sink.open)
  assert.ok(isRecord(sink.committed(), patient))
  for (const holder of [first, second]) assert.equal(blamedFor(network, holder), ['SHARD_DAMAGED'])
  assert.equal(blamedFor(network, third), [], 'nobody else is named')

  await flipBlocks(third, () => true)
  const left = memorySink()
  assert.is(await outcomeOf(asker.research.collect(asker.id, left.open)), 'SHARDS_TOO_FEW')
  assert.is(left.committed(), null)
})

test('a holder that serves other bytes with the right name is found out', async () => {
  await using network = await startLocalNetwork()
  const patient = await publishFresh(network, randomBytes(1_000_000))
  const asker = await askFresh(network, patient)
  await patient.wallet.approve(asker.id)
  const others = holdersOf(network, patient).filter((peer) => peer !== network.peers[0])
  const isData = (peer: TestPeer): boolean => holdersOf(network, patient).indexOf(peer) < 3
  const [liar, cutter] = others.filter(isData)
  assert.ok(liar && cutter)
  await using _ = await replaceByLiar(network, liar, (honest) => ({
    readShard: async (query, caller) => withFlippedUnits(await honest.readShard(query, caller)),
  }))
  await using __ = await replaceByLiar(network, cutter, (honest) => ({
    readShard: async (query, caller) => firstOnly(await honest.readShard(query, caller)),
  }))
  const sink = memorySink()
  const { liars } = await asker.research.collect(asker.id, sink.open)
  assert.ok(isRecord(sink.committed(), patient))
  assert.equal(liars, [], 'the peer that collects has caught them, the researcher never saw it')
  assert.equal(blamedFor(network, liar), ['SHARD_DAMAGED'])
  assert.equal(blamedFor(network, cutter), ['NOT_HELD'])
})

/** Peers in the order of the shards they hold, data shards first. */
function holdersOf(network: LocalNetwork, { placement }: Patient): readonly TestPeer[] {
  return placement.shards.map(({ peerId }) => {
    const holder = network.peers.find((peer) => peer.keys.peerId === peerId)
    if (holder === undefined) throw new Error('A holder is none of the peers.')
    return holder
  })
}

/** Flips a bit in the middle of each block file of a chosen size; at least one. */
async function flipBlocks({ dataDir }: TestPeer, isChosen: (sizeBytes: number) => boolean): Promise<void> {
  const dir = join(dataDir, 'blocks', 'blocks')
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  let flipped = 0
  for (const entry of entries.filter((found) => found.isFile())) {
    const path = join(entry.parentPath, entry.name)
    const bytes = await readFile(path)
    if (!isChosen(bytes.length)) continue
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1)
    await writeFile(path, bytes)
    flipped++
  }
  assert.ok(flipped > 0)
}

/** Why the peers' logs name a holder; the distinct reasons. */
function blamedFor(network: LocalNetwork, holder: TestPeer): readonly unknown[] {
  const lines = network.peers.flatMap((peer) => peer.log)
  const blames = lines.filter(
    ({ event, fields }) => event === 'shard-unavailable' && fields['peerId'] === holder.keys.peerId,
  )
  return [...new Set(blames.map(({ fields }) => fields['reason']))]
}

async function* withFlippedUnits(units: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isRoot = true
  for await (const unit of units) {
    const copy = unit.slice()
    if (!isRoot) copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1
    isRoot = false
    yield copy
  }
}

async function* firstOnly(units: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const unit of units) {
    yield unit
    return
  }
}

test.run()
