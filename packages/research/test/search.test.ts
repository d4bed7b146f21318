import type { Bytes32, DatasetId } from '@halo/consent'
import { datasetIdOf, signMessage, textHash } from '@halo/consent'
import type { CatalogueEntry } from '@halo/ports'
import { buildTree, decodeReceipt, encodeReceipt, hashLeaf, saltCommitment } from '@halo/proofs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openPeerState } from '../../halo/src/state.ts'
import type { MemoryHalo, MemoryPeer } from '../../halo/test/memory-halo.ts'
import { NO_SIGNATURE, noise, openMemoryHalo, PRICE, publishing } from '../../halo/test/memory-halo.ts'
import type { Offer } from '../src/index.ts'
import { openResearch } from '../src/index.ts'

const test = suite('research/search')

async function publishOne(halo: MemoryHalo, price = PRICE, kind = 'test'): Promise<DatasetId> {
  const { wallet } = await halo.openPatient()
  const one = publishing(noise(500))
  const { holding } = await wallet.publish({ ...one, descriptor: { ...one.descriptor, price, kind } })
  return holding.dataset
}

const idsOf = (offers: readonly Offer[]): readonly DatasetId[] => offers.map((offer) => offer.dataset)

test('finds what is on offer, newest first, each once though five peers list it', async () => {
  await using halo = await openMemoryHalo()
  const first = await publishOne(halo)
  halo.clock.skipSec(10)
  const second = await publishOne(halo)
  const { research } = await halo.openResearcher()
  const offers = await research.search()
  assert.equal(idsOf(offers), [second, first])
  assert.is(offers[0]?.descriptor.price, PRICE)
  assert.is((offers[0]?.anchoredAtSec ?? 0) - (offers[1]?.anchoredAtSec ?? 0), 10)
})

test('keeps to the kind, the price and the data set that are wanted', async () => {
  await using halo = await openMemoryHalo()
  const cheap = await publishOne(halo, 1n)
  const dear = await publishOne(halo, 100n)
  const other = await publishOne(halo, 1n, 'gait')
  const { research } = await halo.openResearcher()
  assert.equal(idsOf(await research.search({ kind: 'gait' })), [other])
  assert.equal([...idsOf(await research.search({ kind: 'test', maxPrice: 99n }))], [cheap])
  assert.equal(idsOf(await research.search({ dataset: dear })), [dear])
  assert.equal(await research.search({ kind: 'none' }), [])
})

test('believes no entry that is altered, that its patient did not sign, or whose receipt does not hold', async () => {
  await using halo = await openMemoryHalo()
  const dataset = await publishOne(halo)
  const other = await publishOne(halo)
  const [liar] = halo.peers
  assert.ok(liar)
  const [honest, foreign] = await liar.call().catalogue({ after: null, limit: 2 }, {})
  assert.ok(honest && foreign)
  const receipt = decodeReceipt(honest.receipt)
  const cheaper = honest.descriptor.replace(`"price":"${PRICE}"`, '"price":"1"')
  assert.is.not(cheaper, honest.descriptor)
  const forged: readonly CatalogueEntry[] = [
    { ...honest, descriptor: cheaper },
    { ...honest, patient: liar.member.operator },
    { ...honest, commitment: `0x${'9'.repeat(64)}` as Bytes32 },
    { ...honest, receipt: Uint8Array.of(1) },
    { ...honest, receipt: foreign.receipt },
    { ...honest, receipt: encodeReceipt({ ...receipt, root: new Uint8Array(32) }) },
    { ...honest, descriptor: `${honest.descriptor} ` },
    { ...honest, descriptor: 'anything' },
  ]
  for (const peer of halo.peers) peer.override = () => ({ catalogue: async () => forged })
  const { research } = await halo.openResearcher()
  assert.equal(await research.search(), [])
  liar.override = () => ({})
  assert.equal([...idsOf(await research.search())].sort(), [dataset, other].sort())
})

test('keeps of two entries of one data set the one that was anchored first', async () => {
  await using halo = await openMemoryHalo({ peers: 5 })
  const { wallet, parts } = await halo.openPatient()
  const { holding } = await wallet.publish(publishing(noise(500)))
  const key = parts.keyring.datasetKey(holding.keyIndex)
  const descriptor = holding.descriptor.replace(`"price":"${PRICE}"`, '"price":"1"')
  const message = { dataset: holding.dataset, descriptor: textHash(descriptor) }
  const signature = await signMessage(key, 'Anchor', message, halo.chain.ledger.deployment)
  const second = { ...holding, patient: key.address, descriptor, signature, receipt: null }
  const last = halo.peers.at(-1)
  assert.ok(last)
  await last.store.delete(`entry/${holding.dataset}`)
  halo.clock.skipSec(10)
  await last.call().publish(second, {})
  const { research } = await halo.openResearcher()
  for (const order of [halo.chain.members, halo.chain.members.toReversed()]) {
    halo.chain.members = order
    assert.equal(
      (await research.search()).map((offer) => offer.descriptor.price),
      [PRICE],
    )
  }
})

test('takes a signed entry before one whose signature a peer took off or spoilt, whoever answers first', async () => {
  await using halo = await openMemoryHalo()
  await publishOne(halo)
  const [honest] = (await halo.peers[0]?.call().catalogue({ after: null, limit: 1 }, {})) ?? []
  assert.ok(honest)
  const receipt = decodeReceipt(honest.receipt)
  const [line = ''] = receipt.signatures
  const spoilt = `${line.slice(0, -4)}${line.endsWith('AAA=') ? 'BBA=' : 'AAA='}`
  const { research } = await halo.openResearcher()
  for (const signatures of [[], [spoilt], [spoilt, line]]) {
    const changed = { ...honest, receipt: encodeReceipt({ ...receipt, signatures }) }
    for (const liar of [halo.peers[0], halo.peers.at(-1)]) {
      for (const peer of halo.peers) peer.override = () => ({ catalogue: async () => [honest] })
      assert.ok(liar)
      liar.override = () => ({ catalogue: async () => [changed] })
      const [offer] = await research.search()
      assert.equal(offer?.entry, honest)
      assert.is(offer?.isSigned, true)
    }
  }
  // Where nobody has more, it is on offer: the root on chain counts.
  const bare = { ...honest, receipt: encodeReceipt({ ...receipt, signatures: [spoilt] }) }
  for (const peer of halo.peers) peer.override = () => ({ catalogue: async () => [bare] })
  const [offer] = await research.search()
  assert.equal(
    [offer?.isSigned, decodeReceipt(offer?.entry.receipt ?? new Uint8Array()).signatures],
    [false, []],
  )
})

test('keeps its own reading of the chain with an entry, not what a peer says of it', async () => {
  await using halo = await openMemoryHalo()
  await publishOne(halo)
  const [honest] = (await halo.peers[0]?.call().catalogue({ after: null, limit: 1 }, {})) ?? []
  assert.ok(honest)
  const receipt = decodeReceipt(honest.receipt)
  const dated = encodeReceipt({ ...receipt, anchor: { txHash: null, block: 1, atSec: 1 } })
  for (const peer of halo.peers)
    peer.override = () => ({ catalogue: async () => [{ ...honest, receipt: dated }] })
  const [offer] = await (await halo.openResearcher()).research.search()
  assert.is(offer?.anchoredAtSec, receipt.anchor?.atSec)
  assert.equal(offer?.entry, honest)
})

test('finds what the reachable peers list while others are down or silent', async () => {
  await using halo = await openMemoryHalo()
  const dataset = await publishOne(halo)
  const [down, mute] = halo.peers
  assert.ok(down && mute)
  down.isDown = true
  mute.override = () => ({ catalogue: () => new Promise(() => {}) })
  const { research } = await halo.openResearcher({ peerTimeoutMs: 3000 })
  assert.equal(idsOf(await research.search()), [dataset])
})

test('ends although a peer’s catalogue never does, and asks the chain of nothing twice', async () => {
  await using halo = await openMemoryHalo()
  const dataset = await publishOne(halo)
  const [endless] = halo.peers
  assert.ok(endless)
  const [honest] = await endless.call().catalogue({ after: null, limit: 1 }, {})
  assert.ok(honest)
  let pages = 0
  endless.override = () => ({ catalogue: async () => renumber(honest, 1000, pages++ * 1000) })
  const { research } = await halo.openResearcher()
  const before = halo.chain.asked.get('rootAnchor') ?? 0
  assert.equal(idsOf(await research.search({ kind: 'test' })), [dataset])
  assert.is(pages, 100)
  assert.is((halo.chain.asked.get('rootAnchor') ?? 0) - before, 1)
})

/** So many entries of data sets that nobody has, as far as a page of the catalogue shows. */
function renumber(entry: CatalogueEntry, count: number, from = 0): readonly CatalogueEntry[] {
  return Array.from({ length: count }, (_, at) => {
    const commitment = `0x${(from + at + 1).toString(16).padStart(64, '0')}` as Bytes32
    return { ...entry, commitment, descriptor: entry.descriptor.replace('"kind":"test"', '"kind":"crowd"') }
  })
}

test('reads no further where a peer comes round, stands still, or says what it has said', async () => {
  await using halo = await openMemoryHalo()
  const dataset = await publishOne(halo)
  const [round, still, back] = halo.peers
  assert.ok(round && still && back)
  const [honest] = await round.call().catalogue({ after: null, limit: 1 }, {})
  assert.ok(honest)
  const many = renumber(honest, 250)
  const asked = new Map<string, number>()
  const answer = (peer: MemoryPeer, pages: readonly (readonly CatalogueEntry[])[]): void => {
    peer.override = () => ({
      catalogue: async () => {
        const count = asked.get(peer.peerId) ?? 0
        asked.set(peer.peerId, count + 1)
        return pages[count % pages.length] ?? []
      },
    })
  }
  answer(round, [many.slice(0, 100), many.slice(100, 200), [...many.slice(200), ...many.slice(0, 50)]])
  answer(still, [Array.from({ length: 100 }, () => honest)])
  answer(back, [many.slice(0, 100), many.slice(100, 200)])
  const { research } = await halo.openResearcher()
  assert.equal(idsOf(await research.search()), [dataset])
  assert.equal(
    [round, still, back].map(({ peerId }) => asked.get(peerId)),
    [3, 2, 3],
  )
})

/** Lists so many entries at a peer, of data sets whose ids come before another, as whoever tries many can. */
async function crowd(peer: MemoryPeer, before: DatasetId, count: number): Promise<void> {
  const [listed] = await peer.call().catalogue({ after: null, limit: 1 }, {})
  assert.ok(listed)
  const state = openPeerState(peer.store)
  let tried = 0
  for (let left = count; left > 0; ) {
    const [one = listed] = renumber(listed, 1, tried++)
    const id = datasetIdOf(one.commitment, one.patient)
    if (id > before) continue
    await state.addCatalogueEntry(id, one)
    left--
  }
  await peer.restart()
  // Its ids are read once, which in this store takes longer than a researcher waits.
  await peer.call().catalogue({ after: null, limit: 1 }, {})
}

test('finds what is listed behind more entries than one search reads, whatever ids they were given', async () => {
  await using halo = await openMemoryHalo()
  const published = [await publishOne(halo), await publishOne(halo), await publishOne(halo)].toSorted()
  const hidden = published.at(-1) as DatasetId
  for (const peer of halo.peers.slice(1)) peer.isDown = true
  const [crowded] = halo.peers
  assert.ok(crowded)
  await crowd(crowded, hidden, 11_000)
  const { research } = await halo.openResearcher()
  crowded.calls.length = 0
  assert.equal(idsOf(await research.search({ dataset: hidden })), [hidden])
  assert.is(crowded.calls.length, 1, 'one question is enough for one data set')
  // One search reads 10 000 of 11 003 entries, from anywhere on: that none of thirty finds it is one in 10^31.
  let searches = 0
  do {
    assert.ok(searches++ < 30)
  } while (!idsOf(await research.search({ kind: 'test' })).includes(hidden))
})

test('asks for a data set whose id is the first or the last there is', async () => {
  await using halo = await openMemoryHalo()
  await publishOne(halo)
  const { research } = await halo.openResearcher()
  const [peer] = halo.peers
  assert.ok(peer)
  const asked: unknown[] = []
  peer.override = (honest) => ({
    catalogue: (query, options) => {
      asked.push(query)
      return honest.catalogue(query, options)
    },
  })
  for (const digit of ['0', 'f'])
    assert.equal(await research.search({ dataset: `0x${digit.repeat(64)}` as DatasetId }), [])
  assert.equal(asked, [
    { after: `0x${'f'.repeat(64)}`, limit: 1 },
    { after: `0x${'f'.repeat(63)}e`, limit: 1 },
  ])
})

/** So many entries that only their makers vouch for, each in a log of its own that no chain has. */
function inventEntries(honest: CatalogueEntry, count: number): readonly CatalogueEntry[] {
  const receipt = decodeReceipt(honest.receipt)
  const [commitment, salt] = [receipt.commitment, new Uint8Array(32)]
  return Array.from({ length: count }, (_, at) => {
    new DataView(salt.buffer).setUint32(0, at)
    const tree = buildTree([hashLeaf(saltCommitment(commitment, salt))])
    const changes = { salt: salt.slice(), size: 1, index: 0, path: [], root: tree.root, signatures: [] }
    return { ...honest, receipt: encodeReceipt({ ...receipt, ...changes }) }
  })
}

test('asks the chain of so many roots that one peer has invented, and finds what the others list', async () => {
  await using halo = await openMemoryHalo()
  const dataset = await publishOne(halo)
  const [inventor] = halo.peers
  assert.ok(inventor)
  const [honest] = await inventor.call().catalogue({ after: null, limit: 1 }, {})
  assert.ok(honest)
  const invented = inventEntries(honest, 400)
  let pages = 0
  inventor.override = () => ({
    catalogue: async ({ limit }) => {
      const from = pages++ * limit
      return invented.slice(from, from + limit)
    },
  })
  const { research } = await halo.openResearcher()
  const before = halo.chain.asked.get('rootAnchor') ?? 0
  assert.equal(idsOf(await research.search()), [dataset])
  const asked = (halo.chain.asked.get('rootAnchor') ?? 0) - before
  assert.ok(asked > 100 && asked < 120, `${asked} questions`)
})

test('takes one variant of an entry from each peer, and the true one from whoever lists it', async () => {
  await using halo = await openMemoryHalo()
  const dataset = await publishOne(halo)
  const [first] = halo.peers
  assert.ok(first)
  const [honest] = await first.call().catalogue({ after: null, limit: 1 }, {})
  assert.ok(honest)
  const receipt = decodeReceipt(honest.receipt)
  const signatures = Array.from({ length: 100 }, (_, at) => {
    const key = new Uint8Array(72)
    new DataView(key.buffer).setUint32(0, at + 1)
    return `— other.example ${Buffer.from(key).toString('base64')}`
  })
  const variants = signatures.map((line) => {
    const more = encodeReceipt({ ...receipt, signatures: [...receipt.signatures, line] })
    return { ...honest, signature: NO_SIGNATURE, receipt: more }
  })
  let looked = 0
  first.override = () => ({
    catalogue: async () => variants,
  })
  const { parts } = await halo.openResearcher()
  const { ledger } = parts
  // The home of a log is looked at whenever an entry is opened, and once more when its signatures are.
  const counting = {
    ...ledger,
    get deployment() {
      looked++
      return ledger.deployment
    },
  }
  const research = openResearch({ ...parts, ledger: counting })
  const [offer] = await research.search()
  assert.equal([offer?.dataset, offer?.entry.signature], [dataset, honest.signature])
  // Each variant and the true entry are opened; the true one and at most one variant are checked further.
  assert.ok(looked <= 101 + 2, `${looked} times`)
  for (const peer of halo.peers.slice(1)) peer.isDown = true
  looked = 0
  assert.equal(await research.search(), [])
  assert.is(looked, 100 + 1)
})

test('gives a catalogue that trickles only so long', async () => {
  await using halo = await openMemoryHalo()
  const dataset = await publishOne(halo)
  const [slow] = halo.peers
  assert.ok(slow)
  const [honest] = await slow.call().catalogue({ after: null, limit: 1 }, {})
  assert.ok(honest)
  let pages = 0
  slow.override = () => ({
    catalogue: async () => {
      await new Promise((resolve) => setTimeout(resolve, 200))
      return renumber(honest, 100, pages++ * 100)
    },
  })
  const { research } = await halo.openResearcher({ peerTimeoutMs: 500 })
  assert.equal(idsOf(await research.search()), [dataset])
  // A hundred pages would be all it may send; six times half a second is over long before.
  assert.ok(pages < 60)
})

test('leaves suspended members alone', async () => {
  await using halo = await openMemoryHalo({ peers: 6 })
  await publishOne(halo)
  const last = halo.peers[5]
  assert.ok(last)
  halo.chain.members = halo.chain.members.map((member) => ({
    ...member,
    isActive: member.peerId !== last.peerId,
  }))
  const { research } = await halo.openResearcher()
  last.calls.length = 0
  await research.search()
  assert.equal(last.calls, [])
})

test.run()
