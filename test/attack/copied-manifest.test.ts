import { randomBytes } from 'node:crypto'
import { datasetIdOf, hexOf, parseBytes32 } from '@halo/consent'
import { reasonOf } from '@halo/ports'
import type { SignedManifest } from '@halo/vault'
import { encodeManifest, parseManifest, signManifest } from '@halo/vault'
import type { DatasetKey } from '@halo/wallet'
import { createMnemonic, openKeyring } from '@halo/wallet'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { describeSample, signPublication } from '../../packages/ports/test/sample-publication.ts'
import type { LocalNetwork } from '../fixture/local-network.ts'
import { memorySink, startLocalNetwork, TERMS } from '../fixture/local-network.ts'
import { answerOf, askFresh, publishFresh } from './agreement.ts'
import { memberOf, openStranger, until } from './asking.ts'

const test = suite('attack/copied-manifest')

test('a peer that saw one granted manifest cannot have the record released by making it its own', async () => {
  await using network = await startLocalNetwork()
  const patient = await publishFresh(network, randomBytes(100_000))
  const asked = await askFresh(network, patient)
  await patient.wallet.approve(asked.id)
  await patient.wallet.withdraw(asked.id)
  const thief = openKeyring(createMnemonic()).datasetKey(0)
  const copied = await sign(parseManifest(patient.holding.manifest), thief)
  const commitment = parseBytes32(hexOf(copied.core.commitment))
  await offer(network, thief, commitment)
  const { research } = await network.openResearch()
  const dataset = datasetIdOf(commitment, thief.address)
  const { request } = await research.request({ dataset, terms: TERMS })
  const manifest = encodeManifest(copied, { withPlacement: true })
  const grant = await answerOf(network, 'Grant', { own: request, id: request.id }, thief, manifest)
  await using link = await openStranger()
  for (const peer of network.peers) await link.peer(await memberOf(network, peer)).answer(grant, {})
  await until('the chain has the thief’s own consent', async () => {
    return (await network.ledger.facts(request.request)).consent === 'granted'
  })
  const sink = memorySink()
  const failure = await research.collect(request.id, sink.open).catch((error: unknown) => error)
  assert.is(reasonOf(failure), 'SHARES_TOO_FEW')
  assert.is(sink.committed(), null)
})

/** The same record and places, signed by somebody else. */
async function sign({ core, placement }: SignedManifest, key: DatasetKey): Promise<SignedManifest> {
  assert.ok(placement)
  return signManifest(core, placement, (digest) => key.signDigest(digest))
}

async function offer(
  network: LocalNetwork,
  key: DatasetKey,
  commitment: ReturnType<typeof parseBytes32>,
): Promise<void> {
  await using link = await openStranger()
  const [peer] = network.peers
  assert.ok(peer)
  const client = link.peer(await memberOf(network, peer))
  const salt = new Uint8Array(randomBytes(32))
  const terms = { descriptor: describeSample(0n), deployment: network.deployment }
  await client.publish(await signPublication(key, { commitment, salt }, terms), {})
}

test.run()
