import { parseManifest } from '@halo/vault'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readManifest } from '../src/manifest.ts'
import { agreeOn, askFor } from './agreed.ts'
import { openMemoryHalo } from './memory-halo.ts'

const test = suite('halo/manifest')
const seed = Date.now() & 0x7fffffff

/** The same manifest with a signature that no key made: its r is beyond the curve's order. */
function withoutSigner(encoded: Uint8Array): Uint8Array {
  const signature = Buffer.from(parseManifest(encoded).signature)
  const changed = Buffer.from(encoded)
  changed.fill(0xff, changed.indexOf(signature), changed.indexOf(signature) + 32)
  return new Uint8Array(changed)
}

test('recovers who signed a manifest and which data set it is about', async () => {
  await using halo = await openMemoryHalo()
  const { holding, own } = await askFor(halo)
  const read = readManifest(holding.manifest)
  assert.is(read?.signer, own.request.patient)
  assert.is(read?.dataset, holding.dataset)
})

test(`reads any bytes as a manifest or as none, and never fails (seed ${seed})`, async () => {
  await using halo = await openMemoryHalo()
  const { holding, own } = await askFor(halo)
  assert.is(readManifest(withoutSigner(holding.manifest)), null)
  const places = fc.nat(holding.manifest.length - 1)
  const property = fc.property(places, fc.integer({ min: 1, max: 255 }), (at, change) => {
    const changed = holding.manifest.slice()
    changed[at] = (changed[at] ?? 0) ^ change
    const read = readManifest(changed)
    // Whatever is left readable is no longer this patient's manifest.
    assert.ok(read === null || read.signer !== own.request.patient)
  })
  fc.assert(property, { seed, numRuns: 200 })
})

test('releases nothing for a manifest whose signer nobody can tell, and says whose fault it is', async () => {
  await using halo = await openMemoryHalo()
  const { own, holding } = await agreeOn(halo)
  const [peer] = halo.peers
  assert.ok(peer)
  const key = `answer/${own.id}/Grant`
  const stored = await peer.store.get(key)
  assert.ok(stored)
  const changed = Buffer.from(stored)
  changed.set(withoutSigner(holding.manifest), changed.indexOf(Buffer.from(holding.manifest)))
  await peer.store.put(key, new Uint8Array(changed))
  const { isReady, reason } = await peer.call().status({ requestId: own.id }, {})
  assert.equal([isReady, reason], [false, 'MANIFEST_FORGED'])
})

test.run()
