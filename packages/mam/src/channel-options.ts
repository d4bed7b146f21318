import type { SecurityLevel } from './curl-engine.ts'
import type { MamEngine, MamMode, MessageParser } from './engine.ts'
import { checkMode, checkSecurity, checkSeed } from './engine-checks.ts'
import type { ContentKeys } from './envelope-keys.ts'
import { MamError } from './errors.ts'
import type { TangleLookup } from './read-lookup.ts'
import { checkSideKey } from './side-key.ts'
import type { ChannelStatePort, ChannelWitness } from './state-port.ts'

/** What a channel works with. */
export interface ChannelParts {
  readonly engine: MamEngine
  readonly state: ChannelStatePort
  /** Asked before every write: notices a state restored from a backup; without it only `lookup` does. */
  readonly witness?: ChannelWitness
  /** Asked once after opening, before the first new message, whether the next address is in use already. */
  readonly lookup?: TangleLookup
  /** Reads what the lookup finds; a worker where it may take long. @defaultValue the engine */
  readonly parser?: MessageParser
  /** @defaultValue `crypto.getRandomValues` */
  readonly random?: (sizeBytes: number) => Uint8Array
}

/** What makes a channel this channel. */
export interface ChannelOptions {
  /** 81 random trytes, used for this channel only. */
  readonly seed: string
  readonly mode: MamMode
  readonly security: SecurityLevel
  /**
   * 1 to 81 trytes, in restricted mode of a new channel. For an existing one it may be left out; if given,
   * it must be the one in use.
   */
  readonly sideKey?: string
  /** Ed25519 secret key of the publisher, 32 bytes; copied before `openChannel` returns its promise. */
  readonly publisherSecretKey: Uint8Array
  /** Left out in public mode only: then anybody can open what is published. */
  readonly contentKeys?: ContentKeys
  /** Says that nothing was ever published from this seed. @defaultValue false: a missing state is an error */
  readonly isNew?: boolean
  /** Messages that may wait for {@link Channel.confirm}; each is kept in the state. @defaultValue 16, at most 255 */
  readonly maxPending?: number
  /** Trees derived ahead at most; each holds security × 6561 bytes of key. @defaultValue 4 */
  readonly maxPrepared?: number
  /** Calls that may wait for one another. @defaultValue 64 */
  readonly maxWaiting?: number
}

/**
 * Refuses what cannot be a channel.
 * @throws MamError `SEED_INVALID`, `MODE_INVALID`, `SECURITY_INVALID`, `SIDE_KEY_INVALID`, `KEY_INVALID`,
 * `LIMIT_INVALID`
 */
export function checkOptions(options: ChannelOptions): void {
  const { seed, security, publisherSecretKey, mode, sideKey, contentKeys } = options
  checkSeed(seed)
  checkSecurity(security)
  checkMode(mode)
  if (options.isNew === true || sideKey !== undefined) checkChannelSideKey(mode, sideKey)
  if (publisherSecretKey.length !== 32)
    throw new MamError('KEY_INVALID', 'publisherSecretKey is not 32 bytes; give an Ed25519 secret key.')
  if (contentKeys === undefined && mode !== 'public')
    throw new MamError('KEY_INVALID', 'contentKeys are missing; only a public channel goes without.')
  checkLimits(options)
}

/**
 * Refuses a side key where none belongs, none where one does, and one of 9s alone, which masks as none does.
 * @throws MamError `MODE_INVALID`, `SIDE_KEY_INVALID`
 */
export function checkChannelSideKey(mode: MamMode, sideKey: string | undefined): void {
  checkSideKey(mode, sideKey)
  if (sideKey !== undefined && trimSideKey(sideKey) === '')
    throw new MamError('SIDE_KEY_INVALID', 'A side key of 9s alone is the same as none; choose another.')
}

/** Without the 9s at its end, which change nothing: side keys that agree in this are one side key. */
export function trimSideKey(sideKey: string): string {
  return sideKey.replace(/9+$/, '')
}

function checkLimits({ maxPending = 1, maxPrepared = 1, maxWaiting = 1 }: ChannelOptions): void {
  const limits = [maxPending, maxPrepared, maxWaiting]
  if (!limits.every((limit) => Number.isSafeInteger(limit) && limit > 0) || maxPending > 255)
    throw new MamError('LIMIT_INVALID', 'maxPending is 1 to 255, maxPrepared and maxWaiting are at least 1.')
}
