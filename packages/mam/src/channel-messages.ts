import { encodeBytes } from './byte-codec.ts'
import type { ChannelOptions, ChannelParts } from './channel-options.ts'
import { createTrees } from './channel-trees.ts'
import { drawNonce, sealEnvelope } from './envelope.ts'
import { CONTENT_KEY_BYTES, publicContentKeys } from './envelope-keys.ts'
import { ENVELOPE_OVERHEAD_BYTES } from './envelope-wire.ts'
import { MamError } from './errors.ts'
import { maxMessageBytes } from './message-limits.ts'
import type { ChannelState, PendingMessage } from './state.ts'

/** A message to be attached at its address, as often as it takes: it is always the same. */
export interface PublishedMessage {
  /** Number of the message in its channel, from 0. */
  readonly sequence: number
  /** 81 trytes: where to attach it. */
  readonly address: string
  /** 81 trytes. */
  readonly root: string
  /** 81 trytes: where the next message will be. */
  readonly nextRoot: string
  /** What to attach, in trytes. */
  readonly payload: string
}

/** Seals, signs and masks the messages of one channel, with all keys that takes. */
export interface MessageMaker {
  /** 81 trytes. */
  rootOf(index: number): string
  /** Seals content for the place that comes next; no one-time key is used yet. */
  seal(state: ChannelState, content: Uint8Array, associatedData: Uint8Array): PendingMessage
  /** Masks and signs a message that is stored. The same message comes out each time. */
  make(message: PendingMessage): PublishedMessage
  /** @throws MamError `KEY_INVALID` when the publisher has no content key for an epoch */
  checkEpoch(epoch: number): void
  /** Derives trees ahead, as many as are kept. */
  prepare(nextIndex: number): void
  wipe(): void
}

/** The most content one message takes at a level of security, in bytes. */
export function maxContentBytes(security: ChannelOptions['security']): number {
  return maxMessageBytes(security) - ENVELOPE_OVERHEAD_BYTES
}

/** Copies the publisher's key; the maker's owner wipes it. */
export function createMaker(
  { engine, random = drawRandom }: Pick<ChannelParts, 'engine' | 'random'>,
  options: ChannelOptions,
  channelId: Uint8Array,
): MessageMaker {
  const { seed, mode, security, maxPrepared = 4, contentKeys = publicContentKeys(channelId) } = options
  const trees = createTrees(engine, seed, security, maxPrepared + 1)
  // Not slice(): of the byte arrays of Node that is a view, and wiping it would wipe the caller's own key.
  const secretKey = Uint8Array.from(options.publisherSecretKey)

  function contentKeyOf(epoch: number): Uint8Array {
    const key = contentKeys(epoch)
    if (key?.length === CONTENT_KEY_BYTES) return key
    throw new MamError('KEY_INVALID', 'contentKeys gave no key of 32 bytes for this epoch; give one.', {
      details: { epoch },
    })
  }

  return {
    rootOf: trees.rootOf,
    seal({ nextIndex: index, previousHash, epoch, sideKey }, content, associatedData) {
      trees.prepare(index, 2)
      const roots = { root: trees.rootOf(index), nextRoot: trees.rootOf(index + 1) }
      const context = { channelId, sequence: index, previousHash, ...roots }
      const keys = { epoch, contentKey: contentKeyOf(epoch), secretKey, nonce: drawNonce(random) }
      return { index, sideKey, envelope: sealEnvelope(content, context, { ...keys, associatedData }) }
    },
    make({ index, sideKey: key, envelope }) {
      const nextTree = trees.see(index + 1)
      const tree = trees.take(index)
      const sideKey = mode === 'restricted' ? key : undefined
      try {
        const parts = { mode, sideKey, tree, nextTree, trytes: encodeBytes(envelope) }
        const { address, root, payload } = engine.createMessage(parts)
        return { sequence: index, address, root, nextRoot: nextTree.root, payload }
      } finally {
        tree.wipe()
      }
    },
    checkEpoch: (epoch) => void contentKeyOf(epoch),
    prepare: (nextIndex) => trees.prepare(nextIndex, maxPrepared),
    wipe() {
      trees.wipe()
      secretKey.fill(0)
    },
  }
}

/** Fresh bytes from the platform's cryptographic random source. */
export function drawRandom(sizeBytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(sizeBytes))
}
