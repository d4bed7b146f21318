import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { SecurityLevel } from './curl-engine.ts'
import type { MamMode } from './engine.ts'
import { drawNonce } from './envelope.ts'
import { u64Bytes } from './envelope-wire.ts'
import { MamError } from './errors.ts'
import { decodeState, encodeState } from './state-wire.ts'

/** All that must not be forgotten about a channel, beside its seed. */
export interface ChannelState {
  readonly mode: MamMode
  readonly security: SecurityLevel
  /** Grows by one with every write. */
  readonly counter: number
  /** Index of the next unused one-time key, and number of the next message. */
  readonly nextIndex: number
  readonly epoch: number
  /** SHA-256 of the newest envelope, 32 bytes; zeros before the first. */
  readonly previousHash: Uint8Array
  /** Of messages to come; empty unless the mode is restricted. */
  readonly sideKey: string
  /** Messages not known to be attached, oldest first. */
  readonly pending: readonly PendingMessage[]
}

/** All that a message is made from beside the seed: its one-time key signs this and never anything else. */
export interface PendingMessage {
  readonly index: number
  readonly sideKey: string
  readonly envelope: Uint8Array
}

const VERSION = 1
const NONCE_BYTES = 24
const DOMAIN = utf8ToBytes('halo/mam/state/1\0')

/** Writes and reads states of one channel. */
export interface StateSeal {
  /**
   * u8 version ‖ nonce ‖ XChaCha20-Poly1305 under a key from the seed, bound to the channel. The nonce is
   * u64 counter ‖ 16 random bytes: it comes twice only if the random source repeats itself and an old state,
   * or one that was not stored, is written again.
   */
  seal(state: ChannelState): Uint8Array
  /** @throws MamError `STATE_MALFORMED` */
  open(bytes: Uint8Array): ChannelState
  /** Overwrites the key. */
  wipe(): void
}

/**
 * Seals states under HKDF-SHA256(seed, info = "halo/mam/state/1\0" ‖ channel id): they hold side keys, and
 * nobody without the seed can make one up.
 */
export function createStateSeal(
  seed: string,
  channelId: Uint8Array,
  random: (sizeBytes: number) => Uint8Array,
): StateSeal {
  const context = concatBytes(DOMAIN, channelId)
  const key = hkdf(sha256, utf8ToBytes(seed), undefined, context, 32)
  return {
    seal(state) {
      const nonce = concatBytes(u64Bytes(state.counter), drawNonce(random))
      const sealed = xchacha20poly1305(key, nonce, context).encrypt(encodeState(state))
      return concatBytes(Uint8Array.of(VERSION), nonce, sealed)
    },
    open(bytes) {
      if (bytes[0] !== VERSION || bytes.length < 1 + NONCE_BYTES + 16) throw malformed()
      return decodeState(decrypt(key, context, bytes))
    },
    wipe: () => void key.fill(0),
  }
}

function decrypt(key: Uint8Array, context: Uint8Array, bytes: Uint8Array): Uint8Array {
  const nonce = bytes.subarray(1, 1 + NONCE_BYTES)
  try {
    return xchacha20poly1305(key, nonce, context).decrypt(bytes.subarray(1 + NONCE_BYTES))
  } catch (cause) {
    throw malformed(cause)
  }
}

function malformed(cause?: unknown): MamError {
  return new MamError(
    'STATE_MALFORMED',
    'What is stored is no state of this seed’s channel; find the right seed or file, and bring back no older copy.',
    { cause },
  )
}
