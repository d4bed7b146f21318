import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { ContentKeys } from './envelope-keys.ts'
import { CONTENT_KEY_BYTES } from './envelope-keys.ts'
import { decodeEnvelope, encodeUnsigned, NONCE_BYTES, u64Bytes, unsignedPartOf } from './envelope-wire.ts'
import { MamError } from './errors.ts'

/** Where a message stands. None of it is sent: reader and publisher know it, and the signature covers it. */
export interface EnvelopeContext {
  /** 16 bytes. */
  readonly channelId: Uint8Array
  /** Number of the message in its channel, from 0; also the index of its one-time key. */
  readonly sequence: number
  /** SHA-256 of the envelope before it, 32 bytes; zeros for the first. */
  readonly previousHash: Uint8Array
  /** 81 trytes: the root the message is published under. */
  readonly root: string
  /** 81 trytes: the root of the next message, so that nobody who breaks the masking can divert a reader. */
  readonly nextRoot: string
}

/** What {@link sealEnvelope} needs beside context and content. */
export interface SealingKeys {
  readonly epoch: number
  /** What both sides agree on, such as the name of the stream: bound to the content, not sent. */
  readonly associatedData: Uint8Array
  /** 32 bytes. */
  readonly contentKey: Uint8Array
  /** Ed25519 secret key, 32 bytes. */
  readonly secretKey: Uint8Array
  /** 16 fresh random bytes. */
  readonly nonce: Uint8Array
}

/** What {@link openEnvelope} needs beside context and envelope. */
export interface OpeningKeys {
  /** Ed25519 public key of the publisher, 32 bytes. */
  readonly publisherKey: Uint8Array
  readonly contentKeys: ContentKeys
  /** As it was when sealing. */
  readonly associatedData: Uint8Array
}

/** What {@link openEnvelope} gives. */
export interface OpenedEnvelope {
  readonly epoch: number
  /** The content, in a fresh buffer that the caller owns. */
  readonly content: Uint8Array
}

/** Length of a hash of an envelope, in bytes; before the first message it is all zeros. */
export const ENVELOPE_HASH_BYTES = 32

/**
 * Encrypts, then signs. The nonce of XChaCha20-Poly1305 is u64 sequence ‖ 16 random bytes: the sequence
 * keeps nonces apart even if the random source repeats itself, the random bytes keep them apart even if
 * an old state of the channel is used again and the same sequence comes twice.
 * @returns content + 101 bytes
 * @see draft-irtf-cfrg-xchacha-03, RFC 8439, RFC 8032
 */
export function sealEnvelope(content: Uint8Array, context: EnvelopeContext, keys: SealingKeys): Uint8Array {
  const { epoch, nonce, contentKey, secretKey, associatedData } = keys
  const cipher = cipherOf(contentKey, nonce, context, associatedData)
  const unsigned = encodeUnsigned({ epoch, nonce, ciphertext: cipher.encrypt(content) })
  return concatBytes(unsigned, ed25519.sign(signedBytesOf(unsigned, context), secretKey))
}

/**
 * Checks the signature, then decrypts. The order is what tells the errors apart: what the publisher signed
 * for this very place and does not open, is for another key.
 * @throws MamError `MESSAGE_MALFORMED`; `MESSAGE_FORGED` when publisher, channel, place, order or next root
 * are not as signed; `NOT_FOR_KEY` when the key of its epoch is not known, or it or the associated data wrong
 */
export function openEnvelope(
  envelope: Uint8Array,
  context: EnvelopeContext,
  keys: OpeningKeys,
): OpenedEnvelope {
  const { epoch, nonce, ciphertext } = decodeEnvelope(envelope)
  if (!isSignedBy(keys.publisherKey, envelope, context))
    throw new MamError(
      'MESSAGE_FORGED',
      'The signature is not the publisher’s for this place; ignore the message.',
    )
  const contentKey = keys.contentKeys(epoch)
  if (contentKey?.length !== CONTENT_KEY_BYTES) throw notForKey(epoch)
  try {
    return { epoch, content: cipherOf(contentKey, nonce, context, keys.associatedData).decrypt(ciphertext) }
  } catch (cause) {
    throw notForKey(epoch, cause)
  }
}

/**
 * Whether the publisher signed an envelope for a place; no content key is needed to tell. Strict RFC 8032:
 * of the further encodings that ZIP 215 allows, none is taken, nor is a key of small order. The equation is
 * that with the cofactor: an R with a part of small order, which only the owner of the key can make, is taken,
 * and refused by verifiers that leave the cofactor out. To refuse it would cost as much again as verifying.
 * @see RFC 8032 section 5.1.7, which allows either equation
 * @throws MamError `MESSAGE_MALFORMED`
 */
function isSignedBy(publisherKey: Uint8Array, envelope: Uint8Array, context: EnvelopeContext): boolean {
  const { signature } = decodeEnvelope(envelope)
  const signed = signedBytesOf(unsignedPartOf(envelope), context)
  try {
    return ed25519.verify(signature, signed, publisherKey, { zip215: false })
  } catch {
    return false
  }
}

/** SHA-256 of an envelope: what the next one is chained to. */
export function hashEnvelope(envelope: Uint8Array): Uint8Array {
  return sha256(envelope)
}

/** 16 fresh bytes for {@link SealingKeys}. */
export function drawNonce(random: (sizeBytes: number) => Uint8Array): Uint8Array {
  const nonce = random(NONCE_BYTES)
  if (nonce.length !== NONCE_BYTES) throw new TypeError('The random source gave another number of bytes.')
  return nonce
}

/** Bound to the content beside its key: channel id ‖ associated data. The nonce holds the sequence. */
function cipherOf(
  contentKey: Uint8Array,
  random: Uint8Array,
  { channelId, sequence }: EnvelopeContext,
  associatedData: Uint8Array,
): { encrypt(content: Uint8Array): Uint8Array; decrypt(ciphertext: Uint8Array): Uint8Array } {
  const nonce = concatBytes(u64Bytes(sequence), random)
  return xchacha20poly1305(contentKey, nonce, concatBytes(channelId, associatedData))
}

/** Every field but the last has a fixed length, so no two contexts give the same bytes. */
function signedBytesOf(unsigned: Uint8Array, context: EnvelopeContext): Uint8Array {
  const { channelId, sequence, previousHash, root, nextRoot } = context
  return concatBytes(
    utf8ToBytes('halo/mam/message/1\0'),
    channelId,
    u64Bytes(sequence),
    previousHash,
    utf8ToBytes(root),
    utf8ToBytes(nextRoot),
    unsigned,
  )
}

function notForKey(epoch: number, cause?: unknown): MamError {
  return new MamError(
    'NOT_FOR_KEY',
    'The content key of this message’s epoch is not known or wrong; ask for it.',
    {
      details: { epoch },
      cause,
    },
  )
}
