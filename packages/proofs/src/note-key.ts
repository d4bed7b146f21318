import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { ProofsError } from './errors.ts'
import { decodeBase64, encodeBase64 } from './note-base64.ts'

/** How a key signs: a note as it is, or a checkpoint together with the time at which it was seen. */
export type NoteAlgorithm = 'ed25519' | 'cosignature/v1'

/** A known key, which signatures of notes are checked with. */
export interface NoteVerifier {
  /** Name of whoever signs; for a log, its origin. */
  readonly name: string
  /** First 4 bytes, big-endian, of a hash of name, algorithm and key: tells keys of one name apart. */
  readonly keyId: number
  readonly algorithm: NoteAlgorithm
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
}

/** Type bytes of the C2SP registry (signed-note, "Signature types"). */
const TYPE_BYTES: Readonly<Record<NoteAlgorithm, number>> = { ed25519: 0x01, 'cosignature/v1': 0x04 }
const KEY_BYTES = 32
const MAX_NAME_CHARS = 255

/**
 * A key to check notes with. The key is copied.
 * @param publicKey Ed25519, 32 bytes
 * @throws {@link ProofsError} `NOTE_MALFORMED` when name or key is not in the format
 */
export function createNoteVerifier(
  name: string,
  publicKey: Uint8Array,
  algorithm: NoteAlgorithm = 'ed25519',
): NoteVerifier {
  checkKeyName(name)
  if (!(publicKey instanceof Uint8Array) || publicKey.length !== KEY_BYTES) {
    throw malformedKey('publicKey', 'give the 32 bytes of an Ed25519 public key')
  }
  return {
    name,
    keyId: computeKeyId(name, algorithm, publicKey),
    algorithm,
    publicKey: Uint8Array.from(publicKey),
  }
}

/**
 * Reads a verifier key, `<name>+<key id in hex>+<base64 of type byte and public key>`.
 * @throws {@link ProofsError} `NOTE_MALFORMED`, also when the key id is not that of name and key
 * @see https://c2sp.org/signed-note "Verifier keys"
 */
export function parseVerifierKey(vkey: string): NoteVerifier {
  const [, name, idHex, key64] = /^([^+]{1,255})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{1,256})$/u.exec(vkey) ?? []
  const key = decodeBase64(key64 ?? '')
  const algorithm = (Object.keys(TYPE_BYTES) as NoteAlgorithm[]).find((each) => TYPE_BYTES[each] === key?.[0])
  if (name === undefined || key === null || algorithm === undefined) {
    throw malformedKey('vkey', 'give name+id+key of an Ed25519 key of type 1 or 4')
  }
  const verifier = createNoteVerifier(name, key.subarray(1), algorithm)
  if (formatKeyId(verifier.keyId) !== idHex) throw malformedKey('vkey', 'its id is of another key')
  return verifier
}

/** The inverse of {@link parseVerifierKey}. */
export function formatVerifierKey({ name, keyId, algorithm, publicKey }: NoteVerifier): string {
  const key = concatBytes(Uint8Array.of(TYPE_BYTES[algorithm]), publicKey)
  return `${name}+${formatKeyId(keyId)}+${encodeBase64(key)}`
}

/** Whether a name may stand in a note: not empty, no white space of Unicode, no plus. */
export function isKeyName(name: unknown): name is string {
  if (typeof name !== 'string' || name.length === 0 || name.length > MAX_NAME_CHARS) return false
  return name.isWellFormed() && !/[\p{White_Space}\p{Cc}+]/u.test(name)
}

/** The public half of an Ed25519 secret key (RFC 8032 §5.1.5). @throws {@link ProofsError} `NOTE_MALFORMED` */
export function derivePublicKey(secretKey: Uint8Array): Uint8Array {
  if (!(secretKey instanceof Uint8Array) || secretKey.length !== KEY_BYTES) {
    throw malformedKey('secretKey', 'give the 32 bytes of an Ed25519 secret key')
  }
  return ed25519.getPublicKey(secretKey)
}

function computeKeyId(name: string, algorithm: NoteAlgorithm, publicKey: Uint8Array): number {
  const typed = Uint8Array.of(0x0a, TYPE_BYTES[algorithm])
  const hash = sha256(concatBytes(utf8ToBytes(name), typed, publicKey))
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0)
}

function formatKeyId(keyId: number): string {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, keyId)
  return bytesToHex(bytes)
}

function checkKeyName(name: string): void {
  if (!isKeyName(name)) throw malformedKey('name', 'give 1 to 255 characters without spaces and plus')
}

function malformedKey(field: string, remedy: string): ProofsError {
  return new ProofsError('NOTE_MALFORMED', `${field} is not in the form of a note's key: ${remedy}`, {
    details: { field },
  })
}
