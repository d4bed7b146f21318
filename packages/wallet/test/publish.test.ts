import { datasetIdOf, signMessage, textHash } from '@halo/consent'
import type { PeerLink } from '@halo/ports'
import { parseManifest } from '@halo/vault'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf, noise, openMemoryHalo, publishing } from '../../halo/test/memory-halo.ts'
import type { WalletParts } from '../src/index.ts'
import { openKeyring, openWallet } from '../src/index.ts'

const test = suite('wallet/publish')
const SUMMARY = { kind: 'test', format: 'bytes', readings: 3, days: 1 }
const WORDS = 'test test test test test test test test test test test junk'

test('places one shard and one share with each of five operators, and anchors what it signed', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, parts } = await halo.openPatient()
  const { holding, anchorTx, ...published } = await wallet.publish(publishing(noise(300_000)))
  const { placement, core } = parseManifest(holding.manifest)
  const ids = halo.peers.map((peer) => peer.peerId).sort()
  assert.equal(placement?.shards.map((shard) => shard.peerId).sort(), ids)
  assert.equal(placement?.shares.map((share) => share.peerId).sort(), ids)
  for (const { blocks, store } of halo.peers) {
    assert.is(blocks.shards.size, 1)
    assert.is((await store.list('share/')).length, 1)
  }
  assert.equal([published.shards, published.peers, published.threshold], [5, 5, 3])
  assert.is(published.sealedBytes, core.sealedBytes)
  const anchored = await halo.chain.ledger.anchorOf(holding.dataset)
  assert.is(anchored?.patient, parts.keyring.datasetKey(holding.keyIndex).address)
  assert.is(anchored?.descriptorHash, textHash(holding.descriptor))
  assert.is(halo.chain.mined.length, 1)
  assert.ok(anchorTx)
  assert.equal(
    (await wallet.log()).map((entry) => entry.event),
    ['published'],
  )
})

test('lists the data set with every peer, and shows no two calls that belong together as one caller', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient()
  const { holding } = await wallet.publish(publishing(noise(1000)))
  for (const peer of halo.peers)
    assert.equal(
      (await peer.call().catalogue({ skip: 0, limit: 10 }, {})).map((entry) => entry.dataset),
      [holding.dataset],
    )
  assert.is(halo.links.length, 2)
  assert.is(new Set(halo.links).size, 2)
})

test('takes a fresh address and fresh ids for each data set', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient()
  const first = await wallet.publish(publishing(noise(1000)))
  const second = await wallet.publish(publishing(noise(1000)))
  assert.is.not(first.holding.dataset, second.holding.dataset)
  const owners = await Promise.all(
    [first, second].map(async ({ holding }) => (await halo.chain.ledger.anchorOf(holding.dataset))?.patient),
  )
  assert.is(new Set(owners).size, 2)
  assert.equal(
    (await wallet.holdings()).map((holding) => holding.dataset).sort(),
    [first.holding.dataset, second.holding.dataset].sort(),
  )
})

test('stores nothing when fewer peers answer than the record needs', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient()
  for (const peer of halo.peers.slice(0, 1)) peer.isDown = true
  assert.is(await failureOf(wallet.publish(publishing(noise(1000)))), 'PEERS_TOO_FEW')
  for (const peer of halo.peers) {
    assert.is(peer.blocks.shards.size, 0)
    assert.not.ok(peer.calls.includes('storeShard'))
  }
  assert.equal(await wallet.holdings(), [])
})

test('passes over peers that do not answer while there are enough others', async () => {
  await using halo = await openMemoryHalo({ peers: 7 })
  const { wallet } = await halo.openPatient()
  const down = halo.peers.slice(0, 2)
  for (const peer of down) peer.isDown = true
  const { holding } = await wallet.publish(publishing(noise(1000)))
  const holders = parseManifest(holding.manifest).placement?.shards.map((shard) => shard.peerId)
  assert.is(new Set(holders).size, 5)
  for (const peer of down) assert.not.ok(holders?.includes(peer.peerId))
})

test('counts one operator once, however many peers it runs', async () => {
  await using halo = await openMemoryHalo({ peers: 6 })
  const { wallet } = await halo.openPatient()
  const [first] = halo.chain.members
  assert.ok(first)
  halo.chain.members = halo.chain.members.map((member, at) =>
    at < 2 ? { ...member, operator: first.operator } : member,
  )
  const { holding } = await wallet.publish(publishing(noise(1000)))
  const operators = parseManifest(holding.manifest).placement?.shards.map(
    (shard) => halo.chain.members.find((member) => member.peerId === shard.peerId)?.operator,
  )
  assert.is(new Set(operators).size, 5)
  halo.chain.members = halo.chain.members.map((member, at) =>
    at < 3 ? { ...member, operator: first.operator } : member,
  )
  assert.is(await failureOf(wallet.publish(publishing(noise(1000)))), 'PEERS_TOO_FEW')
})

test('leaves suspended members alone', async () => {
  await using halo = await openMemoryHalo({ peers: 6 })
  const { wallet } = await halo.openPatient()
  halo.chain.members = halo.chain.members.map((member, at) => ({ ...member, isActive: at !== 2 }))
  await wallet.publish(publishing(noise(1000)))
  assert.equal(halo.peers[2]?.calls, [])
})

test('refuses what cannot work before a byte is sealed or a key is taken', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, parts } = await halo.openPatient()
  const { descriptor } = publishing(noise(1))
  const bad = [
    { threshold: 6 },
    { threshold: 1 },
    { dataShards: 0 },
    { parityShards: -1 },
    { dataShards: 200, parityShards: 200 },
    { recordBytes: -1 },
    { metadata: new Uint8Array(65_537) },
  ]
  for (const change of bad)
    assert.is(await failureOf(wallet.publish(publishing(noise(10), change))), 'PUBLISHING_INVALID')
  const unreadable = { descriptor: { ...descriptor, terms: 'a\nb' } }
  assert.is(await failureOf(wallet.publish(publishing(noise(10), unreadable))), 'BAD_REQUEST')
  for (const peer of halo.peers) assert.equal(peer.calls, [])
  assert.is(await parts.store.get('counter/key'), null)
})

test('names the peer whose receipt says something else than it was given', async () => {
  const lies = [
    (receipt: object) => ({ ...receipt, sizeBytes: 1 }),
    (receipt: object) => ({ ...receipt, content: 'bafyother' }),
    (receipt: object) => ({ ...receipt, id: new Uint8Array(16) }),
    (receipt: object) => ({ ...receipt, storedAtSec: 5 }),
    (receipt: object) => ({ ...receipt, signature: new Uint8Array(64) }),
  ]
  for (const lie of lies) {
    for (const call of ['storeShard', 'storeShare'] as const) {
      await using halo = await openMemoryHalo()
      const { wallet } = await halo.openPatient()
      const liar = halo.peers[3]
      assert.ok(liar)
      liar.override = (honest) => ({
        [call]: async (deposit: never, options: never) => lie(await honest[call](deposit, options)) as never,
      })
      const error = await wallet.publish(publishing(noise(1000))).catch((caught: unknown) => caught)
      const { code, details } = error as { code: string; details: { peerId: string } }
      assert.is(code, 'RECEIPT_FORGED')
      assert.is(details.peerId, liar.peerId)
      assert.equal(await wallet.holdings(), [])
      assert.equal(halo.chain.mined, [])
    }
  }
})

test('ends at once, with nothing published, when one of the peers fails in the middle of its shard', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient()
  const failing = halo.peers[1]
  assert.ok(failing)
  failing.override = () => ({
    async storeShard({ units }) {
      for await (const unit of units) {
        if (unit.length > 0) throw new Error('disk full')
      }
      throw new Error('unreachable')
    },
  })
  // Many stripes, so that the others are far from done and wait for the one that has left.
  assert.is(await failureOf(wallet.publish(publishing(noise(12_000_000)))), 'INTERNAL')
  assert.equal(await wallet.holdings(), [])
  assert.equal(halo.chain.mined, [])
})

test('ends at once when a peer refuses without reading a byte, over a link that heeds no signal', async () => {
  await using halo = await openMemoryHalo()
  const { parts } = await halo.openPatient()
  const [refusing, ahead] = halo.peers
  assert.ok(refusing && ahead)
  // By then the shard of the one that refuses has held the others back.
  const isHeldBack = Promise.withResolvers<void>()
  ahead.override = (honest) => ({
    storeShard: (deposit, options) => {
      const units = (async function* () {
        let taken = 0
        for await (const unit of deposit.units) {
          yield unit
          if (++taken === 4) isHeldBack.resolve()
        }
      })()
      return honest.storeShard({ ...deposit, units }, options)
    },
  })
  refusing.override = () => ({
    async storeShard() {
      await isHeldBack.promise
      await new Promise((resolve) => setImmediate(resolve))
      throw new Error('full')
    },
  })
  const deaf: WalletParts['openLink'] = async () => {
    const link = await parts.openLink()
    const peer: PeerLink['peer'] = (address) => {
      const client = link.peer(address)
      return { ...client, storeShard: (deposit) => client.storeShard(deposit, {}) }
    }
    return { ...link, peer }
  }
  const wallet = openWallet({ ...parts, openLink: deaf })
  assert.is(await failureOf(wallet.publish(publishing(noise(20_000_000)))), 'INTERNAL')
  assert.equal(await wallet.holdings(), [])
})

test('publishes nothing when its caller leaves, at whatever step', async () => {
  for (const step of ['catalogue', 'storeShard', 'storeShare'] as const) {
    await using halo = await openMemoryHalo()
    const { wallet } = await halo.openPatient()
    const leaving = new AbortController()
    for (const peer of halo.peers)
      peer.override = (honest) => ({
        [step]: async (query: never, options: never) => {
          leaving.abort(new DOMException('left', 'AbortError'))
          return honest[step](query, options)
        },
      })
    const error = await wallet
      .publish(publishing(noise(1000), { signal: leaving.signal }))
      .catch((caught: unknown) => caught)
    assert.ok(error instanceof Error, step)
    assert.equal(await wallet.holdings(), [], step)
    assert.equal(halo.chain.mined, [], step)
  }
})

test('keeps the holding when the chain does not take the anchor, and anchors it later', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient({ chainTimeoutMs: 300 })
  halo.chain.before = () => {
    throw new Error('mempool full')
  }
  assert.is(await failureOf(wallet.publish(publishing(noise(1000)))), 'ANCHOR_MISSING')
  const [holding] = await wallet.holdings()
  assert.ok(holding)
  assert.equal(await wallet.log(), [])
  halo.chain.before = () => {}
  await wallet.anchor(holding)
  await wallet.anchor(holding)
  assert.is(halo.chain.mined.length, 1)
  assert.equal(
    (await wallet.log()).map((entry) => entry.event),
    ['published'],
  )
})

test('waits for a chain that is out of reach for a moment', async () => {
  await using halo = await openMemoryHalo()
  const { parts } = await halo.openPatient()
  const { anchorOf } = halo.chain.ledger
  let failures = 3
  const unsteady = {
    ...halo.chain.ledger,
    anchorOf: async (...args: Parameters<typeof anchorOf>) => {
      if (failures-- > 0) throw new Error('connection reset')
      return anchorOf(...args)
    },
  }
  await openWallet({ ...parts, ledger: unsteady }, { chainTimeoutMs: 5000 }).publish(publishing(noise(1000)))
  assert.ok(failures <= 0)
})

test('publishes a kept record once: a missing anchor is retried without sealing and storing again', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient({ chainTimeoutMs: 300 })
  const { record } = await wallet.keep(noise(1000), SUMMARY, new Uint8Array(3))
  const { descriptor } = publishing(noise(1))
  halo.chain.before = () => {
    throw new Error('mempool full')
  }
  assert.is(await failureOf(wallet.publishKept(record.id, { descriptor })), 'ANCHOR_MISSING')
  assert.is((await wallet.inbox()).length, 1)
  halo.chain.before = () => {}
  const published = await wallet.publishKept(record.id, { descriptor })
  assert.equal([published.shards, published.peers, published.threshold], [5, 5, 3])
  assert.is((await wallet.holdings()).length, 1)
  assert.equal(await wallet.inbox(), [])
  for (const peer of halo.peers) assert.is(peer.blocks.shards.size, 1)
  assert.is(await failureOf(wallet.publishKept(record.id, { descriptor })), 'RECORD_NOT_FOUND')
})

test('loses nothing to a hostile peer that anchors the commitment for itself', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, parts } = await halo.openPatient()
  const thief = openKeyring(WORDS).datasetKey(0)
  const { deployment } = halo.chain.ledger
  for (const peer of halo.peers)
    peer.override = (honest) => ({
      async publish(publication, options) {
        const { commitment, descriptor } = publication
        const message = { dataset: datasetIdOf(commitment, thief.address), descriptor: textHash(descriptor) }
        const signature = await signMessage(thief, 'Anchor', message, deployment)
        const writer = halo.chain.writer(thief.address)
        await writer.anchor(commitment, thief.address, message.descriptor, signature)
        return honest.publish(publication, options)
      },
    })
  const { holding } = await wallet.publish(publishing(noise(1000)))
  const anchored = await halo.chain.ledger.anchorOf(holding.dataset)
  assert.is(anchored?.patient, parts.keyring.datasetKey(holding.keyIndex).address)
})

test('gives up a data set that is anchored with another entry, and publishes the record anew', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, parts } = await halo.openPatient({ chainTimeoutMs: 300 })
  const { record } = await wallet.keep(noise(1000), SUMMARY, new Uint8Array(3))
  const { descriptor } = publishing(noise(1))
  halo.chain.before = () => {
    throw new Error('mempool full')
  }
  assert.is(await failureOf(wallet.publishKept(record.id, { descriptor })), 'ANCHOR_MISSING')
  halo.chain.before = () => {}
  const [placed] = await wallet.holdings()
  assert.ok(placed)
  const key = parts.keyring.datasetKey(placed.keyIndex)
  const other = textHash('another entry')
  const message = { dataset: placed.dataset, descriptor: other }
  const signature = await signMessage(key, 'Anchor', message, halo.chain.ledger.deployment)
  await halo.chain.writer(key.address).anchor(placed.commitment, key.address, other, signature)
  assert.is(await failureOf(wallet.publishKept(record.id, { descriptor })), 'ANCHOR_TAKEN')
  assert.equal(await wallet.holdings(), [])
  const { holding } = await wallet.publishKept(record.id, { descriptor })
  assert.is.not(holding.dataset, placed.dataset)
})

test('reports what was placed, up to all of it', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient()
  const seen: number[] = []
  let total: number | null = null
  await wallet.publish(
    publishing(noise(3_000_000), {
      onProgress: (progress) => {
        seen.push(progress.done)
        total = progress.total
      },
    }),
  )
  assert.is(seen.at(-1), total)
  assert.equal(
    seen,
    seen.toSorted((a, b) => a - b),
  )
})

test('refuses a threshold other than what the escrow settles on, so that neither side can cheat', async () => {
  await using halo = await openMemoryHalo({ quorum: 3 })
  const { wallet } = await halo.openPatient()
  for (const threshold of [2, 4])
    assert.is(await failureOf(wallet.publish(publishing(noise(100), { threshold }))), 'PUBLISHING_INVALID')
  for (const { store, blocks } of halo.peers)
    assert.equal([blocks.shards.size, await store.list('share/')], [0, []])
})

test.run()
