import type { Bytes32, DatasetId, Hex } from '@halo/consent'
import { datasetIdOf, hexOf } from '@halo/consent'
import type { CatalogueEntry, Publication } from '@halo/ports'
import { decodeReceipt, encodeReceipt, openLog } from '@halo/proofs'
import { encode } from '@ipld/dag-cbor'
import { Wallet as Signer } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { describeSample, signPublication } from '../../ports/test/sample-publication.ts'
import { openPeerState } from '../src/state.ts'
import type { MemoryPeer } from './memory-halo.ts'
import { failureOf, NO_SIGNATURE, openMemoryHalo } from './memory-halo.ts'

const test = suite('halo/list')
const patient = new Signer(`0x${'5'.repeat(64)}`)
const DESCRIPTOR = describeSample()

async function publication(
  digit: number,
  descriptor = DESCRIPTOR,
  changes: Partial<Publication> = {},
): Promise<Publication> {
  const bytes = new Uint8Array(32).fill(digit)
  const made = { commitment: hexOf(bytes) as Bytes32, salt: bytes }
  return { ...(await signPublication(patient, made, { descriptor })), ...changes }
}

const idOf = ({ commitment, patient: owner }: CatalogueEntry): DatasetId => datasetIdOf(commitment, owner)

/** Ids that nothing has. */
const FIRST_ID = `0x${'0'.repeat(64)}` as DatasetId
const LAST_ID = `0x${'f'.repeat(64)}` as DatasetId

/** The same line with its last bytes changed: another signature in the same name. */
function otherSignature(line: string): string {
  return line.endsWith('AAAA') ? `${line.slice(0, -4)}BBBB` : `${line.slice(0, -4)}AAAA`
}

/** The receipt of the first entry that a peer lists. */
async function firstReceipt(peer: MemoryPeer): Promise<Uint8Array | undefined> {
  return (await peer.call().catalogue({ after: null, limit: 9 }, {}))[0]?.receipt
}

test('logs an entry for its patient, pays for it once, and lists it; others list it with the receipt', async () => {
  await using halo = await openMemoryHalo({ peers: 2 })
  const [first, second] = halo.peers
  assert.ok(first && second)
  const one = await publication(1)
  const { receipt, txHash } = await first.call().publish(one, {})
  assert.match(String(txHash), /^0x/)
  assert.equal(await first.call().publish(one, {}), { receipt, txHash: null })
  assert.equal(await second.call().publish({ ...one, salt: null, receipt }, {}), { receipt, txHash: null })
  assert.is(halo.chain.mined.length, 1)
  const { salt: _, ...stated } = one
  for (const peer of [first, second])
    assert.equal(await peer.call().catalogue({ after: null, limit: 9 }, {}), [{ ...stated, receipt }])
})

test('logs nothing twice for who replays an entry under another salt', async () => {
  await using halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  const one = await publication(1)
  const listed = await peer.call().publish(one, {})
  const again = await peer.call().publish({ ...one, salt: new Uint8Array(32).fill(9) }, {})
  assert.equal(again, { ...listed, txHash: null })
  assert.is((await openLog(peer.tiles)).head.size, 1)
})

test('lists with a receipt only what the chain holds as the receipt says', async () => {
  await using halo = await openMemoryHalo({ peers: 2 })
  const [first, second] = halo.peers
  assert.ok(first && second)
  const [one, two] = [await publication(1), await publication(2)]
  const { receipt: bytes } = await first.call().publish(one, {})
  const other = await first.call().publish(two, {})
  const receipt = decodeReceipt(bytes)
  const forged: readonly Uint8Array[] = [
    other.receipt,
    Uint8Array.of(1),
    encodeReceipt({ ...receipt, root: new Uint8Array(32) }),
    encodeReceipt({ ...receipt, salt: null }),
    encodeReceipt({ ...receipt, signatures: receipt.signatures.map(otherSignature) }),
    encodeReceipt({ ...receipt, log: { ...receipt.log, operator: `0x${'1'.repeat(40)}` } }),
    encodeReceipt({ ...receipt, anchor: receipt.anchor && { ...receipt.anchor, block: 77 } }),
    encodeReceipt({ ...receipt, anchor: null }),
  ]
  for (const [at, wrong] of forged.entries()) {
    const listing = { ...one, salt: null, receipt: wrong }
    assert.is(await failureOf(second.call().publish(listing, {})), 'RECEIPT_FORGED', `forgery ${at}`)
  }
  assert.equal(await second.call().catalogue({ after: null, limit: 9 }, {}), [])
  const { operator } = first.member
  halo.chain.dropRoot(operator, receipt.size, hexOf(receipt.root) as Bytes32)
  const gone = second.call().publish({ ...one, salt: null, receipt: bytes }, {})
  assert.is(await failureOf(gone), 'RECEIPT_FORGED')
})

test('lists no receipt without the signature of its active member, and puts a signed one in the place of a bare one', async () => {
  await using halo = await openMemoryHalo({ peers: 2 })
  const [first, second] = halo.peers
  assert.ok(first && second)
  const one = await publication(1)
  const { receipt } = await first.call().publish(one, {})
  const signed = { ...one, salt: null, receipt }
  const bare = { ...signed, receipt: encodeReceipt({ ...decodeReceipt(receipt), signatures: [] }) }
  const listed = (): ReturnType<typeof firstReceipt> => firstReceipt(second)
  assert.is(await failureOf(second.call().publish(bare, {})), 'RECEIPT_FORGED')
  assert.is(await listed(), undefined)

  // Who has left can be asked for no signature: then the root on chain has to do.
  const all = halo.chain.members
  halo.chain.members = all.slice(1)
  assert.equal((await second.call().publish(bare, {})).receipt, bare.receipt)
  halo.chain.members = all
  assert.equal(
    (await second.call().publish(bare, {})).receipt,
    bare.receipt,
    'it stays, as nothing better came',
  )
  assert.equal((await second.call().publish(signed, {})).receipt, receipt)
  assert.equal(await listed(), receipt)
  assert.equal((await second.call().publish(bare, {})).receipt, receipt)
  assert.equal(await listed(), receipt)
  assert.is(halo.chain.mined.length, 1)
})

test('lists of the lines under a receipt only those that show something, whoever brings more', async () => {
  await using halo = await openMemoryHalo({ peers: 2 })
  const [first, second] = halo.peers
  assert.ok(first && second)
  const one = await publication(1)
  const { receipt } = await first.call().publish(one, {})
  const opened = decodeReceipt(receipt)
  const [line = ''] = opened.signatures
  const bring = async (...signatures: readonly string[]): Promise<readonly string[]> => {
    const brought = encodeReceipt({ ...opened, signatures })
    const { receipt: answered } = await second.call().publish({ ...one, salt: null, receipt: brought }, {})
    const [entry] = await second.call().catalogue({ after: null, limit: 9 }, {})
    assert.is(hexOf(entry?.receipt ?? new Uint8Array()), hexOf(answered))
    return decodeReceipt(answered).signatures
  }
  const foreign = `— court.example ${line.split(' ').at(-1)}`
  // A suspended member can be asked for no signature, but a wrong one in its name would break proofs.
  const all = halo.chain.members
  halo.chain.members = all.map((member) => (member === all[0] ? { ...member, isActive: false } : member))
  assert.equal(await bring(otherSignature(line)), [])
  assert.equal(await bring(foreign, otherSignature(line), line), [line], 'a signed one takes its place')
  assert.equal(await bring(otherSignature(line)), [line])
})

test('logs an entry itself that it lists without the signature of its active member', async () => {
  await using halo = await openMemoryHalo({ peers: 2 })
  const [first, second] = halo.peers
  assert.ok(first && second)
  const one = await publication(1)
  const { receipt } = await first.call().publish(one, {})
  const { salt: _, ...stated } = one
  const bare = encodeReceipt({ ...decodeReceipt(receipt), signatures: [] })
  await openPeerState(second.store).addCatalogueEntry(idOf({ ...stated, receipt }), {
    ...stated,
    receipt: bare,
  })
  const again = decodeReceipt((await second.call().publish(one, {})).receipt)
  assert.is(again.log.operator, second.member.operator.toLowerCase())
  assert.is(again.signatures.length, 1)
})

test('dates a listed receipt anew when the chain has its root in another block', async () => {
  await using halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  const one = await publication(1)
  const receipt = decodeReceipt((await peer.call().publish(one, {})).receipt)
  const { operator } = peer.member
  const root = hexOf(receipt.root) as Bytes32
  halo.chain.dropRoot(operator, receipt.size, root)
  halo.clock.skipSec(12)
  const { block } = await halo.chain.writer(operator).anchorRoot(receipt.size, root)
  const again = await peer.call().publish(one, {})
  assert.is(decodeReceipt(again.receipt).anchor?.block, block)
  assert.equal(await firstReceipt(peer), again.receipt)
})

test('lists with the chain’s own word what came without its transaction, or was listed without its block', async () => {
  await using halo = await openMemoryHalo({ peers: 2 })
  const [first, second] = halo.peers
  assert.ok(first && second)
  const one = await publication(1)
  const { receipt } = await first.call().publish(one, {})
  const opened = decodeReceipt(receipt)
  assert.ok(opened.anchor?.txHash)
  const listed = (): ReturnType<typeof firstReceipt> => firstReceipt(second)
  const untold = encodeReceipt({ ...opened, anchor: { ...opened.anchor, txHash: null } })
  assert.equal((await second.call().publish({ ...one, salt: null, receipt: untold }, {})).receipt, receipt)
  assert.equal(await listed(), receipt)
  const { salt: _, ...stated } = one
  const silent = { ...stated, receipt: encodeReceipt({ ...opened, anchor: null }) }
  await openPeerState(second.store).addCatalogueEntry(idOf(silent), silent)
  assert.equal((await second.call().publish(one, {})).receipt, receipt)
  assert.equal(await listed(), receipt)
})

test('lists and pays for nothing that its patient did not sign', async () => {
  await using halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  const one = await publication(1)
  const two = await publication(2)
  const forged: readonly (readonly [Publication, string])[] = [
    [{ ...one, signature: two.signature }, 'CONSENT_FORGED'],
    [{ ...one, commitment: two.commitment }, 'CONSENT_FORGED'],
    [{ ...one, patient: halo.peers[0]?.member.operator ?? one.patient }, 'CONSENT_FORGED'],
    [{ ...one, descriptor: DESCRIPTOR.replace('"price":"1"', '"price":"2"') }, 'CONSENT_FORGED'],
    [{ ...one, signature: NO_SIGNATURE }, 'CONSENT_FORGED'],
    [{ ...one, signature: '0x' as Hex }, 'CONSENT_FORGED'],
    [await publication(3, 'anything'), 'MALFORMED'],
    [await publication(4, `${DESCRIPTOR} `), 'MALFORMED'],
  ]
  for (const [entry, reason] of forged) assert.is(await failureOf(peer.call().publish(entry, {})), reason)
  assert.equal(await peer.call().catalogue({ after: null, limit: 9 }, {}), [])
  assert.equal(halo.chain.mined, [])
})

test('refuses a second entry for a data set that is listed, also when both arrive together', async () => {
  await using halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  await peer.call().publish(await publication(1), {})
  const other = await publication(1, DESCRIPTOR.replace('"price":"1"', '"price":"2"'))
  assert.is(await failureOf(peer.call().publish(other, {})), 'STORE_CONFLICT')
  const [third, fourth] = [
    await publication(3),
    await publication(3, DESCRIPTOR.replace('"price":"1"', '"price":"2"')),
  ]
  const results = [third, fourth].map((entry) => failureOf(peer.call().publish(entry, {})))
  assert.equal((await Promise.all(results)).toSorted(), ['STORE_CONFLICT', 'nothing failed'])
})

test('lists nothing that could not be anchored', async () => {
  await using halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  halo.chain.isDown = true
  assert.is(await failureOf(peer.call().publish(await publication(1), {})), 'CHAIN_UNREACHABLE')
  halo.chain.isDown = false
  assert.equal(await peer.call().catalogue({ after: null, limit: 9 }, {}), [])
})

test('pays for so many anchors an hour and no more', async () => {
  await using halo = await openMemoryHalo({ peers: 1, peer: { anchorsPerHour: 2 } })
  const [peer] = halo.peers
  assert.ok(peer)
  await peer.call().publish(await publication(1), {})
  await peer.call().publish(await publication(2), {})
  assert.is(await failureOf(peer.call().publish(await publication(3), {})), 'BUSY')
  // What is anchored already costs nothing.
  await peer.call().publish(await publication(1), {})
  halo.clock.skipSec(1800)
  await peer.call().publish(await publication(3), {})
  assert.is(await failureOf(peer.call().publish(await publication(4), {})), 'BUSY')
})

test('hands the catalogue out in pages of at most a hundred', async () => {
  await using halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  for (let digit = 0; digit < 105; digit++) await peer.call().publish(await publication(digit), {})
  const call = peer.call()
  const idAt = (page: readonly CatalogueEntry[], at: number): DatasetId => idOf(page.at(at) as CatalogueEntry)
  const all = await call.catalogue({ after: null, limit: 1000 }, {})
  const rest = await call.catalogue({ after: idAt(all, -1), limit: 100 }, {})
  const few = await call.catalogue({ after: idAt(all, 2), limit: 2 }, {})
  assert.equal([all.length, rest.length, few.length], [100, 100, 2])
  assert.is(new Set([...all, ...rest].map(idOf)).size, 105)
  assert.equal(rest.slice(5), all.slice(0, 95), 'it goes round')
  assert.equal(few, all.slice(3, 5))
  const [first] = await call.catalogue({ after: LAST_ID, limit: 1 }, {})
  assert.equal([first], await call.catalogue({ after: FIRST_ID, limit: 1 }, {}))
  assert.ok(first && [...all, ...rest].every((entry) => idOf(first) <= idOf(entry)))
})

test('takes so many data sets and no more, those it has once more', async () => {
  await using halo = await openMemoryHalo({ peers: 1, peer: { maxListings: 3 } })
  const [peer] = halo.peers
  assert.ok(peer)
  const entries = await Promise.all([1, 2, 3, 4, 5].map((digit) => publication(digit)))
  const results = await Promise.all(entries.map((entry) => failureOf(peer.call().publish(entry, {}))))
  assert.equal(results.toSorted(), ['BUSY', 'BUSY', ...Array(3).fill('nothing failed')])
  // What is refused is not logged.
  assert.is((await openLog(peer.tiles)).head.size, 3)
  await peer.restart()
  const again = await Promise.all(entries.map((entry) => failureOf(peer.call().publish(entry, {}))))
  assert.equal(again, results)
  assert.is((await peer.call().catalogue({ after: null, limit: 9 }, {})).length, 3)
})

test('gives the place of an entry back that could not be anchored', async () => {
  await using halo = await openMemoryHalo({ peers: 1, peer: { maxListings: 1 } })
  const [peer] = halo.peers
  assert.ok(peer)
  halo.chain.before = () => {
    throw new Error('no funds')
  }
  assert.is(await failureOf(peer.call().publish(await publication(1), {})), 'INTERNAL')
  halo.chain.before = () => {}
  assert.is(await failureOf(peer.call().publish(await publication(2), {})), 'nothing failed')
})

test('reaches every entry of a long catalogue, and reads no more than it hands out', async () => {
  await using halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  const one = await publication(1)
  const state = openPeerState(peer.store)
  const ids = Array.from({ length: 10_005 }, (_, index) => `0x${index.toString(16).padStart(64, '0')}`)
  for (const dataset of ids.toReversed())
    await state.addCatalogueEntry(dataset as DatasetId, {
      ...one,
      commitment: dataset as Bytes32,
      receipt: new Uint8Array(1),
    })
  const { list } = peer.store
  const after = (at: number, limit: number): ReturnType<ReturnType<typeof peer.call>['catalogue']> =>
    peer.call().catalogue({ after: ids[at] as DatasetId, limit }, {})
  await after(0, 1)
  let read = 0
  peer.store.list = async (prefix, options) => {
    const found = await list(prefix, options)
    read += found.length
    return found
  }
  const page = await after(9_999, 100)
  assert.equal(
    page.map((entry) => entry.commitment),
    [...ids.slice(10_000), ...ids.slice(0, 95)],
  )
  assert.is(read, 100)
  await peer.call().publish(one, {})
  const longer = await after(9_999, 100)
  const added = longer.findIndex((entry) => idOf(entry) === idOf({ ...one, receipt: new Uint8Array() }))
  assert.is(added, 5)
  assert.equal(longer.toSpliced(added, 1), page.slice(0, 99), 'a page that follows an entry does not shift')
})

test('lets nobody fill its catalogue at once: so many new data sets an hour, those it has at any time', async () => {
  await using halo = await openMemoryHalo({ peers: 2, peer: { listingsPerHour: 3 } })
  const [first, second] = halo.peers
  assert.ok(first && second)
  const entries = await Promise.all([1, 2, 3, 4].map((digit) => publication(digit)))
  const listed = await Promise.all(entries.slice(0, 3).map((entry) => first.call().publish(entry, {})))
  assert.is(await failureOf(first.call().publish(entries[3] as Publication, {})), 'BUSY')
  for (const [at, { receipt }] of listed.entries()) {
    await first.call().publish(entries[at] as Publication, {})
    // With somebody else's receipt it costs as much.
    await second.call().publish({ ...(entries[at] as Publication), salt: null, receipt }, {})
  }
  assert.is(await failureOf(second.call().publish(entries[3] as Publication, {})), 'BUSY')
  assert.is((await openLog(first.tiles)).head.size, 3)
  halo.clock.skipSec(1_200)
  assert.is(await failureOf(first.call().publish(entries[3] as Publication, {})), 'nothing failed')
})

test('logs one leaf for a data set, under however many salts it comes at once', async () => {
  await using halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  const one = await publication(1)
  const all = Array.from({ length: 100 }, (_, at) => ({ ...one, salt: new Uint8Array(32).fill(at) }))
  const results = await Promise.all(all.map((entry) => failureOf(peer.call().publish(entry, {}))))
  assert.is((await openLog(peer.tiles)).head.size, 1)
  assert.is(halo.chain.mined.length, 1)
  assert.ok(results.filter((result) => result === 'nothing failed').length >= 10)
  assert.equal(new Set(results), new Set(['nothing failed', 'BUSY']))
  assert.is(await failureOf(peer.call().publish(one, {})), 'nothing failed')
})

test('counts its log towards its capacity', async () => {
  await using halo = await openMemoryHalo({ peers: 1, peer: { capacityBytes: 1_024 } })
  const [peer] = halo.peers
  assert.ok(peer)
  const results = []
  for (const digit of [1, 2, 3])
    results.push(await failureOf(peer.call().publish(await publication(digit), {})))
  assert.equal(results, ['nothing failed', 'nothing failed', 'STORAGE_FULL'])
  assert.is((await openLog(peer.tiles)).head.size, 2)
  await peer.restart()
  assert.is(await failureOf(peer.call().publish(await publication(3), {})), 'STORAGE_FULL')
})

test('hands out no entry that an earlier version left, and lists its data set anew', async () => {
  await using halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  const [one, two] = [await publication(1), await publication(2)]
  const before = { dataset: idOf(outsideOf(one)), patient: one.patient, descriptor: 'of then' }
  await peer.store.put(`entry/${before.dataset}`, encode(before))
  await peer.store.put(`entry/0x${'0'.repeat(64)}`, Uint8Array.of(0xff))
  await peer.restart()
  await peer.call().publish(two, {})
  assert.equal((await peer.call().catalogue({ after: null, limit: 9 }, {})).map(idOf), [idOf(outsideOf(two))])
  await peer.call().publish(one, {})
  assert.is((await peer.call().catalogue({ after: null, limit: 9 }, {})).length, 2)
  assert.ok(peer.log.some(({ event, fields }) => event === 'entries-outdated' && 'entries' in fields))
})

/** A publication as an entry, for its id. */
function outsideOf(one: Publication): CatalogueEntry {
  return { ...one, receipt: new Uint8Array() }
}

test.run()
