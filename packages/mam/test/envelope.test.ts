import { createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import type { EnvelopeContext, OpeningKeys } from '../src/envelope.ts'
import { hashEnvelope, openEnvelope, sealEnvelope } from '../src/envelope.ts'
import { deriveChannelId, deriveContentKey, publicContentKeys } from '../src/envelope-keys.ts'
import { ENVELOPE_OVERHEAD_BYTES, u64Bytes } from '../src/envelope-wire.ts'
import { bytesOf, PUBLISHER_KEY, PUBLISHER_SECRET, textOf } from './channel-fixture.ts'

const test = suite('mam/envelope')
const CONTENT_KEY = Uint8Array.from({ length: 32 }, (_, at) => 7 * at + 3)
const NONCE = Uint8Array.from({ length: 16 }, (_, at) => 255 - at)
const CONTEXT: EnvelopeContext = {
  channelId: Uint8Array.from({ length: 16 }, (_, at) => at),
  sequence: 5,
  previousHash: new Uint8Array(32).fill(9),
  root: 'R'.repeat(81),
  nextRoot: 'N'.repeat(81),
}
const OPENING: OpeningKeys = {
  publisherKey: PUBLISHER_KEY,
  contentKeys: (epoch) => (epoch === 2 ? CONTENT_KEY : null),
  associatedData: bytesOf('tremor'),
}

function seal(content: Uint8Array, changes: Partial<EnvelopeContext> = {}): Uint8Array {
  const keys = { epoch: 2, contentKey: CONTENT_KEY, secretKey: PUBLISHER_SECRET, nonce: NONCE }
  return sealEnvelope(
    content,
    { ...CONTEXT, ...changes },
    { ...keys, associatedData: OPENING.associatedData },
  )
}

test('opens what was sealed, of any content, 101 bytes longer', async () => {
  await holds(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.nat(2 ** 32), (content, sequence) => {
      const sealed = seal(content, { sequence })
      assert.is(sealed.length, content.length + 101)
      assert.is(ENVELOPE_OVERHEAD_BYTES, 101)
      const { epoch, content: opened } = openEnvelope(sealed, { ...CONTEXT, sequence }, OPENING)
      assert.is(epoch, 2)
      assert.equal([...opened], [...content])
    }),
    40,
  )
})

/** The bytes that the signature covers, by the specification. */
function signedBytesOf(sealed: Uint8Array): Uint8Array {
  return concatBytes(
    bytesOf('halo/mam/message/1\0'),
    CONTEXT.channelId,
    u64Bytes(CONTEXT.sequence),
    CONTEXT.previousHash,
    bytesOf(CONTEXT.root),
    bytesOf(CONTEXT.nextRoot),
    sealed.subarray(0, -64),
  )
}

/** Whether OpenSSL verifies an envelope’s signature. */
function isVerifiedElsewhere(sealed: Uint8Array, publisherKey = PUBLISHER_KEY): boolean {
  const x = Buffer.from(publisherKey).toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return verify(null, signedBytesOf(sealed), key, sealed.subarray(-64))
}

test('carries a signature that another implementation verifies over the bytes of the specification', () => {
  assert.ok(isVerifiedElsewhere(seal(bytesOf('4.2'))))
})

test('takes a signature of the publisher whose R has a part of small order, which OpenSSL refuses', () => {
  const { Point, utils } = ed25519
  const { scalar } = utils.getExtendedPublicKey(PUBLISHER_SECRET)
  const order2 = Point.fromBytes(Uint8Array.from({ length: 32 }, (_, at) => [0xec, 0x7f][at / 31] ?? 0xff))
  const sign = (r: bigint, part: typeof order2): Uint8Array => {
    const unsigned = seal(bytesOf('4.2'))
    const written = Point.BASE.multiply(r).add(part).toBytes()
    const hash = sha512(concatBytes(written, PUBLISHER_KEY, signedBytesOf(unsigned)))
    const k = Point.Fn.create(BigInt(`0x${bytesToHex(hash.reverse())}`))
    const s = Point.Fn.add(r, Point.Fn.mul(k, Point.Fn.create(scalar)))
    return concatBytes(unsigned.subarray(0, -64), written, Point.Fn.toBytes(s))
  }
  const [plain, mixed] = [sign(7n, Point.ZERO), sign(7n, order2)]
  assert.equal(
    [plain, mixed].map((sealed) => isVerifiedElsewhere(sealed)),
    [true, false],
  )
  for (const sealed of [plain, mixed])
    assert.is(textOf(openEnvelope(sealed, CONTEXT, OPENING).content), '4.2')
})

test('refuses a changed bit in any of its bytes', () => {
  const sealed = seal(bytesOf('4.2 mmol/L'))
  const codes = new Set<string>()
  for (let at = 0; at < sealed.length; at++) {
    const changed = sealed.slice()
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
    codes.add(codeOf(() => openEnvelope(changed, CONTEXT, OPENING)))
  }
  assert.equal([...codes].sort(), ['MESSAGE_FORGED', 'MESSAGE_MALFORMED'])
})

const ELSEWHERE: readonly (readonly [string, Partial<EnvelopeContext>])[] = [
  ['in another channel', { channelId: new Uint8Array(16) }],
  ['at another place of the order', { sequence: 6 }],
  ['after another message', { previousHash: new Uint8Array(32) }],
  ['under another root', { root: 'S'.repeat(81) }],
  ['leading to another next root', { nextRoot: 'S'.repeat(81) }],
]
for (const [where, changes] of ELSEWHERE)
  test(`refuses a genuine envelope ${where}`, () => {
    const sealed = seal(bytesOf('4.2'))
    assert.is(
      codeOf(() => openEnvelope(sealed, { ...CONTEXT, ...changes }, OPENING)),
      'MESSAGE_FORGED',
    )
  })

test('refuses an envelope of another publisher, and a publisher key that is none', () => {
  const sealed = seal(bytesOf('4.2'))
  const others = [ed25519.getPublicKey(new Uint8Array(32).fill(1)), new Uint8Array(32), new Uint8Array(3)]
  for (const publisherKey of others)
    assert.is(
      codeOf(() => openEnvelope(sealed, CONTEXT, { ...OPENING, publisherKey })),
      'MESSAGE_FORGED',
    )
})

test('says that a genuine envelope is for another key, when key, epoch or associated data are not the right ones', () => {
  const sealed = seal(bytesOf('4.2'))
  const wrong: readonly Partial<OpeningKeys>[] = [
    { contentKeys: () => new Uint8Array(32) },
    { contentKeys: () => new Uint8Array(31) },
    { contentKeys: () => null },
    { associatedData: bytesOf('tremors') },
  ]
  for (const keys of wrong)
    assert.is(
      codeOf(() => openEnvelope(sealed, CONTEXT, { ...OPENING, ...keys })),
      'NOT_FOR_KEY',
    )
})

test('refuses what is cut off, empty or of another version as malformed', () => {
  const sealed = seal(bytesOf(''))
  const other = sealed.slice()
  other[0] = 2
  for (const bytes of [new Uint8Array(0), sealed.subarray(0, 100), other])
    assert.is(
      codeOf(() => openEnvelope(bytes, CONTEXT, OPENING)),
      'MESSAGE_MALFORMED',
    )
})

test('hides the content from who has only the signature', () => {
  assert.not.ok(textOf(seal(bytesOf('HbA1c 53 mmol/mol'))).includes('HbA1c'))
})

interface Vectors {
  readonly seed: string
  readonly channelId: string
  readonly streamSecret: string
  readonly publisherKey: string
  readonly associatedData: string
  readonly valid: readonly {
    readonly sequence: number
    readonly epoch: number
    readonly root: string
    readonly nextRoot: string
    readonly previousHash: string
    readonly contentKey: string
    readonly content: string
    readonly envelope: string
  }[]
  readonly invalid: readonly {
    readonly why: string
    readonly at: number
    /** Where it is not that of all. */
    readonly publisherKey?: string
    readonly envelope: string
    readonly code: string
  }[]
}

test('reads the envelopes of the vectors, and refuses those that are wrong', () => {
  const path = new URL('../../../test/vectors/mam/envelope.json', import.meta.url)
  const { seed, valid, invalid, ...hex } = JSON.parse(readFileSync(path, 'utf8')) as Vectors
  const channelId = hexToBytes(hex.channelId)
  assert.equal(deriveChannelId(seed), channelId)
  const keys = {
    publisherKey: hexToBytes(hex.publisherKey),
    associatedData: hexToBytes(hex.associatedData),
    contentKeys: (epoch: number) => deriveContentKey(hexToBytes(hex.streamSecret), channelId, epoch),
  }
  const placeOf = (at: number): EnvelopeContext => {
    const { sequence = 0, root = '', nextRoot = '', previousHash = '' } = valid[at] ?? {}
    return { channelId, sequence, root, nextRoot, previousHash: hexToBytes(previousHash) }
  }
  assert.is(valid.length, 2)
  for (const [at, { envelope, epoch, content, contentKey }] of valid.entries()) {
    const opened = openEnvelope(hexToBytes(envelope), placeOf(at), keys)
    assert.is(bytesToHex(keys.contentKeys(epoch)), contentKey)
    assert.equal([opened.epoch, bytesToHex(opened.content)], [epoch, content])
  }
  assert.is(valid[1]?.previousHash, bytesToHex(hashEnvelope(hexToBytes(valid[0]?.envelope ?? ''))))
  assert.is(invalid.length, 13)
  for (const { why, at, envelope, code, ...other } of invalid) {
    const publisherKey = hexToBytes(other.publisherKey ?? hex.publisherKey)
    assert.is(
      codeOf(() => openEnvelope(hexToBytes(envelope), placeOf(at), { ...keys, publisherKey })),
      code,
      why,
    )
  }
})

test('derives other content keys for other epochs and channels', () => {
  const secret = new Uint8Array(32).fill(4)
  const keys = [0, 1, 2].flatMap((epoch) =>
    [1, 2].map((id) => deriveContentKey(secret, new Uint8Array(16).fill(id), epoch).join()),
  )
  assert.is(new Set(keys).size, 6)
})

test('derives no key from a short secret, an id of another length, or an epoch that four bytes do not hold', () => {
  const [secret, id] = [new Uint8Array(32), new Uint8Array(16)]
  for (const short of [new Uint8Array(0), new Uint8Array(31)])
    assert.is(
      codeOf(() => deriveContentKey(short, id, 0)),
      'KEY_INVALID',
    )
  for (const length of [0, 15, 17])
    assert.is(
      codeOf(() => deriveContentKey(secret, new Uint8Array(length), 0)),
      'KEY_INVALID',
    )
  for (const epoch of [-1, 0.5, 2 ** 32, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.is(
      codeOf(() => deriveContentKey(secret, id, epoch)),
      'KEY_INVALID',
    )
    assert.is(
      codeOf(() => publicContentKeys(id)(epoch)),
      'KEY_INVALID',
    )
  }
  assert.is(deriveContentKey(secret, id, 2 ** 32 - 1).length, 32)
})

test('derives no channel id from what is no seed', () => {
  for (const seed of ['', 'A'.repeat(80), 'a'.repeat(81), null as unknown as string])
    assert.is(
      codeOf(() => deriveChannelId(seed)),
      'SEED_INVALID',
    )
})

test.run()
