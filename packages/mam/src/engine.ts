import type { SecurityLevel } from './curl-engine.ts'

/** Who may find and unmask a message: everybody, who knows the root, or who knows root and side key. */
export type MamMode = 'public' | 'private' | 'restricted'

/** Which implementation makes and reads messages; the bytes are the same. */
export type MamEngineKind = 'simd' | 'mam.js'

/** A tree of one leaf: a one-time key and the root it is published under. It belongs to the engine that made it. */
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
  /** Signs this message and no other; wiped or used up afterwards. */
  readonly tree: MamTree
  /** The tree of index + 1 at the same level, whose root the message carries. */
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
  /** @param seed 81 trytes */
  deriveTree(seed: string, index: number, security: SecurityLevel): MamTree
  /** @throws MamError `MESSAGE_TOO_LONG`, `SIDE_KEY_INVALID` */
  createMessage(input: MaskedMessageInput): MaskedMessage
  parseMessage(payload: string, root: string, sideKey?: string): UnmaskedMessage
  /** Where the message of a root is published: the root itself in public mode, else its hash. */
  addressOf(root: string, mode: MamMode): string
}
