import { deriveAddress } from './address.ts'
import type { CurlEngine } from './curl-engine.ts'
import { HASH_TRITS } from './curl-rounds.ts'
import type { MaskedMessage } from './engine.ts'
import type { MessageParts } from './engine-core.ts'
import { maskTrits } from './mask.ts'
import { type MessageLayout, planMessage, writeHeader, writeSiblings } from './message-layout.ts'
import type { OneTimeTree } from './one-time-tree.ts'
import { readSideKey } from './side-key.ts'
import { formatTrytes, readHash, TRYTE_TRITS, writeTrytes } from './trytes.ts'

/** What a message is made from, with the tree that signs it, which it can do once. */
interface SignedParts extends MessageParts {
  readonly tree: OneTimeTree
}

/**
 * Makes a message as `@iota/mam.js` 1.6.3 makes it from the same seed, index, level, mode and side key with a
 * `count` of 1: payload, root and address are the same.
 *
 * Next root and text are masked by a sponge that has taken in side key, root and the clear part. Then a nonce
 * is looked for, until the thirds of the hash that get signed sum to zero: that sum is what a reader with the
 * right key sees first, and what the one-time signature rests on.
 */
export function createMessage(engine: CurlEngine, parts: SignedParts): MaskedMessage {
  const { mode, tree, nextRoot, trytes } = parts
  const layout = planMessage(trytes.length * TRYTE_TRITS, tree.security)
  const trits = new Int8Array(layout.sizeTrits)
  writeHeader(trits, trytes.length * TRYTE_TRITS)
  writeTrytes(nextRoot, trits, layout.nextRootAt)
  writeTrytes(trytes, trits, layout.textAt)
  maskMessage(engine, trits, layout, parts)
  const address = deriveAddress(engine, tree.root, mode)
  return { payload: formatTrytes(trits), root: tree.root, address }
}

function maskMessage(
  engine: CurlEngine,
  trits: Int8Array,
  layout: MessageLayout,
  { sideKey, tree }: SignedParts,
): void {
  const sponge = engine.createSponge()
  const keys = [readSideKey(sideKey), readHash(tree.root, 'root')]
  try {
    for (const key of keys) sponge.absorb(key, 0, HASH_TRITS)
    sponge.absorb(trits, 0, layout.nextRootAt)
    maskTrits(sponge, trits, layout.nextRootAt, layout.nonceAt)
    trits.set(engine.findNonce(sponge.state(), layout.security), layout.nonceAt)
    maskTrits(sponge, trits, layout.nonceAt, layout.signatureAt)
    trits.set(tree.sign(engine, sponge.rate().slice()), layout.signatureAt)
    writeSiblings(trits, layout.siblingsAt)
    maskTrits(sponge, trits, layout.signatureAt, layout.paddingAt)
  } finally {
    sponge.reset()
    for (const key of keys) key.fill(0)
  }
}
