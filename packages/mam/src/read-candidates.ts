import { decodeBytes } from './byte-codec.ts'
import type { MessageParser } from './engine.ts'
import type { EnvelopeContext, OpeningKeys } from './envelope.ts'
import { hashEnvelope, openEnvelope } from './envelope.ts'
import { MamError, type MamErrorCode } from './errors.ts'
import { sortPayloads, yieldToEvents } from './read-payloads.ts'
import type { ReadingPosition } from './read-position.ts'

/** How many of the messages at an address were not taken, by what was wrong with them. */
export interface SkippedCounts {
  /** Made up, changed, replayed, from another channel, or no envelope. */
  readonly forged: number
  /** Not unmasked by these keys: for other readers, changed, or no message at all. */
  readonly notForKey: number
  /** Not of the layout of a message; told without hashing anything. */
  readonly malformed: number
  /** Took too long, or ended the worker that read them. */
  readonly unparsed: number
  /** Not looked at, since there were more than the limit. */
  readonly untried: number
  /** Signed by the publisher for one place, and different from another one of them, whether or not they open. */
  readonly contradicting: number
}

/** A message that the publisher signed for its place, and that this reader's content keys do not open. */
interface LockedMessage {
  readonly envelopeHash: Uint8Array
}

/** The genuine message at an address. */
export interface OpenedMessage extends LockedMessage {
  readonly epoch: number
  readonly content: Uint8Array
  readonly nextRoot: string
}

/** What {@link examineCandidates} found out. */
export interface Examined {
  /** Null when none is genuine and opens. */
  readonly taken: OpenedMessage | null
  /** Whether the publisher signed any; where none is taken, the content key opens none of them. */
  readonly isSigned: boolean
  readonly skipped: SkippedCounts
}

/** How many are tried, and from which on. */
export interface CandidateLimits {
  readonly startAt: number
  readonly maxCandidates: number
  readonly signal?: AbortSignal | undefined
}

/** What opens messages here. */
export interface ReadingKeys extends OpeningKeys {
  readonly sideKey: string | undefined
}

/**
 * Tries all messages at an address, for anybody may put some there. Equal ones count once, and what is no
 * message by its layout costs no try. Timers and events have their turn after each.
 */
export async function examineCandidates(
  parser: MessageParser,
  found: readonly string[],
  position: ReadingPosition,
  keys: ReadingKeys,
  options: CandidateLimits,
): Promise<Examined> {
  const { shaped, malformed } = sortPayloads(found)
  const tried = pickTried(shaped, options)
  const counts = { forged: 0, notForKey: 0, unparsed: 0 }
  const signed: SignedMessage[] = []
  for (const payload of tried) {
    const outcome = await tryCandidate(parser, payload, position, keys)
    if (typeof outcome === 'string') counts[outcome]++
    else if (!signed.some(({ envelopeHash }) => isSame(envelopeHash, outcome.envelopeHash)))
      signed.push(outcome)
    await yieldToEvents()
    options.signal?.throwIfAborted()
  }
  const contradicting = Math.max(0, signed.length - 1)
  const skipped = { ...counts, malformed, contradicting, untried: shaped.length - tried.length }
  return { taken: signed.find(isOpened) ?? null, isSigned: signed.length > 0, skipped }
}

/** So many of them, from a place on and around: who asks again gets others. */
function pickTried(
  shaped: readonly string[],
  { startAt, maxCandidates }: CandidateLimits,
): readonly string[] {
  const from = startAt % Math.max(1, shaped.length)
  return [...shaped.slice(from), ...shaped.slice(0, from)].slice(0, maxCandidates)
}

/** What one candidate is: a message the publisher signed for this place, or what is wrong with it. */
async function tryCandidate(
  parser: MessageParser,
  payload: string,
  position: ReadingPosition,
  keys: ReadingKeys,
): Promise<SignedMessage | Fault> {
  try {
    const { nextRoot, trytes } = await parser.parseMessage(payload, position.root, keys.sideKey)
    return openSigned(decodeBytes(trytes), { ...position, nextRoot }, keys)
  } catch (error) {
    const fault = error instanceof MamError ? FAULTS[error.code] : undefined
    if (fault === undefined) throw error
    return fault
  }
}

/** @throws MamError `MESSAGE_MALFORMED`, `MESSAGE_FORGED` */
function openSigned(envelope: Uint8Array, context: EnvelopeContext, keys: ReadingKeys): SignedMessage {
  const envelopeHash = hashEnvelope(envelope)
  try {
    const { epoch, content } = openEnvelope(envelope, context, keys)
    return { epoch, content, nextRoot: context.nextRoot, envelopeHash }
  } catch (error) {
    // Told only of what is signed: the signature is checked first.
    if (error instanceof MamError && error.code === 'NOT_FOR_KEY') return { envelopeHash }
    throw error
  }
}

type SignedMessage = OpenedMessage | LockedMessage

type Fault = 'forged' | 'notForKey' | 'unparsed'

/** Faults of what has the layout of a message; any other error is not about the message. */
const FAULTS: { readonly [C in MamErrorCode]?: Fault } = {
  MESSAGE_FORGED: 'forged',
  MESSAGE_MALFORMED: 'forged',
  TRYTES_INVALID: 'forged',
  NOT_FOR_KEY: 'notForKey',
  PARSE_TIMEOUT: 'unparsed',
  PARSER_DIED: 'unparsed',
}

function isOpened(message: SignedMessage): message is OpenedMessage {
  return 'content' in message
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, at) => byte === b[at])
}
