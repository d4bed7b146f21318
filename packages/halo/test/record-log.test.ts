import type { Address, Bytes32 } from '@halo/consent'
import { datasetIdOf, encodeDescriptor, hexOf, NATIVE_COIN, signMessage, textHash } from '@halo/consent'
import type { Publication } from '@halo/ports'
import { checkEntry, RefusedError, readAnchor } from '@halo/ports'
import type { TileStore } from '@halo/proofs'
import { decodeReceipt, openLog, verifyConsistency } from '@halo/proofs'
import { Wallet as Signer } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { DEPLOYMENT } from '../../ports/test/memory-chain.ts'
import type { MemoryHalo, MemoryPeer } from './memory-halo.ts'
import { failureOf, openMemoryHalo, until } from './memory-halo.ts'

const test = suite('halo/record-log')
const patient = new Signer(`0x${'5'.repeat(64)}`)
const DESCRIPTOR = encodeDescriptor({
  version: 1,
  kind: 'test',
  format: 'bytes',
  readingsAbout: 1,
  days: 1,
  price: 1n,
  currency: NATIVE_COIN,
  terms: 'Tests only.',
})

async function publication(number: number): Promise<Publication> {
  const commitment = hexOf(new Uint8Array(32).fill(number)) as Bytes32
  const owner = patient.address as Address
  const message = { dataset: datasetIdOf(commitment, owner), descriptor: textHash(DESCRIPTOR) }
  const signature = await signMessage(patient, 'Anchor', message, DEPLOYMENT)
  const salt = new Uint8Array(32).fill(number)
  return { commitment, patient: owner, descriptor: DESCRIPTOR, signature, salt, receipt: null }
}

async function openOne(): Promise<MemoryHalo & { readonly peer: MemoryPeer }> {
  const halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  return { ...halo, peer }
}

/** Whether a receipt shows its entry to somebody with the chain and the registry. */
async function holds({ chain }: MemoryHalo, one: Publication, receipt: Uint8Array): Promise<boolean> {
  const checked = checkEntry({ ...one, receipt }, DEPLOYMENT, chain.members)
  return checked?.isSigned === true && (await readAnchor(checked, chain.ledger)) !== null
}

test('brings all that arrives while one root is under way on chain with the next', async () => {
  await using halo = await openOne()
  const [isSent, isMined] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  halo.chain.before = () => {
    isSent.resolve()
    return isMined.promise
  }
  const all = await Promise.all(Array.from({ length: 40 }, (_, at) => publication(at + 1)))
  const list = (one: Publication): ReturnType<MemoryPeer['peer']['service']['publish']> =>
    halo.peer.call().publish(one, {})
  const first = all.slice(0, 1).map(list)
  await isSent.promise
  const { get } = halo.peer.store
  const looked = new Set<string>()
  halo.peer.store.get = (key) => {
    if (key.startsWith('leaf/')) looked.add(key)
    return get(key)
  }
  const rest = all.slice(1).map(list)
  await until(() => looked.size === 39)
  isMined.resolve()
  const receipts = await Promise.all([...first, ...rest])
  assert.is(halo.chain.mined.length, 2)
  assert.is(new Set(receipts.map(({ receipt }) => decodeReceipt(receipt).index)).size, 40)
  for (const [at, { receipt }] of receipts.entries())
    assert.ok(await holds(halo, all[at] as Publication, receipt))
})

test('waits between anchorings as long as it is told', async () => {
  await using halo = await openMemoryHalo({ peers: 1, peer: { anchorEveryMs: 200 } })
  const [peer] = halo.peers
  assert.ok(peer)
  await peer.call().publish(await publication(1), {})
  const rest = await Promise.all([2, 3, 4, 5].map((number) => publication(number)))
  await Promise.all(rest.map((one) => peer.call().publish(one, {})))
  assert.is(halo.chain.mined.length, 2)
})

test('gives the same receipt again, after a restart too, and anchors nothing for it', async () => {
  await using halo = await openOne()
  const one = await publication(1)
  const { receipt } = await halo.peer.call().publish(one, {})
  await halo.peer.call().publish(await publication(2), {})
  // As a peer that was killed after anchoring and before listing.
  await halo.peer.store.delete(`entry/${datasetIdOf(one.commitment, one.patient)}`)
  await halo.peer.restart()
  assert.equal(await halo.peer.call().publish(one, {}), { receipt, txHash: null })
  assert.is(halo.chain.mined.length, 2)
})

test('anchors after a restart what was logged and not anchored, whoever asks', async () => {
  await using halo = await openOne()
  halo.chain.before = () => {
    throw new RefusedError('CHAIN_REFUSED')
  }
  const one = await publication(1)
  assert.is(await failureOf(halo.peer.call().publish(one, {})), 'CHAIN_REFUSED')
  assert.is((await openLog(halo.peer.tiles)).head.size, 1)
  halo.chain.before = () => {}
  await halo.peer.restart()
  await until(() => halo.chain.mined.length === 1)
  const { receipt, txHash } = await halo.peer.call().publish(one, {})
  assert.is(txHash, null)
  assert.ok(await holds(halo, one, receipt))
  assert.is((await openLog(halo.peer.tiles)).head.size, 1)
})

test('pays for no root twice when it is killed after the chain took it and before it could note it', async () => {
  await using halo = await openOne()
  halo.chain.after = () => {
    throw new RefusedError('TIMED_OUT')
  }
  const one = await publication(1)
  assert.is(await failureOf(halo.peer.call().publish(one, {})), 'TIMED_OUT')
  halo.chain.after = () => {}
  await halo.peer.restart()
  const { receipt } = await halo.peer.call().publish(one, {})
  assert.ok(await holds(halo, one, receipt))
  assert.is(halo.chain.mined.length, 1)
})

test('survives a kill at every file it writes, and finds every leaf again once', async () => {
  for (let files = 0; files < 8; files++) {
    await using halo = await openOne()
    const { peer } = halo
    await peer.call().publish(await publication(1), {})
    const heal = breakAfter(peer.tiles, files)
    const two = await publication(2)
    const isWhole = (await failureOf(peer.call().publish(two, {}))) === 'nothing failed'
    heal()
    await peer.restart()
    const { receipt } = await peer.call().publish(two, {})
    assert.ok(await holds(halo, two, receipt), `${files} files`)
    assert.is((await openLog(peer.tiles)).head.size, 2)
    if (isWhole) return
  }
  assert.unreachable('a publication never came through')
})

/** From so many writes on, a store takes nothing more, as that of a process that is no more. */
function breakAfter(tiles: TileStore, files: number): () => void {
  const { write } = tiles
  let left = files
  tiles.write = async (path, bytes) => {
    if (left-- <= 0) throw new Error('killed')
    await write(path, bytes)
  }
  return () => {
    tiles.write = write
  }
}

test('goes on with no log that is older than what it has signed', async () => {
  await using halo = await openOne()
  const { peer } = halo
  const files = new Map<string, Uint8Array>()
  const { write } = peer.tiles
  peer.tiles.write = async (path, bytes) => {
    files.set(path, bytes)
    await write(path, bytes)
  }
  await peer.call().publish(await publication(1), {})
  const old = new Map(files)
  await peer.call().publish(await publication(2), {})
  peer.tiles.read = async (path) => old.get(path) ?? null
  await peer.restart()
  assert.is(await failureOf(peer.call().publish(await publication(3), {})), 'INTERNAL')
  assert.ok(peer.log.some(({ event, fields }) => event === 'log-unusable' && 'code' in fields))
  assert.is(halo.chain.mined.length, 2)
})

test('goes on with no log that is older than what the chain holds, though all of its directory is', async () => {
  await using halo = await openOne()
  const { peer } = halo
  const two = [await publication(1), await publication(2)] as const
  for (const one of two) await peer.call().publish(one, {})
  // Everything of this peer is lost; its key and its account are not.
  for (const { key } of await peer.store.list('')) await peer.store.delete(key)
  const empty = new Map<string, Uint8Array>()
  peer.tiles.read = async (path) => empty.get(path) ?? null
  peer.tiles.write = async (path, bytes) => void empty.set(path, bytes)
  await peer.restart()
  assert.is(await failureOf(peer.call().publish(await publication(3), {})), 'INTERNAL')
  assert.ok(peer.log.some(({ level, event }) => level === 'error' && event === 'log-behind'))
  assert.is(empty.size, 0)
})

test('anchors again what a chain has taken back', async () => {
  await using halo = await openOne()
  const one = await publication(1)
  const { receipt: before } = await halo.peer.call().publish(one, {})
  const { root, size } = decodeReceipt(before)
  halo.chain.dropRoot(halo.peer.member.operator, size, hexOf(root) as Bytes32)
  assert.not.ok(await holds(halo, one, before))
  const { receipt } = await halo.peer.call().publish(one, {})
  assert.ok(await holds(halo, one, receipt))
  const [listed] = await halo.peer.call().catalogue({ skip: 0, limit: 1 }, {})
  assert.equal(listed?.receipt, receipt)
})

test('only ever adds to what it has anchored', async () => {
  await using halo = await openOne()
  const receipts = []
  for (const number of [1, 2, 3, 4]) {
    const { receipt } = await halo.peer.call().publish(await publication(number), {})
    receipts.push(decodeReceipt(receipt))
  }
  const log = await openLog(halo.peer.tiles)
  const last = receipts.at(-1)
  assert.ok(last)
  for (const { size, root } of receipts)
    assert.ok(verifyConsistency(await log.proveConsistency(size, last.size), root, last.root))
})

test('refuses beyond this hour’s anchors before anything is logged', async () => {
  await using halo = await openMemoryHalo({ peers: 1, peer: { anchorsPerHour: 1 } })
  const [peer] = halo.peers
  assert.ok(peer)
  await peer.call().publish(await publication(1), {})
  assert.is(await failureOf(peer.call().publish(await publication(2), {})), 'BUSY')
  assert.is((await openLog(peer.tiles)).head.size, 1)
})

test.run()
