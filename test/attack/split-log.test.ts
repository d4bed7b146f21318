import { randomBytes } from 'node:crypto'
import type { Bytes32 } from '@halo/consent'
import {
  datasetIdOf,
  encodeDescriptor,
  hexOf,
  NATIVE_COIN,
  parseAddress,
  signMessage,
  textHash,
} from '@halo/consent'
import type { Publication } from '@halo/ports'
import type { Comparison, MerkleLog, NoteSigner, NoteVerifier, OpenedCheckpoint } from '@halo/proofs'
import {
  compareCheckpoints,
  createCosigner,
  createMemoryStore,
  createNoteSigner,
  createNoteVerifier,
  decodeReceipt,
  followCheckpoint,
  formatLogOrigin,
  openCheckpoint,
  openLog,
  parseNote,
  signCheckpoint,
  verifyConsistency,
} from '@halo/proofs'
import { Wallet } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { MemoryPeer } from '../../packages/halo/test/memory-halo.ts'
import { failureOf, openMemoryHalo } from '../../packages/halo/test/memory-halo.ts'
import { DEPLOYMENT } from '../../packages/ports/test/memory-chain.ts'
import { codeOf } from '../claims/code-of.ts'

const test = suite('attack/split-log')

/** A member that keeps a log, or several under one name. */
interface Member {
  readonly signer: NoteSigner
  /** The log as it is shown to most. */
  readonly log: MerkleLog
  /** What it shows to somebody else, from some place on another history. */
  readonly other: MerkleLog
}

/** Both histories have `common` leaves, and then as many of their own as are given. */
async function openMember(common: number, own: number, others: number): Promise<Member> {
  const signer = createNoteSigner(originOf('1'), randomBytes(32))
  const [log, other] = [await openLog(createMemoryStore()), await openLog(createMemoryStore())]
  const shared = leaves(common)
  await log.append([...shared, ...leaves(own)])
  await other.append([...shared, ...leaves(others)])
  return { signer, log, other }
}

function leaves(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, () => randomBytes(32))
}

function originOf(digit: string): string {
  const [contract, operator] = [`0x${digit.repeat(40)}`, `0x${'a'.repeat(40)}`]
  return formatLogOrigin({ chainId: 31_337, contract, operator })
}

/** What a log says of itself, as it is or as it was. */
async function checkpointOf(log: MerkleLog, signer: NoteSigner, size = log.head.size): Promise<string> {
  const { root } = size === log.head.size ? log.head : { root: await rootAt(log, size) }
  return signCheckpoint({ origin: signer.verifier.name, size, root, extension: [] }, [signer])
}

async function rootAt(log: MerkleLog, size: number): Promise<Uint8Array> {
  const earlier = await openLog(createMemoryStore())
  const kept = await Promise.all(Array.from({ length: size }, (_, at) => log.entry(at)))
  await earlier.append(kept)
  return earlier.head.root
}

/** Somebody who was told which key is whose, and nothing else, judges what two clients kept. */
function judge(
  notes: readonly [string, string],
  { verifier }: NoteSigner,
  proof: Parameters<typeof compareCheckpoints>[2] = null,
): Comparison {
  const [first, second] = notes.map((note) => openCheckpoint(note, [verifier])) as [
    OpenedCheckpoint,
    OpenedCheckpoint,
  ]
  return compareCheckpoints(first, second, proof)
}

test('a member that shows two histories under one name is convicted by its own two signatures, in any order', async () => {
  const { signer, log, other } = await openMember(3, 4, 4)
  const [mine, theirs] = [await checkpointOf(log, signer), await checkpointOf(other, signer)]
  const witness = createCosigner('witness.example/1', randomBytes(32))
  assert.is(judge([mine, witness.cosign(mine, 1_790_000_000)], signer).verdict, 'same', 'one is no crime')
  for (const notes of [
    [mine, theirs],
    [theirs, mine],
  ] as const) {
    const found = judge(notes, signer)
    assert.ok(found.verdict === 'split')
    assert.is(found.reason, 'roots-differ')
    assert.equal(
      found.sides.map(({ note }) => note),
      notes,
      'both notes are handed on',
    )
    const again = judge([found.sides[0].note, found.sides[1].note], signer)
    assert.is(again.verdict, 'split', 'and convict again before anybody else')
  }
})

test('a member that rewrote what it had signed is found out when it proves its longer history', async () => {
  const { signer, log, other } = await openMember(3, 2, 6)
  const { size } = log.head
  const trusted = openCheckpoint(await checkpointOf(log, signer), [signer.verifier])
  const note = await checkpointOf(other, signer)
  const rewritten = openCheckpoint(note, [signer.verifier])
  const consistency = await other.proveConsistency(size)
  for (const proof of [null, { consistency }]) {
    const followed = followCheckpoint(trusted, rewritten, proof)
    assert.equal([followed.isAccepted, !followed.isAccepted && followed.reason], [false, 'unproven'])
  }
  const shown = followCheckpoint(trusted, rewritten, { consistency, prefixRoot: await rootAt(other, size) })
  assert.ok(!shown.isAccepted)
  assert.ok(shown.comparison.verdict === 'split')
  assert.is(shown.comparison.reason, 'past-rewritten')
  assert.equal(
    shown.comparison.sides.map((side) => side.note),
    [trusted.note, note],
  )
  // The same client follows the same log as long as it only adds.
  await log.append(leaves(5))
  const next = openCheckpoint(await checkpointOf(log, signer), [signer.verifier])
  const honest = followCheckpoint(trusted, next, { consistency: await log.proveConsistency(size) })
  assert.ok(honest.isAccepted)
})

test('nobody can accuse an honest log: not by other keys in its name, other logs, co-signers or made-up proofs', async () => {
  const { signer, log, other } = await openMember(3, 2, 6)
  const { name } = signer.verifier
  const earlier = await checkpointOf(log, signer, 4)
  const honest = await checkpointOf(log, signer)
  const stranger = createNoteSigner(name, randomBytes(32))
  const forged = await checkpointOf(other, stranger)
  const asCosigner = createNoteVerifier(name, stranger.verifier.publicKey, 'cosignature/v1')
  const ofAnotherLog = createNoteVerifier(originOf('2'), stranger.verifier.publicKey)
  const cosigner = createCosigner('witness.example/1', randomBytes(32))
  assert.is(
    judge([earlier, honest], signer, { consistency: await log.proveConsistency(4) }).verdict,
    'consistent',
  )
  const notes: Readonly<Record<string, string>> = {
    'signed by a stranger in its name': forged,
    'the same, cosigned': cosigner.cosign(forged, 1_790_000_000),
    'its signature below another text': transplant(forged, honest),
    'its signature beside that of a stranger': withSignatures(forged, honest),
  }
  const known: readonly (readonly NoteVerifier[])[] = [
    [],
    [stranger.verifier],
    [asCosigner, cosigner.verifier],
  ]
  for (const [what, note] of Object.entries(notes))
    for (const cosigners of known) {
      const code = codeOf(() => openCheckpoint(note, [signer.verifier, ofAnotherLog], cosigners))
      assert.ok(code === 'NOTE_UNSIGNED' || code === 'SIGNATURE_INVALID', `${what}: ${code}`)
    }
  const madeUp = [
    null,
    { consistency: await other.proveConsistency(4), prefixRoot: await rootAt(other, 4) },
    { consistency: await log.proveConsistency(3), prefixRoot: await rootAt(log, 3) },
    { consistency: await log.proveConsistency(4), prefixRoot: await rootAt(other, 4) },
    { consistency: { ...(await log.proveConsistency(4)), path: [] }, prefixRoot: log.head.root },
  ]
  for (const proof of madeUp) assert.is(judge([earlier, honest], signer, proof).verdict, 'unproven')
})

test('a member with logs of two Halos has two logs, and neither speaks against the other', async () => {
  const { signer, log, other } = await openMember(3, 2, 2)
  const elsewhere = createNoteSigner(originOf('2'), randomBytes(32))
  const [here, there] = [await checkpointOf(log, signer), await checkpointOf(other, elsewhere)]
  const opened = [
    openCheckpoint(here, [signer.verifier]),
    openCheckpoint(there, [elsewhere.verifier]),
  ] as const
  assert.is(compareCheckpoints(opened[0], opened[1], null).verdict, 'other-log')
  assert.is(followCheckpoint(opened[0], opened[1], null).isAccepted, false)
  assert.is(
    codeOf(() => openCheckpoint(there, [signer.verifier])),
    'NOTE_UNSIGNED',
  )
  assert.is(judge([here, await checkpointOf(other, signer)], signer).verdict, 'split', 'in one name it does')
})

test('a member whose log and notes are brought back from a backup signs nothing beside what it has signed', async () => {
  await using halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  const files = new Map<string, Uint8Array>()
  peer.tiles.read = async (path) => files.get(path) ?? null
  peer.tiles.write = async (path, bytes) => void files.set(path, Uint8Array.from(bytes))
  const ask = (one: Publication): Promise<{ readonly receipt: Uint8Array }> => peer.call().publish(one, {})
  const all = (await Promise.all([1, 2, 3].map(publicationOf))) as [Publication, Publication, Publication]
  const first = await ask(all[0])
  const backup = await copyOf(peer, files)
  const second = await ask(all[1])
  const newest = await copyOf(peer, files)
  await restore(peer, files, backup)
  for (const one of [all[1], all[2]]) assert.is(await failureOf(ask(one)), 'INTERNAL')
  assert.equal((await ask(all[0])).receipt, first.receipt, 'what it has proven it can prove again')
  assert.is(halo.chain.mined.length, 2)
  await restore(peer, files, newest)
  const third = await ask(all[2])
  const heads = [first, second, third].map(({ receipt }) => decodeReceipt(receipt))
  assert.equal(
    heads.map(({ size }) => size),
    [1, 2, 3],
  )
  const log = await openLog(peer.tiles)
  for (const { size, root } of heads)
    assert.ok(verifyConsistency(await log.proveConsistency(size), root, log.head.root))
})

/** All that a member keeps for its log. */
interface Kept {
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly notes: readonly { readonly key: string; readonly value: Uint8Array }[]
}

async function copyOf({ store }: MemoryPeer, files: ReadonlyMap<string, Uint8Array>): Promise<Kept> {
  return { files: new Map(files), notes: await store.list('') }
}

/** Puts a copy in place of all there is, and starts the member again. */
async function restore(peer: MemoryPeer, files: Map<string, Uint8Array>, kept: Kept): Promise<void> {
  for (const { key } of await peer.store.list('')) await peer.store.delete(key)
  for (const { key, value } of kept.notes) await peer.store.put(key, value)
  files.clear()
  for (const [path, bytes] of kept.files) files.set(path, bytes)
  await peer.restart()
}

/** A record of a patient of its own. */
async function publicationOf(number: number): Promise<Publication> {
  const patient = new Wallet(hexOf(randomBytes(32)))
  const owner = parseAddress(patient.address)
  const descriptor = encodeDescriptor({
    version: 1,
    kind: 'test',
    format: 'bytes',
    readingsAbout: number,
    days: 1,
    price: 1n,
    currency: NATIVE_COIN,
    terms: 'Tests only.',
  })
  const commitment = hexOf(randomBytes(32)) as Bytes32
  const message = { dataset: datasetIdOf(commitment, owner), descriptor: textHash(descriptor) }
  const signature = await signMessage(patient, 'Anchor', message, DEPLOYMENT)
  return { commitment, patient: owner, descriptor, signature, salt: randomBytes(32), receipt: null }
}

/** A text with the signature lines of another note. */
function transplant(onto: string, from: string): string {
  const lines = parseNote(from).signatures.map(({ line }) => `${line}\n`)
  return `${parseNote(onto).text}\n${lines.join('')}`
}

/** A note with the signature lines of another behind its own. */
function withSignatures(note: string, from: string): string {
  const lines = parseNote(from).signatures.map(({ line }) => `${line}\n`)
  return `${note}${lines.join('')}`
}

test.run()
