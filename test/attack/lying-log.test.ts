import { randomBytes } from 'node:crypto'
import { cp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openWriter } from '@halo/chain'
import type { Bytes32 } from '@halo/consent'
import { bytesOf, datasetIdOf, hexOf, textHash } from '@halo/consent'
import type { LogProblem } from '@halo/halo'
import { openTileStore } from '@halo/node'
import { seedOf } from '@halo/peers'
import type { CatalogueEntry, Publication } from '@halo/ports'
import { checkEntry, logOf, RefusedError } from '@halo/ports'
import type { MerkleLog, NoteSigner, Receipt } from '@halo/proofs'
import {
  commitRecord,
  createMemoryStore,
  createNoteSigner,
  createReceipt,
  decodeReceipt,
  encodeReceipt,
  formatLogOrigin,
  openLog,
  saltCommitment,
  signCheckpoint,
  verifyConsistency,
} from '@halo/proofs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signPublication } from '../../packages/ports/test/sample-publication.ts'
import type { LocalNetwork, TestPeer } from '../fixture/local-network.ts'
import { publishing, startLocalNetwork } from '../fixture/local-network.ts'
import type { Patient } from './agreement.ts'
import { publishFresh } from './agreement.ts'
import type { Outcome } from './asking.ts'
import { memberOf, openStranger, outcomeOf, until } from './asking.ts'
import { replaceByLiar } from './liar.ts'

const test = suite('attack/lying-log')
const SHAPE = { dataShards: 2, parityShards: 1, threshold: 2 }

/** Anything a member may say about what it was given to log. */
type Lie = (publication: Publication) => Promise<Uint8Array>

test('a member that says it has logged an entry, and has not, is named, and another one logs it', async () => {
  await using network = await startLocalNetwork({ peers: 3, quorum: 2 })
  const honest = await publishFresh(network, randomBytes(9_000), SHAPE)
  const [liar] = network.peers
  assert.ok(liar)
  assert.is(logOfHolding(network, honest), liar.keys.operator, 'without a lie the first member logs')
  let lie: Lie = async () => new Uint8Array(1)
  await using _ = await replaceByLiar(network, liar, (inside) => ({
    publish: async (publication, caller) =>
      publication.receipt === null
        ? { receipt: await lie(publication), txHash: null }
        : inside.publish(publication, caller),
  }))
  const signer = logSignerOf(network, liar)
  const lies: Readonly<Record<string, Lie>> = {
    'the receipt of another record': async () => receiptOf(honest),
    'a log that it keeps for itself, signed as its own': (one) => receiptFrom(one, signer, 1),
    'the same, with a size that is anchored': (one) => receiptFrom(one, signer, 2),
    'a log signed with another key': (one) =>
      receiptFrom(one, createNoteSigner(signer.verifier.name, randomBytes(32)), 1),
    'a receipt of its true log for another leaf': async (one) => {
      const receipt = decodeReceipt(receiptOf(honest))
      return encodeReceipt({ ...receipt, commitment: commitmentOf(one), salt: one.salt })
    },
  }
  for (const [name, told] of Object.entries(lies)) {
    lie = told
    const { wallet } = await network.openWallet()
    const { holding, liars } = await wallet.publish(publishing(randomBytes(2_000), SHAPE))
    assert.equal(liars, [liar.keys.peerId], name)
    const operator = decodeReceipt(holding.receipt ?? new Uint8Array()).log.operator
    assert.is.not(operator, liar.keys.operator.toLowerCase(), name)
  }
})

test('researchers count no entry that a member lists without a log that the chain holds, and date each by the chain', async () => {
  await using network = await startLocalNetwork({ peers: 3, quorum: 2 })
  const patient = await publishFresh(network, randomBytes(9_000), SHAPE)
  const [liar] = network.peers
  assert.ok(liar)
  const { commitment, descriptor, signature, salt } = patient.holding
  assert.ok(signature)
  const entry: Publication = {
    commitment,
    patient: patient.key.address,
    descriptor,
    signature,
    salt,
    receipt: null,
  }
  const forged = await receiptFrom(entry, logSignerOf(network, liar), 3)
  const elsewhen = decodeReceipt(receiptOf(patient))
  const listings: readonly CatalogueEntry[] = [
    { ...entry, receipt: encodeReceipt({ ...elsewhen, anchor: { txHash: null, block: 1, atSec: 1 } }) },
    { ...entry, receipt: forged },
    { ...entry, receipt: receiptOf(patient), descriptor: descriptor.replace('Tests', 'Rests') },
    { ...entry, receipt: receiptOf(patient), patient: liar.keys.operator },
  ]
  await using _ = await replaceByLiar(network, liar, () => ({ catalogue: async () => listings }))
  const { research } = await network.openResearch()
  const offers = await research.search()
  assert.equal(
    offers.map((offer) => hexOf(offer.entry.receipt)),
    [hexOf(receiptOf(patient))],
    'only what the honest ones list',
  )
  // Of all that the liar lists one entry is true but for its date, which nobody takes from it.
  for (const peer of network.peers.slice(1)) await peer.stop()
  assert.equal(
    (await research.search()).map((offer) => [hexOf(offer.entry.receipt), offer.anchoredAtSec]),
    [[hexOf(receiptOf(patient)), elsewhen.anchor?.atSec]],
  )
})

test('a member that hands entries out without its signature, or without their block, keeps nobody from publishing, and gets nobody blamed', async () => {
  await using network = await startLocalNetwork({ peers: 3, quorum: 2 })
  const [liar, ...others] = network.peers
  assert.ok(liar)
  await using link = await openStranger()
  const members = await Promise.all(others.map((peer) => memberOf(network, peer)))
  const outcomes: Outcome[] = []
  let lack: Partial<Receipt> = {}
  await using _ = await replaceByLiar(network, liar, (inside) => ({
    async publish(publication, caller) {
      const listed = await inside.publish(publication, caller)
      if (publication.receipt !== null) return listed
      const receipt = encodeReceipt({ ...decodeReceipt(listed.receipt), ...lack })
      for (const member of members)
        outcomes.push(await outcomeOf(link.peer(member).publish({ ...publication, salt: null, receipt }, {})))
      throw new RefusedError('BUSY')
    },
  }))
  for (lack of [{ signatures: [] }, { anchor: null }]) {
    const { wallet, parts } = await network.openWallet()
    const { holding, liars } = await wallet.publish(publishing(randomBytes(2_000), SHAPE))
    assert.equal(outcomes.splice(0), ['RECEIPT_FORGED', 'RECEIPT_FORGED'])
    const { commitment, descriptor, signature, receipt, keyIndex } = holding
    assert.ok(signature && receipt)
    const patient = parts.keyring.datasetKey(keyIndex).address
    const entry = { commitment, patient, descriptor, signature, receipt }
    const checked = checkEntry(entry, network.deployment, await network.ledger.members())
    assert.equal([checked?.isSigned, liars], [true, []])
    assert.is.not(checked?.operator, liar.keys.operator)
  }
})

test('a member that drops an entry, or rewrites its log, takes nothing away and cannot hide it', async () => {
  await using network = await startLocalNetwork({ peers: 3, quorum: 2 })
  const patient = await publishFresh(network, randomBytes(9_000), SHAPE)
  const [rewriter] = network.peers
  assert.ok(rewriter)
  const { descriptor } = patient.holding
  const before = decodeReceipt(receiptOf(patient))
  await rewriter.stop()

  // Another history under the same name, with what it drops left out; the chain takes its root.
  const other = await openLog(createMemoryStore())
  await other.append(Array.from({ length: 5 }, () => randomBytes(32)))
  const writer = await openWriter(network.ledger, rewriter.keys.operatorKey)
  await writer.anchorRoot(other.head.size, hexOf(other.head.root) as Bytes32)
  await assertForkIsRefused(network, rewriter, other)

  const { research } = await network.openResearch()
  const [offer] = await research.search()
  assert.is(
    offer?.dataset,
    patient.holding.dataset,
    'the others list it, by the root that was anchored before',
  )
  assert.is(offer?.anchoredAtSec, before.anchor?.atSec)
  await patient.wallet.anchor(patient.holding)

  // With its true log, and with none: neither is what the chain holds by now.
  await assertSignsNothing(network, rewriter, descriptor, 'behind')
  await rewriter.stop()
  await rm(join(rewriter.dataDir, 'log'), { recursive: true })
  await assertSignsNothing(network, rewriter, descriptor, 'unusable')
})

test('a member that goes on from an older copy of all it has signs nothing, and its newest log goes on', async () => {
  await using network = await startLocalNetwork({ peers: 3, quorum: 2 })
  const [member] = network.peers
  assert.ok(member)
  const { descriptor } = (await publishFresh(network, randomBytes(2_000), SHAPE)).holding
  await member.stop()
  const [older, newest] = [join(network.dir, 'older'), join(network.dir, 'newest')]
  await cp(member.dataDir, older, { recursive: true })
  await startKnown(network, member)
  const second = await publishFresh(network, randomBytes(3_000), SHAPE)
  const { size, root } = decodeReceipt(receiptOf(second))
  assert.is(size, 2, 'both are in its log')
  await member.stop()
  await rename(member.dataDir, newest)

  await cp(older, member.dataDir, { recursive: true })
  await assertSignsNothing(network, member, descriptor, 'behind')
  await member.stop()

  // As long as what the chain holds, by a leaf of its own: only the roots tell the two apart.
  const log = await openLog(openTileStore(join(member.dataDir, 'log')))
  await log.append([randomBytes(32)])
  const proof = await log.proveConsistency(1, 2)
  assert.is(verifyConsistency(proof, await log.root(1), root), false)
  await assertSignsNothing(network, member, descriptor, 'forked')
  const third = await publishFresh(network, randomBytes(4_000), SHAPE)
  assert.is.not(logOfHolding(network, third), member.keys.operator, 'another member logs what comes')
  await member.stop()

  await rm(member.dataDir, { recursive: true })
  await rename(newest, member.dataDir)
  await startKnown(network, member)
  const health = await member.node?.health()
  assert.equal([health?.isHealthy, health?.log], [true, { isSigning: true, problem: null }])
  const fourth = await publishFresh(network, randomBytes(5_000), SHAPE)
  const receipt = decodeReceipt(receiptOf(fourth))
  assert.is(logOfHolding(network, fourth), member.keys.operator)
  await member.stop()
  const restored = await openLog(openTileStore(join(member.dataDir, 'log')))
  assert.ok(verifyConsistency(await restored.proveConsistency(2, receipt.size), root, receipt.root))
})

/** Starts a member again and waits until the registry says where it listens by now. */
async function startKnown(network: LocalNetwork, peer: TestPeer): Promise<void> {
  await peer.start()
  const own = new Set(peer.node?.addresses)
  await until('the registry has its new address', async () =>
    (await memberOf(network, peer)).addresses.some((address) => own.has(address)),
  )
}

/** Starts a member again, which says what is wrong with its log, and gives no receipt for anything new. */
async function assertSignsNothing(
  network: LocalNetwork,
  peer: TestPeer,
  descriptor: string,
  problem: LogProblem,
): Promise<void> {
  await startKnown(network, peer)
  await using link = await openStranger()
  const client = link.peer({ peerId: peer.keys.peerId, addresses: peer.node?.addresses ?? [] })
  const fresh = await publicationOf(network, descriptor)
  const failure = await client
    .publish(fresh, {})
    .catch((error: { readonly reason?: unknown }) => error.reason)
  assert.is(failure, 'INTERNAL', problem)
  const health = await peer.node?.health()
  assert.equal(health?.log, { isSigning: false, problem })
  assert.is(health?.isHealthy, false)
  assert.match(health?.problems.join() ?? '', 'directory log/')
  const metrics = await fetch(`http://127.0.0.1:${peer.node?.statusPort}/metrics`)
  assert.match(await metrics.text(), 'halo_log_signing 0\n')
}

/** Two roots at one size are two histories: the chain takes the first. */
async function assertForkIsRefused(network: LocalNetwork, peer: TestPeer, log: MerkleLog): Promise<void> {
  const writer = await openWriter(network.ledger, peer.keys.operatorKey)
  const fork = writer.anchorRoot(log.head.size, hexOf(randomBytes(32)) as Bytes32)
  const details = await fork.catch((error: { readonly details?: unknown }) => error.details)
  assert.equal(details, { error: 'RootConflict' })
}

/** A publication of a patient whom no peer knows. */
async function publicationOf(network: LocalNetwork, descriptor: string): Promise<Publication> {
  const { parts } = await network.openWallet()
  const made = { commitment: hexOf(randomBytes(32)) as Bytes32, salt: randomBytes(32) }
  const { deployment } = network
  return signPublication(parts.keyring.datasetKey(0), made, { descriptor, deployment })
}

function receiptOf({ holding }: Patient): Uint8Array {
  assert.ok(holding.receipt)
  return holding.receipt
}

/** Whose log a holding is in. */
function logOfHolding(network: LocalNetwork, { holding, key }: Patient): string {
  const { commitment, descriptor, signature, receipt } = holding
  assert.ok(signature && receipt)
  const entry = { commitment, patient: key.address, descriptor, signature, receipt }
  const checked = checkEntry(entry, network.deployment, [])
  assert.ok(checked)
  return checked.operator
}

function logSignerOf({ deployment }: LocalNetwork, { keys }: TestPeer): NoteSigner {
  return createNoteSigner(formatLogOrigin(logOf(deployment, keys.operator)), seedOf(keys.peerKey))
}

function commitmentOf({ commitment, patient, descriptor }: Publication): Uint8Array {
  return commitRecord(bytesOf(datasetIdOf(commitment, patient)), bytesOf(textHash(descriptor)))
}

/** A receipt that is right in itself, from a log of so many leaves that nobody has anchored. */
async function receiptFrom(one: Publication, signer: NoteSigner, size: number): Promise<Uint8Array> {
  const [commitment, salt] = [commitmentOf(one), one.salt ?? new Uint8Array(32)]
  const log = await openLog(createMemoryStore())
  const others = Array.from({ length: size - 1 }, () => randomBytes(32))
  const { root } = await log.append([saltCommitment(commitment, salt), ...others])
  const note = signCheckpoint({ origin: signer.verifier.name, size, root, extension: [] }, [signer])
  const anchor = { txHash: null, block: 1, atSec: 1 }
  return encodeReceipt(createReceipt({ commitment, salt }, await log.proveInclusion(0), note, anchor))
}

test.run()
