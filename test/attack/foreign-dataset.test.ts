import { randomBytes } from 'node:crypto'
import type { Address, Bytes32 } from '@halo/consent'
import { datasetIdOf, hexOf, requestIdOf } from '@halo/consent'
import { encodeManifest, parseManifest, signManifest } from '@halo/vault'
import { createMnemonic, openKeyring } from '@halo/wallet'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startLocalNetwork } from '../fixture/local-network.ts'
import { answerOf, askFresh, publishFresh } from './agreement.ts'
import { memberOf, openStranger, outcomeOf } from './asking.ts'

const test = suite('attack/foreign-dataset')

test('nobody asks for another’s data set in their own name: neither contract nor peers take the request', async () => {
  await using network = await startLocalNetwork({ peers: 3, quorum: 2 })
  const shape = { dataShards: 2, parityShards: 1, threshold: 2 }
  const patient = await publishFresh(network, randomBytes(20_000), shape)
  const asker = await askFresh(network, patient)
  const thief = openKeyring(createMnemonic()).datasetKey(0)
  const { commitment, dataset } = patient.holding
  const { writer } = asker.parts
  const nonce = hexOf(randomBytes(32)) as Bytes32
  const stolen = { ...asker.own.request, nonce, patient: thief.address }
  for (const shown of [commitment, dataset as Bytes32, hexOf(randomBytes(32)) as Bytes32])
    assert.is(await outcomeOf(writer.request(stolen, shown)), 'REQUEST_MISMATCH')
  const nobody = { ...stolen, patient: `0x${'0'.repeat(40)}` as Address }
  assert.is(
    await outcomeOf(
      writer.request({ ...nobody, dataset: datasetIdOf(commitment, nobody.patient) }, commitment),
    ),
    'REQUEST_MISMATCH',
    'a data set of no owner is nobody’s',
  )

  // The peers are told of it all the same, and given what the thief can sign.
  await using link = await openStranger()
  const id = requestIdOf(stolen, network.deployment)
  const { core, placement } = parseManifest(patient.holding.manifest)
  assert.ok(placement)
  const own = encodeManifest(await signManifest(core, placement, (digest) => thief.signDigest(digest)), {
    withPlacement: true,
  })
  const asked = { own: { ...asker.own, request: stolen }, id }
  for (const peer of network.peers) {
    const client = link.peer(await memberOf(network, peer))
    const { kemPublicKey, terms } = asker.own
    assert.is(await outcomeOf(client.notify({ request: stolen, kemPublicKey, terms }, {})), 'REQUEST_UNKNOWN')
    for (const manifest of [own, patient.holding.manifest]) {
      const grant = await answerOf(network, 'Grant', asked, thief, manifest)
      assert.is(await outcomeOf(client.answer(grant, {})), 'REQUEST_UNKNOWN')
    }
  }
  // What the chain does take: the same commitment as the thief's own data set. It lets no manifest in but its own.
  const copied = { ...stolen, dataset: datasetIdOf(commitment, thief.address) }
  assert.is(await outcomeOf(writer.request(copied, commitment)), 'GIVEN', 'their own')
  const theirs = { own: { ...asker.own, request: copied }, id: requestIdOf(copied, network.deployment) }
  const otherCore = { ...core, commitment: new Uint8Array(randomBytes(32)) }
  const other = encodeManifest(
    await signManifest(otherCore, placement, (digest) => thief.signDigest(digest)),
    { withPlacement: true },
  )
  const attempts = [
    ['CONSENT_FORGED', await answerOf(network, 'Grant', asker, thief, own)],
    ['MANIFEST_FORGED', await answerOf(network, 'Grant', theirs, thief, patient.holding.manifest)],
    ['MANIFEST_MISMATCH', await answerOf(network, 'Grant', theirs, thief, other)],
  ] as const
  for (const peer of network.peers) {
    const client = link.peer(await memberOf(network, peer))
    for (const [reason, grant] of attempts)
      assert.is(await outcomeOf(client.answer(grant, {})), reason, peer.name)
  }
  assert.is(
    await outcomeOf(writer.request({ ...asker.own.request, nonce }, commitment)),
    'GIVEN',
    'the owner’s',
  )
})

test.run()
