import process from 'node:process'
import { parseAccessRequest, requestIdOf, statementOf, textHash } from '@halo/consent'
import { getAddress, hexlify } from 'ethers'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  anchorDataset,
  COMMITMENT,
  draftRequest,
  errorOf,
  firstOf,
  makeRequest,
  passTime,
  signAnswer,
  signDeliveries,
  startHalo,
} from './local-halo.ts'

const test = suite('chain/life')

test('carries a request to settlement, and every step shows in the facts', async () => {
  await using halo = await startHalo()
  const { ledger, researcher, deployment } = halo
  const dataset = await anchorDataset(halo)
  const request = await draftRequest(halo, dataset)
  assert.is((await ledger.facts(request)).escrow, 'none')
  assert.is(await ledger.findRequest(requestIdOf(request, deployment)), null)
  await researcher.request(request, COMMITMENT)
  const open = await ledger.facts(request)
  assert.equal([open.escrow, open.consent, open.accessUntilSec, open.confirmations], ['open', 'none', 0, 0])
  assert.is(open.tokenOwner, request.researcher)
  assert.equal(await ledger.findRequest(requestIdOf(request, deployment)), request)

  const relayer = firstOf(halo.operators).writer
  const { isFirst, tx } = await relayer.answer('Grant', request, await signAnswer(halo, 'Grant', request))
  assert.ok(isFirst && tx !== null && tx.gas > 21_000)
  const granted = await ledger.facts(request)
  assert.is(granted.consent, 'granted')
  assert.is(granted.confirmations, 1)
  assert.is(granted.accessUntilSec, granted.chainTimeSec + request.accessForSec)
  assert.is(await ledger.creditOf(relayer.account, request.currency), request.relayFee)
  await passTime(halo, 10)
  assert.is((await ledger.facts(request)).confirmations, 2)

  await relayer.settleWithDeliveries(request, (await signDeliveries(halo, request, 3)).reverse())
  assert.is((await ledger.facts(request)).escrow, 'settled')
  assert.is(await ledger.creditOf(request.patient, request.currency), request.price)
  await relayer.withdraw(request.patient, request.currency)
  assert.is(await ledger.balanceOf(request.patient, request.currency), request.price)
})

test('names every request exactly as the escrow does', async () => {
  await using halo = await startHalo()
  const { connection, deployment } = halo.ledger
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((value) => hexlify(value))
  const account = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((value) => getAddress(hexlify(value)))
  const amount = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n })
  const requests = fc.record({
    dataset: bytes,
    patient: account,
    researcher: account,
    recipientKeyHash: bytes,
    termsHash: bytes,
    currency: account,
    price: amount,
    relayFee: amount,
    answerBySec: fc.maxSafeNat(),
    accessForSec: fc.maxSafeNat(),
    nonce: bytes,
  })
  const seed = Date.now()
  process.stdout.write(`chain/life seed ${seed}\n`)
  const property = fc.asyncProperty(requests, async (fields) => {
    const request = parseAccessRequest(fields)
    const [id] = await connection.call('escrow', deployment.escrow, 'requestIdOf', [request])
    assert.is(id, requestIdOf(request, deployment))
  })
  await fc.assert(property, { seed, numRuns: 50 })
})

test('gives price back after a refusal, and the relay fee to the peer that relayed it', async () => {
  await using halo = await startHalo()
  const request = await makeRequest(halo)
  const { writer } = firstOf(halo.operators)
  await writer.answer('Decline', request, await signAnswer(halo, 'Decline', request))
  await writer.refund(request)
  assert.is(await halo.ledger.creditOf(request.researcher, request.currency), request.price)
  const facts = await halo.ledger.facts(request)
  assert.equal([facts.escrow, facts.consent, facts.tokenOwner], ['refunded', 'declined', null])
})

test('gives price and relay fee back once the time to answer is over, not before', async () => {
  await using halo = await startHalo()
  const request = await makeRequest(halo)
  assert.is((await errorOf(halo.researcher.refund(request)))['reason'], 'CHAIN_REFUSED')
  await passTime(halo, 3_601)
  const late = firstOf(halo.operators).writer.answer(
    'Grant',
    request,
    await signAnswer(halo, 'Grant', request),
  )
  assert.is((await errorOf(late))['reason'], 'EXPIRED')
  await halo.researcher.refund(request)
  const due = request.price + request.relayFee
  assert.is(await halo.ledger.creditOf(request.researcher, request.currency), due)
})

test('refuses settlement after withdrawal and refunds the price', async () => {
  await using halo = await startHalo()
  const request = await makeRequest(halo)
  const { writer } = firstOf(halo.operators)
  await writer.answer('Grant', request, await signAnswer(halo, 'Grant', request))
  await writer.answer('Revoke', request, await signAnswer(halo, 'Revoke', request))
  assert.is((await errorOf(halo.researcher.settle(request)))['reason'], 'WITHDRAWN')
  await halo.researcher.refund(request)
  assert.is(await halo.ledger.creditOf(request.researcher, request.currency), request.price)
})

test('lets one of five racing peers win, pays it once, and tells the others that they came late', async () => {
  await using halo = await startHalo(5)
  const request = await makeRequest(halo)
  const signature = await signAnswer(halo, 'Grant', request)
  await halo.ledger.connection.rpc.send('evm_setAutomine', [false])
  const race = Promise.all(halo.operators.map(({ writer }) => writer.answer('Grant', request, signature)))
  // All five wait in one block, so each of them believed to be first when it sent.
  let waiting = 0
  while (waiting < 5) {
    const status = await halo.ledger.connection.rpc.send('txpool_status', [])
    waiting = Number((status as { pending: string }).pending)
  }
  await halo.ledger.connection.rpc.send('evm_mine', [])
  const results = await race
  assert.is(results.filter(({ isFirst }) => isFirst).length, 1)
  const credits = await Promise.all(
    halo.operators.map(({ writer }) => halo.ledger.creditOf(writer.account, request.currency)),
  )
  assert.is(
    credits.reduce((sum, credit) => sum + credit, 0n),
    request.relayFee,
  )
  const again = await firstOf(halo.operators).writer.answer('Grant', request, signature)
  assert.equal(again, { tx: null, isFirst: false })
})

test('refuses a consent the patient did not sign, and one that was signed for another request', async () => {
  await using halo = await startHalo()
  const [one, other] = [await makeRequest(halo), await makeRequest(halo)]
  const { writer, wallet } = firstOf(halo.operators)
  const forged = await signAnswer({ ...halo, patient: wallet }, 'Grant', one)
  assert.is((await errorOf(writer.answer('Grant', one, forged)))['reason'], 'CONSENT_FORGED')
  const replayed = await signAnswer(halo, 'Grant', other)
  assert.is((await errorOf(writer.answer('Grant', one, replayed)))['reason'], 'CONSENT_FORGED')
  assert.is((await halo.ledger.facts(one)).consent, 'none')
})

test('refuses to settle with the signatures of fewer active operators than the quorum', async () => {
  await using halo = await startHalo()
  const request = await makeRequest(halo)
  const { writer } = firstOf(halo.operators)
  await writer.answer('Grant', request, await signAnswer(halo, 'Grant', request))
  const [one] = await signDeliveries(halo, request, 1)
  const twice = [one ?? '0x', one ?? '0x'] as const
  assert.is((await errorOf(writer.settleWithDeliveries(request, twice)))['reason'], 'SHARES_TOO_FEW')
  assert.is(await halo.ledger.deliveryQuorum(), 2)
})

test('shows a patient the very statement whose hash the contract verifies', async () => {
  await using halo = await startHalo()
  const request = await makeRequest(halo)
  const { connection, deployment } = halo.ledger
  const args = [
    request,
    textHash(`${statementOf('Grant', request)} `),
    await signAnswer(halo, 'Grant', request),
  ]
  const changed = connection.call('consent', deployment.consent, 'grant', args)
  assert.is((await errorOf(changed))['reason'], 'CONSENT_FORGED')
})

test.run()
