import { utf8ToBytes } from '@noble/hashes/utils.js'
import { ProofsError } from './errors.ts'
import { decodeBase64, encodeBase64 } from './note-base64.ts'
import { isKeyName } from './note-key.ts'

/** A text with signatures under it, in the C2SP signed-note format; nothing is checked yet. */
export interface Note {
  /** Ends in a newline, which is signed too. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** One signature line of a note. */
export interface NoteSignature {
  readonly name: string
  readonly keyId: number
  /** What the key's algorithm makes, without the key id. */
  readonly bytes: Uint8Array
  /** As it stands in the note, without its newline. */
  readonly line: string
}

/** Room for the signatures below at post-quantum size (about 5 kB each). */
const MAX_NOTE_BYTES = 512 * 1024
/** Room for the log and the co-signers of a large Halo; the format asks for 16 at least. */
export const MAX_SIGNATURES = 64
const SIGNATURE_LINE = /^— ([^ ]+) ([A-Za-z0-9+/]+={0,2})$/u

/**
 * Takes a note apart, strictly: UTF-8, no control characters of ASCII but newlines, every signature line well
 * formed.
 * @throws {@link ProofsError} `NOTE_MALFORMED`
 * @see https://c2sp.org/signed-note "Format"
 */
export function parseNote(note: string | Uint8Array): Note {
  const whole = decodeText(note)
  const split = whole.lastIndexOf('\n\n')
  if (split < 0 || !whole.endsWith('\n')) throw malformedNote('a blank line must come before the signatures')
  const lines = whole.slice(split + 2, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) throw malformedNote(`it may hold ${MAX_SIGNATURES} signatures`)
  return { text: whole.slice(0, split + 1), signatures: lines.map(parseSignatureLine) }
}

/** Whether a text is a line that may stand under a note, whoever it is of and whether or not it holds. */
export function isSignatureLine(line: string): boolean {
  return readSignatureLine(line) !== null
}

/** The inverse of {@link parseNote}. @throws {@link ProofsError} `NOTE_MALFORMED` */
export function formatNote(text: string, lines: readonly string[]): string {
  checkNoteText(text)
  const note = `${text}\n${lines.map((line) => `${line}\n`).join('')}`
  parseNote(note)
  return note
}

/** `— <name> <base64 of key id and signature>`. */
export function formatSignatureLine(name: string, keyId: number, signature: Uint8Array): string {
  const bytes = new Uint8Array(4 + signature.length)
  new DataView(bytes.buffer).setUint32(0, keyId)
  bytes.set(signature, 4)
  return `— ${name} ${encodeBase64(bytes)}`
}

/** @throws {@link ProofsError} `NOTE_MALFORMED` unless a text can be signed as a note */
export function checkNoteText(text: string): void {
  if (typeof text !== 'string' || !text.endsWith('\n') || hasControl(text) || !text.isWellFormed()) {
    throw malformedNote('its text must be Unicode without control characters of ASCII and end in a newline')
  }
}

/** The sentence says what the form asks for. */
function malformedNote(wanted: string): ProofsError {
  return new ProofsError('NOTE_MALFORMED', `not a signed note: ${wanted}`)
}

function decodeText(note: string | Uint8Array): string {
  const bytes = typeof note === 'string' ? utf8ToBytes(note) : note
  if (bytes.length > MAX_NOTE_BYTES) throw malformedNote(`it may be ${MAX_NOTE_BYTES} bytes long`)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new ProofsError('NOTE_MALFORMED', 'not a signed note: it must be UTF-8', { cause })
  }
  if (hasControl(text)) throw malformedNote('it must hold no control characters of ASCII but newlines')
  if (typeof note === 'string' && text !== note) throw malformedNote('it must be well-formed Unicode')
  return text
}

function parseSignatureLine(line: string): NoteSignature {
  const signature = readSignatureLine(line)
  if (signature !== null) return signature
  throw malformedNote('a signature line must be a dash, a key name and base64 of key id and signature')
}

function readSignatureLine(line: string): NoteSignature | null {
  const [, name, base64] = SIGNATURE_LINE.exec(line) ?? []
  const bytes = decodeBase64(base64 ?? '')
  if (!isKeyName(name) || bytes === null || bytes.length < 5) return null
  return { name, keyId: new DataView(bytes.buffer).getUint32(0), bytes: bytes.subarray(4), line }
}

/** As Go's notes have it: 0x7f to 0x9f may stand in a note. */
function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 && code !== 0x0a) return true
  }
  return false
}
