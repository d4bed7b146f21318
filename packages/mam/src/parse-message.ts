import type { CurlEngine, Sponge } from './curl-engine.ts'
import { HASH_TRITS } from './curl-rounds.ts'
import type { UnmaskedMessage } from './engine.ts'
import { MamError } from './errors.ts'
import { unmaskTrits } from './mask.ts'
import { isZeroAt, type MessageLayout, readLayout, THIRD_TRITS } from './message-layout.ts'
import { recoverKeyAddress } from './one-time-key.ts'
import { readSideKey } from './side-key.ts'
import { formatTrytes, readHash, readTrytes } from './trytes.ts'

/** The trits of a nonce that searching leaves as it found them: see {@link isSearched}. */
const NONCE_KEPT = { from: 4, to: 54 } as const

/**
 * Unmasks and verifies a message of a tree of one leaf, from anybody. Work and memory are bounded by its
 * length, which the engine checks first: at most 750 blocks go through the sponge, and nothing is recursive.
 *
 * Every trit counts: unlike `@iota/mam.js`, which ignores trits behind the number of siblings, this takes a
 * message in the one form in which it is made. `MESSAGE_FORGED` is said only where the key is certain to be
 * right, by {@link isSearched}: next root and text are as somebody with this root and side key masked them,
 * and nonce or signature is not by the owner of the root. All else that does not verify is `NOT_FOR_KEY`, also
 * a text that was altered: under a mask that looks like one for another key.
 *
 * It proves little, as Curl-P-27 is broken (Heilman et al., eprint 2019/344): content needs its own
 * authentication.
 * @param root 81 trytes: where the reader stands in the channel
 * @param sideKey as given to the publisher, absent unless the channel is restricted
 * @throws MamError `MESSAGE_MALFORMED`, `NOT_FOR_KEY`, `MESSAGE_FORGED`
 */
export function parseMessage(
  engine: CurlEngine,
  payload: string,
  root: string,
  sideKey?: string,
): UnmaskedMessage {
  const trits = readTrytes(payload, 'payload')
  const layout = readLayout(trits)
  if (layout === null) throw malformed()
  const sponge = engine.createSponge()
  const keys = [readSideKey(sideKey), readHash(root, 'root')]
  try {
    for (const key of keys) sponge.absorb(key, 0, HASH_TRITS)
    unmaskMessage(engine, sponge, trits, layout, root)
  } finally {
    sponge.reset()
    for (const key of keys) key.fill(0)
  }
  return {
    nextRoot: formatTrytes(trits, layout.nextRootAt, layout.textAt),
    trytes: formatTrytes(trits, layout.textAt, layout.nonceAt),
  }
}

/** Unmasks all of it in place, and verifies the signature. @throws MamError `NOT_FOR_KEY`, `MESSAGE_FORGED` */
function unmaskMessage(
  engine: CurlEngine,
  sponge: Sponge,
  trits: Int8Array,
  layout: MessageLayout,
  root: string,
): void {
  const isKeyRight = unmaskText(sponge, trits, layout)
  const hash = sponge.rate().slice()
  if (levelOf(hash) !== layout.security) throw isKeyRight ? forged() : notForKey()
  unmaskTrits(sponge, trits, layout.signatureAt, layout.paddingAt)
  if (!isSigned(engine, trits, layout, hash, root)) throw isKeyRight ? forged() : notForKey()
}

/** Unmasks next root, text and nonce, and tells whether the nonce was searched for under this very key. */
function unmaskText(sponge: Sponge, trits: Int8Array, layout: MessageLayout): boolean {
  sponge.absorb(trits, 0, layout.nextRootAt)
  unmaskTrits(sponge, trits, layout.nextRootAt, layout.nonceAt)
  const before = sponge.rate().slice()
  unmaskTrits(sponge, trits, layout.nonceAt, layout.signatureAt)
  return isSearched(before, trits.subarray(layout.nonceAt, layout.signatureAt))
}

/**
 * Whether a nonce began as the sponge's own rate. The search puts counters into its first 4 and last 27
 * trits and leaves 50 as they were, so with the right key, and only with it, these are those of the rate: with
 * another one by chance once in 3^50. The sum of the hash alone is zero by chance once in 19 to 32 times, too
 * often to call somebody a forger. A nonce that was found in another way is taken if the rest verifies.
 */
function isSearched(rate: Int8Array, nonce: Int8Array): boolean {
  for (let at = NONCE_KEPT.from; at < NONCE_KEPT.to; at++) if (rate[at] !== nonce[at]) return false
  return true
}

/** How many thirds of a hash it takes until they sum to zero: the level it is signed at; 0 for none. */
function levelOf(hash: Int8Array): number {
  let sum = 0
  for (let third = 1; third <= HASH_TRITS / THIRD_TRITS; third++) {
    for (let at = (third - 1) * THIRD_TRITS; at < third * THIRD_TRITS; at++) sum += hash[at] as number
    if (sum === 0) return third
  }
  return 0
}

function isSigned(
  engine: CurlEngine,
  trits: Int8Array,
  layout: MessageLayout,
  hash: Int8Array,
  root: string,
): boolean {
  if (!isZeroAt(trits, layout.siblingsAt)) return false
  const signature = trits.slice(layout.signatureAt, layout.siblingsAt)
  return formatTrytes(recoverKeyAddress(engine, signature, hash)) === root
}

function malformed(): MamError {
  return new MamError('MESSAGE_MALFORMED', 'The payload is not a message of this format: ignore it')
}

function notForKey(): MamError {
  const remedy = 'check both; if they are right, it was altered'
  return new MamError('NOT_FOR_KEY', `The message does not open with this root and side key: ${remedy}`)
}

function forged(): MamError {
  return new MamError(
    'MESSAGE_FORGED',
    'The message was not signed by the owner of the root: do not trust it',
  )
}
