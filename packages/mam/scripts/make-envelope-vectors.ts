import { writeFileSync } from 'node:fs'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { type EnvelopeContext, hashEnvelope, sealEnvelope } from '../src/envelope.ts'
import { deriveChannelId, deriveContentKey } from '../src/envelope-keys.ts'

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

const vectors = {
  format:
    'u8 version 1 | u32 epoch | nonce 16 | XChaCha20-Poly1305(content), nonce u64 sequence | nonce, associated data channelId | associatedData | Ed25519 over "halo/mam/message/1" 00 | channelId | u64 sequence | previousHash | root | nextRoot | all before the signature',
  seed,
  channelId: bytesToHex(channelId),
  streamSecret: bytesToHex(streamSecret),
  publisherKey: bytesToHex(ed25519.getPublicKey(secretKey)),
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
  ],
}
const path = new URL('../../../test/vectors/mam/envelope.json', import.meta.url)
writeFileSync(path, `${JSON.stringify(vectors, null, 1)}\n`)
