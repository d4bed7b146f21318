import type { Hex } from '@halo/consent'
import { openPeerLink, verifyReceipt } from '@halo/peers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  bytesOfSize,
  ENTRY,
  SIGNATURE as GIVEN,
  joined,
  NOTICE,
  openPeer,
  REQUEST,
  REQUEST_ID,
  silent,
  unitsOf,
} from './service.ts'

const test = suite('peers/calls')
const ID = bytesOfSize(16)
const SIGNATURE: Hex = `0x${'cd'.repeat(65)}`

for (const [name, isWanted] of [
  ['TCP', (address: string) => !address.includes('/ws')],
  ['WebSocket', (address: string) => address.includes('/ws')],
] as const) {
  test(`carries every call over ${name} and back, field by field`, async () => {
    await using peer = await openPeer()
    await using link = await openPeerLink({ log: silent })
    const { peerId, addresses } = peer.address
    const client = link.peer({ peerId, addresses: addresses.filter(isWanted) })

    const share = { id: ID, sealed: bytesOfSize(4096) }
    const receipt = await client.storeShare(share, {})
    assert.is(receipt.peerId, peerId)
    assert.ok(await verifyReceipt(receipt))
    const publication = {
      commitment: REQUEST.nonce,
      patient: REQUEST.patient,
      descriptor: '{"a":1}',
      signature: SIGNATURE,
      salt: bytesOfSize(32),
      receipt: null,
    }
    const listed = { receipt: bytesOfSize(400), txHash: `0x${'a'.repeat(64)}` }
    assert.equal(await client.publish(publication, {}), listed)
    const listing = { ...publication, salt: null, receipt: bytesOfSize(400) }
    assert.equal(await client.publish(listing, {}), listed)
    const query = { after: REQUEST.dataset, limit: 100 }
    assert.equal(await client.catalogue(query, {}), [ENTRY])
    assert.is(await client.notify(NOTICE, {}), undefined)
    const datasets = [REQUEST.dataset]
    assert.equal(await client.pending({ datasets }, {}), [NOTICE])
    const answer = {
      kind: 'Grant',
      requestId: REQUEST_ID,
      signature: SIGNATURE,
      manifest: bytesOfSize(1 << 20),
    } as const
    assert.equal(await client.answer(answer, {}), { txHash: null })
    assert.equal(await client.status({ requestId: REQUEST_ID }, {}), {
      requestId: REQUEST_ID,
      isNoticed: true,
      isReady: false,
      reason: 'NOT_ANSWERED',
      delivery: null,
    })
    const proof = { requestId: REQUEST_ID, beforeSec: 1_800_000_000, signature: SIGNATURE }
    const share3 = await client.release(proof, {})
    assert.equal([share3.index, share3.sealed, share3.delivery], [3, bytesOfSize(1_200), GIVEN])

    const shard = bytesOfSize(2_500_000)
    const deposit = {
      id: ID,
      sizeBytes: shard.length,
      unitBytes: 1_000_000,
      units: unitsOf(shard, 1_000_000),
    }
    assert.is((await client.storeShard(deposit, {})).sizeBytes, shard.length)
    assert.equal(peer.kept.shards.get(Buffer.from(ID).toString('hex')), shard)
    const delivery = await client.collect(proof, {})
    assert.equal(
      [delivery.manifest, delivery.grant, delivery.sealedBytes],
      [bytesOfSize(500), GIVEN, shard.length],
    )
    assert.equal(await joined(delivery.sealed), shard)

    assert.equal(peer.kept.seen, [
      share,
      publication,
      listing,
      query,
      NOTICE,
      { datasets },
      answer,
      REQUEST_ID,
      proof,
      proof,
    ])
    assert.ok(peer.kept.callers.every((caller) => caller.peerId === link.peerId && !caller.isMember))
  })
}

test.run()
