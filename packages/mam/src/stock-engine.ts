/// <reference path="./engine-stock-library.d.ts" />
import type { IMamChannelState } from '@iota/mam.js'
import type { SecurityLevel } from './curl-engine.ts'
import type { MamEngine, MamMode, MamTree, UnmaskedMessage } from './engine.ts'
import { MamError } from './errors.ts'
import { maxMessageTrytes, WIRE_TRYTES_MAX } from './message-limits.ts'
import { checkSideKey, readSideKey } from './side-key.ts'
import { requireTrytes } from './trytes.ts'

type StockLibrary = Pick<
  typeof import('@iota/mam.js'),
  'createChannel' | 'channelRoot' | 'createMessage' | 'parseMessage' | 'decodeAddress'
>

/** Trees of this engine are descriptions: the library derives keys anew each time and keeps none. */
interface StockTree extends MamTree {
  readonly seed: string
}

/**
 * The engine on `@iota/mam.js`, loaded when asked for, so that a bundle without it stays small.
 * @throws MamError `ENGINE_MISSING` when the library cannot be loaded
 */
export async function openStockEngine(): Promise<MamEngine> {
  const library = await loadLibrary()
  return {
    kind: 'mam.js',
    deriveTree: (seed, index, security) => describeTree(library, seed, index, security),
    createMessage({ mode, sideKey, tree, trytes }) {
      const { seed, index, security } = tree as StockTree
      checkContent(mode, sideKey, trytes, security)
      const channel = channelAt(library, seed, index, security, mode, sideKey)
      const { payload, root, address } = library.createMessage(channel, trytes)
      return { payload, root, address }
    },
    parseMessage: (payload, root, sideKey) => parse(library, payload, root, sideKey),
    addressOf: (root, mode) => library.decodeAddress(root, mode),
  }
}

/** The library checks less, and with errors that have no code. */
function checkContent(
  mode: MamMode,
  sideKey: string | undefined,
  trytes: string,
  security: SecurityLevel,
): void {
  checkSideKey(mode, sideKey)
  readSideKey(sideKey)
  requireTrytes(trytes, 'content')
  if (trytes.length === 0) throw new MamError('TRYTES_INVALID', 'The content must be at least one tryte.')
  if (trytes.length > maxMessageTrytes(security))
    throw new MamError(
      'MESSAGE_TOO_LONG',
      'The content is too long for one message; split it, or send a hash.',
    )
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

function describeTree(
  library: StockLibrary,
  seed: string,
  index: number,
  security: SecurityLevel,
): StockTree {
  const root = library.channelRoot(channelAt(library, seed, index, security, 'public', undefined))
  return { seed, index, security, root, wipe: () => {} }
}

function channelAt(
  library: StockLibrary,
  seed: string,
  index: number,
  security: SecurityLevel,
  mode: MamMode,
  sideKey: string | undefined,
): IMamChannelState {
  const channel = library.createChannel(seed, security, mode, sideKey)
  channel.start = index
  return channel
}

function parse(
  library: StockLibrary,
  payload: string,
  root: string,
  sideKey: string | undefined,
): UnmaskedMessage {
  requireTrytes(payload, 'payload')
  if (payload.length > WIRE_TRYTES_MAX)
    throw new MamError('MESSAGE_MALFORMED', 'The payload is longer than any message; ignore it.')
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
  return new MamError('MESSAGE_MALFORMED', 'The payload is no masked message; ignore it.', { cause })
}
