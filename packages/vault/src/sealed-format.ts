import { areEqual, concatBytes, copyBytes, type OwnBytes, readU32, textBytes, u32Bytes } from './bytes.ts'
import { VaultError } from './errors.ts'

/** Plaintext bytes per chunk where the caller names none: 256 KiB. */
export const DEFAULT_CHUNK_BYTES = 262_144
/** Smallest accepted chunk; smaller ones would be mostly tags. */
export const MIN_CHUNK_BYTES = 64
/** Largest accepted chunk: what a reader must be ready to buffer before it can check anything. */
export const MAX_CHUNK_BYTES = 1_048_576
/** Bytes before the first chunk: magic 8 ‖ u32 chunkBytes ‖ salt 16 ‖ nonce prefix 7. */
export const HEADER_BYTES = 35
/** Length of the AES-GCM tag at the end of each chunk. */
export const TAG_BYTES = 16

/** By whether the record is packed before it is sealed; of one length. */
const MAGICS = [
  [false, textBytes('halo-s/1')],
  [true, textBytes('halo-s/2')],
] as const
const MAGIC_BYTES = 8
const SALT_BYTES = 16
const PREFIX_BYTES = 7
const HKDF_INFO = concatBytes(textBytes('halo/seal/1'))

/** What a sealed record starts with; the associated data of every chunk. */
export interface SealedHeader {
  /** Whether the content is a packed record (`halo-s/2`) or the record as it is (`halo-s/1`). */
  readonly isPacked: boolean
  readonly chunkBytes: number
  /** HKDF salt of the content key, 16 bytes. */
  readonly salt: OwnBytes
  /** First 7 bytes of every nonce. */
  readonly noncePrefix: OwnBytes
  /** The encoded header, {@link HEADER_BYTES} long. */
  readonly bytes: OwnBytes
}

/** True for a chunk size that the format allows. */
export function isChunkSize(chunkBytes: number): boolean {
  return Number.isSafeInteger(chunkBytes) && chunkBytes >= MIN_CHUNK_BYTES && chunkBytes <= MAX_CHUNK_BYTES
}

/** The header of a new sealed record. @param random 23 fresh bytes: salt ‖ nonce prefix; kept */
export function encodeHeader(chunkBytes: number, random: OwnBytes, isPacked: boolean): SealedHeader {
  const [, magic] = MAGICS[isPacked ? 1 : 0]
  return {
    isPacked,
    chunkBytes,
    salt: random.subarray(0, SALT_BYTES),
    noncePrefix: random.subarray(SALT_BYTES, SALT_BYTES + PREFIX_BYTES),
    bytes: concatBytes(magic, u32Bytes(chunkBytes), random),
  }
}

/** @throws VaultError `SEALED_TRUNCATED` or `HEADER_INVALID` */
export function decodeHeader(bytes: OwnBytes): SealedHeader {
  const given = bytes.subarray(0, MAGIC_BYTES)
  const version = MAGICS.find(([, magic]) => areEqual(given, magic.subarray(0, bytes.length)))
  if (version === undefined)
    throw new VaultError('HEADER_INVALID', 'This is no sealed record of a known version.')
  if (bytes.length < HEADER_BYTES)
    throw new VaultError('SEALED_TRUNCATED', 'The sealed record ends inside its header.')
  const chunkBytes = readU32(bytes, MAGIC_BYTES)
  if (!isChunkSize(chunkBytes))
    throw new VaultError('HEADER_INVALID', 'The sealed record names an impossible chunk size.')
  return encodeHeader(chunkBytes, copyBytes(bytes.subarray(MAGIC_BYTES + 4)), version[0])
}

/**
 * Takes a data key into WebCrypto, not extractable. The bytes are copied before the call returns,
 * so the caller may wipe them at once.
 */
export async function importDataKey(dataKey: Uint8Array): Promise<CryptoKey> {
  const copy = copyBytes(dataKey)
  try {
    return await crypto.subtle.importKey('raw', copy, 'HKDF', false, ['deriveKey'])
  } finally {
    copy.fill(0)
  }
}

/** The AES-256-GCM key of one sealed record. @see RFC 5869 */
export async function deriveContentKey(
  dataKey: Promise<CryptoKey>,
  header: SealedHeader,
  usage: 'encrypt' | 'decrypt',
): Promise<CryptoKey> {
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: header.salt, info: HKDF_INFO }
  return crypto.subtle.deriveKey(hkdf, await dataKey, { name: 'AES-GCM', length: 256 }, false, [usage])
}

/**
 * The GCM parameters of one chunk: nonce = prefix 7 ‖ u32 index ‖ u8 last flag, so that a chunk opens
 * only in its place, and the last one only as the last.
 * @see "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance" (2015), STREAM
 */
export function chunkCipher(header: SealedHeader, index: number, isLast: boolean): AesGcmParams {
  const iv = concatBytes(header.noncePrefix, u32Bytes(index), Uint8Array.of(isLast ? 1 : 0))
  return { name: 'AES-GCM', iv, additionalData: header.bytes, tagLength: TAG_BYTES * 8 }
}
