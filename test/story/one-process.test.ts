import { randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { memorySink, PRICE, publishing, startLocalNetwork, TERMS } from '../fixture/local-network.ts'

const test = suite('story/one-process')

test('carries a record from a patient to a researcher, byte for byte, and pays the patient', async () => {
  await using network = await startLocalNetwork()
  const { wallet } = await network.openWallet()
  const { research } = await network.openResearch()
  const record = randomBytes(300_000)
  const { holding } = await wallet.publish(publishing(record))
  const offers = await research.search()
  assert.equal(
    offers.map((offer) => offer.dataset),
    [holding.dataset],
  )
  const { request } = await research.request({ dataset: holding.dataset, terms: TERMS, relayFee: 1000n })
  const [pending] = await wallet.requests()
  assert.is(pending?.id, request.id)
  assert.is(pending?.terms.organisation, TERMS.organisation)
  assert.is((await research.status(request.id)).reason, 'NOT_ANSWERED')
  await wallet.approve(request.id)
  const sink = memorySink()
  const collected = await research.collect(request.id, sink.open)
  assert.equal(Buffer.from(sink.committed() ?? []), record)
  assert.equal(collected.verified, { hash: true, signature: true, anchor: true })
  assert.equal(collected.liars, [])
  await research.confirm(request.id)
  assert.is(await network.ledger.creditOf(request.request.patient, request.request.currency), PRICE)
  assert.equal(
    (await wallet.log()).map((entry) => entry.event),
    ['published', 'asked', 'approved', 'delivered'],
  )
})

test.run()
