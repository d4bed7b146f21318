import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { ProofsError } from './errors.ts'

/** Keeps what a log entry commits to apart from every other hash in Halo. */
const RECORD_TAG = utf8ToBytes('halo/record/1\n')

/**
 * What a record's entry in a log commits to: SHA-256("halo/record/1\n" ‖ dataset ‖ descriptorHash).
 * @param dataset 32 bytes, keccak256(abi.encode(recordCommitment, owner)): binds record and owner
 * @param descriptorHash 32 bytes, keccak-256 of the catalogue entry's text
 * @returns 32 bytes
 * @throws ProofsError `HASH_INVALID` {field}
 */
export function commitRecord(dataset: Uint8Array, descriptorHash: Uint8Array): Uint8Array {
  checkHash(dataset, 'dataset')
  checkHash(descriptorHash, 'descriptorHash')
  return sha256(concatBytes(RECORD_TAG, dataset, descriptorHash))
}

/**
 * The data of a log leaf: SHA-256(salt ‖ commitment). Without the salt nobody can tell what it stands
 * for, so that deleting the salt cuts the link between log and record.
 * @param commitment 32 bytes, as {@link commitRecord} gives
 * @param salt 32 random bytes, never used twice
 * @returns 32 bytes, to be appended to a log; the leaf's hash is SHA-256(0x00 ‖ these)
 * @throws ProofsError `HASH_INVALID` {field}
 */
export function saltCommitment(commitment: Uint8Array, salt: Uint8Array): Uint8Array {
  checkHash(commitment, 'commitment')
  checkHash(salt, 'salt')
  return sha256(concatBytes(salt, commitment))
}

function checkHash(bytes: Uint8Array, field: string): void {
  if (bytes instanceof Uint8Array && bytes.length === 32) return
  throw new ProofsError('HASH_INVALID', `The ${field} must be 32 bytes; pass it unshortened.`, {
    details: { field },
  })
}
