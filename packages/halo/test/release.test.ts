import { bytesOf, recoverSigner } from '@halo/consent'
import { isShareCommitted, openSealed, releasedShareContext, sealTo, storedShareContext } from '@halo/vault'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { DEPLOYMENT } from '../../ports/test/memory-chain.ts'
import { agreeOn, askFor } from './agreed.ts'
import { failureOf, NO_SIGNATURE, noise, openMemoryHalo } from './memory-halo.ts'

const test = suite('halo/release')

test('releases its own share, sealed to the researcher for this request, and states so', async () => {
  await using halo = await openMemoryHalo()
  const { own, manifest, prove } = await agreeOn(halo)
  for (const peer of halo.peers) {
    const released = await peer.call().release(await prove(peer.member), {})
    const context = releasedShareContext(bytesOf(own.id), released.index)
    const share = await openSealed(own.kemSecretKey, released.sealed, context)
    assert.is(isShareCommitted(released.index, share, manifest.core.commitments), true)
    assert.is(manifest.placement?.shares[released.index - 1]?.peerId, peer.peerId)
    const operator = recoverSigner('Delivery', { requestId: own.id }, released.delivery, DEPLOYMENT)
    assert.is(operator, peer.member.operator)
    assert.is((await peer.call().status({ requestId: own.id }, {})).delivery, released.delivery)
  }
})

test('releases to nobody but the researcher of the request, who proves it to this peer and now', async () => {
  await using halo = await openMemoryHalo()
  const agreed = await agreeOn(halo)
  const other = await agreeOn(halo)
  const [peer, neighbour] = halo.peers
  assert.ok(peer && neighbour)
  const now = Math.floor(halo.clock.nowMs() / 1000)
  const good = await agreed.prove(peer.member)
  const forged = [
    await agreed.prove(peer.member, { peerId: neighbour.peerId }),
    await agreed.prove(peer.member, { beforeSec: now - 1 }),
    await agreed.prove(peer.member, { beforeSec: now + 301 }),
    { ...good, beforeSec: good.beforeSec + 1 },
    { ...good, signature: NO_SIGNATURE },
    { ...good, signature: '0x' as const },
    await other.prove(peer.member, { requestId: agreed.own.id }),
  ]
  for (const [at, proof] of forged.entries()) {
    assert.is(await failureOf(peer.call().release(proof, {})), 'COLLECTOR_FORGED', `proof ${at}`)
    assert.is(await failureOf(peer.call().collect(proof, {})), 'COLLECTOR_FORGED', `proof ${at}`)
  }
  for (const beforeSec of [now, now + 300])
    await peer.call().release(await agreed.prove(peer.member, { beforeSec }), {})
})

test('releases nothing before consent, after a refusal, and after the access time', async () => {
  await using halo = await openMemoryHalo()
  const waiting = await askFor(halo)
  const [peer] = halo.peers
  assert.ok(peer)
  const releasing = async (asked: typeof waiting): Promise<string> =>
    failureOf(peer.call().release(await asked.prove(peer.member), {}))
  assert.is(await releasing(waiting), 'NOT_ANSWERED')
  await waiting.wallet.decline(waiting.own.id)
  assert.is(await releasing(waiting), 'DECLINED')
  await waiting.research.refund(waiting.own.id)
  assert.is(await releasing(waiting), 'DECLINED')
  const granted = await agreeOn(halo, { asking: { accessForSec: 3600 } })
  halo.clock.skipSec(3600 - 120)
  assert.is(await releasing(granted), 'nothing failed')
  halo.clock.skipSec(1)
  assert.is(await releasing(granted), 'EXPIRED')
  halo.clock.skipSec(120)
  await granted.research.refund(granted.own.id)
  assert.is(await releasing(granted), 'REQUEST_REFUNDED')
})

test('releases nothing while it cannot read the chain itself', async () => {
  await using halo = await openMemoryHalo()
  const { prove } = await agreeOn(halo)
  const [peer] = halo.peers
  assert.ok(peer)
  const proof = await prove(peer.member)
  halo.chain.isDown = true
  assert.is(await failureOf(peer.call().release(proof, {})), 'CHAIN_UNREACHABLE')
  assert.is(await failureOf(peer.call().collect(proof, {})), 'CHAIN_UNREACHABLE')
})

test('waits for as many confirmations as its operator wants', async () => {
  await using halo = await openMemoryHalo()
  const { prove } = await agreeOn(halo)
  const [peer] = halo.peers
  assert.ok(peer)
  await peer.restart({ confirmations: 3 })
  assert.is(await failureOf(peer.call().release(await prove(peer.member), {})), 'NOT_CONFIRMED')
  halo.chain.block += 2
  await peer.call().release(await prove(peer.member), {})
})

test('takes no consent on the chain’s word alone: it wants the patient’s signature and manifest', async () => {
  await using halo = await openMemoryHalo()
  const [peer] = halo.peers
  assert.ok(peer)
  const asked = await askFor(halo)
  peer.isDown = true
  await asked.wallet.approve(asked.own.id)
  peer.isDown = false
  assert.is(await failureOf(peer.call().release(await asked.prove(peer.member), {})), 'MANIFEST_MISSING')
})

test('says so when it does not hold the share, and when the share is not what the patient committed to', async () => {
  await using halo = await openMemoryHalo()
  const { prove, own } = await agreeOn(halo)
  const [peer] = halo.peers
  assert.ok(peer)
  const [entry] = await peer.store.list('share/')
  assert.ok(entry)
  const damaged = entry.value.slice()
  damaged[1150] = (damaged[1150] ?? 0) ^ 1
  await peer.store.put(entry.key, damaged)
  assert.is(await failureOf(peer.call().release(await prove(peer.member), {})), 'SHARE_DAMAGED')
  // One that opens, put there by somebody who has the peer's public key.
  const [, idHex = ''] = entry.key.split('/0x')
  const id = new Uint8Array(Buffer.from(idHex, 'hex'))
  const context = storedShareContext(peer.peerId, id, bytesOf(own.request.dataset))
  await peer.store.put(entry.key, await sealTo(peer.member.kemPublicKey, noise(33), context))
  assert.is(await failureOf(peer.call().release(await prove(peer.member), {})), 'SHARE_DAMAGED')
  await peer.store.delete(entry.key)
  assert.is(await failureOf(peer.call().release(await prove(peer.member), {})), 'NOT_HELD')
})

test('hands the manifest to the holders of the record only', async () => {
  await using halo = await openMemoryHalo({ peers: 6 })
  const { manifest, prove } = await agreeOn(halo)
  const holders = manifest.placement?.shares.map((share) => share.peerId)
  const spare = halo.peers.find((peer) => holders?.includes(peer.peerId) === false)
  assert.ok(spare)
  assert.is(await failureOf(spare.call().release(await prove(spare.member), {})), 'MANIFEST_MISSING')
})

test('writes nothing into its log that tells shares, keys or who the patient is', async () => {
  await using halo = await openMemoryHalo()
  const { own, prove } = await agreeOn(halo)
  for (const peer of halo.peers) {
    await peer.call().release(await prove(peer.member), {})
    const log = JSON.stringify(peer.log)
    assert.not.ok(log.includes(own.request.patient))
    assert.not.ok(log.includes(own.request.dataset))
    for (const line of peer.log)
      for (const value of Object.values(line.fields))
        assert.ok(['string', 'number', 'boolean'].includes(typeof value) && String(value).length <= 66)
  }
})

test.run()
