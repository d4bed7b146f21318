import type { SecurityLevel } from './curl-engine.ts'
import type { MamEngineKind, MamMode, MaskedMessage, UnmaskedMessage } from './engine.ts'

/** One way to make and read messages, behind the checks that all of them share: what it is given holds. */
export interface EngineCore {
  readonly kind: MamEngineKind
  /** The keys of `count` indices in a row. */
  deriveKeys(seed: string, from: number, count: number, security: SecurityLevel): readonly MessageKey[]
  /** @throws MamError `MESSAGE_MALFORMED`, `NOT_FOR_KEY`, `MESSAGE_FORGED` */
  parseMessage(payload: string, root: string, sideKey: string | undefined): UnmaskedMessage
  addressOf(root: string, mode: MamMode): string
}

/** The key of one message. It is asked for one message at most. */
export interface MessageKey {
  /** 81 trytes. */
  readonly root: string
  createMessage(parts: MessageParts): MaskedMessage
  wipe(): void
}

/** What a message is made from, its key aside. */
export interface MessageParts {
  readonly mode: MamMode
  /** 1 to 81 trytes in restricted mode, else absent. */
  readonly sideKey?: string | undefined
  /** 81 trytes: the root of the next index of the same seed and level. */
  readonly nextRoot: string
  /** The content, at least one tryte and not too many. */
  readonly trytes: string
}
