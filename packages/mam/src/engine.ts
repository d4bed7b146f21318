import type { SecurityLevel } from './curl-engine.ts'

/** Who may find and unmask a message: everybody, who knows the root, or who knows root and side key. */
export type MamMode = 'public' | 'private' | 'restricted'

/** Which implementation makes and reads messages; the bytes are the same. */
export type MamEngineKind = 'simd' | 'mam.js'

/**
 * A tree of one leaf: a one-time key and the root it is published under. Only the engine that made it takes it,
 * and no copy of it. What it shows is public but for the root, which unmasks a private message.
 */
export interface MamTree {
  readonly index: number
  readonly security: SecurityLevel
  /** 81 trytes. */
  readonly root: string
  /** Overwrites the one-time key as far as the engine holds it. */
  wipe(): void
}

/** What a message is made from. The same values give the same message, whenever and wherever. */
export interface MaskedMessageInput {
  readonly mode: MamMode
  /** 1 to 81 trytes in restricted mode, else absent. */
  readonly sideKey?: string | undefined
  /** Signs this message and no other: it is used up then. */
  readonly tree: MamTree
  /** The tree of index + 1, of the same seed and level, whose root the message carries. It may be wiped. */
  readonly nextTree: MamTree
  /** The content, in trytes; at least one. */
  readonly trytes: string
}

/** A message as it goes on the Tangle. */
export interface MaskedMessage {
  /** 81 trytes: where it is published. */
  readonly address: string
  /** 81 trytes: what unmasks it. */
  readonly root: string
  /** The masked message, in trytes. */
  readonly payload: string
}

/** What a masked message holds. */
export interface UnmaskedMessage {
  /** 81 trytes. */
  readonly nextRoot: string
  /** The content, in trytes. */
  readonly trytes: string
}

/** Reads masked messages, here or in a worker. */
export interface MessageParser {
  /**
   * Unmasks a message and checks MAM's own signature, which proves nothing on its own.
   * @param payload trytes from anybody
   * @throws MamError `TRYTES_INVALID`, `MESSAGE_MALFORMED`, `NOT_FOR_KEY`, `MESSAGE_FORGED`
   */
  parseMessage(payload: string, root: string, sideKey?: string): UnmaskedMessage | Promise<UnmaskedMessage>
}

/** Makes and reads masked messages of count 1, byte for byte as `@iota/mam.js` 1.6.3. */
export interface MamEngine extends MessageParser {
  readonly kind: MamEngineKind
  /**
   * @param seed 81 trytes
   * @param index the number of the message in its channel, from 0; the first root is the channel's
   * @throws MamError `SEED_INVALID`, `SECURITY_INVALID`, `TREE_INVALID` for the index
   */
  deriveTree(seed: string, index: number, security: SecurityLevel): MamTree
  /**
   * The trees of `count` indices in a row, which takes less time than one by one: at level 1 two take as long
   * as one. For all of them 2 × security × 6561 bytes are in use at once.
   * @throws MamError as {@link MamEngine.deriveTree}
   */
  deriveTrees(seed: string, from: number, count: number, security: SecurityLevel): readonly MamTree[]
  /**
   * All is checked before the tree is used.
   * @throws MamError `MODE_INVALID`, `SIDE_KEY_INVALID`, `TRYTES_INVALID`, `MESSAGE_TOO_LONG`; `TREE_USED` for a
   * tree that has signed or was wiped, `TREE_INVALID` for one of another engine, and for a next tree that is not
   */
  createMessage(input: MaskedMessageInput): MaskedMessage
  /**
   * With `mam.js` some of the altered signatures are called `MESSAGE_MALFORMED`, for the library stumbles on them,
   * and one in 19 to 32 of the messages for another key `MESSAGE_FORGED`, for it goes by a sum alone.
   * @throws MamError `TRYTES_INVALID` for root or payload, `SIDE_KEY_INVALID`, `MESSAGE_MALFORMED`, `NOT_FOR_KEY`,
   * `MESSAGE_FORGED`
   */
  parseMessage(payload: string, root: string, sideKey?: string): UnmaskedMessage
  /**
   * Where the message of a root is published, 81 trytes: the root itself in public mode, else its hash.
   * @throws MamError `TRYTES_INVALID` for the root, `MODE_INVALID`
   */
  addressOf(root: string, mode: MamMode): string
}
