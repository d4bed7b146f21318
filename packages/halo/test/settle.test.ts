import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { agreeOn } from './agreed.ts'
import { failureOf, NO_SIGNATURE, openMemoryHalo, PRICE, until } from './memory-halo.ts'

const test = suite('halo/settle')

test('pays the patient for a researcher who collects and does not confirm, with one transaction', async () => {
  await using halo = await openMemoryHalo({ peer: { settleAfterMs: 50 } })
  const { own, prove } = await agreeOn(halo)
  for (const peer of halo.peers) await peer.call().release(await prove(peer.member), {})
  await until(async () => {
    const left = await Promise.all(halo.peers.map((peer) => peer.store.list('unsettled/')))
    return left.every((entries) => entries.length === 0)
  })
  assert.is(halo.chain.credit(own.request.patient), PRICE)
  assert.is(halo.chain.mined.filter((tx) => tx.name === 'settleWithDeliveries').length, 1)
})

test('settles nothing with fewer deliveries than the contract asks for', async () => {
  await using halo = await openMemoryHalo({ peer: { settleAfterMs: 10 } })
  const { own, prove } = await agreeOn(halo)
  const two = halo.peers.slice(0, 2)
  for (const peer of two) await peer.call().release(await prove(peer.member), {})
  await until(() => two.every((peer) => peer.log.some((line) => line.event === 'settle-failed')))
  assert.is(halo.chain.credit(own.request.patient), 0n)
  // A third delivery in time, and the next attempt pays.
  const third = halo.peers[2]
  await third?.call().release(await prove(third.member), {})
  await until(() => halo.chain.credit(own.request.patient) === PRICE)
})

test('settles although a peer gives a false statement of delivery, or none', async () => {
  await using halo = await openMemoryHalo({ peer: { settleAfterMs: 3_600_000 } })
  const { own, prove } = await agreeOn(halo)
  const [liar, mute, ...honest] = halo.peers
  assert.ok(liar && mute)
  for (const peer of honest) await peer.call().release(await prove(peer.member), {})
  liar.override = (truth) => ({
    status: async (query, options) => ({ ...(await truth.status(query, options)), delivery: NO_SIGNATURE }),
  })
  mute.isDown = true
  await honest[0]?.restart({ settleAfterMs: 1, relayStaggerMs: 1 })
  await until(() => halo.chain.credit(own.request.patient) === PRICE)
})

test('leaves a request alone that the researcher confirmed', async () => {
  await using halo = await openMemoryHalo({ peer: { settleAfterMs: 10 } })
  const { own, prove, research } = await agreeOn(halo)
  await research.confirm(own.id)
  for (const peer of halo.peers) await peer.call().release(await prove(peer.member), {})
  await until(async () => {
    const left = await Promise.all(halo.peers.map((peer) => peer.store.list('unsettled/')))
    return left.every((entries) => entries.length === 0)
  })
  assert.is(halo.chain.mined.filter((tx) => tx.name === 'settleWithDeliveries').length, 0)
})

test('settles after a restart what it had released before', async () => {
  await using halo = await openMemoryHalo({ peer: { settleAfterMs: 3_600_000 } })
  const { own, prove } = await agreeOn(halo)
  for (const peer of halo.peers) await peer.call().release(await prove(peer.member), {})
  await halo.peers[0]?.restart({ settleAfterMs: 10, relayStaggerMs: 1 })
  await until(() => halo.chain.credit(own.request.patient) === PRICE)
})

test('settles before the access time is over, however patient its operator is', async () => {
  await using halo = await openMemoryHalo({ peer: { settleAfterMs: Number.MAX_SAFE_INTEGER } })
  const { own, prove } = await agreeOn(halo, { asking: { accessForSec: 1 } })
  for (const peer of halo.peers) await peer.call().release(await prove(peer.member), {})
  await until(() => halo.chain.credit(own.request.patient) === PRICE)
})

test('puts one settlement off once, however often the researcher collects', async () => {
  await using halo = await openMemoryHalo({ peer: { settleAfterMs: 3_600_000 } })
  const { prove } = await agreeOn(halo)
  const [peer] = halo.peers
  assert.ok(peer)
  await until(async () => {
    const left = await Promise.all(halo.peers.map((one) => one.store.list('unrelayed/')))
    return left.every((entries) => entries.length === 0)
  })
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  await peer.call().release(await prove(peer.member), {})
  const before = timers()
  for (let again = 0; again < 10; again++) await peer.call().release(await prove(peer.member), {})
  assert.ok(timers() <= before)
  await peer.peer[Symbol.asyncDispose]()
  assert.ok(timers() < before)
})

test('pays nobody for what was withdrawn', async () => {
  await using halo = await openMemoryHalo({ peer: { settleAfterMs: 3_600_000 } })
  const { own, wallet, prove, research } = await agreeOn(halo)
  for (const peer of halo.peers) await peer.call().release(await prove(peer.member), {})
  await wallet.withdraw(own.id)
  for (const peer of halo.peers) await peer.restart({ settleAfterMs: 1, relayStaggerMs: 1 })
  await until(async () => {
    const left = await Promise.all(halo.peers.map((peer) => peer.store.list('unsettled/')))
    return left.every((entries) => entries.length === 0)
  })
  assert.is(halo.chain.credit(own.request.patient), 0n)
  assert.is(await failureOf(research.refund(own.id)), 'nothing failed')
})

test.run()
