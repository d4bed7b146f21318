import type { MamEngine, MamMode, MessageParser } from './engine.ts'
import { ENVELOPE_HASH_BYTES } from './envelope.ts'
import { CHANNEL_ID_BYTES, type ContentKeys, publicContentKeys } from './envelope-keys.ts'
import { MamError } from './errors.ts'
import { type Examined, examineCandidates, type ReadingKeys, type SkippedCounts } from './read-candidates.ts'
import { askNode, type TangleLookup, untilAborted } from './read-lookup.ts'
import type { ReadingPosition } from './read-position.ts'
import { checkSideKey } from './side-key.ts'
import { readHash } from './trytes.ts'
import { createTurns } from './turns.ts'

/** What a reader works with. */
export interface ReaderParts {
  readonly engine: Pick<MamEngine, 'addressOf' | 'parseMessage'>
  readonly lookup: TangleLookup
  /** Reads what anybody may have put at an address; best in a worker. @defaultValue the engine */
  readonly parser?: MessageParser
}

/** What a publisher tells its readers, and how much a reader puts up with. */
export interface ReaderOptions {
  /** Where to begin, or to go on. */
  readonly position: ReadingPosition
  readonly mode: MamMode
  /** In restricted mode. */
  readonly sideKey?: string
  /** Ed25519 public key, 32 bytes: whose messages are genuine. */
  readonly publisherKey: Uint8Array
  /** Left out only for a public channel that was published without. */
  readonly contentKeys?: ContentKeys
  /** As the publisher binds it. @defaultValue empty */
  readonly associatedData?: Uint8Array
  /** Of what has the layout of a message, how many are tried at once; each costs milliseconds. @defaultValue 64 */
  readonly maxCandidates?: number
}

/** A message that the publisher made for this place in this channel. */
export interface ReadMessage {
  readonly sequence: number
  readonly epoch: number
  /** In a fresh buffer that the caller owns. */
  readonly content: Uint8Array
  /** 81 trytes. */
  readonly address: string
  /** What else was at the address. */
  readonly skipped: SkippedCounts
}

/** Follows a channel from message to message. Calls are served one after the other. */
export interface MessageReader {
  /** Where the next message is looked for: to be kept, so that reading can go on from there. */
  position(): ReadingPosition
  /**
   * The next message. After an error the reader is where it was, and may be asked again; where there was more
   * than it may try, it then begins with the rest. The signal is heard while it waits for calls before it, for
   * the node or for a parser in a worker, and between one message and the next where the engine reads them
   * here: only a worker can be left in the middle of one. What hangs without a signal holds up those after it.
   * @throws MamError `MESSAGE_NONE`, `NODE_UNREACHABLE`, `NOT_FOR_KEY`, `MESSAGE_FORGED`, `PARSE_TIMEOUT`;
   * `QUEUE_FULL` when more than 64 calls wait; the signal's reason
   */
  next(options?: { readonly signal?: AbortSignal }): Promise<ReadMessage>
  /** The messages from here on, until there is none yet; what else {@link MessageReader.next} throws, it throws. */
  readAll(options?: { readonly signal?: AbortSignal }): AsyncIterable<ReadMessage>
  /** Uses another side key from now on: what a reader gets that stays when others are shut out. */
  changeSideKey(sideKey: string): void
}

/**
 * A reader of one channel. It keeps nothing open.
 * @throws MamError `MODE_INVALID`, `SIDE_KEY_INVALID`, `KEY_INVALID`, `POSITION_INVALID` or `TRYTES_INVALID` for
 * the position, `LIMIT_INVALID`
 */
export function createReader(parts: ReaderParts, options: ReaderOptions): MessageReader {
  checkReaderOptions(options)
  const { engine, lookup, parser = engine } = parts
  const { mode, maxCandidates = 64 } = options
  const turns = createTurns(64)
  let position = copyPosition(options.position)
  let keys = keysOf(options)
  /** How many of those at the present address were tried in vain, so that the next call tries others. */
  let startAt = 0

  async function readNext(signal: AbortSignal | undefined): Promise<ReadMessage> {
    const address = engine.addressOf(position.root, mode)
    const found = await askNode(lookup, address, signal)
    const limits = { startAt, maxCandidates, signal }
    const examined = await untilAborted(examineCandidates(parser, found, position, keys, limits), signal)
    const { taken, skipped } = examined
    startAt = taken === null && skipped.untried > 0 ? startAt + maxCandidates : 0
    if (taken === null) throw nameAbsence(examined, mode, found.length)
    const { epoch, content, nextRoot, envelopeHash } = taken
    const { sequence } = position
    position = { ...position, root: nextRoot, sequence: sequence + 1, previousHash: envelopeHash }
    return { sequence, epoch, content, address, skipped }
  }

  const next = ({ signal }: { readonly signal?: AbortSignal } = {}): Promise<ReadMessage> =>
    turns.take(() => readNext(signal), signal)

  return {
    position: () => copyPosition(position),
    next,
    async *readAll(reading) {
      while (true) {
        const message = await nextOrNull(() => next(reading))
        if (message === null) return
        yield message
      }
    },
    changeSideKey(sideKey) {
      checkSideKey(mode, sideKey)
      keys = { ...keys, sideKey }
    },
  }
}

async function nextOrNull(next: () => Promise<ReadMessage>): Promise<ReadMessage | null> {
  try {
    return await next()
  } catch (error) {
    if (error instanceof MamError && error.code === 'MESSAGE_NONE') return null
    throw error
  }
}

/** What to call it when no message was taken, by what was found instead. */
function nameAbsence({ isSigned, skipped }: Examined, mode: MamMode, found: number): MamError {
  const details = { found, ...skipped }
  if (isSigned)
    return new MamError('NOT_FOR_KEY', 'The next message is for another content key; ask for it.', {
      details,
    })
  if (skipped.unparsed > 0)
    return new MamError('PARSE_TIMEOUT', 'What is at the address could not be read in time; try again.', {
      details,
    })
  if (mode === 'restricted' && skipped.notForKey > 0)
    return new MamError('NOT_FOR_KEY', 'What is at the address is for another side key; ask for it.', {
      details,
    })
  if (skipped.forged + skipped.notForKey + skipped.untried > 0)
    return new MamError(
      'MESSAGE_FORGED',
      'Nothing that was read at the address is as the publisher made it; ask again later.',
      {
        details,
      },
    )
  return new MamError('MESSAGE_NONE', 'There is no message yet; ask again later.', { details })
}

function keysOf({
  sideKey,
  publisherKey,
  contentKeys,
  position,
  associatedData,
}: ReaderOptions): ReadingKeys {
  return {
    sideKey,
    publisherKey: Uint8Array.from(publisherKey),
    contentKeys: contentKeys ?? publicContentKeys(Uint8Array.from(position.channelId)),
    associatedData: Uint8Array.from(associatedData ?? []),
  }
}

function checkReaderOptions({
  mode,
  sideKey,
  position,
  publisherKey,
  contentKeys,
  maxCandidates = 1,
}: ReaderOptions): void {
  checkSideKey(mode, sideKey)
  if (publisherKey.length !== 32)
    throw new MamError('KEY_INVALID', 'publisherKey is not 32 bytes; give an Ed25519 public key.')
  if (contentKeys === undefined && mode !== 'public')
    throw new MamError('KEY_INVALID', 'contentKeys are missing; only a public channel goes without.')
  if (!Number.isSafeInteger(maxCandidates) || maxCandidates < 1)
    throw new MamError('LIMIT_INVALID', 'maxCandidates is at least 1.')
  const { channelId, root, sequence, previousHash } = position
  readHash(root, 'root')
  const isShaped = channelId.length === CHANNEL_ID_BYTES && previousHash.length === ENVELOPE_HASH_BYTES
  if (!isShaped || !Number.isSafeInteger(sequence) || sequence < 0)
    throw new MamError('POSITION_INVALID', 'The position is not one in a channel; ask the publisher for it.')
}

function copyPosition({ channelId, root, sequence, previousHash }: ReadingPosition): ReadingPosition {
  const copied = { channelId: Uint8Array.from(channelId), previousHash: Uint8Array.from(previousHash) }
  return { ...copied, root, sequence }
}
