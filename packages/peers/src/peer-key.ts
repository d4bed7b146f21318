import { generateKeyPair, generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey, PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { PeersError } from './errors.ts'

/** A peer's identity: an Ed25519 key, whose public half is its peer id. */
export type PeerKey = Ed25519PrivateKey

const SEED_BYTES = 32

/**
 * The key of a seed, or a fresh one.
 * @param seed 32 bytes, kept by the caller (a keystore) and not changed
 * @throws PeersError `BAD_KEY`
 */
export async function createPeerKey(seed?: Uint8Array): Promise<PeerKey> {
  if (seed === undefined) return generateKeyPair('Ed25519')
  if (seed.length !== SEED_BYTES) throw new PeersError('BAD_KEY', 'A peer key is made from 32 bytes.')
  return generateKeyPairFromSeed('Ed25519', seed)
}

/** The 32 secret bytes that {@link createPeerKey} makes the same key from; a copy, the caller wipes it. */
export function seedOf(key: PeerKey): Uint8Array {
  return key.raw.slice(0, SEED_BYTES)
}

/** The peer id of a key, base58btc, `12D3Koo…`. */
export function peerIdOf(key: PrivateKey): string {
  return peerIdFromPrivateKey(key).toString()
}
