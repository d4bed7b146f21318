import { decodeBytes } from './byte-codec.ts'
import type { MessageParser } from './engine.ts'
import type { OpeningKeys } from './envelope.ts'
import { hashEnvelope, openEnvelope } from './envelope.ts'
import { MamError, type MamErrorCode } from './errors.ts'
import { WIRE_TRYTES_MAX } from './message-limits.ts'
import type { ReadingPosition } from './read-position.ts'

/** How many of the messages at an address were not taken, by what was wrong with them. */
export interface SkippedCounts {
  /** Made up, changed, replayed, or from another channel. */
  readonly forged: number
  /** Not opened by these keys: for other readers, or no message at all. */
  readonly notForKey: number
  readonly malformed: number
  /** Took too long, or ended the worker that read them. */
  readonly unparsed: number
  /** Not looked at, since there were more than the limit. */
  readonly untried: number
  /** Signed by the publisher for the same place as the one that was taken, and different from it. */
  readonly contradicting: number
}

/** The genuine message at an address. */
export interface OpenedMessage {
  readonly epoch: number
  readonly content: Uint8Array
  readonly nextRoot: string
  readonly envelopeHash: Uint8Array
}

/** What {@link examineCandidates} found out. */
export interface Examined {
  /** Null when none is genuine and opens. */
  readonly taken: OpenedMessage | null
  /** Whether the publisher signed one that the content key does not open. */
  readonly isForOtherKey: boolean
  readonly skipped: SkippedCounts
}

/** What opens messages here. */
export interface ReadingKeys extends OpeningKeys {
  readonly sideKey: string | undefined
}

/** Tries all messages at an address, for anybody may put some there. Equal ones count once. */
export async function examineCandidates(
  parser: MessageParser,
  found: readonly string[],
  position: ReadingPosition,
  keys: ReadingKeys,
  options: { readonly maxCandidates: number; readonly signal?: AbortSignal | undefined },
): Promise<Examined> {
  const distinct = [...new Set(found)]
  const possible = distinct.filter(isPossible)
  const tried = possible.slice(0, options.maxCandidates)
  const malformed = distinct.length - possible.length
  const skipped = { forged: 0, notForKey: 0, malformed, unparsed: 0, contradicting: 0 }
  let taken: OpenedMessage | null = null
  let isForOtherKey = false
  for (const payload of tried) {
    options.signal?.throwIfAborted()
    const outcome = await openCandidate(parser, payload, position, keys)
    if (typeof outcome === 'string') skipped[outcome]++
    else if (outcome === null) isForOtherKey = true
    else if (taken === null) taken = outcome
    else if (!isSame(taken, outcome)) skipped.contradicting++
  }
  return { taken, isForOtherKey, skipped: { ...skipped, untried: possible.length - tried.length } }
}

/** Whether it is worth reading: a node may have answered with anything. */
function isPossible(payload: unknown): boolean {
  return typeof payload === 'string' && payload.length <= WIRE_TRYTES_MAX
}

/** What one candidate is: the message, null if it is genuine but not for this key, or what is wrong with it. */
async function openCandidate(
  parser: MessageParser,
  payload: string,
  position: ReadingPosition,
  keys: ReadingKeys,
): Promise<OpenedMessage | null | 'forged' | 'notForKey' | 'malformed' | 'unparsed'> {
  let isSigned = false
  try {
    const { nextRoot, trytes } = await parser.parseMessage(payload, position.root, keys.sideKey)
    const envelope = decodeBytes(trytes)
    isSigned = true
    const { epoch, content } = openEnvelope(envelope, { ...position, nextRoot }, keys)
    return { epoch, content, nextRoot, envelopeHash: hashEnvelope(envelope) }
  } catch (error) {
    const fault = error instanceof MamError ? FAULTS[error.code] : undefined
    if (fault === undefined) throw error
    return fault === 'notForKey' && isSigned ? null : fault
  }
}

/** Faults of a message; any other error is not about the message. */
const FAULTS: { readonly [C in MamErrorCode]?: 'forged' | 'notForKey' | 'malformed' | 'unparsed' } = {
  MESSAGE_FORGED: 'forged',
  NOT_FOR_KEY: 'notForKey',
  MESSAGE_MALFORMED: 'malformed',
  TRYTES_INVALID: 'malformed',
  PARSE_TIMEOUT: 'unparsed',
  PARSER_DIED: 'unparsed',
}

function isSame(a: OpenedMessage, b: OpenedMessage): boolean {
  return a.envelopeHash.every((byte, at) => byte === b.envelopeHash[at])
}
