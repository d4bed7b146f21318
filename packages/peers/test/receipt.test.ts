import { readFileSync } from 'node:fs'
import { createPeerKey, peerIdOf, seedOf, signReceipt, verifyReceipt } from '@halo/peers'
import type { StorageReceipt } from '@halo/ports'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bytesOfSize } from './service.ts'

const test = suite('peers/receipt')
const FIELDS = { id: bytesOfSize(16), content: 'bafy', sizeBytes: 7, storedAtSec: 1_800_000_000 }

test('the same seed gives the same peer, another seed another', async () => {
  const key = await createPeerKey(bytesOfSize(32))
  const again = await createPeerKey(seedOf(key))
  assert.is(peerIdOf(again), peerIdOf(key))
  assert.equal(seedOf(key), bytesOfSize(32))
  assert.match(peerIdOf(key), /^12D3KooW/)
  assert.is.not(peerIdOf(await createPeerKey(bytesOfSize(32, 2))), peerIdOf(key))
  assert.is.not(peerIdOf(await createPeerKey()), peerIdOf(await createPeerKey()))
})

test('refuses a seed of another length', async () => {
  for (const length of [0, 31, 33, 64])
    await createPeerKey(new Uint8Array(length)).then(
      () => assert.unreachable(),
      (error: { code?: unknown }) => assert.is(error.code, 'BAD_KEY'),
    )
})

test('verifies what the peer signed', async () => {
  const key = await createPeerKey()
  const receipt = await signReceipt(key, FIELDS)
  assert.is(receipt.peerId, peerIdOf(key))
  assert.ok(await verifyReceipt(receipt))
})

test('verifies nothing that was changed after it was signed', async () => {
  const receipt = await signReceipt(await createPeerKey(), FIELDS)
  const other = peerIdOf(await createPeerKey())
  const flipped = receipt.signature.slice()
  flipped[10] = (flipped[10] ?? 0) ^ 1
  const changes: readonly Partial<StorageReceipt>[] = [
    { peerId: other },
    { peerId: 'nonsense' },
    { peerId: 'QmPK1s3pNYLi9ERiq3BDxKa4XosgWwFRQUydHUtz4YgpqB' },
    { id: bytesOfSize(16, 2) },
    { content: 'bafz' },
    { sizeBytes: 8 },
    { storedAtSec: 1_800_000_001 },
    { signature: flipped },
    { signature: new Uint8Array() },
  ]
  for (const change of changes)
    assert.not(await verifyReceipt({ ...receipt, ...change }), JSON.stringify(Object.keys(change)))
})

test('signs the bytes of the vector, whose signature verifies', async () => {
  const url = new URL('../../../test/vectors/wire/receipts.json', import.meta.url)
  const { seed, signed, receipt } = JSON.parse(readFileSync(url, 'utf8'))
  const id = new Uint8Array(Buffer.from(receipt.id, 'hex'))
  const key = await createPeerKey(new Uint8Array(Buffer.from(seed, 'hex')))
  const made = await signReceipt(key, { ...receipt, id })
  assert.is(Buffer.from(made.signature).toString('hex'), receipt.signature)
  assert.is(made.peerId, receipt.peerId)
  assert.ok(await verifyReceipt(made))
  assert.ok(await key.publicKey.verify(Buffer.from(signed, 'hex'), Buffer.from(receipt.signature, 'hex')))
})

test.run()
