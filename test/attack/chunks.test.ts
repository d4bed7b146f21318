import { randomBytes } from 'node:crypto'
import type { Delivery } from '@halo/ports'
import { encodeManifest, parseManifest, signManifest } from '@halo/vault'
import { createMnemonic, openKeyring } from '@halo/wallet'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { memorySink, startLocalNetwork } from '../fixture/local-network.ts'
import type { Patient } from './agreement.ts'
import { askFresh, isRecord, publishFresh } from './agreement.ts'
import { replaceByLiar } from './liar.ts'

const test = suite('attack/chunks')

/** What a peer that collects may make of a delivery. */
type Forgery = (genuine: { readonly manifest: Uint8Array; readonly sealed: Uint8Array }) => {
  readonly manifest: Uint8Array
  readonly sealed: Uint8Array
}

test('a collecting peer that cuts, reorders or splices is named, and the next one delivers', async () => {
  await using network = await startLocalNetwork({ peers: 3, quorum: 2 })
  const options = { dataShards: 2, parityShards: 1, threshold: 2 }
  const patient = await publishFresh(network, randomBytes(900_000), options)
  const other = await publishFresh(network, randomBytes(900_000), options)
  const [asker, otherAsker] = [await askFresh(network, patient), await askFresh(network, other)]
  await patient.wallet.approve(asker.id)
  await other.wallet.approve(otherAsker.id)
  const [liar] = network.peers
  assert.ok(liar)
  let forge: Forgery = (genuine) => genuine
  let last: Uint8Array = new Uint8Array()
  await using _ = await replaceByLiar(network, liar, (honest) => ({
    async collect(proof, caller) {
      const { manifest, grant, sealed } = await honest.collect(proof, caller)
      last = await bytesOf(sealed)
      const forged = forge({ manifest, sealed: last })
      const sealedBytes = forged.sealed.length
      return { manifest: forged.manifest, grant, sealedBytes, sealed: inOne(forged.sealed) }
    },
  }))
  const collect = async () => {
    const sink = memorySink()
    const { liars } = await asker.research.collect(asker.id, sink.open)
    assert.ok(isRecord(sink.committed(), patient))
    return liars
  }

  assert.equal(await collect(), [], 'without a lie nobody is named')
  await otherAsker.research.collect(otherAsker.id, memorySink().open)
  const spliceFrom = last
  for (const [what, forgery] of Object.entries(forgeriesOf(spliceFrom, await manifestsOf(patient, other)))) {
    forge = forgery
    assert.equal(await collect(), [liar.keys.peerId], what)
  }
})

const HEADER_BYTES = 35
const CHUNK_BYTES = 262_144 + 16

function forgeriesOf(
  other: Uint8Array,
  manifests: Readonly<Record<string, Uint8Array>>,
): Readonly<Record<string, Forgery>> {
  const ofSealed =
    (change: (header: Uint8Array, chunks: readonly Uint8Array[]) => readonly Uint8Array[]): Forgery =>
    ({ manifest, sealed }) => ({ manifest, sealed: Buffer.concat(change(...cut(sealed))) })
  const [otherHeader, otherChunks] = cut(other)
  return {
    'the last chunk is missing': ofSealed((header, chunks) => [header, ...chunks.slice(0, -1)]),
    'the last chunk is cut': ofSealed((header, [...chunks]) => [
      header,
      ...chunks.slice(0, -1),
      chunks.at(-1)?.subarray(0, -1) ?? header,
    ]),
    'all but the header is missing': ofSealed((header) => [header]),
    'half of the header is missing': ofSealed((header) => [header.subarray(0, 17)]),
    'two chunks are swapped': ofSealed((header, [a, b, ...rest]) => [
      header,
      b ?? header,
      a ?? header,
      ...rest,
    ]),
    'a chunk comes twice': ofSealed((header, [a, ...rest]) => [header, a ?? header, a ?? header, ...rest]),
    'a chunk in the middle is left out': ofSealed((header, [a, , ...rest]) => [header, a ?? header, ...rest]),
    'a chunk of another record is spliced in': ofSealed((header, [a, , ...rest]) => [
      header,
      a ?? header,
      otherChunks[1] ?? header,
      ...rest,
    ]),
    'the header is of another record': ofSealed((_, chunks) => [otherHeader, ...chunks]),
    'all of it is another record': ofSealed(() => [other]),
    'something follows': ofSealed((header, chunks) => [header, ...chunks, randomBytes(40)]),
    'one bit is flipped': ofSealed((header, chunks) => {
      const all = Buffer.concat([header, ...chunks])
      all.writeUInt8(all.readUInt8(all.length >> 1) ^ 1, all.length >> 1)
      return [all]
    }),
    ...Object.fromEntries(
      Object.entries(manifests).map(([what, manifest]) => [
        what,
        ({ sealed }: Parameters<Forgery>[0]) => ({ manifest, sealed }),
      ]),
    ),
  }
}

/** Manifests that are well-formed and not the right one. */
async function manifestsOf(patient: Patient, other: Patient): Promise<Readonly<Record<string, Uint8Array>>> {
  const { core } = parseManifest(patient.holding.manifest)
  const thief = openKeyring(createMnemonic()).datasetKey(0)
  const sign = (digest: Uint8Array): Uint8Array => thief.signDigest(digest)
  const { placementHash: _, version: __, suite: ___, ...rest } = core
  const stolen = await signManifest(rest, patient.placement, sign)
  const foreign = parseManifest(other.holding.manifest)
  return {
    'the manifest is signed by somebody else': encodeManifest(stolen, { withPlacement: false }),
    'the manifest is of another record': encodeManifest(foreign, { withPlacement: false }),
    'the manifest is noise': randomBytes(400),
  }
}

function cut(sealed: Uint8Array): [Uint8Array, readonly Uint8Array[]] {
  const chunks: Uint8Array[] = []
  for (let at = HEADER_BYTES; at < sealed.length; at += CHUNK_BYTES)
    chunks.push(sealed.subarray(at, at + CHUNK_BYTES))
  return [sealed.subarray(0, HEADER_BYTES), chunks]
}

async function bytesOf(pieces: Delivery['sealed']): Promise<Uint8Array> {
  const found: Uint8Array[] = []
  for await (const piece of pieces) found.push(piece.slice())
  return Buffer.concat(found)
}

async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

test.run()
