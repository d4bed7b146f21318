import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { bytesOf, hexOf } from '@halo/consent'
import { recordBytes } from '@halo/records'
import { encodeManifest, parseManifest } from '@halo/vault'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { LocalNetwork } from '../fixture/local-network.ts'
import { memorySink, startLocalNetwork } from '../fixture/local-network.ts'
import type { Patient } from './agreement.ts'
import { askFresh, publishFresh } from './agreement.ts'
import { glucoseOf } from './glucose.ts'
import type { Haystack } from './seeking.ts'
import { chainTranscript, digestOfCid, filesBelow, findAny, formsOf, formsOfBytes } from './seeking.ts'

const test = suite('attack/private-links')

test('before a grant nothing at the peers or on chain ties shards and shares to each other or to a record', async () => {
  await using network = await startLocalNetwork()
  const patient = await publishGlucose(network)
  const other = await publishGlucose(network)
  const asker = await askFresh(network, patient)
  await asker.research.status(asker.id)
  const places = { ...placesOf(patient, 'first'), ...placesOf(other, 'second') }
  const owners = { ...ownersOf(patient, 'first'), ...ownersOf(other, 'second') }

  // Sizes and times are there, and a peer may know from them that things arrived together; ids are not.
  const entries = (await Promise.all(network.peers.map(({ dataDir }) => entriesOf(dataDir)))).flat()
  for (const entry of entries) {
    const named = [...findAny([entry], places), ...findAny([entry], owners)].map((hit) => hit.split(':')[0])
    const about = new Set(named.map((name) => name?.replace(/ (?:id|cid)$/, '')))
    assert.ok(about.size <= 1, `an entry ties ${[...about].join(' and ')}`)
  }
  assert.ok(findAny(entries, places).length >= 20, 'the ids that were sought are there, each on its own')

  const files = (await Promise.all(network.peers.map(({ dataDir }) => filesBelow(dataDir)))).flat()
  const outside = files.filter(({ name }) => !name.startsWith('state.sqlite'))
  assert.equal(findAny(outside, owners), [], 'no block, pin or configuration names a data set or a patient')
  const metadata = { metadata: formsOf('"timeZoneSource"'), record: formsOf('"resourceType":"Observation"') }
  assert.equal(findAny(files, metadata), [])
  const logs = network.peers.map(({ name, log }) => ({ name, bytes: Buffer.from(JSON.stringify(log)) }))
  assert.equal(
    findAny(logs, { ...places, ...owners }),
    [],
    'logs name neither pieces nor data sets nor patients',
  )

  const manifest = { manifest: formsOfBytes(parseManifest(patient.holding.manifest).core.placementHash) }
  const chain = await chainTranscript(network.ledger.connection.rpc)
  assert.equal(findAny(chain, { ...places, ...manifest }), [], 'the chain names no piece of any record')
  assert.ok(findAny(chain, owners).length > 0, 'the same search finds what is there')
})

test('what a researcher is delivered names no holder, no shard and no share', async () => {
  await using network = await startLocalNetwork()
  const patient = await publishGlucose(network)
  const asker = await askFresh(network, patient)
  await patient.wallet.approve(asker.id)
  const sink = memorySink()
  const { manifest, metadata } = await asker.research.collect(asker.id, sink.open)
  assert.is(manifest.placement, null)
  const offers = (await asker.research.search()).map((offer) => ({
    ...offer,
    descriptor: { ...offer.descriptor, price: '' },
  }))
  const delivered = [
    { name: 'manifest', bytes: Buffer.from(encodeManifest(manifest, { withPlacement: true })) },
    { name: 'metadata', bytes: Buffer.from(metadata) },
    { name: 'record', bytes: Buffer.from(sink.committed() ?? []) },
    { name: 'catalogue', bytes: Buffer.from(JSON.stringify(offers)) },
  ]
  const holders = Object.fromEntries(
    network.peers.map(({ name, keys }) => [name, [...formsOf(keys.peerId), ...formsOf(keys.operator)]]),
  )
  const places = placesOf(patient, 'its')
  assert.equal(findAny(delivered, { ...places, ...holders }), [])
  const own = [{ name: 'own', bytes: Buffer.from(patient.holding.manifest) }]
  assert.ok(findAny(own, { ...places, ...holders }).length >= 20, 'the patient’s own manifest names them all')
})

async function publishGlucose(network: LocalNetwork): Promise<Patient> {
  const record = await glucoseOf(1)
  const metadata = new TextEncoder().encode(JSON.stringify(record.metadata))
  return publishFresh(network, await recordBytes(record), { metadata })
}

/** Every id under which a piece of a record is kept. */
function placesOf({ placement }: Patient, whose: string): Record<string, readonly Buffer[]> {
  const shards = placement.shards.flatMap(({ id, cid }, at) => [
    [`${whose} shard ${at} id`, formsOfBytes(id)],
    [`${whose} shard ${at} cid`, [...formsOf(cid), ...formsOfBytes(digestOfCid(cid))]],
  ])
  const shares = placement.shares.map(({ id }, at) => [`${whose} share ${at} id`, formsOfBytes(id)])
  return Object.fromEntries([...shards, ...shares])
}

/** What says whose or which record it is. */
function ownersOf({ holding, key }: Patient, whose: string): Record<string, readonly Buffer[]> {
  const { commitment } = parseManifest(holding.manifest).core
  const names = [bytesOf(holding.dataset), bytesOf(key.address), commitment]
  return {
    [`${whose} owner`]: names.flatMap((name) => [...formsOf(hexOf(name).slice(2)), ...formsOfBytes(name)]),
  }
}

/** Every entry of a peer's state on its own, key and value. */
async function entriesOf(dataDir: string): Promise<readonly Haystack[]> {
  using db = new DatabaseSync(join(dataDir, 'state.sqlite'), { readOnly: true })
  const rows = db.prepare('SELECT key, value FROM entry').all() as { key: string; value: Uint8Array }[]
  return rows.map(({ key, value }) => ({
    name: key.split('/')[0] ?? '',
    bytes: Buffer.concat([Buffer.from(key), value]),
  }))
}

test.run()
