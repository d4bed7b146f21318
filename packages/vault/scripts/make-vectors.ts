/**
 * Writes the vectors of Halo's own formats to test/vectors/vault, from fixed inputs:
 * `node --conditions=@halo/source packages/vault/scripts/make-vectors.ts`. A change of their bytes is a
 * change of format and needs a new version. The tests read the files and never make them.
 */
import { writeFileSync } from 'node:fs'
import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core'
import { XWing } from '@hpke/hybridkem-x-wing'
import { encode } from '@ipld/dag-cbor'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { bytesToHex as hex } from '@noble/hashes/utils.js'
import { concatBytes, copyBytes, type OwnBytes, textBytes, u32Bytes } from '../src/bytes.ts'
import { createKemKeyPair, releasedShareContext, storedShareContext } from '../src/hybrid-kem.ts'
import { shareCommitment } from '../src/key-shares.ts'
import { encodeManifest, manifestDigest, manifestSigner, signManifest } from '../src/manifest.ts'
import type { Placement } from '../src/manifest-format.ts'
import { sealWith } from '../src/seal.ts'
import {
  chunkCipher,
  deriveContentKey,
  encodeHeader,
  HEADER_BYTES,
  importDataKey,
} from '../src/sealed-format.ts'

const CHUNK_BYTES = 64
const FRAME_BYTES = CHUNK_BYTES + 16

/** Bytes from, from + 1, … */
function counting(sizeBytes: number, from: number): OwnBytes {
  return Uint8Array.from({ length: sizeBytes }, (_, at) => (from + at) & 0xff)
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function write(name: string, value: unknown): void {
  const file = new URL(`../../../test/vectors/vault/${name}.json`, import.meta.url)
  writeFileSync(file, `${JSON.stringify(value, null, 1)}\n`)
}

const dataKey = counting(32, 1)
const recordSalt = counting(32, 0x40)
const headerRandom = counting(23, 0x80)
const metadata = textBytes('metadata')

async function sealVector(name: string, record: Uint8Array, header: OwnBytes = headerRandom) {
  const sealing = sealWith(
    once(record),
    { metadata, chunkBytes: CHUNK_BYTES },
    { dataKey, recordSalt, header },
  )
  const pieces: Uint8Array[] = []
  for await (const piece of sealing.sealed) pieces.push(piece)
  const sealed = concatBytes(...pieces)
  const { commitment } = await sealing.result
  return { name, record: hex(record), commitment: hex(commitment), sealed: hex(sealed), bytes: sealed }
}

/** A sealed stream with chunks of one's own choosing, as only a holder of the key could make. */
async function sealChunks(chunks: readonly { plain: Uint8Array; index: number; isLast: boolean }[]) {
  const header = encodeHeader(CHUNK_BYTES, headerRandom, false)
  const key = await deriveContentKey(importDataKey(dataKey), header, 'encrypt')
  const frames = await Promise.all(
    chunks.map(({ plain, index, isLast }) =>
      crypto.subtle.encrypt(chunkCipher(header, index, isLast), key, copyBytes(plain)),
    ),
  )
  return concatBytes(header.bytes, ...frames.map((frame) => new Uint8Array(frame)))
}

function envelope(body: Uint8Array): Uint8Array {
  return concatBytes(u32Bytes(body.length), body)
}

async function sealWhole(plain: Uint8Array): Promise<Uint8Array> {
  const count = Math.ceil(plain.length / CHUNK_BYTES)
  return sealChunks(
    Array.from({ length: count }, (_, index) => ({
      plain: plain.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
      index,
      isLast: index === count - 1,
    })),
  )
}

async function sealedRecordVectors(): Promise<void> {
  const envelopeBytes = 4 + encode({ salt: recordSalt, metadata }).length
  const long = await sealVector('several chunks, the last one short', counting(200, 7))
  const full = await sealVector('the last chunk is full', counting(4 * CHUNK_BYTES - envelopeBytes, 9))
  const empty = await sealVector('an empty record', new Uint8Array())
  const other = await sealVector('another record', counting(200, 99), counting(23, 0xc0))
  const { bytes } = long
  const frame = (index: number, of: Uint8Array = bytes): Uint8Array =>
    of.subarray(HEADER_BYTES + index * FRAME_BYTES, HEADER_BYTES + (index + 1) * FRAME_BYTES)
  const header = bytes.subarray(0, HEADER_BYTES)
  const frames = Math.ceil((bytes.length - HEADER_BYTES) / FRAME_BYTES)
  const tail = bytes.subarray(HEADER_BYTES + FRAME_BYTES)
  const flipped = (at: number): Uint8Array => {
    const copy = copyBytes(bytes)
    copy.set([(copy[at] ?? 0) ^ 1], at)
    return copy
  }
  const plain = concatBytes(envelope(encode({ salt: recordSalt, metadata })), counting(200, 7))
  const cut = (index: number): Uint8Array => plain.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)
  const salted = concatBytes(textBytes('\x64salt\x58\x20'), recordSalt)
  const described = concatBytes(textBytes('\x68metadata\x48'), metadata)
  const misfit = (name: string, sealed: Uint8Array, code: string, more: object = {}): object => ({
    name,
    dataKey: hex(dataKey),
    commitment: long.commitment,
    sealed: hex(sealed),
    code,
    ...more,
  })
  const withoutBytes = ({ bytes: _, ...rest }: typeof long): object => rest
  write('sealed-record', {
    format: 'header: "halo-s/1" | u32 chunk bytes | salt 16 | nonce prefix 7; then AES-256-GCM chunks',
    chunkBytes: CHUNK_BYTES,
    dataKey: hex(dataKey),
    recordSalt: hex(recordSalt),
    headerRandom: hex(headerRandom),
    metadata: hex(metadata),
    valid: [empty, long, full].map(withoutBytes),
    invalid: [
      misfit('nothing at all', new Uint8Array(), 'SEALED_TRUNCATED'),
      misfit('cut inside the header', bytes.subarray(0, 20), 'SEALED_TRUNCATED'),
      misfit('the header only', header, 'SEALED_TRUNCATED'),
      misfit('cut between chunks', bytes.subarray(0, HEADER_BYTES + 2 * FRAME_BYTES), 'SEALED_TRUNCATED'),
      misfit('cut inside a tag', bytes.subarray(0, HEADER_BYTES + 2 * FRAME_BYTES + 9), 'SEALED_TRUNCATED'),
      misfit('cut inside a chunk', bytes.subarray(0, HEADER_BYTES + FRAME_BYTES + 40), 'CHUNK_FORGED', {
        index: 1,
      }),
      misfit(
        'two chunks swapped',
        concatBytes(header, frame(1), frame(0), bytes.subarray(HEADER_BYTES + 2 * FRAME_BYTES)),
        'CHUNK_FORGED',
        { index: 0 },
      ),
      misfit(
        'a chunk left out',
        concatBytes(header, frame(0), bytes.subarray(HEADER_BYTES + 2 * FRAME_BYTES)),
        'CHUNK_FORGED',
        { index: 1 },
      ),
      misfit('a chunk twice', concatBytes(header, frame(0), frame(0), tail), 'CHUNK_FORGED', { index: 1 }),
      misfit(
        'a chunk of another record under the same data key',
        concatBytes(header, frame(0), frame(1, other.bytes), bytes.subarray(HEADER_BYTES + 2 * FRAME_BYTES)),
        'CHUNK_FORGED',
        { index: 1 },
      ),
      misfit('a flipped bit in the magic', flipped(0), 'HEADER_INVALID'),
      misfit('another version', flipped(7), 'HEADER_INVALID'),
      misfit(
        'chunks of zero bytes',
        concatBytes(bytes.subarray(0, 8), u32Bytes(0), bytes.subarray(12)),
        'HEADER_INVALID',
      ),
      misfit(
        'chunks of 4 GiB',
        concatBytes(bytes.subarray(0, 8), u32Bytes(0xffffffff), bytes.subarray(12)),
        'HEADER_INVALID',
      ),
      misfit('a flipped bit in the salt', flipped(12), 'CHUNK_FORGED', { index: 0 }),
      misfit('a flipped bit in the nonce prefix', flipped(30), 'CHUNK_FORGED', { index: 0 }),
      misfit('a flipped bit in a chunk', flipped(HEADER_BYTES + FRAME_BYTES + 3), 'CHUNK_FORGED', {
        index: 1,
      }),
      misfit('a flipped bit in the last tag', flipped(bytes.length - 1), 'CHUNK_FORGED', {
        index: frames - 1,
      }),
      misfit('a byte after a short last chunk', concatBytes(bytes, Uint8Array.of(0)), 'CHUNK_FORGED', {
        index: frames - 1,
      }),
      misfit('a byte after a full last chunk', concatBytes(full.bytes, Uint8Array.of(0)), 'SEALED_TRAILING', {
        commitment: full.commitment,
      }),
      misfit(
        'the last flag on a chunk in the middle',
        await sealChunks([
          { plain: cut(0), index: 0, isLast: false },
          { plain: cut(1), index: 1, isLast: true },
          { plain: cut(2), index: 2, isLast: true },
        ]),
        'SEALED_TRAILING',
      ),
      misfit(
        'no last flag on the last chunk',
        await sealChunks([
          { plain: cut(0), index: 0, isLast: false },
          { plain: cut(1), index: 1, isLast: false },
        ]),
        'SEALED_TRUNCATED',
      ),
      misfit(
        'an empty last chunk',
        await sealChunks([
          { plain: cut(0), index: 0, isLast: false },
          { plain: new Uint8Array(), index: 1, isLast: true },
        ]),
        'SEALED_TRUNCATED',
      ),
      misfit('another data key', bytes, 'CHUNK_FORGED', { dataKey: hex(counting(32, 2)), index: 0 }),
      misfit('another commitment', bytes, 'RECORD_MISMATCH', { commitment: hex(counting(32, 0)) }),
      misfit(
        'a record that was exchanged by who holds the key',
        await sealWhole(concatBytes(plain.subarray(0, envelopeBytes), counting(200, 8))),
        'RECORD_MISMATCH',
      ),
      misfit(
        'metadata exchanged by who holds the key',
        await sealWhole(
          concatBytes(
            envelope(encode({ salt: recordSalt, metadata: textBytes('Metadata') })),
            counting(200, 7),
          ),
        ),
        'RECORD_MISMATCH',
      ),
      misfit(
        'an envelope with its keys out of order',
        await sealWhole(envelope(concatBytes(Uint8Array.of(0xa2), described, salted))),
        'ENVELOPE_INVALID',
      ),
      misfit(
        'an envelope of indefinite length',
        await sealWhole(envelope(concatBytes(Uint8Array.of(0xbf), salted, described, Uint8Array.of(0xff)))),
        'ENVELOPE_INVALID',
      ),
      misfit(
        'an envelope with one key more',
        await sealWhole(envelope(encode({ salt: recordSalt, metadata, more: 1 }))),
        'ENVELOPE_INVALID',
      ),
      misfit(
        'an envelope with a short salt',
        await sealWhole(envelope(encode({ salt: counting(31, 0), metadata }))),
        'ENVELOPE_INVALID',
      ),
      misfit('an envelope that is no map', await sealWhole(envelope(encode(null))), 'ENVELOPE_INVALID'),
      misfit(
        'an envelope longer than the record',
        await sealWhole(concatBytes(u32Bytes(200), encode({ salt: recordSalt, metadata }))),
        'ENVELOPE_INVALID',
      ),
      misfit(
        'an envelope of 4 GiB',
        await sealWhole(concatBytes(u32Bytes(0xffffffff), counting(60, 0))),
        'ENVELOPE_INVALID',
      ),
      misfit('no room for an envelope', await sealWhole(counting(3, 0)), 'ENVELOPE_INVALID'),
    ],
  })
}

/** a · b in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1, as FIPS 197 section 4.2 does it. */
function multiply(a: number, b: number): number {
  let [product, left, right] = [0, a, b]
  while (right > 0) {
    if (right & 1) product ^= left
    left = left & 0x80 ? (left << 1) ^ 0x11b : left << 1
    right >>= 1
  }
  return product
}

function keyShareVectors(): void {
  const points = [9, 200, 1, 255, 77]
  const coefficients = [dataKey, counting(32, 0x55), counting(32, 0xaa)]
  const shares = points.map((x) => {
    const values = Array.from(dataKey, (_, at) =>
      coefficients.reduceRight((sum, coefficient) => multiply(sum, x) ^ (coefficient[at] ?? 0), 0),
    )
    return Uint8Array.from([...values, x])
  })
  write('key-shares', {
    format: 'share: 32 values of polynomials of degree 2 at x, then x; GF(2^8) modulo 0x11B',
    threshold: 3,
    dataKey: hex(dataKey),
    shares: shares.map((share) => hex(share)),
    commitments: shares.map((share, at) => hex(shareCommitment(at + 1, share))),
  })
}

async function sealedShareVectors(): Promise<void> {
  const { publicKey, secretKey } = await createKemKeyPair(counting(32, 0x10))
  const suite = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })
  const recipientPublicKey = await suite.kem.importKey('raw', copyBytes(publicKey).buffer, true)
  const sealTo = async (plaintext: OwnBytes, context: Uint8Array): Promise<Uint8Array> => {
    const info = copyBytes(textBytes('halo/hpke/1')).buffer
    const sender = await suite.createSenderContext({
      recipientPublicKey,
      info,
      ekm: counting(64, 0x30).buffer,
    })
    const sealed = await sender.seal(plaintext.buffer, copyBytes(context).buffer)
    return concatBytes(new Uint8Array(sender.enc), new Uint8Array(sealed))
  }
  const share = counting(33, 0x70)
  const peerId = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
  const stored = storedShareContext(peerId, counting(16, 0xa0), counting(32, 0xc0))
  const released = releasedShareContext(counting(32, 0xb0), 3)
  const sealed = await sealTo(share, stored)
  write('sealed-share', {
    format:
      'HPKE base mode, X-Wing, HKDF-SHA-256, AES-256-GCM, info "halo/hpke/1": enc 1120 | ciphertext | tag',
    secretKey: hex(secretKey),
    publicKey: hex(publicKey),
    share: hex(share),
    stored: {
      peerId,
      id: hex(counting(16, 0xa0)),
      dataset: hex(counting(32, 0xc0)),
      context: hex(stored),
      sealed: hex(sealed),
    },
    released: {
      requestId: hex(counting(32, 0xb0)),
      index: 3,
      context: hex(released),
      sealed: hex(await sealTo(share, released)),
    },
    invalid: [
      { name: 'the context of another purpose', context: hex(released), sealed: hex(sealed) },
      { name: 'cut by one byte', context: hex(stored), sealed: hex(sealed.subarray(0, -1)) },
      { name: 'one byte more', context: hex(stored), sealed: hex(concatBytes(sealed, Uint8Array.of(0))) },
      { name: 'a flipped bit in the ML-KEM part', context: hex(stored), sealed: hex(flip(sealed, 5)) },
      { name: 'a flipped bit in the X25519 part', context: hex(stored), sealed: hex(flip(sealed, 1100)) },
      { name: 'a flipped bit in the ciphertext', context: hex(stored), sealed: hex(flip(sealed, 1125)) },
      { name: 'nothing', context: hex(stored), sealed: '' },
    ],
  })
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const copy = copyBytes(bytes)
  copy.set([(copy[at] ?? 0) ^ 1], at)
  return copy
}

const CIDS = [
  'bafyreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku',
  'bafyreigdmqpykrgxyaxtlafqpqhzrb7qy2rh75nldvfd4tucqmqqme5yje',
]

async function manifestVectors(): Promise<void> {
  const secretKey = counting(32, 0)
  secretKey.fill(0, 0, 31).set([1], 31)
  const sign = (digest: Uint8Array): Uint8Array => {
    const signed = secp256k1.sign(digest, secretKey, { prehash: false, format: 'recovered' })
    return concatBytes(signed.subarray(1), Uint8Array.of(27 + (signed[0] ?? 0)))
  }
  const sealedBytes = 1000
  const placement: Placement = {
    version: 1,
    erasure: { data: 2, parity: 1, unitBytes: 128 },
    shards: [0, 1, 2].map((at) => ({
      peerId: `12D3KooWPeer${at}`,
      id: counting(16, at * 16),
      cid: CIDS[at % 2] ?? '',
      sizeBytes: 500,
    })),
    shares: [0, 1, 2].map((at) => ({ peerId: `12D3KooWPeer${at}`, id: counting(16, 0x80 + at * 16) })),
  }
  const core = {
    commitment: counting(32, 3),
    recordBytes: 700,
    sealedBytes,
    chunkBytes: 262144,
    threshold: 2,
    commitments: [counting(32, 1), counting(32, 2), counting(32, 3)],
  }
  const manifest = await signManifest(core, placement, sign)
  const full = encodeManifest(manifest, { withPlacement: true })
  const bare = encodeManifest(manifest, { withPlacement: false })
  const { signature } = manifest
  const invalid = (name: string, field: string, encoded: Uint8Array): object => ({
    name,
    field,
    encoded: hex(encoded),
  })
  const changed = (change: object): Uint8Array =>
    encode({ core: { ...manifest.core, ...change }, placement: null, signature })
  const placed = (change: object): Uint8Array =>
    encode({ core: manifest.core, placement: { ...placement, ...change }, signature })
  const highS = concatBytes(
    signature.subarray(0, 32),
    Uint8Array.from(
      (
        (secp256k1.Point.CURVE().n - BigInt(`0x${hex(signature.subarray(32, 64))}`))
          .toString(16)
          .padStart(64, '0')
          .match(/../g) ?? []
      ).map((byte) => Number.parseInt(byte, 16)),
    ),
    Uint8Array.of(signature[64] === 27 ? 28 : 27),
  )
  const body = (part: unknown): Uint8Array => encode(part)
  const textKey = (text: string): Uint8Array =>
    concatBytes(Uint8Array.of(0x60 + text.length), textBytes(text))
  write('manifest', {
    format:
      'canonical dag-cbor {core, placement, signature}; signed: SHA-256("halo/manifest/1" | 00 | dag-cbor of core)',
    secretKey: hex(secretKey),
    signer: manifestSigner(manifest),
    digest: hex(manifestDigest(manifest.core)),
    core: { ...core, commitment: hex(core.commitment), commitments: core.commitments.map((one) => hex(one)) },
    placementHash: hex(manifest.core.placementHash),
    signature: hex(signature),
    withPlacement: hex(full),
    withoutPlacement: hex(bare),
    invalid: [
      invalid('nothing', 'encoding', new Uint8Array()),
      invalid('a byte too many', 'encoding', concatBytes(full, Uint8Array.of(0))),
      invalid('a byte too few', 'encoding', full.subarray(0, -1)),
      invalid(
        'keys out of order',
        'encoding',
        concatBytes(
          Uint8Array.of(0xa3),
          textKey('signature'),
          body(signature),
          textKey('core'),
          body(manifest.core),
          textKey('placement'),
          body(null),
        ),
      ),
      invalid(
        'a map of indefinite length',
        'encoding',
        concatBytes(
          Uint8Array.of(0xbf),
          textKey('core'),
          body(manifest.core),
          textKey('placement'),
          body(null),
          textKey('signature'),
          body(signature),
          Uint8Array.of(0xff),
        ),
      ),
      invalid(
        'a number longer than it needs',
        'encoding',
        concatBytes(Uint8Array.of(0xb8, 3), bare.subarray(1)),
      ),
      invalid('a list for a map', 'manifest', encode([manifest.core, null, signature])),
      invalid(
        'an unknown key',
        'manifest',
        encode({ core: manifest.core, placement: null, signature, more: 1 }),
      ),
      invalid('a missing key', 'manifest', encode({ core: manifest.core, signature })),
      invalid('an unknown key in the core', 'core', changed({ more: 1 })),
      invalid('another version', 'core.version', changed({ version: 2 })),
      invalid('another suite', 'core.suite', changed({ suite: 'rot13' })),
      invalid('a short data set', 'core.commitment', changed({ commitment: counting(31, 3) })),
      invalid('a text for bytes', 'core.commitment', changed({ commitment: hex(core.commitment) })),
      invalid('a negative size', 'core.recordBytes', changed({ recordBytes: -1 })),
      invalid('a fraction of a byte', 'core.recordBytes', changed({ recordBytes: 0.5 })),
      invalid('sealed shorter than the record', 'core.sealedBytes', changed({ sealedBytes: 700 })),
      invalid('chunks beyond the limit', 'core.chunkBytes', changed({ chunkBytes: 1048577 })),
      invalid('a threshold of one', 'core.threshold', changed({ threshold: 1 })),
      invalid('a threshold above the shares', 'core.threshold', changed({ threshold: 4 })),
      invalid('one share only', 'core.commitments', changed({ commitments: [counting(32, 1)] })),
      invalid(
        'a short commitment',
        'core.commitments[1]',
        changed({ commitments: [counting(32, 1), counting(31, 2)] }),
      ),
      invalid(
        'a short signature',
        'signature',
        encode({ core: manifest.core, placement: null, signature: signature.subarray(1) }),
      ),
      invalid(
        'a placement that was not signed',
        'core.placementHash',
        placed({ shares: [...placement.shares].reverse() }),
      ),
      invalid('a shard too few', 'placement.shards', placed({ shards: placement.shards.slice(1) })),
      invalid(
        'an erasure shape beyond the field',
        'placement.erasure',
        placed({ erasure: { data: 200, parity: 100, unitBytes: 1 } }),
      ),
      invalid(
        'units beyond the limit',
        'placement.erasure.unitBytes',
        placed({ erasure: { data: 2, parity: 1, unitBytes: 1048577 } }),
      ),
      invalid(
        'a short id',
        'placement.shares[0].id',
        placed({ shares: [{ peerId: 'a', id: counting(15, 0) }, placement.shares[1]] }),
      ),
      invalid(
        'a peer id with a space',
        'placement.shares[0].peerId',
        placed({ shares: [{ peerId: 'a b', id: counting(16, 0) }, placement.shares[1]] }),
      ),
      invalid(
        'a CID that is none',
        'placement.shards[0].cid',
        placed({ shards: placement.shards.map((shard) => ({ ...shard, cid: 'bafy' })) }),
      ),
    ],
    unsigned: [
      {
        name: 'v is 0',
        encoded: hex(
          encode({
            core: manifest.core,
            placement: null,
            signature: concatBytes(signature.subarray(0, 64), Uint8Array.of(0)),
          }),
        ),
      },
      {
        name: 's in the upper half',
        encoded: hex(encode({ core: manifest.core, placement: null, signature: highS })),
      },
      {
        name: 'zeros',
        encoded: hex(encode({ core: manifest.core, placement: null, signature: new Uint8Array(65) })),
      },
    ],
    otherSigner: { name: 'a core changed after signing', encoded: hex(changed({ recordBytes: 699 })) },
  })
}

await sealedRecordVectors()
keyShareVectors()
await sealedShareVectors()
await manifestVectors()
