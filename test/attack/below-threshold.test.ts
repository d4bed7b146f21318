import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { bytesOf, hexOf } from '@halo/consent'
import type { Secrets } from '@halo/node'
import { createPassphrase, deriveNodeKeys, readKeystore, readPassphrase, writeKeystore } from '@halo/node'
import { seedOf } from '@halo/peers'
import { recordBytes } from '@halo/records'
import type { NumberedShare, SignedManifest } from '@halo/vault'
import {
  combineKey,
  createWasmEngine,
  decodeShards,
  isShareCommitted,
  openRecord,
  openSealed,
  parseManifest,
  parseShardRoot,
  storedShareContext,
} from '@halo/vault'
import type { Holding } from '@halo/wallet'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TestPeer } from '../fixture/local-network.ts'
import { startLocalNetwork } from '../fixture/local-network.ts'
import { askFresh, isRecord, publishFresh } from './agreement.ts'
import { glucoseOf } from './glucose.ts'
import { digestOfCid, filesBelow, findRun } from './seeking.ts'

const test = suite('attack/below-threshold')

test('any two peers with all they have cannot read a record, even a granted one; any three can', async () => {
  await using network = await startLocalNetwork()
  const patient = await publishFresh(network, await recordBytes(await glucoseOf(2)))
  const asker = await askFresh(network, patient)
  await patient.wallet.approve(asker.id)
  for (const peer of network.peers) {
    await peer.stop()
    await keepKeys(peer)
  }
  const loot = await Promise.all(network.peers.map((peer) => plunder(peer.dataDir, patient.holding)))
  const units = new Map(loot.flatMap((one) => [...one.units]))

  assert.is(subsets(loot, 2).length, 10)
  for (const pair of subsets(loot, 2)) {
    const own = new Map(pair.flatMap((one) => [...one.units]))
    assert.is(await attempt(pair, own), 'SHARES_TOO_FEW', 'by the rules')
    assert.is(await attempt(pair, own, 2), 'SHARDS_TOO_FEW', 'with two shares combined, from two shards')
    assert.is(await attempt(pair, units, 2), 'CHUNK_FORGED', 'with two shares combined, from all shards')
  }
  for (const one of loot)
    assert.is(findRun(one.everything, patient.record, 12), -1, 'no plaintext on any disk')

  assert.is(subsets(loot, 3).length, 10)
  for (const three of subsets(loot, 3)) {
    const own = new Map(three.flatMap((one) => [...one.units]))
    assert.ok(isRecord(await attempt(three, own), patient), 'three are the threshold')
  }
})

/** What a thief of one data directory has. */
interface Loot {
  readonly share: NumberedShare
  readonly manifest: SignedManifest
  /** Files by SHA-256; blocks are found so. */
  readonly units: ReadonlyMap<string, Uint8Array>
  readonly everything: Uint8Array
}

/** Writes the keystore that a peer's operator would have, its passphrase beside it. */
async function keepKeys({ dataDir, keys }: TestPeer): Promise<void> {
  const secrets: Secrets = {
    peerSeed: hexOf(seedOf(keys.peerKey)),
    kemSeed: hexOf(keys.kemSecretKey),
    operatorKey: keys.operatorKey,
  }
  await writeKeystore(dataDir, await createPassphrase(dataDir), secrets)
}

/** Opens everything that one data directory opens to. */
async function plunder(dataDir: string, { manifest: granted, dataset }: Holding): Promise<Loot> {
  const files = await filesBelow(dataDir)
  const keys = await deriveNodeKeys(await readKeystore(dataDir, await readPassphrase(dataDir, undefined)))
  using db = new DatabaseSync(join(dataDir, 'state.sqlite'), { readOnly: true })
  const rows = db.prepare('SELECT key, value FROM entry').all() as { key: string; value: Uint8Array }[]
  const [share, ...others] = rows.filter((row) => row.key.startsWith('share/'))
  const grant = rows.find((row) => /^answer\/.*\/Grant$/.test(row.key))
  assert.ok(share && grant && others.length === 0, 'one share and, since the grant, the manifest')
  assert.ok(Buffer.from(grant.value).includes(Buffer.from(granted)))
  const manifest = parseManifest(granted)
  const id = bytesOf(share.key.slice('share/'.length) as `0x${string}`)
  const context = storedShareContext(keys.peerId, id, bytesOf(dataset))
  const opened = await openSealed(keys.kemSecretKey, share.value, context)
  const index = manifest.core.commitments.findIndex((_, at) =>
    isShareCommitted(at + 1, opened, manifest.core.commitments),
  )
  assert.ok(index >= 0)
  const blocks = await Promise.all(files.map(async ({ bytes }) => [await nameOf(bytes), bytes] as const))
  return {
    share: { index: index + 1, share: opened },
    manifest,
    units: new Map(blocks),
    everything: Buffer.concat(files.map(({ bytes }) => bytes)),
  }
}

/** What a few peers' loot gives together: the record, or the code of what stopped it. */
async function attempt(
  loot: readonly Loot[],
  units: ReadonlyMap<string, Uint8Array>,
  threshold?: number,
): Promise<Uint8Array | string> {
  const [first] = loot
  assert.ok(first)
  const { core, placement } = first.manifest
  assert.ok(placement)
  const { commitments } = core
  try {
    const shares = loot.map(({ share }) => share)
    const dataKey = await combineKey(shares, { threshold: threshold ?? core.threshold, commitments })
    const readUnit = async (shard: number, stripe: number): Promise<Uint8Array | null> => {
      const { cid = '' } = placement.shards[shard] ?? {}
      const block = units.get(hexOf(digestOfCid(cid)))
      const hash = block === undefined ? undefined : (await parseShardRoot(block, cid))?.unitHashes[stripe]
      return hash === undefined ? null : (units.get(hexOf(hash)) ?? null)
    }
    const engine = await createWasmEngine()
    const sealed = decodeShards(placement.erasure, core.sealedBytes, readUnit, engine)
    const pieces: Uint8Array[] = []
    for await (const piece of openRecord(sealed, { dataKey, commitment: core.commitment }).record)
      pieces.push(piece)
    return new Uint8Array(Buffer.concat(pieces))
  } catch (error) {
    return (error as { readonly code: string }).code
  }
}

async function nameOf(bytes: Uint8Array): Promise<string> {
  return hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)))
}

function subsets<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  if (size === 0) return [[]]
  return items.flatMap((item, at) => subsets(items.slice(at + 1), size - 1).map((rest) => [item, ...rest]))
}

test.run()
