import { sha256 } from '@noble/hashes/sha2.js'
import { domainTag } from './bytes.ts'
import type { Envelope } from './envelope.ts'

/** A running SHA-256. */
export type RecordHash = ReturnType<typeof sha256.create>

/**
 * Starts a record's commitment: SHA-256("halo/record/1\0" ‖ salt 32 ‖ SHA-256(metadata) ‖ record).
 * Feed it the record, unpacked, then `digest()`. Not WebCrypto, which cannot hash a stream.
 */
export function hashRecord({ salt, metadata }: Pick<Envelope, 'salt' | 'metadata'>): RecordHash {
  return sha256.create().update(domainTag('halo/record/1')).update(salt).update(sha256(metadata))
}

/**
 * The commitment of an opened record, to compare with the data set's name long after delivery.
 * @param record pieces of any size, read to the end
 * @param proof the salt (32 bytes) and metadata that came with the record
 * @returns 32 bytes
 */
export async function recordCommitment(
  record: AsyncIterable<Uint8Array>,
  proof: { readonly salt: Uint8Array; readonly metadata: Uint8Array },
): Promise<Uint8Array> {
  const hash = hashRecord(proof)
  for await (const piece of record) hash.update(piece)
  return hash.digest()
}
