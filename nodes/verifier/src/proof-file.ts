import type { Evidence, Receipt } from '@halo/proofs'
import {
  decodeReceipt,
  EVIDENCE_TYPE,
  hasTooManyBrackets,
  MAX_EVIDENCE_BYTES,
  parseEvidence,
  parseReceiptText,
  RECEIPT_TYPE,
} from '@halo/proofs'
import { endsInsideItem } from './cbor-end.ts'
import { VerifierError } from './errors.ts'

/** What a proof file holds. */
export type ProofFile =
  | { readonly kind: 'bundle'; readonly evidence: Evidence }
  | { readonly kind: 'receipt'; readonly receipt: Receipt }

/** Largest file that is read: a bundle's, as receipts are smaller. */
export const MAX_PROOF_BYTES: number = MAX_EVIDENCE_BYTES

/** Enough to tell files apart, also behind a line or two of comment. */
const HEAD_BYTES = 512

/** First byte of a receipt in dag-cbor: a list of 11 items. */
const RECEIPT_START = 0x8b

/**
 * How files begin that people may take for a proof, and what to do instead. Each pattern fits a text in one way
 * only: one that fits in many is made to try them all.
 */
const STRANGERS: readonly (readonly [start: RegExp, message: string])[] = [
  [/^\s*</, 'This is a web page or XML, not a proof: perhaps the message of a server. Get the file again.'],
  [/^PK/, 'This is an archive. Unpack it and choose the proof file inside.'],
  [
    /^(?:\s|#[^\n]*\n)*halo\/eip155:/,
    'These are keys of operators’ logs, no proof. Choose the proof file first: the keys go beside it, as what you know from elsewhere (--operators).',
  ],
  [/^%PDF/, 'This is a PDF, not a proof. Choose the file whose name ends in .halo-proof.json.'],
]

/**
 * Tells what a file is by its content, whatever its name, and reads it. Says nothing of whether it holds.
 * @throws VerifierError `PROOF_EMPTY`, `PROOF_TOO_LARGE`, `PROOF_TRUNCATED` or `PROOF_UNKNOWN`; ProofsError
 * `BUNDLE_MALFORMED` or `RECEIPT_MALFORMED` for what is one, but not as it was made
 */
export function readProofFile(bytes: Uint8Array): ProofFile {
  refuseSize(bytes.length)
  if (bytes[0] === RECEIPT_START) return { kind: 'receipt', receipt: readReceipt(bytes) }
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, HEAD_BYTES)).replace(/^\xef\xbb\xbf/, '')
  const stranger = STRANGERS.find(([pattern]) => pattern.test(start))
  if (stranger !== undefined) throw new VerifierError('PROOF_UNKNOWN', stranger[1])
  if (!/^\s*[{[]/.test(start)) throw unknownFile()
  return readJson(bytes)
}

/** Before a file is read. @throws VerifierError `PROOF_EMPTY` or `PROOF_TOO_LARGE` */
export function refuseSize(sizeBytes: number): void {
  if (sizeBytes === 0) throw new VerifierError('PROOF_EMPTY', 'The file is empty. Get it again.')
  if (sizeBytes <= MAX_PROOF_BYTES) return
  const message = `The file is larger than ${MAX_PROOF_BYTES >> 20} MiB, which no proof is. Choose the right one; a record goes beside its proof.`
  throw new VerifierError('PROOF_TOO_LARGE', message)
}

function readReceipt(bytes: Uint8Array): Receipt {
  try {
    return decodeReceipt(bytes)
  } catch (cause) {
    throw endsInsideItem(bytes) ? truncated(cause) : cause
  }
}

function truncated(cause: unknown): VerifierError {
  return new VerifierError('PROOF_TRUNCATED', 'The file ends in the middle. Get it again.', { cause })
}

function readJson(bytes: Uint8Array): ProofFile {
  const text = textOf(bytes)
  if (hasTooManyBrackets(text)) throw unknownFile(isRecord(firstLineOf(text)) ? RECORD : '')
  const value = parseJson(text)
  switch (typeOf(value)) {
    case EVIDENCE_TYPE:
      return { kind: 'bundle', evidence: parseEvidence(text) }
    case RECEIPT_TYPE:
      return { kind: 'receipt', receipt: parseReceiptText(text) }
    case 'Chainpoint':
      throw new VerifierError(
        'PROOF_UNKNOWN',
        'This is a Chainpoint proof, made of a proof file for other tools. Choose the proof file itself.',
      )
    default:
      throw unknownFile(guessOf(value))
  }
}

/** With its byte order mark, which no form of ours has. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw unread(new TextDecoder().decode(bytes), cause)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (cause) {
    throw unread(text, cause)
  }
}

/** What to say of a text that is no JSON. */
function unread(text: string, cause: unknown): VerifierError {
  if (isRecord(firstLineOf(text))) return unknownFile(RECORD)
  if (isCutShort(text)) return truncated(cause)
  return new VerifierError('PROOF_UNKNOWN', 'The file is not JSON that can be read. Get it again.', { cause })
}

/** JSON texts of ours are objects, so that one that is whole ends in a brace. */
function isCutShort(text: string): boolean {
  return !text.trimEnd().endsWith('}')
}

function typeOf(value: unknown): unknown {
  return (value as { readonly type?: unknown } | null)?.type
}

const RECORD = ' This is a record, such as delivered.ndjson: it goes beside its proof (--record).'

/** What people have beside a proof, by what only that holds. */
function guessOf(value: unknown): string {
  if (isRecord(value)) return RECORD
  if (hasKeys(value, 'requestId')) return ' This looks like the manifest.json of a delivery.'
  if (hasKeys(value, 'chainId', 'consent', 'anchor'))
    return ' This is a network file: it goes beside the proof, as what you know from elsewhere (--network).'
  return ''
}

/** Records are lines of FHIR resources. */
function isRecord(value: unknown): boolean {
  return hasKeys(value, 'resourceType')
}

function hasKeys(value: unknown, ...keys: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && keys.every((key) => Object.hasOwn(value, key))
}

/** Without a byte order mark; null where it is no JSON of its own. */
function firstLineOf(text: string): unknown {
  const line = text.slice(0, Math.max(0, text.indexOf('\n'))).replace(/^\ufeff/, '')
  if (line === '' || hasTooManyBrackets(line)) return null
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

function unknownFile(guess = ''): VerifierError {
  const message = `The file is no proof of Halo.${guess} Choose the file that \`halo proof make\` wrote (.halo-proof.json), or a receipt.`
  return new VerifierError('PROOF_UNKNOWN', message)
}
