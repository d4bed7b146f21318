import { secp256k1 } from '@noble/curves/secp256k1.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Placement } from '../src/index.ts'
import {
  encodeManifest,
  MANIFEST_SUITE,
  manifestDigest,
  manifestSigner,
  PACKED_SUITE,
  parseManifest,
  shardSizeOf,
  signManifest,
} from '../src/index.ts'
import { failureOf, fromHex, loadVectors, noise, toHex } from './streams.ts'

interface Vectors {
  readonly secretKey: string
  readonly signer: string
  readonly digest: string
  readonly core: {
    readonly commitment: string
    readonly commitments: readonly string[]
    readonly recordBytes: number
    readonly sealedBytes: number
    readonly chunkBytes: number
    readonly threshold: number
  }
  readonly placementHash: string
  readonly signature: string
  readonly withPlacement: string
  readonly withoutPlacement: string
  readonly invalid: readonly { readonly name: string; readonly field: string; readonly encoded: string }[]
  readonly unsigned: readonly { readonly name: string; readonly encoded: string }[]
  readonly otherSigner: { readonly name: string; readonly encoded: string }
}

const vectors = loadVectors<Vectors>('manifest')
const primitives = loadVectors<{
  readonly evmAddress: { readonly cases: readonly { readonly secretKey: string; readonly address: string }[] }
}>('primitives')
const test = suite('vault/manifest')

const signerOf =
  (secretKey: Uint8Array) =>
  (digest: Uint8Array): Uint8Array => {
    const signed = secp256k1.sign(digest, secretKey, { prehash: false, format: 'recovered' })
    return Uint8Array.of(...signed.subarray(1), 27 + (signed[0] ?? 0))
  }

const CID = 'bafyreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'

function placementOf(sealedBytes: number, peers = 5): Placement {
  const erasure = { data: 3, parity: 2, unitBytes: 1000 }
  const { shardBytes } = shardSizeOf(erasure, sealedBytes)
  return {
    version: 1,
    erasure,
    shards: Array.from({ length: 5 }, (_, at) => ({
      peerId: `peer${at}`,
      id: noise(16, 1000 + at),
      cid: CID,
      sizeBytes: shardBytes,
    })),
    shares: Array.from({ length: peers }, (_, at) => ({ peerId: `peer${at}`, id: noise(16, 2000 + at) })),
  }
}

const CORE = {
  commitment: noise(32),
  recordBytes: 9000,
  sealedBytes: 10_000,
  chunkBytes: 262_144,
  threshold: 3,
  commitments: Array.from({ length: 5 }, (_, at) => noise(32, at)),
}

test('parses the vector, with and without placement, to one signer and the same bytes', () => {
  const full = parseManifest(fromHex(vectors.withPlacement))
  const bare = parseManifest(fromHex(vectors.withoutPlacement))
  for (const manifest of [full, bare]) {
    const { commitment, commitments, placementHash, version: _, suite: __, ...numbers } = manifest.core
    assert.equal(
      { ...numbers, commitment: toHex(commitment), commitments: commitments.map(toHex) },
      vectors.core,
    )
    assert.is(toHex(placementHash), vectors.placementHash)
    assert.is(toHex(manifest.signature), vectors.signature)
    assert.is(toHex(manifestDigest(manifest.core)), vectors.digest)
    assert.is(manifestSigner(manifest), vectors.signer)
  }
  assert.is(bare.placement, null)
  assert.is(toHex(encodeManifest(full, { withPlacement: true })), vectors.withPlacement)
  assert.is(toHex(encodeManifest(full, { withPlacement: false })), vectors.withoutPlacement)
})

test('signs to the very bytes of the vector', async () => {
  const { placement } = parseManifest(fromHex(vectors.withPlacement))
  assert.ok(placement)
  const core = {
    ...vectors.core,
    commitment: fromHex(vectors.core.commitment),
    commitments: vectors.core.commitments.map(fromHex),
  }
  const manifest = await signManifest(core, placement, signerOf(fromHex(vectors.secretKey)))
  assert.is(toHex(encodeManifest(manifest, { withPlacement: true })), vectors.withPlacement)
})

for (const { name, field, encoded } of vectors.invalid) {
  test(`refuses ${name}`, async () => {
    const failure = await failureOf(() => parseManifest(fromHex(encoded)))
    assert.equal(failure, { code: 'MANIFEST_INVALID', field })
  })
}

for (const { name, encoded } of vectors.unsigned) {
  test(`finds no signer when ${name}`, async () => {
    const manifest = parseManifest(fromHex(encoded))
    const failure = await failureOf(() => manifestSigner(manifest))
    assert.equal(failure, { code: 'MANIFEST_INVALID', field: 'signature' })
  })
}

test('shows another signer for a core changed after signing', () => {
  const manifest = parseManifest(fromHex(vectors.otherSigner.encoded))
  assert.is.not(manifestSigner(manifest), vectors.signer)
})

test('recovers the known address of a key, checksummed', async () => {
  assert.is(primitives.evmAddress.cases.length, 1)
  for (const { secretKey, address } of primitives.evmAddress.cases) {
    const manifest = await signManifest(CORE, placementOf(10_000), signerOf(fromHex(secretKey)))
    assert.is(manifestSigner(manifest), address)
  }
})

test('shows no location, peer or id without placement', async () => {
  const placement = placementOf(10_000)
  const manifest = await signManifest(CORE, placement, signerOf(noise(32)))
  const shown = toHex(encodeManifest(manifest, { withPlacement: false }))
  for (const { peerId, id } of [...placement.shards, ...placement.shares]) {
    assert.not(shown.includes(Buffer.from(peerId).toString('hex')))
    assert.not(shown.includes(toHex(id)))
  }
  assert.not(shown.includes(Buffer.from(CID).toString('hex')))
})

test('refuses to sign what it would not parse', async () => {
  const attempts: [() => Promise<unknown>, string][] = [
    [
      () => signManifest({ ...CORE, threshold: 1 }, placementOf(10_000), signerOf(noise(32))),
      'core.threshold',
    ],
    [() => signManifest(CORE, placementOf(10_000, 4), signerOf(noise(32))), 'placement.shares'],
    [() => signManifest(CORE, placementOf(20_000), signerOf(noise(32))), 'placement.shards[0].sizeBytes'],
    [() => signManifest(CORE, placementOf(10_000), () => new Uint8Array(64)), 'signature'],
  ]
  for (const [attempt, field] of attempts)
    assert.equal(await failureOf(attempt), { code: 'MANIFEST_INVALID', field })
})

test('fits 255 shards and shares with the longest names into its bound', async () => {
  const erasure = { data: 200, parity: 55, unitBytes: 100 }
  const { shardBytes: sizeBytes } = shardSizeOf(erasure, 10_000)
  const peerId = 'p'.repeat(128)
  const placement: Placement = {
    version: 1,
    erasure,
    shards: Array.from({ length: 255 }, (_, at) => ({
      peerId,
      id: noise(16, 1000 + at),
      cid: CID,
      sizeBytes,
    })),
    shares: Array.from({ length: 255 }, (_, at) => ({ peerId, id: noise(16, 1000 + at) })),
  }
  const commitments = Array.from({ length: 255 }, (_, at) => noise(32, at))
  const manifest = await signManifest({ ...CORE, commitments }, placement, signerOf(noise(32)))
  const encoded = encodeManifest(manifest, { withPlacement: true })
  assert.equal(parseManifest(encoded), manifest)
  const failure = await failureOf(() => parseManifest(new Uint8Array(262_145)))
  assert.equal(failure, { code: 'MANIFEST_INVALID', field: 'encoding' })
})

test('keeps copies: what the caller changes afterwards does not change the manifest', async () => {
  const commitment = noise(32)
  const manifest = await signManifest({ ...CORE, commitment }, placementOf(10_000), signerOf(noise(32)))
  const signer = manifestSigner(manifest)
  commitment.fill(0)
  assert.is(manifestSigner(manifest), signer)
  assert.equal(manifest.core.commitment, noise(32))
})

test('names in its suite whether the record is packed, and signs it', async () => {
  const sign = signerOf(fromHex(vectors.secretKey))
  const plain = await signManifest(CORE, placementOf(CORE.sealedBytes), sign)
  assert.is(plain.core.suite, MANIFEST_SUITE)
  const packed = { ...CORE, suite: PACKED_SUITE, recordBytes: 200_000 } as const
  const manifest = await signManifest(packed, placementOf(packed.sealedBytes), sign)
  const encoded = encodeManifest(manifest, { withPlacement: true })
  const parsed = parseManifest(encoded)
  assert.equal([parsed.core.suite, parsed.core.recordBytes], [PACKED_SUITE, 200_000])
  assert.is(manifestSigner(parsed), vectors.signer)
  const renamed = { ...parsed, core: { ...parsed.core, suite: MANIFEST_SUITE } } as const
  assert.is.not(toHex(manifestDigest(renamed.core)), toHex(manifestDigest(parsed.core)))
})

test('refuses a record longer than its sealed bytes, packed or not, could hold, and suites it does not know', async () => {
  const sign = signerOf(fromHex(vectors.secretKey))
  const attempt = (more: object) =>
    failureOf(() => signManifest({ ...CORE, ...more }, placementOf(CORE.sealedBytes), sign))
  const tooLong = { code: 'MANIFEST_INVALID', field: 'core.sealedBytes' }
  assert.equal(await attempt({ recordBytes: 10_000 }), tooLong)
  assert.equal(await attempt({ suite: PACKED_SUITE, recordBytes: 1032 * 10_000 }), tooLong)
  const unknown = { code: 'MANIFEST_INVALID', field: 'core.suite' }
  assert.equal(await attempt({ suite: 'brotli/aes256gcm-stream/rs/shamir/xwing' }), unknown)
})

test.run()
