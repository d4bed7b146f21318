import { encodeManifest } from '@halo/vault'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { agreeOn, askFor } from './agreed.ts'
import { failureOf, noise, openMemoryHalo } from './memory-halo.ts'

const test = suite('halo/collect')

async function joined(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of stream) parts.push(part)
  return new Uint8Array(Buffer.concat(parts))
}

test('rebuilds the sealed bytes, and shows of the manifest what tells no location', async () => {
  await using halo = await openMemoryHalo()
  const { manifest, prove } = await agreeOn(halo, { sizeBytes: 900_000 })
  const seen = new Set<string>()
  for (const peer of halo.peers) {
    const delivery = await peer.call().collect(await prove(peer.member), {})
    assert.equal(delivery.manifest, encodeManifest(manifest, { withPlacement: false }))
    const sealed = await joined(delivery.sealed)
    assert.is(sealed.length, delivery.sealedBytes)
    assert.is(sealed.length, manifest.core.sealedBytes)
    seen.add(Buffer.from(sealed).toString('base64'))
    for (const other of halo.peers)
      assert.not.ok(Buffer.from(delivery.manifest).includes(Buffer.from(other.peerId)))
  }
  assert.is(seen.size, 1)
})

test('rebuilds with any two of five holders gone, from the start or in the middle', async () => {
  await using halo = await openMemoryHalo()
  const { prove } = await agreeOn(halo, { sizeBytes: 9_000_000 })
  const [peer, second, third, fourth] = halo.peers
  assert.ok(peer && second && third && fourth)
  const whole = await joined((await peer.call().collect(await prove(peer.member), {})).sealed)
  second.isDown = true
  const delivery = await peer.call().collect(await prove(peer.member), {})
  const parts: Uint8Array[] = []
  for await (const part of delivery.sealed) {
    parts.push(part)
    third.isDown = true
  }
  assert.ok(Buffer.concat(parts).equals(whole))
  fourth.isDown = true
  const short = await peer.call().collect(await prove(peer.member), {})
  assert.is(await failureOf(joined(short.sealed)), 'SHARDS_TOO_FEW')
})

test('passes over a holder that lies, at the root or in a unit, and names it in the log', async () => {
  await using halo = await openMemoryHalo()
  const { prove } = await agreeOn(halo, { sizeBytes: 5000 })
  const [peer, liar, other] = halo.peers
  assert.ok(peer && liar && other)
  const whole = await joined((await peer.call().collect(await prove(peer.member), {})).sealed)
  const lies = [
    (at: number, unit: Uint8Array) => (at === 0 ? noise(unit.length) : unit),
    (at: number, unit: Uint8Array) => (at === 1 ? noise(unit.length) : unit),
    (at: number, unit: Uint8Array) => (at === 1 ? new Uint8Array() : unit),
  ]
  for (const lie of lies) {
    peer.log.length = 0
    for (const holder of [liar, other])
      holder.override = (honest) => ({
        readShard: async (query, options) => {
          const units = await honest.readShard(query, options)
          return (async function* () {
            let at = 0
            for await (const unit of units) yield lie(at++, unit)
          })()
        },
      })
    const sealed = await joined((await peer.call().collect(await prove(peer.member), {})).sealed)
    assert.ok(Buffer.from(sealed).equals(Buffer.from(whole)))
    const named = peer.log.filter((line) => line.event === 'shard-unavailable')
    for (const line of named) {
      const { peerId, reason } = line.fields as { peerId: string; reason: string }
      assert.ok([liar.peerId, other.peerId].includes(peerId))
      assert.is(reason, 'SHARD_DAMAGED')
    }
  }
})

test('waits for no holder longer than its patience, be it before or between units', async () => {
  await using halo = await openMemoryHalo({ peer: { holderTimeoutMs: 4000 } })
  const { prove } = await agreeOn(halo, { sizeBytes: 9_000_000 })
  const [peer, mute, stalling] = halo.peers
  assert.ok(peer && mute && stalling)
  mute.override = () => ({ readShard: () => new Promise(() => {}) })
  stalling.override = (honest) => ({
    readShard: async (query, options) => {
      const units = await honest.readShard(query, options)
      return (async function* () {
        let at = 0
        for await (const unit of units) {
          yield unit
          if (at++ === 1) await new Promise(() => {})
        }
      })()
    },
  })
  const { sealed, sealedBytes } = await peer.call().collect(await prove(peer.member), {})
  assert.is((await joined(sealed)).length, sealedBytes)
})

test('serves a shard to members alone, for a request its own chain allows, where the manifest places it', async () => {
  await using halo = await openMemoryHalo()
  const { own, manifest, wallet } = await agreeOn(halo)
  const [peer, other] = halo.peers
  assert.ok(peer && other)
  const idOf = (peerId: string): Uint8Array =>
    manifest.placement?.shards.find((shard) => shard.peerId === peerId)?.id ?? new Uint8Array(16)
  const query = { requestId: own.id, id: idOf(peer.peerId), fromUnit: 0 }
  assert.is(await failureOf(peer.call().readShard(query, {})), 'NOT_A_MEMBER')
  const units = await peer.call(true).readShard(query, {})
  assert.ok((await joined(units)).length > 0)
  const elsewhere = { ...query, id: idOf(other.peerId) }
  assert.is(await failureOf(peer.call(true).readShard(elsewhere, {})), 'NOT_HELD')
  const unknown = { ...query, requestId: `0x${'9'.repeat(64)}` as never }
  assert.is(await failureOf(peer.call(true).readShard(unknown, {})), 'REQUEST_UNKNOWN')
  await wallet.withdraw(own.id)
  assert.is(await failureOf(peer.call(true).readShard(query, {})), 'WITHDRAWN')
})

test('brings a holder that was down at consent up to date, which checks for itself', async () => {
  await using halo = await openMemoryHalo()
  const [peer, late] = halo.peers
  assert.ok(peer && late)
  const asked = await askFor(halo)
  late.isDown = true
  await asked.wallet.approve(asked.own.id)
  late.isDown = false
  assert.is((await late.call().status({ requestId: asked.own.id }, {})).reason, 'MANIFEST_MISSING')
  await peer.call().collect(await asked.prove(peer.member), {})
  assert.is((await late.call().status({ requestId: asked.own.id }, {})).isReady, true)
})

test('cuts a running delivery when the patient withdraws', async () => {
  await using halo = await openMemoryHalo()
  const { own, wallet, prove } = await agreeOn(halo, { sizeBytes: 9_000_000 })
  const [peer] = halo.peers
  assert.ok(peer)
  const { sealed, sealedBytes } = await peer.call().collect(await prove(peer.member), {})
  let got = 0
  const reading = (async () => {
    for await (const piece of sealed) {
      got += piece.length
      if (got === piece.length) await wallet.withdraw(own.id)
    }
  })()
  assert.is(await failureOf(reading), 'WITHDRAWN')
  assert.ok(got < sealedBytes)
})

test('delivers nothing when the withdrawal comes between the decision and the first byte', async () => {
  await using halo = await openMemoryHalo()
  const { own, wallet, prove } = await agreeOn(halo)
  const [peer] = halo.peers
  assert.ok(peer)
  const { sealed } = await peer.call().collect(await prove(peer.member), {})
  await wallet.withdraw(own.id)
  assert.is(await failureOf(joined(sealed)), 'WITHDRAWN')
})

test('cuts a running delivery when the request is refunded, and when it stops', async () => {
  for (const end of ['refund', 'stop'] as const) {
    await using halo = await openMemoryHalo()
    const { own, research, prove } = await agreeOn(halo, { sizeBytes: 9_000_000 })
    const [peer] = halo.peers
    assert.ok(peer)
    const { sealed } = await peer.call().collect(await prove(peer.member), {})
    let isFirst = true
    const reading = (async () => {
      for await (const _ of sealed) {
        if (!isFirst) continue
        isFirst = false
        halo.clock.skipSec(own.request.accessForSec + 1)
        if (end === 'refund') await research.refund(own.id)
        else await peer.peer[Symbol.asyncDispose]()
      }
    })()
    assert.is.not(await failureOf(reading), 'nothing failed', end)
  }
})

test.run()
