import type { DatasetId, RequestId } from '@halo/consent'
import { explainReason, parseTerms } from '@halo/consent'
import { RefusedError } from '@halo/ports'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { agreeOn, askFor } from '../../halo/test/agreed.ts'
import {
  failureOf,
  memorySink,
  noise,
  openMemoryHalo,
  PRICE,
  publishing,
  TERMS,
} from '../../halo/test/memory-halo.ts'

const test = suite('research/request')

test('asks for what is offered at its price, in the patient’s currency, under the terms given', async () => {
  await using halo = await openMemoryHalo()
  const { own, holding, research } = await askFor(halo)
  assert.is(own.request.dataset, holding.dataset)
  assert.is(own.request.price, PRICE)
  assert.is(own.request.answerBySec, Math.floor(halo.clock.nowMs() / 1000) + 604_800)
  assert.equal(parseTerms(own.terms), { version: 1, ...TERMS })
  assert.equal(await research.requests(), [own])
  for (const peer of halo.peers)
    assert.is((await peer.call().status({ requestId: own.id }, {})).isNoticed, true)
})

test('takes a fresh key and nonce for each request', async () => {
  await using halo = await openMemoryHalo()
  const { own, research, holding } = await askFor(halo)
  const { request: second } = await research.request({ dataset: holding.dataset, terms: TERMS })
  assert.is.not(second.id, own.id)
  assert.is.not(second.request.recipientKeyHash, own.request.recipientKeyHash)
  assert.is.not(second.request.nonce, own.request.nonce)
})

test('refuses a data set nobody offers, too low a price, and terms no wallet would show, before it pays', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient()
  const { holding } = await wallet.publish(publishing(noise(500)))
  const { research, parts } = await halo.openResearcher()
  const asking = { dataset: holding.dataset, terms: TERMS }
  const unknown = { ...asking, dataset: `0x${'9'.repeat(64)}` as DatasetId }
  assert.is(await failureOf(research.request(unknown)), 'DATASET_NOT_FOUND')
  assert.is(await failureOf(research.request({ ...asking, price: PRICE - 1n })), 'PRICE_TOO_LOW')
  const unreadable = { ...asking, terms: { ...TERMS, organisation: 'x'.repeat(201) } }
  assert.is(await failureOf(research.request(unreadable)), 'BAD_REQUEST')
  assert.equal(await parts.store.list(''), [])
  assert.equal(
    halo.chain.mined.filter((tx) => tx.name === 'request'),
    [],
  )
})

test('keeps the key before it pays, and throws it away when nothing was paid', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient()
  const { holding } = await wallet.publish(publishing(noise(500)))
  const { research, parts } = await halo.openResearcher()
  let held = 0
  halo.chain.before = async (name) => {
    if (name !== 'request') return
    held = (await parts.store.list('request/')).length
    throw new RefusedError('CHAIN_REFUSED')
  }
  const asking = { dataset: holding.dataset, terms: TERMS }
  assert.is(await failureOf(research.request(asking)), 'CHAIN_REFUSED')
  assert.is(held, 1)
  assert.equal(await research.requests(), [])
})

test('keeps the key while the payment may still be on its way', async () => {
  for (const reason of ['TIMED_OUT', 'CHAIN_UNREACHABLE', 'INTERNAL'] as const) {
    await using halo = await openMemoryHalo()
    const { wallet } = await halo.openPatient()
    const { holding } = await wallet.publish(publishing(noise(500)))
    const { research } = await halo.openResearcher()
    halo.chain.before = (name) => {
      if (name === 'request') throw new RefusedError(reason)
    }
    assert.is(await failureOf(research.request({ dataset: holding.dataset, terms: TERMS })), reason)
    assert.is((await research.requests()).length, 1, reason)
  }
})

test('keeps the key when it was paid and the answer to that was lost', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient()
  const { holding } = await wallet.publish(publishing(noise(500)))
  const { research } = await halo.openResearcher()
  halo.chain.after = (name) => {
    if (name === 'request') throw new RefusedError('CHAIN_REFUSED')
  }
  assert.is(await failureOf(research.request({ dataset: holding.dataset, terms: TERMS })), 'CHAIN_REFUSED')
  const [own] = await research.requests()
  assert.ok(own)
  assert.is((await research.status(own.id)).escrow, 'open')
})

test('counts a paid request as made though no peer could be told, and tells them when it is next asked for', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient()
  const { holding } = await wallet.publish(publishing(noise(500)))
  const { research } = await halo.openResearcher()
  for (const peer of halo.peers)
    peer.override = () => ({
      notify: async () => {
        throw new Error('down')
      },
    })
  const { request: own, peers } = await research.request({ dataset: holding.dataset, terms: TERMS })
  assert.is(peers, 0)
  assert.equal(await wallet.requests(), [])
  for (const peer of halo.peers) peer.override = () => ({})
  assert.is(await failureOf(research.collect(own.id, memorySink().open)), 'NOT_ANSWERED')
  assert.equal(
    (await wallet.requests()).map((pending) => pending.id),
    [own.id],
  )
})

test('tells how a request stands, in a code and in words', async () => {
  await using halo = await openMemoryHalo()
  const { own, research, wallet } = await askFor(halo)
  const waiting = await research.status(own.id)
  assert.equal([waiting.reason, waiting.isRefundDue, waiting.accessUntilSec], ['NOT_ANSWERED', false, 0])
  assert.is(waiting.explanation, explainReason('NOT_ANSWERED'))
  await wallet.approve(own.id)
  const granted = await research.status(own.id)
  assert.equal([granted.reason, granted.explanation, granted.consent], [null, null, 'granted'])
  assert.is(granted.accessUntilSec, Math.floor(halo.clock.nowMs() / 1000) + 604_800)
  await wallet.withdraw(own.id)
  const withdrawn = await research.status(own.id)
  assert.equal([withdrawn.reason, withdrawn.isRefundDue], ['WITHDRAWN', true])
  assert.is(await failureOf(research.status(`0x${'9'.repeat(64)}` as RequestId)), 'REQUEST_NOT_FOUND')
})

test('gets the price back after a refusal, silence, withdrawal or missed delivery, and not before', async () => {
  await using halo = await openMemoryHalo()
  const endings: readonly (readonly [
    string,
    (asked: Awaited<ReturnType<typeof askFor>>) => Promise<unknown>,
  ])[] = [
    ['refusal', ({ wallet, own }) => wallet.decline(own.id)],
    ['silence', async ({ own }) => halo.clock.skipSec(own.request.answerBySec)],
    [
      'withdrawal',
      async ({ wallet, own }) => {
        await wallet.approve(own.id)
        await wallet.withdraw(own.id)
      },
    ],
    [
      'missed delivery',
      async ({ wallet, own }) => {
        await wallet.approve(own.id)
        halo.clock.skipSec(own.request.accessForSec + 1)
      },
    ],
  ]
  for (const [name, end] of endings) {
    const asked = await askFor(halo)
    const { research, own } = asked
    assert.is(await failureOf(research.refund(own.id)), 'NOT_ANSWERED', name)
    await end(asked)
    const { refund, payout } = await research.refund(own.id)
    assert.equal([refund?.name, payout?.name], ['refund', 'withdraw'], name)
    assert.is(halo.chain.credit(own.request.researcher), 0n, name)
    const again = await research.refund(own.id)
    assert.equal([again.refund, again.payout], [null, null], name)
  }
})

test('gets nothing back of what was delivered and paid, or is being collected', async () => {
  await using halo = await openMemoryHalo()
  const { own, research } = await agreeOn(halo)
  assert.is(await failureOf(research.refund(own.id)), 'NOT_ANSWERED')
  await research.confirm(own.id)
  assert.is(await failureOf(research.refund(own.id)), 'REQUEST_MISMATCH')
  assert.is(halo.chain.credit(own.request.patient), PRICE)
})

test.run()
