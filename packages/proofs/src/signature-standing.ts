import { selectKeys } from './checkpoint.ts'
import type { Note, NoteSignature } from './note.ts'
import { parseNote } from './note.ts'
import type { NoteVerifier } from './note-key.ts'
import { findNamedKeys, isValidSignature } from './note-signature.ts'
import { formatLogOrigin } from './origin.ts'
import type { Receipt } from './receipt.ts'
import { checkpointNote } from './receipt.ts'
import type { ReceiptFacts } from './receipt-verify.ts'

/**
 * What a line under a checkpoint is worth: by a known key and right, by a known key's name and wrong, or by a key
 * that is not known, which nobody here can check.
 */
export type SignatureStanding = 'verified' | 'wrong' | 'unknown'

/** A line under the checkpoint of a receipt. */
export interface JudgedSignature {
  /** As it stands there. Anyone can write one, in whatever name. */
  readonly line: string
  readonly standing: SignatureStanding
}

/**
 * Says of each signature of a receipt what it is worth to who knows these keys, none twice. Where a line is wrong
 * `verifyReceipt` calls the checkpoint broken; this says which one it was. Keys count as they do there: in the name
 * of the log its own alone. Never throws.
 */
export function judgeSignatures(
  receipt: Receipt,
  { verifiers = [], cosigners = [] }: Pick<ReceiptFacts, 'verifiers' | 'cosigners'>,
): readonly JudgedSignature[] {
  const lines = [...new Set(receipt.signatures)]
  const note = noteOf(receipt)
  if (note === null) return lines.map((line) => ({ line, standing: 'unknown' }))
  const keys = selectKeys(formatLogOrigin(receipt.log), verifiers, cosigners).flat()
  const standings = new Map(
    note.signatures.map((signature) => [signature.line, standingOf(note.text, signature, keys)]),
  )
  return lines.map((line) => ({ line, standing: standings.get(line) ?? 'unknown' }))
}

/** A receipt with the signatures that there is reason to keep. */
export interface TrimmedReceipt {
  readonly receipt: Receipt
  /** Whether a known key has signed its checkpoint. */
  readonly isSigned: boolean
}

/**
 * Takes away the signature lines that show nothing. Whoever hands a receipt on can put lines under it: a wrong one
 * under the name of a key that others know would make the whole receipt look forged to them. What known keys have
 * signed is kept and nothing else beside it; where none has, lines of keys that are not known stay, as nobody here
 * can judge them.
 * @param verifiers of the log and of those who cosign, as far as they are known
 */
export function trimSignatures(receipt: Receipt, verifiers: readonly NoteVerifier[]): TrimmedReceipt {
  const judged = judgeSignatures(receipt, { verifiers, cosigners: verifiers })
  const isSigned = judged.some(({ standing }) => standing === 'verified')
  const kept = judged.filter(({ standing }) => standing === (isSigned ? 'verified' : 'unknown'))
  return { receipt: { ...receipt, signatures: kept.map(({ line }) => line) }, isSigned }
}

/** Null where no note can be made of them: nobody has signed, or the lines together are longer than notes may be. */
function noteOf(receipt: Receipt): Note | null {
  try {
    return parseNote(checkpointNote(receipt))
  } catch {
    return null
  }
}

function standingOf(
  text: string,
  signature: NoteSignature,
  keys: readonly NoteVerifier[],
): SignatureStanding {
  const named = findNamedKeys(signature, keys)
  if (named.length === 0) return 'unknown'
  return named.some((key) => isValidSignature(text, signature, key)) ? 'verified' : 'wrong'
}
