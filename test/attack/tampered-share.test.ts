import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { bytesOf, hexOf } from '@halo/consent'
import { openSqliteStore } from '@halo/node'
import type { ReleasedShare } from '@halo/ports'
import { releasedShareContext, sealTo, storedShareContext } from '@halo/vault'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { LocalNetwork, TestPeer } from '../fixture/local-network.ts'
import { memorySink, startLocalNetwork } from '../fixture/local-network.ts'
import type { Asker, Patient } from './agreement.ts'
import { askFresh, isRecord, publishFresh } from './agreement.ts'
import { outcomeOf } from './asking.ts'
import { replaceByLiar } from './liar.ts'

const test = suite('attack/tampered-share')

test('a peer that releases a wrong share is named, and three honest ones suffice', async () => {
  await using network = await startLocalNetwork()
  const patient = await publishFresh(network, randomBytes(50_000))
  const asker = await askFresh(network, patient)
  await patient.wallet.approve(asker.id)
  const [, , replaced, liar, third] = network.peers
  assert.ok(replaced && liar && third)

  await replaceStoredShare(network, patient, replaced)
  await using _ = await lieAboutShare(network, asker, liar, randomBytes(33))
  const sink = memorySink()
  const collected = await asker.research.collect(asker.id, sink.open)
  assert.ok(isRecord(sink.committed(), patient))
  assert.equal(collected.liars, [liar.keys.peerId])
  const honest = network.peers.filter((peer) => peer !== replaced && peer !== liar)
  assert.equal([...collected.releasedBy].sort(), honest.map((peer) => peer.keys.peerId).sort())
  const refusal = replaced.log.find(({ fields }) => fields['call'] === 'release')
  assert.is(
    refusal?.fields['reason'],
    'SHARE_DAMAGED',
    'a peer whose store was changed says so instead of lying',
  )

  await using __ = await lieAboutShare(network, asker, third, new Uint8Array(33))
  const left = memorySink()
  assert.is(await outcomeOf(asker.research.collect(asker.id, left.open)), 'SHARES_TOO_FEW')
  assert.is(left.committed(), null, 'no record rather than a wrong one')
})

test('one share that two peers give is one share', async () => {
  await using network = await startLocalNetwork({ peers: 3, quorum: 3 })
  const options = { dataShards: 2, parityShards: 1, threshold: 3 }
  const patient = await publishFresh(network, randomBytes(50_000), options)
  const asker = await askFresh(network, patient)
  await patient.wallet.approve(asker.id)
  const [first, liar] = network.peers
  assert.ok(first && liar)
  let lent: ReleasedShare | null = null
  await using _ = await replaceByLiar(network, first, (honest) => ({
    async release(proof, caller) {
      lent = await honest.release(proof, caller)
      return lent
    },
  }))
  await using __ = await replaceByLiar(network, liar, (honest) => ({
    release: async (proof, caller) => lent ?? honest.release(proof, caller),
  }))
  await outcomeOf(asker.research.collect(asker.id, memorySink().open))
  assert.ok(lent, 'the first has lent its share')
  const sink = memorySink()
  assert.is(await outcomeOf(asker.research.collect(asker.id, sink.open)), 'SHARES_TOO_FEW')
  assert.is(sink.committed(), null)
})

/** Puts a share of the right length, properly sealed to its peer, in place of the stored one. */
async function replaceStoredShare(network: LocalNetwork, patient: Patient, peer: TestPeer): Promise<void> {
  const { peerId, kemPublicKey } = peer.keys
  const place = patient.placement.shares.find((share) => share.peerId === peerId)
  assert.ok(place)
  await peer.stop()
  const store = openSqliteStore(join(network.dir, peer.name, 'state.sqlite'))
  assert.ok(await store.get(`share/${hexOf(place.id)}`))
  const sealed = await sealTo(
    kemPublicKey,
    randomBytes(33),
    storedShareContext(peerId, place.id, bytesOf(patient.holding.dataset)),
  )
  await store.put(`share/${hexOf(place.id)}`, sealed)
  store[Symbol.dispose]()
  await peer.start()
}

/** A peer that answers with a share of its making, properly sealed to the researcher. */
function lieAboutShare(
  network: LocalNetwork,
  { own, id }: Asker,
  peer: TestPeer,
  share: Uint8Array,
): Promise<AsyncDisposable> {
  return replaceByLiar(network, peer, (honest) => ({
    async release(proof, caller) {
      const { index, delivery } = await honest.release(proof, caller)
      const sealed = await sealTo(own.kemPublicKey, share, releasedShareContext(bytesOf(id), index))
      return { index, sealed, delivery }
    },
  }))
}

test.run()
