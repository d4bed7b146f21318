import { ed25519 } from '@noble/curves/ed25519.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { COSIGNATURE_HEADER, readCosignatureTimeSec, verifyCosignature } from './cosignature.ts'
import { ProofsError } from './errors.ts'
import { checkNoteText, formatNote, formatSignatureLine, type NoteSignature, parseNote } from './note.ts'
import { createNoteVerifier, derivePublicKey, type NoteAlgorithm, type NoteVerifier } from './note-key.ts'

/** Signs notes in one name. Holds the secret key as long as it lives. */
export interface NoteSigner {
  /** What others check its signatures with. */
  readonly verifier: NoteVerifier
  /**
   * Signature of a note's text: 64 bytes (RFC 8032), the same for the same text.
   * @throws {@link ProofsError} `NOTE_MALFORMED` for a text with the header of a cosignature, which it would be
   */
  sign(text: string): Uint8Array
}

/** A signature that holds. */
export interface VerifiedSignature {
  readonly name: string
  readonly keyId: number
  readonly algorithm: NoteAlgorithm
  /** Ed25519, 32 bytes: one key may sign in several names. The verifier's own: read it, do not write it. */
  readonly publicKey: Uint8Array
  /** When a co-signer says it saw the checkpoint, Unix seconds; null for other signatures. */
  readonly timeSec: number | null
  readonly line: string
}

/** A note that at least one known key has signed. */
export interface OpenedNote {
  /** Ends in a newline. */
  readonly text: string
  /** At least one; one for each known key that signed, in the note's order. */
  readonly verified: readonly VerifiedSignature[]
  /** Lines of keys that are not known, not checked, none twice. */
  readonly unknown: readonly NoteSignature[]
}

/**
 * A signer of notes. The key is copied.
 * @param secretKey Ed25519, 32 bytes
 * @throws {@link ProofsError} `NOTE_MALFORMED` when name or key is not in the format
 */
export function createNoteSigner(name: string, secretKey: Uint8Array): NoteSigner {
  const verifier = createNoteVerifier(name, derivePublicKey(secretKey))
  const key = Uint8Array.from(secretKey)
  return {
    verifier,
    sign(text) {
      if (!text.startsWith(COSIGNATURE_HEADER)) return ed25519.sign(utf8ToBytes(text), key)
      const message = 'a note may not begin as a cosignature: let a co-signer with a key of its own sign that'
      throw new ProofsError('NOTE_MALFORMED', message)
    },
  }
}

/**
 * A note of that text, signed by each signer in order.
 * @param text ends in a newline
 * @throws {@link ProofsError} `NOTE_MALFORMED` when the text is not in the format or nobody signs
 */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  checkNoteText(text)
  const lines = signers.map(({ verifier, sign }) =>
    formatSignatureLine(verifier.name, verifier.keyId, sign(text)),
  )
  return formatNote(text, lines)
}

/**
 * Takes a note apart and checks every signature of a known key; one wrong signature of theirs and the note is
 * refused, whatever else is under it. Wrong is a line that none of the known keys with its name and id has made.
 * @throws {@link ProofsError} `NOTE_MALFORMED`, `SIGNATURE_INVALID`, `NOTE_UNSIGNED`
 * @see https://c2sp.org/signed-note "Signatures"
 */
export function openNote(note: string | Uint8Array, verifiers: readonly NoteVerifier[]): OpenedNote {
  const { text, signatures } = parseNote(note)
  const verified = new Map<NoteVerifier, VerifiedSignature>()
  const unknown = new Map<string, NoteSignature>()
  for (const signature of signatures) {
    const named = findNamedKeys(signature, verifiers)
    if (named.length === 0) {
      unknown.set(signature.line, signature)
    } else {
      const verifier = findSigner(text, signature, named)
      if (!verified.has(verifier)) verified.set(verifier, describeSignature(signature, verifier))
    }
  }
  if (verified.size === 0) {
    throw new ProofsError('NOTE_UNSIGNED', 'no known key has signed the note: name the key that should have')
  }
  return { text, verified: [...verified.values()], unknown: [...unknown.values()] }
}

/** The known keys that a line names: with 32 bits of id, and whoever likes to search, they can be several. */
export function findNamedKeys(
  { name, keyId }: NoteSignature,
  verifiers: readonly NoteVerifier[],
): readonly NoteVerifier[] {
  return verifiers.filter((verifier) => verifier.name === name && verifier.keyId === keyId)
}

function findSigner(text: string, signature: NoteSignature, named: readonly NoteVerifier[]): NoteVerifier {
  const signer = named.find((verifier) => isValidSignature(text, signature, verifier))
  if (signer !== undefined) return signer
  throw new ProofsError('SIGNATURE_INVALID', 'a signature by a known key is wrong: do not trust the note')
}

function describeSignature(
  { name, keyId, bytes, line }: NoteSignature,
  verifier: NoteVerifier,
): VerifiedSignature {
  const { algorithm, publicKey } = verifier
  const timeSec = algorithm === 'cosignature/v1' ? readCosignatureTimeSec(bytes) : null
  return { name, keyId, algorithm, publicKey, timeSec, line }
}

/** Whether a key has made a signature under a note's text; that the line names the key is for the caller to see. */
export function isValidSignature(
  text: string,
  { bytes }: NoteSignature,
  { algorithm, publicKey }: NoteVerifier,
): boolean {
  if (algorithm === 'cosignature/v1') return verifyCosignature(text, bytes, publicKey)
  return bytes.length === 64 && ed25519.verify(bytes, utf8ToBytes(text), publicKey, { zip215: false })
}
