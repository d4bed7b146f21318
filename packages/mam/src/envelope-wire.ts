import { concatBytes } from '@noble/hashes/utils.js'
import { MamError } from './errors.ts'

/** The only version there is; another one means other bytes. */
const ENVELOPE_VERSION = 1
/** Random half of the nonce, in bytes. */
export const NONCE_BYTES = 16
const TAG_BYTES = 16
const SIGNATURE_BYTES = 64
const HEADER_BYTES = 5
/** What an envelope adds to its content, in bytes: version 1, epoch 4, nonce 16, tag 16, signature 64. */
export const ENVELOPE_OVERHEAD_BYTES: number = HEADER_BYTES + NONCE_BYTES + TAG_BYTES + SIGNATURE_BYTES

/** An envelope taken apart. */
export interface EnvelopeFields {
  /** Which content key opens it. */
  readonly epoch: number
  /** 16 random bytes. */
  readonly nonce: Uint8Array
  /** Ciphertext and its 16-byte tag. */
  readonly ciphertext: Uint8Array
  /** 64 bytes of Ed25519. */
  readonly signature: Uint8Array
}

/** u8 version ‖ u32 epoch ‖ 16 bytes nonce ‖ ciphertext ‖ 16 bytes tag: all that is not the signature. */
export function encodeUnsigned({ epoch, nonce, ciphertext }: Omit<EnvelopeFields, 'signature'>): Uint8Array {
  return concatBytes(Uint8Array.of(ENVELOPE_VERSION), u32Bytes(epoch), nonce, ciphertext)
}

/**
 * Takes an envelope apart; the fields are views of its bytes.
 * @throws MamError `MESSAGE_MALFORMED`
 */
export function decodeEnvelope(envelope: Uint8Array): EnvelopeFields {
  if (envelope.length < ENVELOPE_OVERHEAD_BYTES || envelope[0] !== ENVELOPE_VERSION)
    throw new MamError('MESSAGE_MALFORMED', 'The message holds no envelope of a known version; ignore it.')
  const signatureAt = envelope.length - SIGNATURE_BYTES
  return {
    epoch: readU32(envelope, 1),
    nonce: envelope.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES),
    ciphertext: envelope.subarray(HEADER_BYTES + NONCE_BYTES, signatureAt),
    signature: envelope.subarray(signatureAt),
  }
}

/** The envelope without its signature: what the signature covers of it. A view. */
export function unsignedPartOf(envelope: Uint8Array): Uint8Array {
  return envelope.subarray(0, envelope.length - SIGNATURE_BYTES)
}

/** Big-endian unsigned 32-bit integer. */
export function u32Bytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

/** Reads a big-endian unsigned 32-bit integer. */
export function readU32(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset)
}

/** Big-endian unsigned 64-bit integer, of a number that is a safe integer. */
export function u64Bytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}
