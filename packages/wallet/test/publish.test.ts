import type { DatasetId } from '@halo/consent'
import { datasetIdOf, signMessage, textHash } from '@halo/consent'
import type { CatalogueEntry, CheckedEntry, PeerLink, Publication } from '@halo/ports'
import { checkEntry, readAnchor } from '@halo/ports'
import { decodeReceipt, encodeReceipt } from '@halo/proofs'
import { parseManifest } from '@halo/vault'
import { encode } from '@ipld/dag-cbor'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { MemoryHalo } from '../../halo/test/memory-halo.ts'
import { failureOf, noise, openMemoryHalo, publishing } from '../../halo/test/memory-halo.ts'
import { createPeerKey, peerIdOf } from '../../peers/src/index.ts'
import type { Holding, WalletParts } from '../src/index.ts'
import { openKeyring, openWallet } from '../src/index.ts'

const test = suite('wallet/publish')
const SUMMARY = { kind: 'test', format: 'bytes', readings: 3, days: 1 }
const WORDS = 'test test test test test test test test test test test junk'

/** What a holding shows to somebody who has the chain and the registry. */
function shownBy(halo: MemoryHalo, parts: WalletParts, holding: Holding): CheckedEntry {
  const { commitment, descriptor, signature, receipt, keyIndex } = holding
  const patient = parts.keyring.datasetKey(keyIndex).address
  assert.ok(signature !== null && receipt !== null)
  const entry = { commitment, patient, descriptor, signature, receipt }
  const checked = checkEntry(entry, halo.chain.ledger.deployment, halo.chain.members)
  assert.ok(checked)
  return checked
}

const idOf = ({ commitment, patient }: CatalogueEntry): DatasetId => datasetIdOf(commitment, patient)

test('places one shard and one share with each of five operators, and has what it signed logged', async () => {
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
  const shown = shownBy(halo, parts, holding)
  assert.equal([shown.dataset, shown.isSigned], [holding.dataset, true])
  assert.equal(shown.receipt.salt, holding.salt)
  assert.is((await readAnchor(shown, halo.chain.ledger))?.txHash, anchorTx?.hash)
  assert.equal(await wallet.holdings(), [holding])
  assert.equal(
    halo.chain.mined.map(({ name }) => name),
    ['anchor'],
  )
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
    assert.equal((await peer.call().catalogue({ after: null, limit: 10 }, {})).map(idOf), [holding.dataset])
  assert.is(halo.links.length, 2)
  assert.is(new Set(halo.links).size, 2)
})

test('takes a fresh address and fresh ids for each data set', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, parts } = await halo.openPatient()
  const first = await wallet.publish(publishing(noise(1000)))
  const second = await wallet.publish(publishing(noise(1000)))
  assert.is.not(first.holding.dataset, second.holding.dataset)
  const owners = [first, second].map(({ holding }) => parts.keyring.datasetKey(holding.keyIndex).address)
  assert.is(new Set(owners).size, 2)
  const shown = [first, second].map(({ holding }) => shownBy(halo, parts, holding).dataset)
  assert.is(new Set(shown).size, 2)
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
  const { wallet, parts } = await halo.openPatient()
  halo.chain.before = () => {
    throw new Error('mempool full')
  }
  const hasty = openWallet(parts, { chainTimeoutMs: 300 })
  assert.is(await failureOf(hasty.publish(publishing(noise(1000)))), 'ANCHOR_MISSING')
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
  const { rootAnchor } = halo.chain.ledger
  let failures = 3
  const unsteady = {
    ...halo.chain.ledger,
    rootAnchor: async (...args: Parameters<typeof rootAnchor>) => {
      if (failures-- > 0) throw new Error('connection reset')
      return rootAnchor(...args)
    },
  }
  await openWallet({ ...parts, ledger: unsteady }, { chainTimeoutMs: 30_000 }).publish(
    publishing(noise(1000)),
  )
  assert.ok(failures <= 0)
})

test('publishes a kept record once: a missing anchor is retried without sealing and storing again', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, parts } = await halo.openPatient()
  const { record } = await wallet.keep(noise(1000), SUMMARY, new Uint8Array(3))
  const { descriptor } = publishing(noise(1))
  halo.chain.before = () => {
    throw new Error('mempool full')
  }
  const hasty = openWallet(parts, { chainTimeoutMs: 300 })
  assert.is(await failureOf(hasty.publishKept(record.id, { descriptor })), 'ANCHOR_MISSING')
  assert.is((await wallet.inbox()).length, 1)
  halo.chain.before = () => {}
  const published = await wallet.publishKept(record.id, { descriptor })
  assert.equal([published.shards, published.peers, published.threshold], [5, 5, 3])
  assert.is((await wallet.holdings()).length, 1)
  assert.equal(await wallet.inbox(), [])
  for (const peer of halo.peers) assert.is(peer.blocks.shards.size, 1)
  assert.is(await failureOf(wallet.publishKept(record.id, { descriptor })), 'RECORD_NOT_FOUND')
})

test('loses nothing to a hostile peer that has the commitment logged for itself', async () => {
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
        const stolen = {
          ...publication,
          patient: thief.address,
          signature,
          receipt: null,
          salt: new Uint8Array(32),
        }
        await honest.publish(stolen, options)
        return honest.publish(publication, options)
      },
    })
  const { holding, liars } = await wallet.publish(publishing(noise(1000)))
  assert.is(shownBy(halo, parts, holding).dataset, holding.dataset)
  assert.equal(liars, [])
})

test('has many records of one hour logged by one member, one entry each', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, parts } = await halo.openPatient()
  const placed = []
  for (let at = 0; at < 3; at++) placed.push(await wallet.publish(publishing(noise(500, at + 1))))
  const shown = placed.map(({ holding }) => shownBy(halo, parts, holding))
  assert.equal(
    shown.map(({ receipt }) => receipt.index),
    [0, 1, 2],
  )
  assert.is(new Set(shown.map(({ operator }) => operator)).size, 1)
})

test('goes on to another member when one gives no receipt that holds, and names it', async () => {
  type Lie = (receipt: Uint8Array, others: readonly Uint8Array[]) => Uint8Array
  const changed =
    (change: (receipt: ReturnType<typeof decodeReceipt>) => object): Lie =>
    (bytes) => {
      const receipt = decodeReceipt(bytes)
      return encodeReceipt({ ...receipt, ...change(receipt) })
    }
  const lies: Readonly<Record<string, Lie>> = {
    'another record’s receipt': (_, [other]) => other ?? new Uint8Array(1),
    'no receipt at all': () => Uint8Array.of(1, 2, 3),
    'another place': changed(({ index }) => ({ index: index - 1 })),
    'another root': changed(() => ({ root: new Uint8Array(32).fill(9) })),
    'another chain': changed(({ log }) => ({ log: { ...log, chainId: 1 } })),
    'another contract': changed(({ log }) => ({ log: { ...log, contract: `0x${'1'.repeat(40)}` } })),
    'another operator': changed(({ log }) => ({ log: { ...log, operator: `0x${'1'.repeat(40)}` } })),
    'no salt': changed(() => ({ salt: null })),
    'no time': changed(() => ({ anchor: null })),
  }
  await using halo = await openMemoryHalo()
  const { wallet, parts } = await halo.openPatient()
  const { holding: other } = await wallet.publish(publishing(noise(400, 7)))
  const [liar] = halo.peers
  assert.ok(liar && other.receipt)
  const others = [other.receipt]
  for (const [name, lie] of Object.entries(lies)) {
    liar.override = (honest) => ({
      async publish(publication, options) {
        const listed = await honest.publish(publication, options)
        return { ...listed, receipt: lie(listed.receipt, others) }
      },
    })
    const { holding, liars } = await wallet.publish(publishing(noise(1000)))
    assert.equal(liars, [liar.peerId], name)
    assert.is.not(shownBy(halo, parts, holding).operator, liar.member.operator, name)
  }
})

test('says whose receipts are forged when nobody gives one that holds, and publishes nothing', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient()
  for (const peer of halo.peers)
    peer.override = () => ({ publish: async () => ({ receipt: Uint8Array.of(0), txHash: null }) })
  const error = await wallet.publish(publishing(noise(1000))).catch((caught: unknown) => caught)
  const { code, message } = error as { code: string; message: string }
  assert.is(code, 'RECEIPT_FORGED')
  for (const { peerId } of halo.peers) assert.match(message, peerId)
  assert.equal(await wallet.log(), [])
  for (const peer of halo.peers) peer.override = () => ({})
  const [holding] = await wallet.holdings()
  assert.ok(holding)
  await wallet.anchor(holding)
  assert.is((await wallet.log()).length, 1)
})

test('blames nobody while its own chain node is behind', async () => {
  await using halo = await openMemoryHalo()
  const { parts } = await halo.openPatient()
  const { ledger } = halo.chain
  let waits = 0
  const behind = {
    ...ledger,
    rootAnchor: async (...args: Parameters<typeof ledger.rootAnchor>) =>
      waits++ < 2 ? null : ledger.rootAnchor(...args),
    // Of the same second: blocks may come faster than their time shows.
    headBlock: async () => (await ledger.headBlock()) - (waits < 2 ? 1 : 0),
  }
  const wallet = openWallet({ ...parts, ledger: behind }, { chainTimeoutMs: 30_000 })
  const { liars } = await wallet.publish(publishing(noise(1000)))
  assert.equal(liars, [])
  assert.ok(waits > 2)
})

test('blames nobody when one of the nodes behind its address is behind the other', async () => {
  await using halo = await openMemoryHalo()
  const { parts } = await halo.openPatient()
  const { ledger } = halo.chain
  let asked = 0
  const mixed = {
    ...ledger,
    rootAnchor: async (...args: Parameters<typeof ledger.rootAnchor>) =>
      asked++ === 0 ? null : ledger.rootAnchor(...args),
  }
  const wallet = openWallet({ ...parts, ledger: mixed }, { chainTimeoutMs: 30_000 })
  const { liars } = await wallet.publish(publishing(noise(1000)))
  assert.equal([liars, halo.chain.mined.length], [[], 1])
})

test('keeps the chain’s word for when the root got there, whatever the member says', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, parts } = await halo.openPatient()
  const [teller] = halo.peers
  assert.ok(teller)
  teller.override = (honest) => ({
    async publish(publication, options) {
      const listed = await honest.publish(publication, options)
      const receipt = decodeReceipt(listed.receipt)
      const anchor = receipt.anchor && { ...receipt.anchor, atSec: receipt.anchor.atSec - 60 }
      return { ...listed, receipt: encodeReceipt({ ...receipt, anchor }) }
    },
  })
  const { holding, liars } = await wallet.publish(publishing(noise(1000)))
  const shown = shownBy(halo, parts, holding)
  assert.equal([shown.operator, liars], [teller.member.operator, []])
  assert.ok(await readAnchor(shown, halo.chain.ledger))
})

/** The receipt without its signatures. */
function strip(receipt: Uint8Array): Uint8Array {
  return encodeReceipt({ ...decodeReceipt(receipt), signatures: [] })
}

test('is kept from publishing by nobody who hands its receipt out unsigned, and blames none who has it', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, parts } = await halo.openPatient()
  const [hostile, ...others] = halo.peers
  assert.ok(hostile)
  hostile.override = (honest) => ({
    async publish(publication, options) {
      const receipt = strip((await honest.publish(publication, options)).receipt)
      for (const other of others)
        await other
          .call()
          .publish({ ...publication, salt: null, receipt }, {})
          .catch(() => null)
      throw new Error('busy')
    },
  })
  const { holding, liars } = await wallet.publish(publishing(noise(1000)))
  const shown = shownBy(halo, parts, holding)
  assert.equal([shown.isSigned, liars], [true, []])
  assert.is.not(shown.operator, hostile.member.operator)
  for (const other of others) {
    const [entry] = await other.call().catalogue({ after: null, limit: 9 }, {})
    assert.equal(entry?.receipt, holding.receipt)
  }
})

test('blames nobody and publishes when a stranger has listed its receipt without the block it is anchored in', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient()
  const [first, ...others] = halo.peers
  assert.ok(first)
  // The first member logs the record, but its answer is lost; meanwhile a stranger reads what it lists.
  first.override = (honest) => ({
    async publish(publication, options) {
      await honest.publish(publication, options)
      const [entry] = await honest.catalogue({ after: null, limit: 9 }, options)
      assert.ok(entry)
      const receipt = encodeReceipt({ ...decodeReceipt(entry.receipt), anchor: null })
      for (const other of others)
        assert.is(
          await failureOf(other.call().publish({ ...entry, salt: null, receipt }, {})),
          'RECEIPT_FORGED',
        )
      throw new Error('The connection was lost.')
    },
  })
  const { liars, holding } = await wallet.publish(publishing(noise(1000)))
  assert.equal(liars, [])
  assert.ok(holding.receipt && decodeReceipt(holding.receipt).anchor !== null)
})

test('takes a receipt without signature when nobody gives another, and a signed one once there is one', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, parts } = await halo.openPatient()
  for (const peer of halo.peers)
    peer.override = (honest) => ({
      async publish(publication, options) {
        const listed = await honest.publish(publication, options)
        return { ...listed, receipt: strip(listed.receipt) }
      },
    })
  const { holding, liars } = await wallet.publish(publishing(noise(1000)))
  assert.equal([shownBy(halo, parts, holding).isSigned, liars], [false, []])
  for (const peer of halo.peers) peer.override = () => ({})
  const mined = halo.chain.mined.length
  await wallet.anchor(holding)
  const [now] = await wallet.holdings()
  assert.ok(now)
  assert.is(shownBy(halo, parts, now).isSigned, true)
  assert.is(halo.chain.mined.length, mined, 'its member has it in its log already')
})

test('keeps the receipt of a member that has left or is suspended, and has it logged again for one that has another key', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, parts } = await halo.openPatient()
  const { holding } = await wallet.publish(publishing(noise(1000)))
  const all = halo.chain.members
  const [first, ...rest] = all
  assert.ok(first)
  const peerId = peerIdOf(await createPeerKey())
  for (const members of [rest, [{ ...first, peerId, isActive: false }, ...rest]]) {
    halo.chain.members = members
    halo.clock.skipSec(86_400)
    await wallet.anchor(holding)
    assert.equal((await wallet.holdings())[0]?.receipt, holding.receipt)
    assert.is(halo.chain.mined.length, 1)
  }
  halo.chain.members = [{ ...first, peerId }, ...rest]
  await wallet.anchor(holding)
  const [now] = await wallet.holdings()
  assert.ok(now)
  const shown = shownBy(halo, parts, now)
  assert.equal([shown.isSigned, halo.chain.mined.length], [true, 2])
  assert.is.not(shown.operator, first.operator)
})

test('dates its receipt anew when the root was mined again in another block, and lists with that', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, parts } = await halo.openPatient()
  const { holding } = await wallet.publish(publishing(noise(1000)))
  const { operator, root, receipt } = shownBy(halo, parts, holding)
  halo.chain.dropRoot(operator, receipt.size, root)
  halo.clock.skipSec(12)
  const tx = await halo.chain.writer(operator).anchorRoot(receipt.size, root)
  const mined = halo.chain.mined.length
  await wallet.anchor(holding)
  const [now] = await wallet.holdings()
  assert.ok(now)
  const { anchor } = shownBy(halo, parts, now).receipt
  assert.equal([anchor?.block, anchor?.atSec], [tx.block, (receipt.anchor?.atSec ?? 0) + 12])
  assert.is(halo.chain.mined.length, mined)
  for (const peer of halo.peers) {
    const [entry] = await peer.call().catalogue({ after: null, limit: 9 }, {})
    assert.equal(entry?.receipt, now.receipt)
  }
})

test('has nothing logged when its caller leaves before a member has it, and keeps what was placed', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient()
  const leaving = new AbortController()
  for (const peer of halo.peers)
    peer.override = (honest) => ({
      publish: async (publication, options) => {
        leaving.abort(new DOMException('left', 'AbortError'))
        return honest.publish(publication, options)
      },
    })
  const error = await wallet
    .publish(publishing(noise(1000), { signal: leaving.signal }))
    .catch((caught: unknown) => caught)
  assert.is((error as Error).name, 'AbortError')
  assert.equal(halo.chain.mined, [])
  for (const peer of halo.peers) peer.override = () => ({})
  const [holding] = await wallet.holdings()
  assert.ok(holding)
  await wallet.anchor(holding)
  assert.is(halo.chain.mined.length, 1)
})

test('logs once, and lists again with the receipt it has kept', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient()
  const { holding } = await wallet.publish(publishing(noise(1000)))
  const given: Publication[] = []
  for (const peer of halo.peers)
    peer.override = (honest) => ({
      publish: (publication, options) => {
        given.push(publication)
        return honest.publish(publication, options)
      },
    })
  await wallet.anchor(holding)
  assert.is(halo.chain.mined.length, 1)
  assert.is(given.length, 5)
  for (const { salt, receipt } of given) assert.equal([salt, receipt], [null, holding.receipt])
})

test('says of a record that an earlier version published that it has to be published again', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, parts } = await halo.openPatient()
  const { holding } = await wallet.publish(publishing(noise(1000)))
  const { salt: _salt, receipt: _receipt, signature: _signature, ...old } = holding
  await parts.store.put(`holding/${holding.dataset}`, encode(old))
  const [read] = await wallet.holdings()
  assert.ok(read)
  assert.equal([read.salt, read.receipt, read.signature], [null, null, null])
  assert.is(await failureOf(wallet.anchor(read)), 'HOLDING_OUTDATED')
  assert.equal(await wallet.requests(), [])
})

test('publishes a kept record anew when an earlier version placed it and cannot have it logged', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, parts } = await halo.openPatient()
  const { record } = await wallet.keep(noise(1000), SUMMARY, new Uint8Array(3))
  const { descriptor } = publishing(noise(1))
  halo.chain.before = () => {
    throw new Error('mempool full')
  }
  const hasty = openWallet(parts, { chainTimeoutMs: 300 })
  assert.is(await failureOf(hasty.publishKept(record.id, { descriptor })), 'ANCHOR_MISSING')
  halo.chain.before = () => {}
  const [placed] = await wallet.holdings()
  assert.ok(placed)
  const { salt: _salt, receipt: _receipt, signature: _signature, ...old } = placed
  await parts.store.put(`holding/${placed.dataset}`, encode(old))
  const { holding } = await wallet.publishKept(record.id, { descriptor })
  assert.is.not(holding.dataset, placed.dataset)
  assert.is(shownBy(halo, parts, holding).isSigned, true)
  assert.equal(await wallet.inbox(), [])
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
