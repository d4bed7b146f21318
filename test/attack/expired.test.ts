import { randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startLocalNetwork } from '../fixture/local-network.ts'
import { answerOf, askAgain, askFresh, publishFresh } from './agreement.ts'
import { admitInsider, askAll, askShards, memberOf, openStranger, outcomeOf, proofFor } from './asking.ts'

const test = suite('attack/expired')

test('nothing is given after the access time, settled or not, after a refund, or for a late answer', async () => {
  await using network = await startLocalNetwork({ peers: 3, quorum: 2 })
  await using link = await openStranger()
  await using insider = await admitInsider(network)
  const options = { dataShards: 2, parityShards: 1, threshold: 2 }
  const patient = await publishFresh(network, randomBytes(20_000), options)
  const granted = await askFresh(network, patient, { accessForSec: 600 })
  const settled = await askAgain(granted.research, patient, { accessForSec: 600 })
  const open = await askAgain(granted.research, patient, { answerWithinSec: 600 })
  const outcomes = (id: typeof open.id) =>
    askAll(network, link, id, (peerId) => proofFor(network, granted.signer, id, peerId))
  const shards = (id: typeof open.id) => askShards(network, insider.link, id, patient.placement.shards)
  await patient.wallet.approve(granted.id)
  await patient.wallet.approve(settled.id)
  await granted.research.confirm(settled.id)
  assert.equal(await outcomes(granted.id), ['GIVEN'], 'in time')
  assert.equal(await shards(granted.id), ['GIVEN'])

  await network.skipTime(3600)
  for (const { id } of [granted, settled, open]) {
    assert.equal(await outcomes(id), ['EXPIRED'])
    assert.equal(await shards(id), ['EXPIRED'])
  }

  const late = await answerOf(network, 'Grant', open, patient.key, patient.holding.manifest)
  for (const peer of network.peers) await outcomeOf(link.peer(await memberOf(network, peer)).answer(late, {}))
  assert.is(
    await outcomeOf(granted.parts.writer.answer('Grant', open.own.request, late.signature)),
    'EXPIRED',
  )
  assert.equal(await outcomes(open.id), ['EXPIRED'])

  const replay = await answerOf(network, 'Grant', granted, patient.key, patient.holding.manifest)
  await granted.research.refund(granted.id)
  assert.equal(await outcomes(granted.id), ['REQUEST_REFUNDED'])
  for (const peer of network.peers)
    await outcomeOf(link.peer(await memberOf(network, peer)).answer(replay, {}))
  assert.equal(await outcomes(granted.id), ['REQUEST_REFUNDED'], 'the old grant buys nothing back')
  assert.equal(await shards(granted.id), ['REQUEST_REFUNDED'])
})

test.run()
