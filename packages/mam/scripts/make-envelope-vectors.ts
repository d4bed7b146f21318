import { writeFileSync } from 'node:fs'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { type EnvelopeContext, hashEnvelope, sealEnvelope } from '../src/envelope.ts'
import { deriveChannelId, deriveContentKey } from '../src/envelope-keys.ts'
import { u64Bytes } from '../src/envelope-wire.ts'

/** Writes test/vectors/mam/envelope.json: two envelopes of one channel, and how each can be wrong. */
const seed = 'MADEUPSEED'.repeat(9).slice(0, 81)
const secretKey = Uint8Array.from({ length: 32 }, (_, at) => at + 1)
const streamSecret = Uint8Array.from({ length: 32 }, (_, at) => 200 - at)
const channelId = deriveChannelId(seed)
const roots = ['A', 'B', 'C'].map((tryte) => tryte.repeat(81))
const associatedData = utf8ToBytes('tremor')

function seal(sequence: number, previousHash: Uint8Array, epoch: number, text: string) {
  const context: EnvelopeContext = {
    channelId,
    sequence,
    previousHash,
    root: roots[sequence] ?? '',
    nextRoot: roots[sequence + 1] ?? '',
  }
  const nonce = Uint8Array.from({ length: 16 }, (_, at) => 16 * sequence + at)
  const contentKey = deriveContentKey(streamSecret, channelId, epoch)
  const content = utf8ToBytes(text)
  const envelope = sealEnvelope(content, context, { epoch, contentKey, secretKey, nonce, associatedData })
  return {
    sequence,
    epoch,
    root: context.root,
    nextRoot: context.nextRoot,
    previousHash: bytesToHex(previousHash),
    contentKey: bytesToHex(contentKey),
    content: bytesToHex(content),
    envelope: bytesToHex(envelope),
  }
}

const first = seal(0, new Uint8Array(32), 0, '{"tremor":1.7}')
const second = seal(1, hashEnvelope(hexToBytes(first.envelope)), 1, '')
const changed = (hex: string, at: number) =>
  `${hex.slice(0, 2 * at)}${hex.slice(2 * at, 2 * at + 1) === '0' ? '1' : '0'}${hex.slice(2 * at + 1)}`
const other = xchacha20poly1305(new Uint8Array(32), new Uint8Array(24)).encrypt(new Uint8Array(69))

const { Fn } = ed25519.Point
const publisherKey = bytesToHex(ed25519.getPublicKey(secretKey))
const IDENTITY = `01${'00'.repeat(31)}`
const unsigned = first.envelope.slice(0, -128)
const numberOf = (bytes: Uint8Array) => BigInt(`0x${bytesToHex(bytes.toReversed())}`)
const hexOf = (value: bigint) => bytesToHex(hexToBytes(value.toString(16).padStart(64, '0')).reverse())

/** The first envelope under the S with which the publisher's key makes R, as it is written, that of the nonce 0. */
function signWithNonceZero(r: string): string {
  const place = [channelId, u64Bytes(0), hexToBytes(first.previousHash)]
  const texts = ['halo/mam/message/1\0', `${first.root}${first.nextRoot}`].map((text) => utf8ToBytes(text))
  const [domain = new Uint8Array(), bothRoots = new Uint8Array()] = texts
  const signed = concatBytes(domain, ...place, bothRoots, hexToBytes(unsigned))
  const k = Fn.create(numberOf(sha512(concatBytes(hexToBytes(r + publisherKey), signed))))
  return unsigned + r + hexOf(Fn.mul(k, Fn.create(ed25519.utils.getExtendedPublicKey(secretKey).scalar)))
}

/** What RFC 8032 refuses and ZIP 215 takes, and a second S of a signature, which both refuse. */
const lax = [
  {
    why: 'a key of small order, for which anybody signs anything',
    at: 0,
    publisherKey: IDENTITY,
    envelope: unsigned + IDENTITY + '00'.repeat(32),
    code: 'MESSAGE_FORGED',
  },
  ...[
    ['an R whose y is written with the field’s order added', `ee${'ff'.repeat(30)}7f`],
    ['an R of x = 0 with the sign of an odd one', `01${'00'.repeat(30)}80`],
  ].map(([why, r = '']) => ({ why, at: 0, envelope: signWithNonceZero(r), code: 'MESSAGE_FORGED' })),
  {
    why: 'an S with the group’s order added',
    at: 0,
    envelope:
      first.envelope.slice(0, -64) + hexOf(numberOf(hexToBytes(first.envelope.slice(-64))) + Fn.ORDER),
    code: 'MESSAGE_FORGED',
  },
]

const vectors = {
  format:
    'u8 version 1 | u32 epoch | nonce 16 | XChaCha20-Poly1305(content), nonce u64 sequence | nonce, associated data channelId | associatedData | Ed25519 over "halo/mam/message/1" 00 | channelId | u64 sequence | previousHash | root | nextRoot | all before the signature',
  seed,
  channelId: bytesToHex(channelId),
  streamSecret: bytesToHex(streamSecret),
  publisherKey,
  associatedData: bytesToHex(associatedData),
  valid: [first, second],
  invalid: [
    { why: 'second in the place of the first', at: 0, envelope: second.envelope, code: 'MESSAGE_FORGED' },
    { why: 'other version', at: 0, envelope: `02${first.envelope.slice(2)}`, code: 'MESSAGE_MALFORMED' },
    {
      why: 'one byte too short to be one',
      at: 0,
      envelope: first.envelope.slice(0, 200),
      code: 'MESSAGE_MALFORMED',
    },
    { why: 'other epoch', at: 0, envelope: changed(first.envelope, 4), code: 'MESSAGE_FORGED' },
    { why: 'other nonce', at: 0, envelope: changed(first.envelope, 5), code: 'MESSAGE_FORGED' },
    { why: 'other ciphertext', at: 0, envelope: changed(first.envelope, 21), code: 'MESSAGE_FORGED' },
    { why: 'other signature', at: 0, envelope: changed(first.envelope, 80), code: 'MESSAGE_FORGED' },
    { why: 'cut off', at: 0, envelope: first.envelope.slice(0, -2), code: 'MESSAGE_FORGED' },
    {
      why: 'no signature of anybody',
      at: 1,
      envelope: `01${bytesToHex(new Uint8Array(20))}${bytesToHex(other)}`,
      code: 'MESSAGE_FORGED',
    },
    ...lax,
  ],
}
const path = new URL('../../../test/vectors/mam/envelope.json', import.meta.url)
writeFileSync(path, `${JSON.stringify(vectors, null, 1)}\n`)
