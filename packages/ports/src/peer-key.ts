import { base58btc } from 'multiformats/bases/base58'

/** What comes before the key: identity multihash of 36 bytes, libp2p's protobuf of an Ed25519 key. */
const PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20)
const KEY_BYTES = 32

/**
 * The Ed25519 public key inside a peer id, 32 bytes, or null for an id that holds none.
 * @see https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md
 */
export function peerKeyOf(peerId: string): Uint8Array | null {
  const bytes = decodeOrNull(peerId)
  const isKey =
    bytes?.length === PREFIX.length + KEY_BYTES && PREFIX.every((byte, index) => bytes[index] === byte)
  return isKey ? bytes.slice(PREFIX.length) : null
}

function decodeOrNull(peerId: string): Uint8Array | null {
  try {
    return base58btc.baseDecode(peerId)
  } catch {
    return null
  }
}
