/// <reference path="./engine-stock-library.d.ts" />
import type { IMamChannelState } from '@iota/mam.js'
import type { SecurityLevel } from './curl-engine.ts'
import type { MamMode, UnmaskedMessage } from './engine.ts'
import type { EngineCore, MessageKey } from './engine-core.ts'
import { MamError } from './errors.ts'
import { readLayout } from './message-layout.ts'
import { addIndex } from './one-time-key.ts'
import { formatTrytes, readHash, readTrytes } from './trytes.ts'

type StockLibrary = Pick<
  typeof import('@iota/mam.js'),
  'createChannel' | 'channelRoot' | 'createMessage' | 'parseMessage' | 'decodeAddress'
>

/**
 * The engine on `@iota/mam.js`, loaded when asked for, so that a bundle without it stays small. The library
 * checks little, and its errors have no code: all is checked before it gets there. It would also read a message
 * that somebody added to, since it ignores what is behind the signature: one form is taken here as well.
 * @throws MamError `ENGINE_MISSING` when the library cannot be loaded
 */
export async function openStockCore(): Promise<EngineCore> {
  const library = await loadLibrary()
  return {
    kind: 'mam.js',
    deriveKeys: (seed, from, count, security) =>
      Array.from({ length: count }, (_, at) => describeKey(library, seed, from + at, security)),
    parseMessage: (payload, root, sideKey) => parse(library, payload, root, sideKey),
    addressOf: (root, mode) => library.decodeAddress(root, mode),
  }
}

async function loadLibrary(): Promise<StockLibrary> {
  try {
    return await import('@iota/mam.js')
  } catch (cause) {
    throw new MamError(
      'ENGINE_MISSING',
      'The library @iota/mam.js cannot be loaded here; use the engine simd.',
      { cause },
    )
  }
}

/** A key of this engine holds the seed: the library keeps no keys, and derives them anew for every message. */
function describeKey(
  library: StockLibrary,
  seed: string,
  index: number,
  security: SecurityLevel,
): MessageKey {
  const root = library.channelRoot(channelAt(library, seed, index, security, 'public', undefined))
  return {
    root,
    createMessage({ mode, sideKey, trytes }) {
      const channel = channelAt(library, seed, index, security, mode, sideKey)
      const { payload, address } = library.createMessage(channel, trytes)
      return { payload, root, address }
    },
    // The engine lets go of this key, and with it of the seed; a string cannot be overwritten.
    wipe: () => {},
  }
}

/**
 * A channel that stands at an index. The library counts up to `start` one by one, which takes minutes for the
 * highest; a seed that is the sum of both gives the same keys.
 */
function channelAt(
  library: StockLibrary,
  seed: string,
  index: number,
  security: SecurityLevel,
  mode: MamMode,
  sideKey: string | undefined,
): IMamChannelState {
  const moved = formatTrytes(addIndex(readHash(seed, 'seed'), index))
  return library.createChannel(moved, security, mode, sideKey)
}

function parse(
  library: StockLibrary,
  payload: string,
  root: string,
  sideKey: string | undefined,
): UnmaskedMessage {
  if (readLayout(readTrytes(payload, 'payload')) === null) throw malformed()
  try {
    const { nextRoot, message } = library.parseMessage(payload, root, sideKey?.padEnd(81, '9'))
    return { nextRoot, trytes: message }
  } catch (cause) {
    throw nameFailure(cause)
  }
}

/**
 * The library tells its refusals apart by their text alone; whatever else it throws, it stumbled. It stumbles
 * over many an altered signature, so with this engine some that are forged are called malformed.
 */
function nameFailure(cause: unknown): MamError {
  const text = cause instanceof Error ? cause.message : ''
  if (text.includes('hamming weight'))
    return new MamError('NOT_FOR_KEY', 'The message does not open with this root and side key.', { cause })
  if (text.includes('did not match expected root'))
    return new MamError('MESSAGE_FORGED', 'The message opens, but its signature is not of this root.', {
      cause,
    })
  return malformed(cause)
}

function malformed(cause?: unknown): MamError {
  return new MamError('MESSAGE_MALFORMED', 'The payload is no masked message; ignore it.', { cause })
}
