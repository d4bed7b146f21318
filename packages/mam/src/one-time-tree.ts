import type { CurlEngine, SecurityLevel } from './curl-engine.ts'
import { HASH_TRITS } from './curl-rounds.ts'
import { MamError } from './errors.ts'
import { keyTritsOf } from './message-layout.ts'
import { deriveKeyAddresses, deriveKeys, signInPlace } from './one-time-key.ts'
import { formatTrytes, readHash } from './trytes.ts'

/**
 * A tree of one leaf: one key, for one message. It can be derived long before it is needed, and holds nothing
 * but this key: neither the seed nor any other key can be had from it.
 */
export interface OneTimeTree {
  /** 81 trytes: what the message's signature comes to, and from which its address is made. */
  readonly root: string
  readonly security: SecurityLevel
  /**
   * Signs the first thirds of a hash of 243 trits, `security` of them, and forgets the key.
   * @returns the signature, which belongs to the caller
   * @throws MamError `TREE_USED` when it has signed before or was wiped; `TRYTES_INVALID` for another length,
   * which would leave fragments of the key unhashed
   */
  sign(engine: CurlEngine, hash: Int8Array): Int8Array
  /** Forgets the key, best effort: engines may have left traces of it in memory. */
  wipe(): void
}

/**
 * Derives the keys of messages in a row and their trees, as `@iota/mam.js` does for a `count` of 1.
 * @param seed 81 trytes
 * @param from the number of the first message in its channel, from 0
 */
export function deriveTrees(
  engine: CurlEngine,
  seed: string,
  from: number,
  count: number,
  security: SecurityLevel,
): readonly OneTimeTree[] {
  const seedTrits = readHash(seed, 'seed')
  const keys = deriveKeys(engine, seedTrits, from, count, security)
  seedTrits.fill(0)
  const size = keyTritsOf(security)
  return deriveKeyAddresses(engine, keys, security).map((address, at) =>
    holdKey(keys.subarray(at * size, (at + 1) * size), formatTrytes(address), security),
  )
}

function holdKey(key: Int8Array, root: string, security: SecurityLevel): OneTimeTree {
  let unused: Int8Array | null = key
  return {
    root,
    security,
    sign: (engine, hash) => {
      if (hash.length !== HASH_TRITS)
        throw new MamError('TRYTES_INVALID', 'The hash to sign must be 243 trits: pass all of it')
      if (unused === null) throw new MamError('TREE_USED', 'A one-time key signs once: derive the next')
      const signature = unused
      unused = null
      signInPlace(engine, signature, hash)
      return signature
    },
    wipe: () => {
      unused?.fill(0)
      unused = null
    },
  }
}
