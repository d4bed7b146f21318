import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { checkSeed } from './engine-checks.ts'
import { u32Bytes } from './envelope-wire.ts'
import { MamError } from './errors.ts'

/** Length of a content key, in bytes: that of XChaCha20-Poly1305. */
export const CONTENT_KEY_BYTES = 32
/** Length of a channel's id, in bytes. */
export const CHANNEL_ID_BYTES = 16

/** What others cannot guess: HKDF makes no more of a short secret than there is in it. */
const SECRET_BYTES_MIN = 32
/** Epochs travel in four bytes. */
const EPOCH_MAX = 2 ** 32 - 1

/** The content key of an epoch, 32 bytes that stay the owner's; null where it is not known. */
export type ContentKeys = (epoch: number) => Uint8Array | null

/**
 * The key of one epoch of a channel: who gets it reads this epoch and no other. The secret stays with the
 * publisher, the key goes to the readers.
 * HKDF-SHA256(secret, salt = channel id, info = "halo/mam/content/1\0" ‖ u32 epoch).
 * @param secret random, at least 32 bytes; one secret may serve many channels
 * @param channelId 16 bytes
 * @param epoch 0 to 2^32 − 1
 * @returns 32 bytes that the caller owns and wipes
 * @throws MamError `KEY_INVALID` for any of them, before one epoch's key passes for another's
 * @see RFC 5869
 */
export function deriveContentKey(secret: Uint8Array, channelId: Uint8Array, epoch: number): Uint8Array {
  if (!(secret.length >= SECRET_BYTES_MIN))
    throw new MamError('KEY_INVALID', 'The stream secret is shorter than 32 bytes; draw 32 random ones.')
  return deriveEpochKey(secret, channelId, epoch)
}

function deriveEpochKey(secret: Uint8Array, channelId: Uint8Array, epoch: number): Uint8Array {
  if (channelId.length !== CHANNEL_ID_BYTES)
    throw new MamError('KEY_INVALID', 'The channel id is not 16 bytes; derive it from the seed.')
  if (!Number.isSafeInteger(epoch) || epoch < 0 || epoch > EPOCH_MAX)
    throw new MamError('KEY_INVALID', 'The epoch is no whole number from 0 to 2^32 − 1; correct it.')
  const info = concatBytes(utf8ToBytes('halo/mam/content/1\0'), u32Bytes(epoch))
  return hkdf(sha256, secret, channelId, info, CONTENT_KEY_BYTES)
}

/**
 * The keys of a public channel: derived from nothing but its id, so that everybody can open its messages.
 * They hide nothing; they only let all messages have one form.
 */
export function publicContentKeys(channelId: Uint8Array): ContentKeys {
  return (epoch) => deriveEpochKey(utf8ToBytes('halo/mam/public/1'), channelId, epoch)
}

/**
 * The id of the channel that grows from a seed: 16 bytes, public; one seed is one channel in any mode.
 * @throws MamError `SEED_INVALID` unless it is 81 trytes
 */
export function deriveChannelId(seed: string): Uint8Array {
  checkSeed(seed)
  const info = utf8ToBytes('halo/mam/channel/1\0')
  return hkdf(sha256, utf8ToBytes(seed), undefined, info, CHANNEL_ID_BYTES)
}
