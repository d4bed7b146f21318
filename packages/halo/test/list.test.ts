import type { Address, Bytes32, Hex } from '@halo/consent'
import { datasetIdOf, encodeDescriptor, hexOf, NATIVE_COIN, signMessage, textHash } from '@halo/consent'
import type { Publication } from '@halo/ports'
import { Wallet as Signer } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { DEPLOYMENT } from '../../ports/test/memory-chain.ts'
import { failureOf, NO_SIGNATURE, openMemoryHalo } from './memory-halo.ts'

const test = suite('halo/list')
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

async function publication(
  digit: number,
  descriptor = DESCRIPTOR,
  changes: Partial<Publication> = {},
): Promise<Publication> {
  const commitment = hexOf(new Uint8Array(32).fill(digit)) as Bytes32
  const owner = patient.address as Address
  const message = { dataset: datasetIdOf(commitment, owner), descriptor: textHash(descriptor) }
  const signature = await signMessage(patient, 'Anchor', message, DEPLOYMENT)
  return { commitment, patient: owner, descriptor, signature, ...changes }
}

test('anchors an entry for its patient, pays for it once, and lists it', async () => {
  await using halo = await openMemoryHalo({ peers: 2 })
  const [first, second] = halo.peers
  assert.ok(first && second)
  const one = await publication(1)
  assert.match(String((await first.call().publish(one, {})).txHash), /^0x/)
  assert.is((await first.call().publish(one, {})).txHash, null)
  assert.is((await second.call().publish(one, {})).txHash, null)
  assert.is(halo.chain.mined.length, 1)
  for (const peer of [first, second])
    assert.equal(await peer.call().catalogue({ skip: 0, limit: 9 }, {}), [
      { dataset: datasetIdOf(one.commitment, one.patient), patient: one.patient, descriptor: DESCRIPTOR },
    ])
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
  assert.equal(await peer.call().catalogue({ skip: 0, limit: 9 }, {}), [])
  assert.equal(halo.chain.mined, [])
})

test('refuses a second entry for an anchored data set', async () => {
  await using halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  await peer.call().publish(await publication(1), {})
  const other = await publication(1, DESCRIPTOR.replace('"price":"1"', '"price":"2"'))
  assert.is(await failureOf(peer.call().publish(other, {})), 'STORE_CONFLICT')
})

test('lists nothing that could not be anchored', async () => {
  await using halo = await openMemoryHalo({ peers: 1 })
  const [peer] = halo.peers
  assert.ok(peer)
  halo.chain.isDown = true
  assert.is(await failureOf(peer.call().publish(await publication(1), {})), 'CHAIN_UNREACHABLE')
  halo.chain.isDown = false
  assert.equal(await peer.call().catalogue({ skip: 0, limit: 9 }, {}), [])
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
  const [all, rest, beyond, few] = await Promise.all([
    call.catalogue({ skip: 0, limit: 1000 }, {}),
    call.catalogue({ skip: 100, limit: 100 }, {}),
    call.catalogue({ skip: Number.MAX_SAFE_INTEGER, limit: 100 }, {}),
    call.catalogue({ skip: 3, limit: 2 }, {}),
  ])
  assert.equal([all.length, rest.length, beyond.length, few.length], [100, 5, 0, 2])
  assert.is(new Set([...all, ...rest].map((entry) => entry.dataset)).size, 105)
  assert.equal(few, all.slice(3, 5))
})

test.run()
