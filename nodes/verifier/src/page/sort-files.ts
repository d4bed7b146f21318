import { VerifierError } from '../errors.ts'
import type { KnownTexts } from '../known.ts'
import type { ProofFile } from '../proof-file.ts'
import { MAX_PROOF_BYTES, readProofFile, refuseSize } from '../proof-file.ts'

/** Larger than any list of keys or contracts. */
const MAX_KNOWN_BYTES = 1 << 20

/** What somebody can know that comes in files. */
const KINDS = ['network', 'operatorKeys'] as const
type KnownKind = (typeof KINDS)[number]

/** A file and what it is, by its content alone. */
export interface SortedFile {
  readonly file: File
  /** A proof may be one that cannot be read to its end; a record is one of the others. */
  readonly kind: 'proof' | KnownKind | 'other'
  /** Empty where the file is larger than any proof. */
  readonly bytes: Uint8Array
  /** The file read as a proof, or why it is none. */
  readonly proof: ProofFile | Error
}

/** Tells files apart. @throws VerifierError `KNOWN_INVALID` naming the first that cannot be read */
export function sortFiles(files: readonly File[]): Promise<readonly SortedFile[]> {
  return Promise.all(files.map(sortFile))
}

async function sortFile(file: File): Promise<SortedFile> {
  const bytes = file.size > MAX_PROOF_BYTES ? new Uint8Array() : await bytesOf(file)
  const proof = readOrError(file.size, bytes)
  return { file, kind: kindOf(proof, bytes), bytes, proof }
}

async function bytesOf(file: File): Promise<Uint8Array> {
  const content = await file.arrayBuffer().catch((cause: unknown) => {
    throw invalid(wordUnread(file), cause)
  })
  return new Uint8Array(content)
}

/** Once: a large file takes its time. */
function readOrError(sizeBytes: number, bytes: Uint8Array): SortedFile['proof'] {
  try {
    refuseSize(sizeBytes)
    return readProofFile(bytes)
  } catch (error) {
    return error as Error
  }
}

/** Where a browser does not tell folders apart, they are what cannot be read. */
export function wordUnread({ name }: File): string {
  return `${name} cannot be read: it is a folder, or was moved or changed meanwhile. Choose the file again.`
}

/** What readProofFile refuses as another kind of file, rather than as a proof that is not whole. */
const NO_PROOF: readonly unknown[] = ['PROOF_EMPTY', 'PROOF_TOO_LARGE', 'PROOF_UNKNOWN']

function kindOf(proof: SortedFile['proof'], bytes: Uint8Array): SortedFile['kind'] {
  if (!(proof instanceof Error)) return 'proof'
  const isForeign = NO_PROOF.includes((proof as { readonly code?: unknown }).code)
  return kindOfKnown(bytes) ?? (isForeign ? 'other' : 'proof')
}

/** A network file is flat, so that a bundle, which names contracts further in, is none, wherever it was cut. */
const SIGNS: Readonly<Record<KnownKind, RegExp>> = {
  network: /^\s*\{[^[{]*"(?:chainId|registry|token|consent|escrow|anchor)"\s*:\s*["\d]/,
  operatorKeys: /^[ \t]*halo\/eip155:/m,
}

function kindOfKnown(bytes: Uint8Array): KnownKind | undefined {
  if (bytes.length > MAX_KNOWN_BYTES) return undefined
  const text = textOf(bytes)
  return KINDS.find((kind) => SIGNS[kind].test(text))
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

/** Whether a file says something of what somebody knows from elsewhere. */
export function isKnown({ kind }: SortedFile): boolean {
  return KINDS.some((known) => known === kind)
}

/**
 * What files hold of what somebody knows.
 * @throws VerifierError `KNOWN_INVALID` for several network files
 */
export function knownIn(sorted: readonly SortedFile[]): KnownTexts {
  const texts = (wanted: KnownKind): readonly string[] =>
    sorted.filter(({ kind }) => kind === wanted).map(({ bytes }) => textOf(bytes))
  const [network, ...others] = texts('network')
  if (others.length > 0) throw invalid('These are several network files. Give that of the Halo you mean.')
  const keys = texts('operatorKeys')
  return {
    ...(network === undefined ? {} : { network }),
    ...(keys.length === 0 ? {} : { operatorKeys: keys.join('\n') }),
  }
}

/** Files by their names, for a sentence. */
export function listNames(sorted: readonly SortedFile[]): string {
  const names = sorted.map(({ file }) => file.name)
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

function invalid(message: string, cause?: unknown): VerifierError {
  return new VerifierError('KNOWN_INVALID', message, { cause })
}
