import type { CurlEngine, SecurityLevel } from './curl-engine.ts'
import { HASH_TRITS } from './curl-rounds.ts'
import { keyTritsOf } from './message-layout.ts'
import { sumTryte, TRYTE_TRITS } from './trytes.ts'

/*
 * Winternitz one-time signatures over balanced trytes (Merkle, CRYPTO '89), as signing/iss-p27 of
 * @iota/mam.js has them. For tryte v of the hash, −13 to 13, one fragment f of the key is hashed 13 − v times
 * to sign; who verifies hashes on, v + 13 times, and comes in any case to the end of the chain, f hashed 26
 * times. The address is the hash of the hash of all ends.
 *
 * A forger can hash on: from a signature of trytes v to one of any trytes below. Winternitz stops that by a
 * sum over the trytes. MAM asks instead that the trits sum to zero, which leaves room: at level 1, by counting
 * over 200 random hashes, one hash in 2^58 fits a typical signature, and for one signature in ten more than one
 * in 2^49. A second signature by the same key leaves far more, so a key signs once.
 */
const TRYTE_MAX = 13
const CHAIN_LENGTH = 2 * TRYTE_MAX

/**
 * The keys of `count` indices from `from` on, one behind the other, fragments of 243 trits each: the seed plus
 * the index as a number, hashed, squeezed and hashed. Together, so that they share the lanes of the engine.
 */
export function deriveKeys(
  engine: CurlEngine,
  seed: Int8Array,
  from: number,
  count: number,
  security: SecurityLevel,
): Int8Array {
  const size = keyTritsOf(security)
  const keys = new Int8Array(count * size)
  for (let at = 0; at < count; at++) squeezeKey(engine, addIndex(seed, from + at), keys, at * size, size)
  engine.hashChains(
    keys,
    countsOf(keys, () => 1),
  )
  return keys
}

/** Wipes the subseed. */
function squeezeKey(
  engine: CurlEngine,
  subseed: Int8Array,
  keys: Int8Array,
  start: number,
  size: number,
): void {
  const sponge = engine.createSponge()
  sponge.absorb(subseed, 0, HASH_TRITS)
  subseed.set(sponge.rate())
  sponge.reset()
  sponge.absorb(subseed, 0, HASH_TRITS)
  sponge.squeeze(keys, start, size)
  sponge.reset()
  subseed.fill(0)
}

/** The addresses, 243 trits each, of keys that {@link deriveKeys} derived: what their signatures come to. */
export function deriveKeyAddresses(
  engine: CurlEngine,
  keys: Int8Array,
  security: SecurityLevel,
): readonly Int8Array[] {
  const ends = keys.slice()
  engine.hashChains(
    ends,
    countsOf(ends, () => CHAIN_LENGTH),
  )
  const size = keyTritsOf(security)
  return Array.from({ length: keys.length / size }, (_, at) =>
    hashEnds(engine, ends.subarray(at * size, (at + 1) * size)),
  )
}

/** Signs as many trytes of a hash as the key has fragments: turns the key's trits into the signature's. */
export function signInPlace(engine: CurlEngine, key: Int8Array, hash: Int8Array): void {
  engine.hashChains(
    key,
    countsOf(key, (at) => TRYTE_MAX - sumTryte(hash, at)),
  )
}

/** The address, 243 trits, of the key that made this signature of this hash; the signature is used up. */
export function recoverKeyAddress(engine: CurlEngine, signature: Int8Array, hash: Int8Array): Int8Array {
  engine.hashChains(
    signature,
    countsOf(signature, (at) => TRYTE_MAX + sumTryte(hash, at)),
  )
  return hashEnds(engine, signature)
}

function hashEnds(engine: CurlEngine, ends: Int8Array): Int8Array {
  const sponge = engine.createSponge()
  sponge.absorb(ends, 0, ends.length)
  const digest = sponge.rate().slice()
  sponge.reset()
  sponge.absorb(digest, 0, HASH_TRITS)
  const address = sponge.rate().slice()
  sponge.reset()
  return address
}

function countsOf(fragments: Int8Array, count: (tritsAt: number) => number): Uint8Array {
  return Uint8Array.from({ length: fragments.length / HASH_TRITS }, (_, at) => count(at * TRYTE_TRITS))
}

/**
 * The sum of a seed, 243 trits, and an index, as numbers in balanced ternary, modulo 3^243. Digits of the index
 * are added, never the index itself: the sum with the highest would be no safe integer.
 */
export function addIndex(seed: Int8Array, index: number): Int8Array {
  const sums = new Int8Array(HASH_TRITS)
  let rest = index
  for (let at = 0; at < HASH_TRITS; at++) {
    const digit = rest % 3
    const sum = (seed[at] as number) + digit
    const trit = sum > 1 ? sum - 3 : sum
    sums[at] = trit
    rest = (rest - digit) / 3 + (sum - trit) / 3
  }
  return sums
}
