import { assertUnused } from './channel-address-check.ts'
import {
  createMaker,
  drawRandom,
  type MessageMaker,
  maxContentBytes,
  type PublishedMessage,
} from './channel-messages.ts'
import {
  type ChannelOptions,
  type ChannelParts,
  checkChannelSideKey,
  checkOptions,
  trimSideKey,
} from './channel-options.ts'
import { type ChannelStore, openStore } from './channel-store.ts'
import { hashEnvelope } from './envelope.ts'
import { deriveChannelId } from './envelope-keys.ts'
import { MamError } from './errors.ts'
import type { ReadingPosition } from './read-position.ts'
import { type ChannelState, createStateSeal } from './state.ts'
import { createTurns } from './turns.ts'

/** One publisher's channel. Calls are served one after the other. */
export interface Channel extends AsyncDisposable {
  /** 16 bytes, public. */
  readonly channelId: Uint8Array
  /**
   * Seals content into the channel's next message and stores it before its one-time key signs. Attach what is
   * returned, then {@link Channel.confirm} it. If it throws something else than is listed here, the message may
   * be stored all the same: look at {@link Channel.listPending} of the channel, opened again.
   * @param content copied; up to {@link maxContentBytes}
   * @throws MamError `MESSAGE_TOO_LONG`, `QUEUE_FULL` when too many messages are not confirmed,
   * `STATE_ROLLED_BACK`, `STATE_LOCKED`, `NODE_UNREACHABLE`, `KEY_INVALID`, `CHANNEL_CLOSED`, `CHANNEL_FULL`,
   * `WITNESS_MALFORMED`; `PARSE_TIMEOUT` or `PARSER_DIED` where the lookup finds what cannot be read and there
   * is no witness; the signal's reason
   */
  publish(
    content: Uint8Array,
    options?: {
      /** Bound to the content, not sent: readers must give the same. @defaultValue empty */
      readonly associatedData?: Uint8Array
      /** Heard while it waits for calls before it and for the node; not once it stores. */
      readonly signal?: AbortSignal
    },
  ): Promise<PublishedMessage>
  /**
   * The messages not confirmed yet, oldest first, the same as when they were published: what to attach again
   * after a crash, for without one of them nobody finds those after it.
   */
  listPending(): Promise<readonly PublishedMessage[]>
  /** Says that a message is attached and need not be kept. Does nothing for one that is not pending. */
  confirm(sequence: number): Promise<void>
  /**
   * Takes effect with the next message: another content key and, in restricted mode, another side key. Who has
   * only the old ones reads no further.
   * @param sideKey in restricted mode, and different from the current one
   * @returns the number of the new epoch, for which `contentKeys` are asked
   * @throws MamError `SIDE_KEY_INVALID`, `MODE_INVALID` for a public channel without keys, `KEY_INVALID`
   */
  startEpoch(sideKey?: string): Promise<number>
  /** Where the next message will be: what a new reader is given, with the keys of the epoch. */
  nextPosition(): Promise<ReadingPosition>
  /** Derives one-time keys for the next messages, for idle times; as many as are kept. */
  prepare(): Promise<void>
}

/** Last index of a one-time key. */
const MAX_INDEX = 2 ** 32 - 2

/**
 * Opens a channel for publishing; one at a time. Dispose of it to wipe its keys; the seed, a string, stays
 * in memory until it is collected.
 * @throws MamError `SEED_INVALID`, `MODE_INVALID`, `SECURITY_INVALID`, `SIDE_KEY_INVALID`, `KEY_INVALID`,
 * `LIMIT_INVALID`; `STATE_ROLLED_BACK` when the state is missing, or another than the witness remembers;
 * `STATE_EXISTS`, `STATE_LOCKED`, `STATE_MALFORMED`, `WITNESS_MALFORMED`
 */
export async function openChannel(parts: ChannelParts, options: ChannelOptions): Promise<Channel> {
  checkOptions(options)
  const channelId = deriveChannelId(options.seed)
  const seal = createStateSeal(options.seed, channelId, parts.random ?? drawRandom)
  // Before anything is waited for: whoever calls may wipe the publisher's key as soon as this is called.
  const maker = createMaker(parts, options, channelId)
  const wipeKeys = (): void => {
    maker.wipe()
    seal.wipe()
  }
  const store = await openStore(parts, options, channelId, seal).catch((error: unknown) => {
    wipeKeys()
    throw error
  })
  const turns = createTurns(options.maxWaiting ?? 64)
  const closing = new AbortController()
  const checkUnused = rememberUnused(parts, options, store, maker)
  return {
    channelId: Uint8Array.from(channelId),
    async publish(content, { associatedData = new Uint8Array(0), signal } = {}) {
      const copy = Uint8Array.from(content)
      const bound = Uint8Array.from(associatedData)
      return await turns.take(async () => {
        checkRoom(store.current(), options, copy.length)
        await checkUnused(AbortSignal.any([closing.signal, ...(signal === undefined ? [] : [signal])]))
        return await publish(store, maker, copy, bound)
      }, signal)
    },
    listPending: () => turns.take(() => store.current().pending.map(maker.make)),
    confirm: (sequence) =>
      turns.take(async () => {
        const { pending } = store.current()
        const left = pending.filter(({ index }) => index !== sequence)
        if (left.length < pending.length) await store.write({ pending: left })
      }),
    startEpoch: (sideKey) =>
      turns.take(async () => {
        checkChange(store.current(), options, sideKey)
        const epoch = store.current().epoch + 1
        maker.checkEpoch(epoch)
        await store.write({ epoch, sideKey: sideKey ?? '' })
        return epoch
      }),
    nextPosition: () => turns.take(() => positionOf(store, maker, channelId)),
    prepare: () => turns.take(() => maker.prepare(store.current().nextIndex)),
    async [Symbol.asyncDispose]() {
      // Only waiting for a node is cut short; what is being stored is stored.
      closing.abort(new MamError('CHANNEL_CLOSED', 'The channel was closed; open it again.'))
      await turns.close()
      wipeKeys()
    },
  }
}

/** Stores what the one-time key will sign, then lets it sign: it never signs what is not stored. */
async function publish(
  store: ChannelStore,
  maker: MessageMaker,
  content: Uint8Array,
  associatedData: Uint8Array,
): Promise<PublishedMessage> {
  const state = store.current()
  const message = maker.seal(state, content, associatedData)
  await store.write({
    nextIndex: state.nextIndex + 1,
    previousHash: hashEnvelope(message.envelope),
    pending: [...state.pending, message],
  })
  return maker.make(message)
}

/** All that would make a message impossible, before it is stored: one that cannot be made would end the chain. */
function checkRoom(
  { pending, nextIndex }: ChannelState,
  { security, maxPending = 16 }: ChannelOptions,
  sizeBytes: number,
): void {
  const most = maxContentBytes(security)
  if (sizeBytes > most)
    throw new MamError(
      'MESSAGE_TOO_LONG',
      'The content is too long for one message; split it, or send a hash.',
      {
        details: { sizeBytes, most },
      },
    )
  if (pending.length >= maxPending)
    throw new MamError('QUEUE_FULL', 'Too many messages are not confirmed; attach and confirm them first.', {
      details: { pending: pending.length },
    })
  if (nextIndex > MAX_INDEX)
    throw new MamError('CHANNEL_FULL', 'The channel has no one-time keys left; start a new one.')
}

/** Asks the Tangle once whether the next address is free; from then on this channel knows what it publishes. */
function rememberUnused(
  { engine, parser = engine, lookup, witness }: ChannelParts,
  { mode }: ChannelOptions,
  store: ChannelStore,
  maker: MessageMaker,
): (signal: AbortSignal) => Promise<void> {
  let isAsked = lookup === undefined
  return async (signal) => {
    if (isAsked || lookup === undefined) return
    const { sideKey, nextIndex: sequence } = store.current()
    const root = maker.rootOf(sequence)
    const place = { root, sequence, mode, sideKey: mode === 'restricted' ? sideKey : undefined }
    await assertUnused({ engine, parser, lookup, hasWitness: witness !== undefined }, place, signal)
    isAsked = true
  }
}

function positionOf(store: ChannelStore, maker: MessageMaker, channelId: Uint8Array): ReadingPosition {
  const { nextIndex: sequence, previousHash } = store.current()
  return {
    channelId: Uint8Array.from(channelId),
    root: maker.rootOf(sequence),
    sequence,
    previousHash: Uint8Array.from(previousHash),
  }
}

function checkChange(
  state: ChannelState,
  { mode, contentKeys }: ChannelOptions,
  sideKey: string | undefined,
): void {
  if (contentKeys === undefined)
    throw new MamError('MODE_INVALID', 'Anybody can open a public channel; there is no key to change.')
  checkChannelSideKey(mode, sideKey)
  if (sideKey !== undefined && trimSideKey(sideKey) === trimSideKey(state.sideKey))
    throw new MamError('SIDE_KEY_INVALID', 'The new side key is the current one; choose another.')
}
