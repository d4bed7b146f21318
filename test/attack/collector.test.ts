import { randomBytes } from 'node:crypto'
import { nowSec, systemClock } from '@halo/ports'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startLocalNetwork } from '../fixture/local-network.ts'
import { askFresh, publishFresh } from './agreement.ts'
import { askAll, openStranger, proofFor } from './asking.ts'

const test = suite('attack/collector')

test('a granted record goes to who proves, to this peer and now, to be its researcher', async () => {
  await using network = await startLocalNetwork({ peers: 3, quorum: 2 })
  await using link = await openStranger()
  const options = { dataShards: 2, parityShards: 1, threshold: 2 }
  const patient = await publishFresh(network, randomBytes(20_000), options)
  const asker = await askFresh(network, patient)
  const thief = await network.openResearch()
  await patient.wallet.approve(asker.id)
  const { id, signer } = asker
  const [first, second] = network.peers.map((peer) => peer.keys.peerId)
  const now = nowSec(systemClock)
  const genuine = (peerId: string) => proofFor(network, signer, id, peerId)
  const nextTo = (peerId: string) => (peerId === first ? second : first) ?? ''

  const attacks = {
    'another researcher': (peerId: string) => proofFor(network, thief.signer, id, peerId),
    'the patient': (peerId: string) => proofFor(network, patient.key, id, peerId),
    'a proof made for another peer': async (peerId: string) => genuine(nextTo(peerId)),
    'a proof made for no peer': () => genuine(''),
    'an old proof': (peerId: string) => proofFor(network, signer, id, peerId, now - 1),
    'a proof for later': (peerId: string) => proofFor(network, signer, id, peerId, now + 3600),
    'an old proof with a new date': async (peerId: string) => ({
      ...(await proofFor(network, signer, id, peerId, now - 1)),
      beforeSec: now + 200,
    }),
    'no signature': async () => ({
      requestId: id,
      beforeSec: now + 200,
      signature: `0x${'00'.repeat(65)}` as const,
    }),
  }
  for (const [what, prove] of Object.entries(attacks))
    assert.equal(await askAll(network, link, id, prove), ['COLLECTOR_FORGED'], what)
  assert.equal(await askAll(network, link, id, genuine), ['GIVEN'], 'the researcher itself')

  await asker.research.confirm(id)
  assert.equal(await askAll(network, link, id, attacks['another researcher']), ['COLLECTOR_FORGED'])
  assert.equal(await askAll(network, link, id, genuine), ['GIVEN'], 'again, until the access time ends')
})

test.run()
