import { ProofsError } from './errors.ts'
import { checkNoteText, parseNote } from './note.ts'
import { decodeBase64, encodeBase64 } from './note-base64.ts'
import type { NoteVerifier } from './note-key.ts'
import {
  type NoteSigner,
  type OpenedNote,
  openNote,
  signNote,
  type VerifiedSignature,
} from './note-signature.ts'
import { HASH_BYTES, isHash } from './tree-hash.ts'
import { isCount } from './tree-shape.ts'

/** What a log says it holds. */
export interface Checkpoint {
  /** Which log: the first line, and the name of its key. */
  readonly origin: string
  /** Leaves. */
  readonly size: number
  /** Of the tree of that size, 32 bytes. */
  readonly root: Uint8Array
  /** Further lines, not empty, without their newlines. Nobody but the log vouches for them. */
  readonly extension: readonly string[]
}

/** A checkpoint that its log has signed. */
export interface OpenedCheckpoint {
  readonly checkpoint: Checkpoint
  /** The signed note as it was given: the evidence. */
  readonly note: string
  /** The log's own signature. */
  readonly log: VerifiedSignature
  /** Signatures of known co-signers, in the note's order: one for each key, none by a key of the log. */
  readonly cosigners: readonly VerifiedSignature[]
  /** Lines of keys that are not known, not checked. */
  readonly unknown: OpenedNote['unknown']
}

/** Room for what a log may want to say beside its root. */
export const MAX_EXTENSION_LINES = 16
const MAX_LINE_CHARS = 1024

/**
 * The text of a checkpoint, to be signed as a note.
 * @throws {@link ProofsError} `NOTE_MALFORMED`
 * @see https://c2sp.org/tlog-checkpoint "Note text"
 */
export function formatCheckpoint({ origin, size, root, extension }: Checkpoint): string {
  if (!isCount(size)) throw malformedCheckpoint('size', 'give a whole number from 0 to 2^53 - 1')
  if (!isHash(root)) throw malformedCheckpoint('root', `give ${HASH_BYTES} bytes`)
  if (extension.length > MAX_EXTENSION_LINES) {
    throw malformedCheckpoint('extension', `give at most ${MAX_EXTENSION_LINES} lines`)
  }
  checkLine(origin, 'origin')
  for (const line of extension) checkLine(line, 'extension')
  return `${[origin, size, encodeBase64(root), ...extension].join('\n')}\n`
}

/** The inverse of {@link formatCheckpoint}: only the one form it writes is understood. @throws {@link ProofsError} `NOTE_MALFORMED` */
export function parseCheckpoint(text: string): Checkpoint {
  checkNoteText(text)
  const [origin = '', sizeText = '', rootText = '', ...extension] = text.slice(0, -1).split('\n')
  const size = /^(0|[1-9][0-9]{0,15})$/.test(sizeText) ? Number(sizeText) : Number.NaN
  const root = decodeBase64(rootText)
  if (!isCount(size)) throw malformedCheckpoint('size', 'the second line must be a decimal number below 2^53')
  if (!isHash(root)) throw malformedCheckpoint('root', 'the third line must be base64 of 32 bytes')
  const checkpoint = { origin, size, root, extension }
  formatCheckpoint(checkpoint)
  return checkpoint
}

/**
 * A signed checkpoint, the log's own signature first. A log must never sign two that contradict each other:
 * sign what a log has committed, and nothing else.
 * @throws {@link ProofsError} `NOTE_MALFORMED`, also when no signer's name is the origin
 */
export function signCheckpoint(checkpoint: Checkpoint, signers: readonly NoteSigner[]): string {
  if (!signers.some(({ verifier }) => verifier.name === checkpoint.origin)) {
    throw malformedCheckpoint('signers', 'one of them must sign in the name of the origin')
  }
  return signNote(formatCheckpoint(checkpoint), signers)
}

/**
 * Opens a signed checkpoint. Who may speak as the log and who may not is told apart by the two lists, never by
 * a name alone: anyone can give a key the name of a log.
 * @param logKeys of the log, all that it has had; of other logs' keys, and keys that cosign, none counts
 * @param cosignerKeys of co-signers; one in the name of the origin does not count, and one that is the log's
 * own key adds nothing to what the log says
 * @throws {@link ProofsError} `NOTE_MALFORMED`, `SIGNATURE_INVALID`; `NOTE_UNSIGNED` when no known key of the
 * log has signed: what only others have signed is no statement of the log
 */
export function openCheckpoint(
  note: string | Uint8Array,
  logKeys: readonly NoteVerifier[],
  cosignerKeys: readonly NoteVerifier[] = [],
): OpenedCheckpoint {
  const checkpoint = parseCheckpoint(parseNote(note).text)
  const { origin } = checkpoint
  const [ofLog, ofOthers] = selectKeys(origin, logKeys, cosignerKeys)
  const { verified, unknown } = openNote(note, [...ofLog, ...ofOthers])
  const log = verified.find(({ name }) => name === origin)
  if (log === undefined) {
    throw new ProofsError('NOTE_UNSIGNED', 'the log itself has not signed the checkpoint with a known key')
  }
  const cosigners = dropSharedKeys(verified, ofLog)
  const asText = typeof note === 'string' ? note : new TextDecoder('utf-8', { ignoreBOM: true }).decode(note)
  return { checkpoint, note: asText, log, cosigners, unknown }
}

/** The keys that may speak as a log of that origin, and those that may speak beside it. */
export function selectKeys(
  origin: string,
  logKeys: readonly NoteVerifier[],
  cosignerKeys: readonly NoteVerifier[],
): readonly [ofLog: readonly NoteVerifier[], ofOthers: readonly NoteVerifier[]] {
  const ofLog = logKeys.filter(({ name, algorithm }) => name === origin && algorithm === 'ed25519')
  return [ofLog, cosignerKeys.filter(({ name }) => name !== origin)]
}

/** Names cost nothing: two of them for one key are one party, which vouches once. */
function dropSharedKeys(
  verified: readonly VerifiedSignature[],
  ofLog: readonly NoteVerifier[],
): readonly VerifiedSignature[] {
  const seen = new Set(ofLog.map(({ publicKey }) => encodeBase64(publicKey)))
  return verified.filter(({ publicKey }) => {
    const key = encodeBase64(publicKey)
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** Whether a text may be a line of a checkpoint: not empty, no control characters of Unicode. */
export function isCheckpointLine(line: unknown): line is string {
  const isLine = typeof line === 'string' && line.length > 0 && line.length <= MAX_LINE_CHARS
  return isLine && !/\p{Cc}/u.test(line) && line.isWellFormed()
}

function checkLine(line: unknown, field: string): void {
  if (isCheckpointLine(line)) return
  throw malformedCheckpoint(field, `give 1 to ${MAX_LINE_CHARS} characters in one line`)
}

function malformedCheckpoint(field: string, remedy: string): ProofsError {
  return new ProofsError('NOTE_MALFORMED', `${field} of a checkpoint is not in its form: ${remedy}`, {
    details: { field },
  })
}
