import type { AccessRequest, RequestId } from '@halo/consent'
import { statementOf, textHash } from '@halo/consent'
import type { RequestNotice } from '@halo/ports'
import { RefusedError } from '@halo/ports'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { MemoryHalo } from '../../halo/test/memory-halo.ts'
import {
  failureOf,
  noise,
  openMemoryHalo,
  PRICE,
  publishing,
  TERMS,
  until,
} from '../../halo/test/memory-halo.ts'
import type { Asking, OwnRequest, Research } from '../../research/src/index.ts'
import type { Holding, Wallet, WalletParts } from '../src/index.ts'
import { openWallet } from '../src/index.ts'

const test = suite('wallet/requests')

/** A published record, and one researcher who has asked for it. */
async function askOne(
  halo: MemoryHalo,
  asking: Partial<Asking> = {},
): Promise<{
  readonly wallet: Wallet
  readonly parts: WalletParts
  readonly holding: Holding
  readonly research: Research
  readonly own: OwnRequest
}> {
  const { wallet, parts } = await halo.openPatient()
  const { holding } = await wallet.publish(publishing(noise(2000)))
  const { research } = await halo.openResearcher()
  const { request: own } = await research.request({ dataset: holding.dataset, terms: TERMS, ...asking })
  return { wallet, parts, holding, research, own }
}

test('shows who asks, for what, at what price, and the very text that approval signs', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, own } = await askOne(halo)
  const [pending, ...others] = await wallet.requests()
  assert.equal(others, [])
  assert.is(pending?.id, own.id)
  assert.equal(pending?.request, own.request)
  assert.equal(pending?.terms, { version: 1, ...TERMS })
  assert.is(pending?.price, '0.00000000000002 coins')
  assert.is(pending?.isBelowAsk, false)
  assert.is(pending?.accessFor, '7 days')
  assert.is(pending?.statement, statementOf('Grant', own.request))
})

test('asks about each data set over a connection of its own', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient()
  await wallet.publish(publishing(noise(1000)))
  await wallet.publish(publishing(noise(1000)))
  const asked: { readonly link: number; readonly datasets: readonly string[] }[] = []
  for (const peer of halo.peers)
    peer.override = (honest) => ({
      async pending(query, options) {
        asked.push({ link: halo.links.length, datasets: query.datasets })
        return honest.pending(query, options)
      },
    })
  const before = halo.links.length
  await wallet.requests()
  assert.is(halo.links.length, before + 2)
  assert.is(asked.length, 10)
  for (const { datasets } of asked) assert.is(datasets.length, 1)
})

test('says when less is offered than asked', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, research, holding, parts } = await askOne(halo)
  const { own } = { own: (await research.requests())[0] }
  assert.ok(own)
  const cheap: AccessRequest = { ...own.request, price: PRICE - 1n, nonce: `0x${'7'.repeat(64)}` as never }
  await halo.chain.writer(cheap.researcher).request(cheap, holding.commitment)
  await halo.peers[0]?.call().notify({ request: cheap, kemPublicKey: own.kemPublicKey, terms: own.terms }, {})
  const requests = await wallet.requests()
  assert.equal(requests.map((pending) => [pending.request.price, pending.isBelowAsk]).sort(), [
    [PRICE - 1n, true],
    [PRICE, false],
  ])
  assert.ok(parts && holding)
})

test('shows nothing that does not check out against chain, key, terms and data set', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, own } = await askOne(halo)
  const { wallet: other } = await halo.openPatient()
  const { holding: foreign } = await other.publish(publishing(noise(1000)))
  const honest: RequestNotice = { request: own.request, kemPublicKey: own.kemPublicKey, terms: own.terms }
  const change = (request: Partial<AccessRequest>): RequestNotice => ({
    ...honest,
    request: { ...own.request, ...request },
  })
  const unreadable = '{"version":1}'
  const forged: readonly (readonly [string, RequestNotice])[] = [
    ['foreign data set', change({ dataset: foreign.dataset })],
    ['foreign patient', change({ patient: own.request.researcher })],
    ['another price', change({ price: 1n })],
    ['another researcher', change({ researcher: own.request.patient })],
    ['another nonce', change({ nonce: textHash('x') })],
    ['later answer', change({ answerBySec: own.request.answerBySec + 1 })],
    ['another key', { ...honest, kemPublicKey: new Uint8Array(1216) }],
    ['other terms', { ...honest, terms: honest.terms.replace('Test', 'Best') }],
    ['terms nobody can read', { ...change({ termsHash: textHash(unreadable) }), terms: unreadable }],
  ]
  for (const [name, notice] of forged) {
    for (const peer of halo.peers) peer.override = () => ({ pending: async () => [notice] })
    assert.equal(await wallet.requests(), [], name)
    assert.is(await failureOf(wallet.approve(own.id)), 'REQUEST_NOT_FOUND', name)
  }
  for (const peer of halo.peers) peer.override = () => ({ pending: async () => [honest] })
  assert.is((await wallet.requests()).length, 1)
})

test('shows an honest peer’s request though another peer forges the same one', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, own } = await askOne(halo)
  for (const peer of halo.peers.slice(1))
    peer.override = (honest) => ({
      pending: async (query, options) =>
        (await honest.pending(query, options)).map((notice) => ({ ...notice, terms: '{}' })),
    })
  assert.equal(
    (await wallet.requests()).map((pending) => pending.id),
    [own.id],
  )
})

test('asks the chain once for a request that all five peers hold, however often a peer repeats it', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await askOne(halo)
  for (const peer of halo.peers)
    peer.override = (honest) => ({
      pending: async (query, options) => {
        const [notice] = await honest.pending(query, options)
        return notice === undefined ? [] : Array.from({ length: 5000 }, () => notice)
      },
    })
  await wallet.requests()
  const before = halo.chain.asked.get('facts') ?? 0
  assert.is((await wallet.requests()).length, 1)
  // Five of the peers themselves, one of the wallet.
  assert.is((halo.chain.asked.get('facts') ?? 0) - before, 6)
})

test('waits for no peer longer than its patience', async () => {
  await using halo = await openMemoryHalo()
  const { parts, own } = await askOne(halo)
  const wallet = openWallet(parts, { peerTimeoutMs: 3000 })
  for (const peer of halo.peers.slice(1)) peer.override = () => ({ pending: () => new Promise(() => {}) })
  assert.equal(
    (await wallet.requests()).map((pending) => pending.id),
    [own.id],
  )
})

test('shows what expired, was answered or was refunded no longer, and says why it cannot be answered', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, own, research, holding } = await askOne(halo)
  const { request: late } = await research.request({
    dataset: holding.dataset,
    terms: TERMS,
    answerWithinSec: 60,
  })
  const { request: refused } = await research.request({ dataset: holding.dataset, terms: TERMS })
  assert.is((await wallet.requests()).length, 3)
  await wallet.decline(refused.id)
  halo.clock.skipSec(61)
  assert.equal(
    (await wallet.requests()).map((pending) => pending.id),
    [own.id],
  )
  const closed = async (id: RequestId): Promise<unknown> => {
    const error = await wallet.approve(id).catch((caught: unknown) => caught)
    const { code, details } = error as { code: string; details: { reason: string } }
    return [code, details.reason]
  }
  assert.equal(await closed(late.id), ['REQUEST_CLOSED', 'EXPIRED'])
  assert.equal(await closed(refused.id), ['REQUEST_CLOSED', 'DECLINED'])
  await research.refund(refused.id)
  assert.equal(await closed(refused.id), ['REQUEST_CLOSED', 'DECLINED'])
  assert.is(await failureOf(wallet.approve(`0x${'9'.repeat(64)}` as RequestId)), 'REQUEST_NOT_FOUND')
})

test('hands consent and manifest to every holder, and pays for one transaction', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, own, holding } = await askOne(halo)
  const mined = halo.chain.mined.length
  const answered = await wallet.approve(own.id)
  assert.is(answered.peers, 5)
  assert.is(answered.kind, 'Grant')
  assert.ok(answered.txHash === null || /^0x[0-9a-f]{64}$/.test(answered.txHash))
  for (const { call, peerId } of halo.peers) {
    const { isReady, reason } = await call().status({ requestId: own.id }, {})
    assert.equal([peerId, isReady, reason], [peerId, true, null])
  }
  assert.equal(
    halo.chain.mined.slice(mined).map((tx) => tx.name),
    ['grant'],
  )
  assert.ok(holding.manifest.length > 0)
})

test('gives no manifest away with a refusal', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, own } = await askOne(halo)
  const manifests: unknown[] = []
  for (const peer of halo.peers)
    peer.override = (honest) => ({
      answer: async (answer, options) => {
        manifests.push(answer.manifest)
        return honest.answer(answer, options)
      },
    })
  await wallet.decline(own.id)
  assert.equal(manifests, [null, null, null, null, null])
  assert.is((await halo.chain.ledger.facts(own.request)).consent, 'declined')
})

test('signs nothing that no peer could show it in full', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, own } = await askOne(halo)
  for (const peer of halo.peers) peer.isDown = true
  assert.is(await failureOf(wallet.approve(own.id)), 'REQUEST_NOT_FOUND')
})

test('tells the peers of the one data set it approves, and of no other', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, own, holding } = await askOne(halo)
  await wallet.publish(publishing(noise(1000)))
  const asked = new Set<string>()
  for (const peer of halo.peers)
    peer.override = (honest) => ({
      pending: async (query, options) => {
        for (const dataset of query.datasets) asked.add(dataset)
        return honest.pending(query, options)
      },
    })
  await wallet.approve(own.id)
  assert.equal([...asked], [holding.dataset])
})

test('says when its answer reached nobody, and sends the same one when asked again', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, parts, own } = await askOne(halo)
  const hasty = openWallet(parts, { chainTimeoutMs: 300 })
  const signatures = new Set<string>()
  for (const peer of halo.peers)
    peer.override = () => ({
      answer: async (answer) => {
        signatures.add(answer.signature)
        throw new Error('down')
      },
    })
  assert.is(await failureOf(hasty.approve(own.id)), 'ANSWER_NOT_TAKEN')
  assert.is(await failureOf(hasty.approve(own.id)), 'ANSWER_NOT_TAKEN')
  for (const peer of halo.peers) peer.override = () => ({})
  assert.is((await wallet.approve(own.id)).peers, 5)
  assert.is(signatures.size, 1)
})

test('notes an answer that reached the chain after it had stopped waiting', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, parts, own } = await askOne(halo)
  const held = Promise.withResolvers<void>()
  halo.chain.before = () => held.promise
  assert.is(await failureOf(openWallet(parts, { chainTimeoutMs: 100 }).approve(own.id)), 'ANSWER_NOT_TAKEN')
  held.resolve()
  await until(async () => (await halo.chain.ledger.facts(own.request)).consent === 'granted')
  assert.equal(
    (await wallet.log()).map((entry) => entry.event),
    ['published', 'asked', 'approved'],
  )
})

test('withdraws at once everywhere, and only what was granted', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, own } = await askOne(halo)
  assert.is(await failureOf(wallet.withdraw(own.id)), 'REQUEST_CLOSED')
  await wallet.approve(own.id)
  assert.is((await wallet.withdraw(own.id)).peers, 5)
  for (const { call } of halo.peers) {
    const { isReady, reason } = await call().status({ requestId: own.id }, {})
    assert.equal([isReady, reason], [false, 'WITHDRAWN'])
  }
  assert.is((await halo.chain.ledger.facts(own.request)).consent, 'revoked')
  assert.is(await failureOf(wallet.withdraw(own.id)), 'REQUEST_CLOSED')
  assert.is(await failureOf(wallet.withdraw(`0x${'9'.repeat(64)}` as RequestId)), 'REQUEST_NOT_FOUND')
})

test('writes an access log of who asked, what was answered and what came of it, each once', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, own, research, holding } = await askOne(halo)
  await wallet.requests()
  await wallet.requests()
  halo.clock.skipSec(10)
  await wallet.approve(own.id)
  halo.clock.skipSec(10)
  await research.confirm(own.id)
  await wallet.log()
  halo.clock.skipSec(10)
  await wallet.withdraw(own.id)
  const log = await wallet.log()
  assert.equal(
    log.map(({ event, organisation, requestId }) => [event, organisation, requestId]),
    [
      ['published', null, null],
      ['asked', TERMS.organisation, own.id],
      ['approved', TERMS.organisation, own.id],
      ['delivered', TERMS.organisation, own.id],
      ['withdrawn', TERMS.organisation, own.id],
    ],
  )
  for (const entry of log) assert.is(entry.dataset, holding.dataset)
})

test('writes refusals and refunds into the log', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, own, research } = await askOne(halo)
  await wallet.decline(own.id)
  await research.refund(own.id)
  assert.equal(
    (await wallet.log()).map((entry) => entry.event),
    ['published', 'asked', 'declined', 'refunded'],
  )
})

test('takes back a grant that has not reached the chain yet', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, parts, own } = await askOne(halo)
  halo.chain.before = (name) => {
    if (name === 'grant') throw new RefusedError('CHAIN_UNREACHABLE')
  }
  assert.is(await failureOf(openWallet(parts, { chainTimeoutMs: 300 }).approve(own.id)), 'ANSWER_NOT_TAKEN')
  await wallet.withdraw(own.id)
  for (const peer of halo.peers)
    assert.is((await peer.call().status({ requestId: own.id }, {})).reason, 'WITHDRAWN')
})

test.run()
