import { parseCheckpoint } from './checkpoint.ts'
import { makeCosignature } from './cosignature.ts'
import { formatNote, formatSignatureLine, parseNote } from './note.ts'
import { createNoteVerifier, derivePublicKey, type NoteVerifier } from './note-key.ts'
import { checkCount } from './tree-shape.ts'

/** Says of other logs' checkpoints when it saw them. Holds the secret key as long as it lives. */
export interface Cosigner {
  /** What others check its cosignatures with. */
  readonly verifier: NoteVerifier
  /**
   * The note with this co-signer's line at its end, in place of an earlier one of its own. It states that the
   * checkpoint is the largest it has seen of that log and contradicts none before: check that first, with
   * {@link followCheckpoint}.
   * @param timeSec Unix seconds now, whole
   * @throws {@link ProofsError} `NOTE_MALFORMED` when it is no checkpoint; `RANGE_INVALID`
   */
  cosign(note: string | Uint8Array, timeSec: number): string
}

/**
 * A co-signer of checkpoints (cosignature/v1). The key is copied; it must not be used for anything else,
 * because what is signed does not hold the name.
 * @param secretKey Ed25519, 32 bytes
 * @throws {@link ProofsError} `NOTE_MALFORMED` when name or key is not in the format
 * @see https://c2sp.org/tlog-cosignature
 */
export function createCosigner(name: string, secretKey: Uint8Array): Cosigner {
  const verifier = createNoteVerifier(name, derivePublicKey(secretKey), 'cosignature/v1')
  const key = Uint8Array.from(secretKey)
  return {
    verifier,
    cosign(note, timeSec) {
      checkCount(timeSec, 'timeSec')
      const { text, signatures } = parseNote(note)
      parseCheckpoint(text)
      const others = signatures.filter((each) => each.name !== name || each.keyId !== verifier.keyId)
      const line = formatSignatureLine(name, verifier.keyId, makeCosignature(text, timeSec, key))
      return formatNote(text, [...others.map((each) => each.line), line])
    },
  }
}
