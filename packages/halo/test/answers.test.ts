import type { AnswerKind, Hex } from '@halo/consent'
import { requestIdOf, signMessage, statementOf } from '@halo/consent'
import type { Answer } from '@halo/ports'
import { encodeManifest, rendezvousOrder, signManifest } from '@halo/vault'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { DEPLOYMENT } from '../../ports/test/memory-chain.ts'
import { openKeyring } from '../../wallet/src/index.ts'
import type { Asked } from './agreed.ts'
import { askFor } from './agreed.ts'
import type { MemoryHalo, MemoryPeer } from './memory-halo.ts'
import { failureOf, NO_SIGNATURE, noise, openMemoryHalo, publishing, until } from './memory-halo.ts'

const test = suite('halo/answers')

/** A patient's answer as the wallet signs it. */
async function answerOf(asked: Asked, kind: AnswerKind, changes: Partial<Answer> = {}): Promise<Answer> {
  const { own, holding, walletParts } = asked
  const key = walletParts.keyring.datasetKey(holding.keyIndex)
  const message = { requestId: own.id, statement: statementOf(kind, own.request) }
  const signature = await signMessage(key, kind, message, walletParts.ledger.deployment)
  const manifest = kind === 'Grant' ? holding.manifest : null
  return { kind, requestId: own.id, signature, manifest, ...changes }
}

/** The peers in the order in which they relay. */
async function inRelayOrder(halo: MemoryHalo, asked: Asked): Promise<readonly MemoryPeer[]> {
  const ids = halo.peers.map((peer) => peer.peerId)
  const order = await rendezvousOrder(ids, asked.own.id)
  return order.map((peerId) => halo.peers[ids.indexOf(peerId)]).filter((peer) => peer !== undefined)
}

const answersMined = (halo: MemoryHalo): readonly string[] =>
  halo.chain.mined.map((tx) => tx.name).filter((name) => ['grant', 'decline', 'revoke'].includes(name))

test('takes no answer that the owner of the data set did not sign for this request', async () => {
  await using halo = await openMemoryHalo()
  const asked = await askFor(halo)
  const other = await askFor(halo)
  const good = await answerOf(asked, 'Grant')
  const stranger = await answerOf(other, 'Grant')
  const decline = await answerOf(asked, 'Decline')
  const withoutPlacement = encodeManifest(asked.manifest, { withPlacement: false })
  const forged: readonly (readonly [string, Answer, string])[] = [
    ['another patient', { ...good, signature: stranger.signature }, 'CONSENT_FORGED'],
    ['another kind', { ...good, signature: decline.signature }, 'CONSENT_FORGED'],
    ['a refusal as consent', { ...decline, kind: 'Grant', manifest: good.manifest }, 'CONSENT_FORGED'],
    ['another request', { ...good, requestId: other.own.id }, 'CONSENT_FORGED'],
    ['no signature', { ...good, signature: '0x' as Hex }, 'CONSENT_FORGED'],
    ['bytes that are none', { ...good, signature: NO_SIGNATURE }, 'CONSENT_FORGED'],
    ['no request', { ...good, requestId: `0x${'9'.repeat(64)}` as never }, 'REQUEST_UNKNOWN'],
    ['no manifest', { ...good, manifest: null }, 'MANIFEST_MISSING'],
    ['no placement', { ...good, manifest: withoutPlacement }, 'MANIFEST_MISSING'],
    ['an unreadable manifest', { ...good, manifest: Uint8Array.of(1, 2, 3) }, 'MALFORMED'],
    ['the manifest of another patient', { ...good, manifest: other.holding.manifest }, 'MANIFEST_FORGED'],
  ]
  for (const peer of halo.peers)
    for (const [name, answer, reason] of forged)
      assert.is(await failureOf(peer.call().answer(answer, {})), reason, name)
  assert.equal(answersMined(halo), [])
  for (const peer of halo.peers) assert.equal(await peer.store.list('answer/'), [])
})

test('takes no manifest of another record of the same patient', async () => {
  await using halo = await openMemoryHalo()
  const asked = await askFor(halo)
  const { wallet, holding } = asked
  const { holding: second } = await wallet.publish(publishing(noise(500)))
  assert.is.not(second.dataset, holding.dataset)
  const answer = await answerOf(asked, 'Grant', { manifest: second.manifest })
  // Each data set has a key of its own, so that even the owner's other manifest is a stranger's.
  assert.is(await failureOf(halo.peers[0]?.call().answer(answer, {}) ?? Promise.resolve()), 'MANIFEST_FORGED')
})

test('lets the first peer in order pay, the others only remember', async () => {
  await using halo = await openMemoryHalo()
  const asked = await askFor(halo)
  const answer = await answerOf(asked, 'Grant')
  const [first, ...others] = await inRelayOrder(halo, asked)
  assert.ok(first)
  const replies = await Promise.all([first, ...others].map((peer) => peer.call().answer(answer, {})))
  assert.equal(
    replies.map((reply) => reply.txHash !== null),
    [true, false, false, false, false],
  )
  assert.is(halo.chain.mined.at(-1)?.account, first.member.operator)
  await until(async () => {
    const left = await Promise.all(halo.peers.map((peer) => peer.store.list('unrelayed/')))
    return left.every((entries) => entries.length === 0)
  })
  assert.equal(answersMined(halo), ['grant'])
})

test('relays for a first peer that is silent, one after the other until one has done it', async () => {
  await using halo = await openMemoryHalo()
  const asked = await askFor(halo)
  const [first, second, ...others] = await inRelayOrder(halo, asked)
  assert.ok(first && second)
  // The first neither answers nor relays; the second takes the answer and its chain account is empty.
  halo.chain.before = (name, account) => {
    if (name === 'grant' && account === second.member.operator) throw new Error('no funds')
  }
  const answer = await answerOf(asked, 'Grant')
  for (const peer of [second, ...others]) assert.is((await peer.call().answer(answer, {})).txHash, null)
  await until(() => answersMined(halo).length > 0)
  assert.is(halo.chain.mined.at(-1)?.account, others[0]?.member.operator)
  assert.ok(second.log.some((line) => line.event === 'relay-failed'))
  await until(async () => (await second.store.list('unrelayed/')).length === 0)
  assert.equal(answersMined(halo), ['grant'])
})

test('goes on trying when the chain is out of reach, and tells its caller', async () => {
  await using halo = await openMemoryHalo()
  const asked = await askFor(halo)
  const [first] = await inRelayOrder(halo, asked)
  assert.ok(first)
  let refusals = 2
  halo.chain.before = (name) => {
    if (name === 'grant' && refusals-- > 0) throw new Error('connection reset')
  }
  assert.is(await failureOf(first.call().answer(await answerOf(asked, 'Grant'), {})), 'INTERNAL')
  await until(() => answersMined(halo).length > 0)
  assert.equal(answersMined(halo), ['grant'])
})

test('relays after a restart what it had not relayed when it was stopped', async () => {
  await using halo = await openMemoryHalo({ peer: { relayStaggerMs: 3_600_000 } })
  const asked = await askFor(halo)
  const order = await inRelayOrder(halo, asked)
  const last = order.at(-1)
  assert.ok(last)
  await last.call().answer(await answerOf(asked, 'Grant'), {})
  assert.equal(answersMined(halo), [])
  await last.restart()
  await until(() => answersMined(halo).length > 0)
  assert.is(halo.chain.mined.at(-1)?.account, last.member.operator)
})

test('puts nothing off any longer once it is stopped', async () => {
  await using halo = await openMemoryHalo({ peer: { relayStaggerMs: 3_600_000 } })
  const asked = await askFor(halo)
  const order = await inRelayOrder(halo, asked)
  const last = order.at(-1)
  assert.ok(last)
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  await last.call().answer(await answerOf(asked, 'Grant'), {})
  await last.call().answer(await answerOf(asked, 'Grant'), {})
  assert.is(timers(), before + 1)
  // The second timer that goes is the one of its sweeps.
  await last.peer[Symbol.asyncDispose]()
  assert.is(timers(), before - 1)
  assert.equal(answersMined(halo), [])
})

test('says that it is too late, and does not try again', async () => {
  await using halo = await openMemoryHalo()
  const asked = await askFor(halo, { asking: { answerWithinSec: 60 } })
  const [first] = await inRelayOrder(halo, asked)
  assert.ok(first)
  halo.clock.skipSec(61)
  assert.is(await failureOf(first.call().answer(await answerOf(asked, 'Grant'), {})), 'EXPIRED')
  assert.equal(await first.store.list('unrelayed/'), [])
  assert.equal(answersMined(halo), [])
})

test('heeds a withdrawal before the chain knows of it', async () => {
  await using halo = await openMemoryHalo()
  const asked = await askFor(halo)
  await asked.wallet.approve(asked.own.id)
  const order = await inRelayOrder(halo, asked)
  const last = order.at(-1)
  assert.ok(last)
  halo.chain.before = (name) => {
    if (name === 'revoke') throw new Error('mempool full')
  }
  await last.call().answer(await answerOf(asked, 'Revoke'), {})
  assert.is((await halo.chain.ledger.facts(asked.own.request)).consent, 'granted')
  const proof = await asked.prove(last.member)
  assert.is(await failureOf(last.call().release(proof, {})), 'WITHDRAWN')
  assert.is(await failureOf(last.call().collect(proof, {})), 'WITHDRAWN')
})

test('takes a withdrawal after the time to answer has passed', async () => {
  await using halo = await openMemoryHalo()
  const asked = await askFor(halo, { asking: { answerWithinSec: 60 } })
  await asked.wallet.approve(asked.own.id)
  halo.clock.skipSec(1000)
  await asked.wallet.withdraw(asked.own.id)
  assert.equal(answersMined(halo), ['grant', 'revoke'])
})

test('relays no grant that was taken back while it was under way', async () => {
  await using halo = await openMemoryHalo()
  const asked = await askFor(halo)
  const [first] = await inRelayOrder(halo, asked)
  assert.ok(first)
  await first.call().answer(await answerOf(asked, 'Revoke'), {})
  assert.is((await first.call().answer(await answerOf(asked, 'Grant'), {})).txHash, null)
  assert.equal(answersMined(halo), [])
  assert.is((await first.call().status({ requestId: asked.own.id }, {})).reason, 'WITHDRAWN')
})

test('withdraws on chain too when a grant that was taken back lands there by other hands', async () => {
  await using halo = await openMemoryHalo()
  const asked = await askFor(halo)
  // The first in order alone: it has its turn at once, so that no turn is left to come but by the event.
  const [first] = await inRelayOrder(halo, asked)
  assert.ok(first)
  await first.call().answer(await answerOf(asked, 'Revoke'), {})
  const { signature } = await answerOf(asked, 'Grant')
  await halo.chain.writer(asked.own.request.researcher).answer('Grant', asked.own.request, signature)
  await first.peer.listener.onEvent({
    kind: 'answered',
    id: asked.own.id,
    answer: 'Grant',
    block: 1,
    logIndex: 0,
  })
  await until(async () => (await halo.chain.ledger.facts(asked.own.request)).consent === 'revoked')
  assert.equal(answersMined(halo), ['grant', 'revoke'])
})

test('forgets to relay a withdrawal once no grant can land any more', async () => {
  await using halo = await openMemoryHalo()
  const asked = await askFor(halo)
  const [first] = await inRelayOrder(halo, asked)
  assert.ok(first)
  const revoke = await answerOf(asked, 'Revoke')
  await first.call().answer(revoke, {})
  assert.is((await first.store.list('unrelayed/')).length, 1)
  halo.clock.skipSec(asked.own.request.answerBySec)
  await first.call().answer(revoke, {})
  assert.equal(await first.store.list('unrelayed/'), [])
})

test('takes no answer for a data set that is not the patient’s by its id, whatever the chain has taken', async () => {
  await using halo = await openMemoryHalo()
  const { own, holding, manifest } = await askFor(halo)
  const [peer] = halo.peers
  assert.ok(peer && manifest.placement)
  const thief = openKeyring('test test test test test test test test test test test junk').datasetKey(0)
  const request = { ...own.request, patient: thief.address }
  const requestId = requestIdOf(request, DEPLOYMENT)
  // A contract that would have let it in.
  const { ledger } = halo.chain
  const open = await ledger.facts(own.request)
  Object.assign(ledger, { findRequest: async () => request, facts: async () => open })
  const message = { requestId, statement: statementOf('Grant', request) }
  const signature = await signMessage(thief, 'Grant', message, DEPLOYMENT)
  const copied = await signManifest(manifest.core, manifest.placement, (digest) => thief.signDigest(digest))
  const answers = [
    [encodeManifest(copied, { withPlacement: true }), 'MANIFEST_MISMATCH'],
    [holding.manifest, 'MANIFEST_FORGED'],
    [null, 'MANIFEST_MISSING'],
  ] as const
  for (const [given, reason] of answers) {
    const answer = { kind: 'Grant', requestId, signature, manifest: given } as const
    assert.is(await failureOf(peer.call().answer(answer, {})), reason)
  }
})

test.run()
