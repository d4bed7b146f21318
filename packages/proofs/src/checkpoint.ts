import { ProofsError } from './errors.ts'
import { checkNoteText } from './note.ts'
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
  /** Signatures of other known keys, in the note's order. */
  readonly cosigners: readonly VerifiedSignature[]
  /** Lines of keys that are not known, not checked. */
  readonly unknown: OpenedNote['unknown']
}

const MAX_EXTENSION_LINES = 16
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
 * Opens a signed checkpoint with the keys that are known of the log and its co-signers.
 * @throws {@link ProofsError} `NOTE_MALFORMED`, `SIGNATURE_INVALID`; `NOTE_UNSIGNED` when no known key of the
 * origin's name has signed: what only others have signed is no statement of the log
 */
export function openCheckpoint(
  note: string | Uint8Array,
  verifiers: readonly NoteVerifier[],
): OpenedCheckpoint {
  const { text, verified, unknown } = openNote(note, verifiers)
  const checkpoint = parseCheckpoint(text)
  const log = verified.find(({ name }) => name === checkpoint.origin)
  if (log === undefined) {
    throw new ProofsError('NOTE_UNSIGNED', 'the log itself has not signed the checkpoint with a known key')
  }
  const cosigners = verified.filter((signature) => signature !== log)
  const asText = typeof note === 'string' ? note : new TextDecoder('utf-8', { ignoreBOM: true }).decode(note)
  return { checkpoint, note: asText, log, cosigners, unknown }
}

function checkLine(line: unknown, field: string): void {
  const isLine = typeof line === 'string' && line.length > 0 && line.length <= MAX_LINE_CHARS
  if (!isLine || /\p{Cc}/u.test(line) || !line.isWellFormed()) {
    throw malformedCheckpoint(field, `give 1 to ${MAX_LINE_CHARS} characters in one line`)
  }
}

function malformedCheckpoint(field: string, remedy: string): ProofsError {
  return new ProofsError('NOTE_MALFORMED', `${field} of a checkpoint is not in its form: ${remedy}`, {
    details: { field },
  })
}
