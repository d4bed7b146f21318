import { hexOf } from '@halo/consent'
import { recordBytes } from '@halo/records'
import { parseManifest, sealRecord } from '@halo/vault'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { publishing, startLocalNetwork } from '../fixture/local-network.ts'
import { glucoseOf } from './glucose.ts'
import { filesBelow, findRun } from './seeking.ts'

const test = suite('attack/linkable')

test('two seals of one record share no key and no bytes beyond the format’s own', async () => {
  const record = await recordBytes(await glucoseOf(1))
  const seal = async () => {
    const sealing = sealRecord(inOne(record), { metadata: new Uint8Array(100) })
    const pieces: Uint8Array[] = []
    for await (const piece of sealing.sealed) pieces.push(piece.slice())
    return { key: sealing.dataKey, sealed: Buffer.concat(pieces), ...(await sealing.result) }
  }
  const [one, two] = [await seal(), await seal()]
  assert.ok(one.sealed.length > 100_000)
  assert.is(one.sealed.length, two.sealed.length)
  assert.is.not(hexOf(one.key), hexOf(two.key))
  assert.is.not(hexOf(one.commitment), hexOf(two.commitment), 'the commitment is salted')
  // Magic and chunk size are the format's: 12 bytes. Any run of 8 after them would be a coincidence of 2^-28.
  assert.is(findRun(one.sealed.subarray(12), two.sealed.subarray(12), 8), -1)
  const flipped = Buffer.concat([two.sealed.subarray(12, 500), one.sealed.subarray(40_000, 40_008)])
  assert.is.not(findRun(one.sealed.subarray(12), flipped, 8), -1, 'the search finds a run of eight')
})

test('the same record published twice has no address, id, name or byte in common', async () => {
  await using network = await startLocalNetwork()
  const record = await recordBytes(await glucoseOf(1))
  const { wallet, parts } = await network.openWallet()
  const holdings = [
    (await wallet.publish(publishing(record))).holding,
    (await wallet.publish(publishing(record))).holding,
  ] as const
  const [one, two] = holdings.map((holding) => {
    const { core, placement, signature } = parseManifest(holding.manifest)
    assert.ok(placement)
    const pieces = [...placement.shards, ...placement.shares].map(({ id }) => hexOf(id))
    const names = placement.shards.map(({ cid }) => cid)
    const { address } = parts.keyring.datasetKey(holding.keyIndex)
    const { commitment, salt } = holding
    assert.ok(salt && holding.signature)
    const logged = [commitment, holding.signature, hexOf(salt)]
    const made = [...core.commitments.map(hexOf), hexOf(signature)]
    return [holding.dataset, address, ...logged, ...pieces, ...names, ...made]
  })
  assert.ok(one && two && one.length === 26)
  assert.equal(
    one.filter((name) => two.includes(name)),
    [],
  )

  const files = (await Promise.all(network.peers.map(({ dataDir }) => filesBelow(dataDir)))).flat()
  const units = files.filter(({ name, bytes }) => name.startsWith('blocks/blocks/') && bytes.length > 10_000)
  assert.is(units.length, 10)
  for (const [at, unit] of units.entries())
    for (const later of units.slice(at + 1))
      assert.is(findRun(unit.bytes.subarray(12), later.bytes.subarray(12), 8), -1)
})

async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

test.run()
