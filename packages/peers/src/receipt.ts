import type { StorageReceipt } from '@halo/ports'
import { encode } from '@ipld/dag-cbor'
import { peerIdFromString } from '@libp2p/peer-id'
import type { PeerKey } from './peer-key.ts'
import { peerIdOf } from './peer-key.ts'

/** Keeps a receipt's signature from meaning anything else. */
const DOMAIN = 'halo/storage-receipt/1'

/** What a peer states when it has stored something. */
export type ReceiptFields = Omit<StorageReceipt, 'peerId' | 'signature'>

/** Signs a receipt with a peer's key over canonical dag-cbor `[domain, peerId, id, content, sizeBytes, storedAtSec]`. */
export async function signReceipt(key: PeerKey, fields: ReceiptFields): Promise<StorageReceipt> {
  const { id, content, sizeBytes, storedAtSec } = fields
  const unsigned = { peerId: peerIdOf(key), id, content, sizeBytes, storedAtSec }
  return { ...unsigned, signature: await key.sign(signedBytes(unsigned)) }
}

/** Whether the peer that a receipt names did sign it; the peer id embeds its public key. */
export async function verifyReceipt(receipt: StorageReceipt): Promise<boolean> {
  try {
    const { publicKey } = peerIdFromString(receipt.peerId)
    if (publicKey?.type !== 'Ed25519') return false
    return await publicKey.verify(signedBytes(receipt), receipt.signature)
  } catch {
    // What cannot be parsed was not signed.
    return false
  }
}

function signedBytes(receipt: Omit<StorageReceipt, 'signature'>): Uint8Array {
  const { peerId, id, content, sizeBytes, storedAtSec } = receipt
  return encode([DOMAIN, peerId, id, content, sizeBytes, storedAtSec])
}
