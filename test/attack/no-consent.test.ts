import { randomBytes } from 'node:crypto'
import { createKemKeyPair } from '@halo/vault'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startLocalNetwork } from '../fixture/local-network.ts'
import { askAgain, askFresh, publishFresh } from './agreement.ts'
import { admitInsider, askAll, askShards, memberOf, openStranger, outcomeOf, proofFor } from './asking.ts'

const test = suite('attack/no-consent')

test('peers give neither shares nor shards nor records before an answer and after a refusal', async () => {
  await using network = await startLocalNetwork()
  await using link = await openStranger()
  await using insider = await admitInsider(network)
  const patient = await publishFresh(network, randomBytes(20_000))
  const { shards } = patient.placement
  const asker = await askFresh(network, patient)
  const prove = (id: typeof asker.id) => (peerId: string) => proofFor(network, asker.signer, id, peerId)

  assert.equal(await askAll(network, link, asker.id, prove(asker.id)), ['NOT_ANSWERED'])
  assert.equal(await askShards(network, insider.link, asker.id, shards), ['NOT_ANSWERED'])

  const invented = `0x${'5a'.repeat(32)}` as typeof asker.id
  assert.equal(await askAll(network, link, invented, prove(invented)), ['REQUEST_UNKNOWN'])
  assert.equal(await askShards(network, insider.link, invented, shards), ['REQUEST_UNKNOWN'])

  const declined = await askAgain(asker.research, patient)
  await patient.wallet.decline(declined.id)
  assert.equal(await askAll(network, link, declined.id, prove(declined.id)), ['DECLINED'])
  assert.equal(await askShards(network, insider.link, declined.id, shards), ['DECLINED'])

  const answered = await askAgain(asker.research, patient)
  await patient.wallet.approve(answered.id)
  assert.equal(await askAll(network, link, answered.id, prove(answered.id)), ['GIVEN'], 'the way in exists')
  assert.equal(await askShards(network, insider.link, answered.id, shards), ['GIVEN'])
  assert.equal(await askAll(network, link, asker.id, prove(asker.id)), ['NOT_ANSWERED'], 'and is no other')
})

test('peers keep no notice with another key, other terms or without a payment', async () => {
  await using network = await startLocalNetwork({ peers: 3, quorum: 2 })
  await using link = await openStranger()
  const patient = await publishFresh(network, randomBytes(20_000), {
    dataShards: 2,
    parityShards: 1,
    threshold: 2,
  })
  const asker = await askFresh(network, patient)
  const { request, kemPublicKey, terms } = asker.own
  const unpaid = { ...request, nonce: `0x${'01'.repeat(32)}` as typeof request.nonce }
  const paid = { ...request, nonce: `0x${'02'.repeat(32)}` as typeof request.nonce }
  await asker.parts.writer.request(paid, patient.holding.commitment)
  const thief = await createKemKeyPair()
  for (const peer of network.peers) {
    const client = link.peer(await memberOf(network, peer))
    const tell = (notice: Parameters<typeof client.notify>[0]) => outcomeOf(client.notify(notice, {}))
    assert.is(await tell({ request: paid, kemPublicKey: thief.publicKey, terms }), 'KEY_MISMATCH')
    assert.is(await tell({ request: paid, kemPublicKey, terms: `${terms} ` }), 'REQUEST_MISMATCH')
    assert.is(await tell({ request: unpaid, kemPublicKey, terms }), 'REQUEST_UNKNOWN')
    assert.is(await tell({ request: paid, kemPublicKey, terms }), 'GIVEN', 'the true notice is kept')
  }
})

test.run()
