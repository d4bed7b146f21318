import { parseNote } from './note.ts'
import type { NoteVerifier } from './note-key.ts'
import { isValidSignature } from './note-signature.ts'
import type { Receipt } from './receipt.ts'
import { checkpointNote } from './receipt.ts'

/** A receipt with the signatures that there is reason to keep. */
export interface TrimmedReceipt {
  readonly receipt: Receipt
  /** Whether a known key has signed its checkpoint. */
  readonly isSigned: boolean
}

/**
 * Takes away the signature lines that show nothing. Whoever hands a receipt on can put lines under it: a wrong one
 * under the name of a key that others know would make the whole receipt look forged to them. What known keys have
 * signed is kept, each key once, and nothing else beside it; where none has, lines of keys that are not known stay,
 * as nobody here can judge them.
 * @param verifiers of the log and of those who cosign, as far as they are known
 */
export function trimSignatures(receipt: Receipt, verifiers: readonly NoteVerifier[]): TrimmedReceipt {
  if (receipt.signatures.length === 0) return { receipt, isSigned: false }
  const { text, signatures } = parseNote(checkpointNote(receipt))
  const known = new Map<NoteVerifier, string>()
  const unknown: string[] = []
  for (const signature of signatures) {
    const verifier = verifiers.find(({ name, keyId }) => name === signature.name && keyId === signature.keyId)
    if (verifier === undefined) unknown.push(signature.line)
    else if (!known.has(verifier) && isValidSignature(text, signature, verifier))
      known.set(verifier, signature.line)
  }
  const isSigned = known.size > 0
  return { receipt: { ...receipt, signatures: isSigned ? [...known.values()] : unknown }, isSigned }
}
