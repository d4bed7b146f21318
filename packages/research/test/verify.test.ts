import { decodeReceipt, encodeReceipt } from '@halo/proofs'
import { encodeManifest } from '@halo/vault'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Asked } from '../../halo/test/agreed.ts'
import { agreeOn } from '../../halo/test/agreed.ts'
import type { MemoryHalo } from '../../halo/test/memory-halo.ts'
import { failureOf, memorySink, noise, openMemoryHalo } from '../../halo/test/memory-halo.ts'
import type { Publishing } from '../../wallet/src/index.ts'
import type { Proof } from '../src/index.ts'
import { verifyRecord } from '../src/index.ts'

const test = suite('research/verify')

async function* inPieces(bytes: Uint8Array, pieceBytes = 777): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.slice(at, at + pieceBytes)
}

/** A delivered record as a researcher keeps it. */
async function deliver(
  halo: MemoryHalo,
  publishing: Partial<Publishing> = {},
): Promise<Asked & { readonly proof: Proof; readonly provenance: boolean | null }> {
  const agreed = await agreeOn(halo, { publishing })
  const collected = await agreed.research.collect(agreed.own.id, memorySink().open)
  const { manifest, metadata, salt, evidence } = collected
  return {
    ...agreed,
    proof: {
      manifest: encodeManifest(manifest, { withPlacement: false }),
      metadata,
      salt,
      entry: evidence.entry,
    },
    provenance: collected.provenance,
  }
}

function turned(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

test('verifies a delivered record against its proof and the chain', async () => {
  await using halo = await openMemoryHalo()
  const { bytes, proof, own } = await deliver(halo)
  const found = await verifyRecord(inPieces(bytes), proof, halo.chain.ledger)
  assert.equal(found, {
    dataset: own.request.dataset,
    patient: own.request.patient,
    hash: true,
    signature: true,
    anchor: true,
    anchoredAtSec: Math.floor(halo.clock.nowMs() / 1000),
    provenance: null,
  })
})

test('finds any change of the bytes, the metadata or the salt', async () => {
  await using halo = await openMemoryHalo()
  const { bytes, proof } = await deliver(halo)
  const hashOf = async (record: Uint8Array, changed: Proof): Promise<boolean> =>
    (await verifyRecord(inPieces(record), changed, halo.chain.ledger)).hash
  for (const at of [0, 2500, bytes.length - 1]) assert.is(await hashOf(turned(bytes, at), proof), false)
  assert.is(await hashOf(bytes.slice(0, -1), proof), false)
  assert.is(await hashOf(new Uint8Array([...bytes, 0]), proof), false)
  assert.is(await hashOf(new Uint8Array(), proof), false)
  assert.is(await hashOf(bytes, { ...proof, metadata: turned(proof.metadata, 0) }), false)
  assert.is(await hashOf(bytes, { ...proof, salt: turned(proof.salt, 0) }), false)
  assert.is(await hashOf(bytes, proof), true)
})

test('finds any change of the manifest', async () => {
  await using halo = await openMemoryHalo()
  const { bytes, proof } = await deliver(halo)
  for (let at = 0; at < proof.manifest.length; at++) {
    const changed = { ...proof, manifest: turned(proof.manifest, at) }
    const outcome = await verifyRecord(inPieces(bytes), changed, halo.chain.ledger).then(
      ({ hash, signature, anchor }) => (hash && signature && anchor === true ? 'verified' : 'not verified'),
      (error: { readonly code?: unknown }) => error.code,
    )
    assert.ok(outcome === 'not verified' || outcome === 'RECORD_CHANGED', `byte ${at}: ${outcome}`)
  }
})

test('says what only a chain can tell: without one the anchor stays open', async () => {
  await using halo = await openMemoryHalo()
  const { bytes, proof, own } = await deliver(halo)
  const found = await verifyRecord(inPieces(bytes), proof, null)
  assert.equal([found.hash, found.anchor, found.anchoredAtSec], [true, null, null])
  assert.is(found.patient, own.request.patient)
})

test('finds any change of the entry and its receipt, with a chain and without', async () => {
  await using halo = await openMemoryHalo()
  const { bytes, proof, own } = await deliver(halo)
  const other = (await deliver(halo)).proof.entry
  const { entry } = proof
  const receipt = decodeReceipt(entry.receipt)
  const changes: readonly Partial<typeof entry>[] = [
    { commitment: other.commitment },
    { patient: other.patient },
    { descriptor: entry.descriptor.replace('Tests', 'Rests') },
    { signature: other.signature },
    { receipt: other.receipt },
    { receipt: encodeReceipt({ ...receipt, root: new Uint8Array(32) }) },
    { receipt: encodeReceipt({ ...receipt, salt: null }) },
    other,
  ]
  for (const [at, change] of changes.entries()) {
    const changed = { ...proof, entry: { ...entry, ...change } }
    for (const ledger of [halo.chain.ledger, null]) {
      const found = await verifyRecord(inPieces(bytes), changed, ledger)
      assert.equal([found.hash, found.signature, found.anchor], [true, false, false], `change ${at}`)
      assert.is(found.dataset, own.request.dataset)
    }
  }
  const noReceipt = { ...proof, entry: { ...entry, receipt: Uint8Array.of(1) } }
  assert.is(await failureOf(verifyRecord(inPieces(bytes), noReceipt, null)), 'RECORD_CHANGED')
})

test('takes a record that another chain holds for signed and not anchored', async () => {
  await using halo = await openMemoryHalo()
  await using elsewhere = await openMemoryHalo()
  const { bytes, proof } = await deliver(halo)
  const found = await verifyRecord(inPieces(bytes), proof, elsewhere.chain.ledger)
  assert.equal([found.hash, found.signature, found.anchor], [true, true, false])
})

test('says RECORD_CHANGED for what is no manifest at all', async () => {
  await using halo = await openMemoryHalo()
  const proof = { ...(await deliver(halo)).proof, manifest: Uint8Array.of(1, 2, 3) }
  assert.is(await failureOf(verifyRecord(inPieces(new Uint8Array(3)), proof, null)), 'RECORD_CHANGED')
})

test('verifies where the bytes come from, and tells it from provenance of other bytes', async () => {
  await using halo = await openMemoryHalo()
  const [bytes, others] = [noise(5000), noise(5000).reverse()]
  const good = await deliver(halo, { record: () => inPieces(bytes) })
  const found = await verifyRecord(inPieces(bytes), good.proof, halo.chain.ledger)
  assert.equal([good.provenance, found.provenance, found.hash], [true, true, true])
  const changed = await verifyRecord(inPieces(others), good.proof, halo.chain.ledger)
  assert.equal([changed.provenance, changed.hash], [false, false])

  // What is read ahead, and signed for, is not what is sealed.
  let calls = 0
  const wrong = await deliver(halo, { record: () => inPieces(calls++ < 2 ? bytes : others) })
  const told = await verifyRecord(inPieces(others), wrong.proof, halo.chain.ledger)
  assert.equal([wrong.provenance, told.provenance, told.hash, told.signature], [false, false, true, true])
})

test.run()
