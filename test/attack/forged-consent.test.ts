import { randomBytes } from 'node:crypto'
import type { Deployment } from '@halo/consent'
import { signMessage, statementOf } from '@halo/consent'
import type { Answer } from '@halo/ports'
import { encodeManifest, parseManifest, signManifest } from '@halo/vault'
import type { DatasetKey } from '@halo/wallet'
import { createMnemonic, openKeyring } from '@halo/wallet'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { LocalNetwork } from '../fixture/local-network.ts'
import { startLocalNetwork } from '../fixture/local-network.ts'
import type { Patient } from './agreement.ts'
import { answerOf, askFresh, publishFresh } from './agreement.ts'
import type { Outcome } from './asking.ts'
import { askAll, memberOf, openStranger, outcomeOf, proofFor } from './asking.ts'

const test = suite('attack/forged-consent')
const SMALL = { dataShards: 2, parityShards: 1, threshold: 2 }

test('a grant counts only with the signature of the patient, under the words of this request', async () => {
  await using network = await startLocalNetwork({ peers: 3, quorum: 2 })
  const patient = await publishFresh(network, randomBytes(20_000), SMALL)
  const { manifest } = patient.holding
  const asker = await askFresh(network, patient)
  const thief = openKeyring(createMnemonic()).datasetKey(0)

  const stolen = await answerOf(network, 'Grant', asker, thief, manifest)
  assert.equal(await tellAll(network, stolen), ['CONSENT_FORGED'])
  const relayed = asker.parts.writer.answer('Grant', asker.own.request, stolen.signature)
  assert.is(await outcomeOf(relayed), 'CONSENT_FORGED', 'the contract refuses it too')

  const decline = await answerOf(network, 'Decline', asker, patient.key, null)
  assert.equal(await tellAll(network, { ...decline, kind: 'Grant', manifest }), ['CONSENT_FORGED'])

  const elsewhere: Deployment = { ...network.deployment, chainId: 1n }
  const words = statementOf('Grant', asker.own.request)
  for (const [statement, deployment] of [
    [words, elsewhere],
    [words.replace('one copy', 'any copy'), network.deployment],
  ] as const) {
    const message = { requestId: asker.id, statement }
    const signature = await signMessage(patient.key, 'Grant', message, deployment)
    const answer = { kind: 'Grant', requestId: asker.id, signature, manifest } as const
    assert.equal(await tellAll(network, answer), ['CONSENT_FORGED'])
  }
  for (const signature of [`0x${'00'.repeat(65)}`, `0x${'ff'.repeat(65)}`] as const)
    assert.equal(await tellAll(network, { ...stolen, signature }), ['CONSENT_FORGED'], 'no signature at all')

  await assertStillClosed(network, asker)
})

test('a genuine grant of one request opens no other', async () => {
  await using network = await startLocalNetwork({ peers: 3, quorum: 2 })
  await using link = await openStranger()
  const patient = await publishFresh(network, randomBytes(20_000), SMALL)
  const [asker, other] = [await askFresh(network, patient), await askFresh(network, patient)]
  await patient.wallet.approve(asker.id)
  const genuine = await answerOf(network, 'Grant', asker, patient.key, patient.holding.manifest)
  const prove = (peerId: string) => proofFor(network, asker.signer, asker.id, peerId)
  assert.equal(await askAll(network, link, asker.id, prove), ['GIVEN'])

  assert.equal(await tellAll(network, { ...genuine, requestId: other.id }), ['CONSENT_FORGED'])
  const relayed = other.parts.writer.answer('Grant', other.own.request, genuine.signature)
  assert.is(await outcomeOf(relayed), 'CONSENT_FORGED')
  await assertStillClosed(network, other)
})

test('a genuine grant brings no manifest in but the one the patient signed for this data set', async () => {
  await using network = await startLocalNetwork({ peers: 3, quorum: 2 })
  const patient = await publishFresh(network, randomBytes(20_000), SMALL)
  const asker = await askFresh(network, patient)
  const grant = await answerOf(network, 'Grant', asker, patient.key, null)
  const withManifest = (manifest: Uint8Array | null) => tellAll(network, { ...grant, manifest })

  assert.equal(await withManifest(null), ['MANIFEST_MISSING'])
  assert.equal(await withManifest(withoutPlacement(patient)), ['MANIFEST_MISSING'])
  const thief = openKeyring(createMnemonic()).datasetKey(0)
  assert.equal(await withManifest(await resigned(patient, thief, {})), ['MANIFEST_FORGED'])
  const otherSet = { commitment: randomBytes(32) }
  assert.equal(await withManifest(await resigned(patient, patient.key, otherSet)), ['MANIFEST_MISMATCH'])
  assert.equal(await withManifest(randomBytes(500)), ['MALFORMED'])
  assert.equal(await withManifest(patient.holding.manifest.slice(0, -1)), ['MALFORMED'])
  await assertStillClosed(network, asker)
})

/** Hands an answer to every peer; the distinct outcomes. */
async function tellAll(network: LocalNetwork, answer: Answer): Promise<readonly Outcome[]> {
  await using link = await openStranger()
  const told = network.peers.map(async (peer) =>
    outcomeOf(link.peer(await memberOf(network, peer)).answer(answer, {})),
  )
  return [...new Set(await Promise.all(told))].sort()
}

async function assertStillClosed(
  network: LocalNetwork,
  asker: Awaited<ReturnType<typeof askFresh>>,
): Promise<void> {
  await using link = await openStranger()
  const prove = (peerId: string) => proofFor(network, asker.signer, asker.id, peerId)
  assert.equal(await askAll(network, link, asker.id, prove), ['NOT_ANSWERED'])
  assert.is((await network.ledger.facts(asker.own.request)).consent, 'none')
}

function withoutPlacement({ holding }: Patient): Uint8Array {
  return encodeManifest(parseManifest(holding.manifest), { withPlacement: false })
}

/** The manifest with changes, signed by a key; in every other way valid. */
async function resigned(
  { holding, placement }: Patient,
  key: DatasetKey,
  changes: { readonly commitment?: Uint8Array },
): Promise<Uint8Array> {
  const { placementHash: _, version: __, suite: ___, ...core } = parseManifest(holding.manifest).core
  const signed = await signManifest({ ...core, ...changes }, placement, (digest) => key.signDigest(digest))
  return encodeManifest(signed, { withPlacement: true })
}

test.run()
