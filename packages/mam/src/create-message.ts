import { deriveAddress } from './address.ts'
import type { CurlEngine, SecurityLevel } from './curl-engine.ts'
import { HASH_TRITS } from './curl-rounds.ts'
import type { MamMode, MaskedMessage } from './engine.ts'
import { MamError } from './errors.ts'
import { maskTrits } from './mask.ts'
import { type MessageLayout, planMessage, writeHeader, writeSiblings } from './message-layout.ts'
import { maxMessageTrytes } from './message-limits.ts'
import type { OneTimeTree } from './one-time-tree.ts'
import { checkSideKey, readSideKey } from './side-key.ts'
import { formatTrytes, readHash, requireTrytes, TRYTE_TRITS, writeTrytes } from './trytes.ts'

/** What a message is made from. */
export interface MessageParts {
  readonly mode: MamMode
  /** 1 to 81 trytes in restricted mode, else absent. */
  readonly sideKey?: string | undefined
  /** Signs the message, which it can do once. */
  readonly tree: OneTimeTree
  /** The tree of the next message, of the same seed and level, whose root this one carries. */
  readonly nextTree: Pick<OneTimeTree, 'root' | 'index' | 'security'>
  /** The content, at least one tryte. */
  readonly trytes: string
}

/**
 * Makes a message as `@iota/mam.js` 1.6.3 makes it from the same seed, index, level, mode and side key with a
 * `count` of 1: payload, root and address are the same. All is checked before the tree's key is used up.
 *
 * Next root and text are masked by a sponge that has taken in side key, root and the clear part. Then a nonce
 * is looked for, until the thirds of the hash that get signed sum to zero: that sum is what a reader with the
 * right key sees first, and what the one-time signature rests on.
 * @throws MamError `MODE_INVALID`, `SIDE_KEY_INVALID`, `TRYTES_INVALID`, `MESSAGE_TOO_LONG`, and
 * `STATE_ROLLED_BACK` or `STATE_MALFORMED` for a tree that was used or a next tree that is not the next
 */
export function createMessage(engine: CurlEngine, parts: MessageParts): MaskedMessage {
  checkParts(parts)
  const { tree, trytes } = parts
  const root = readHash(tree.root, 'root')
  const address = deriveAddress(engine, tree.root, parts.mode)
  const layout = planMessage(trytes.length * TRYTE_TRITS, tree.security)
  const trits = new Int8Array(layout.sizeTrits)
  writeHeader(trits, trytes.length * TRYTE_TRITS)
  trits.set(readHash(parts.nextTree.root, 'next root'), layout.nextRootAt)
  writeTrytes(trytes, trits, layout.textAt)
  maskMessage(engine, trits, layout, { ...parts, sideKey: readSideKey(parts.sideKey), root })
  return { payload: formatTrytes(trits), root: tree.root, address }
}

function maskMessage(
  engine: CurlEngine,
  trits: Int8Array,
  layout: MessageLayout,
  keys: { readonly sideKey: Int8Array; readonly root: Int8Array; readonly tree: OneTimeTree },
): void {
  const sponge = engine.createSponge()
  sponge.absorb(keys.sideKey, 0, HASH_TRITS)
  sponge.absorb(keys.root, 0, HASH_TRITS)
  sponge.absorb(trits, 0, layout.nextRootAt)
  maskTrits(sponge, trits, layout.nextRootAt, layout.nonceAt)
  trits.set(engine.findNonce(sponge.state(), layout.security), layout.nonceAt)
  maskTrits(sponge, trits, layout.nonceAt, layout.signatureAt)
  trits.set(keys.tree.sign(engine, sponge.rate().slice()), layout.signatureAt)
  writeSiblings(trits, layout.siblingsAt)
  maskTrits(sponge, trits, layout.signatureAt, layout.paddingAt)
  sponge.reset()
}

function checkParts({ mode, sideKey, tree, nextTree, trytes }: MessageParts): void {
  checkSideKey(mode, sideKey)
  requireTrytes(trytes, 'content')
  if (trytes.length === 0) throw new MamError('TRYTES_INVALID', 'The content must be at least one tryte')
  checkLength(trytes.length, tree.security)
  if (nextTree.index !== tree.index + 1 || nextTree.security !== tree.security) {
    throw new MamError('STATE_MALFORMED', 'The next tree must be of the next index, and of the same level')
  }
}

function checkLength(trytes: number, security: SecurityLevel): void {
  const most = maxMessageTrytes(security)
  if (trytes <= most) return
  throw new MamError(
    'MESSAGE_TOO_LONG',
    'The content is too long for one message: split it, or send a hash',
    {
      details: { trytes, most },
    },
  )
}
