import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { u32Bytes } from './envelope-wire.ts'

/** Length of a content key, in bytes: that of XChaCha20-Poly1305. */
export const CONTENT_KEY_BYTES = 32
/** Length of a channel's id, in bytes. */
export const CHANNEL_ID_BYTES = 16

/** The content key of an epoch, 32 bytes that stay the owner's; null where it is not known. */
export type ContentKeys = (epoch: number) => Uint8Array | null

/**
 * The key of one epoch of a channel: who gets it reads this epoch and no other. The secret stays with the
 * publisher, the key goes to the readers.
 * HKDF-SHA256(secret, salt = channel id, info = "halo/mam/content/1\0" ‖ u32 epoch).
 * @param secret random, at least 32 bytes; one secret may serve many channels
 * @returns 32 bytes that the caller owns and wipes
 * @see RFC 5869
 */
export function deriveContentKey(secret: Uint8Array, channelId: Uint8Array, epoch: number): Uint8Array {
  const info = concatBytes(utf8ToBytes('halo/mam/content/1\0'), u32Bytes(epoch))
  return hkdf(sha256, secret, channelId, info, CONTENT_KEY_BYTES)
}

/**
 * The keys of a public channel: derived from nothing but its id, so that everybody can open its messages.
 * They hide nothing; they only let all messages have one form.
 */
export function publicContentKeys(channelId: Uint8Array): ContentKeys {
  return (epoch) => deriveContentKey(utf8ToBytes('halo/mam/public/1'), channelId, epoch)
}

/** The id of the channel that grows from a seed: 16 bytes, public; one seed is one channel in any mode. */
export function deriveChannelId(seed: string): Uint8Array {
  const info = utf8ToBytes('halo/mam/channel/1\0')
  return hkdf(sha256, utf8ToBytes(seed), undefined, info, CHANNEL_ID_BYTES)
}
