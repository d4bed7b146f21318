import type { CurlEngine, SecurityLevel } from './curl-engine.ts'
import { MamError } from './errors.ts'
import { deriveKey, deriveKeyAddress, signInPlace } from './one-time-key.ts'
import { formatTrytes, HASH_TRYTES, isTrytes, readTrytes } from './trytes.ts'

/**
 * A tree of one leaf: one key, for one message. It can be derived long before it is needed, and holds nothing
 * but this key: neither the seed nor any other key can be had from it.
 */
export interface OneTimeTree {
  /** 81 trytes: what the message's signature comes to, and from which its address is made. */
  readonly root: string
  readonly index: number
  readonly security: SecurityLevel
  /**
   * Signs the first thirds of a hash of 243 trits, `security` of them, and forgets the key.
   * @returns the signature, which belongs to the caller
   * @throws MamError `STATE_ROLLED_BACK` when it has signed before or was wiped
   */
  sign(engine: CurlEngine, hash: Int8Array): Int8Array
  /** Forgets the key, best effort: engines may have left traces of it in memory. */
  wipe(): void
}

/**
 * Derives the key of one message and its tree, as `@iota/mam.js` does for a `count` of 1. The root of the
 * tree at the first index is the channel's root.
 * @param seed 81 trytes
 * @param index the number of the message in its channel, from 0
 * @throws MamError `SEED_INVALID`, `SECURITY_INVALID`, or `STATE_MALFORMED` for the index
 */
export function deriveTree(
  engine: CurlEngine,
  seed: string,
  index: number,
  security: SecurityLevel,
): OneTimeTree {
  checkSecurity(security)
  if (!Number.isSafeInteger(index) || index < 0) {
    throw new MamError('STATE_MALFORMED', 'The index must be a whole number from 0 on')
  }
  const seedTrits = readSeed(seed)
  const key = deriveKey(engine, seedTrits, index, security)
  seedTrits.fill(0)
  const root = formatTrytes(deriveKeyAddress(engine, key))
  return holdKey(key, { root, index, security })
}

/** Refuses what is no level of security. @throws MamError `SECURITY_INVALID` */
export function checkSecurity(security: number): void {
  if (security === 1 || security === 2 || security === 3) return
  throw new MamError('SECURITY_INVALID', 'The security must be 1, 2 or 3')
}

function readSeed(seed: unknown): Int8Array {
  if (isTrytes(seed) && seed.length === HASH_TRYTES) return readTrytes(seed, 'seed')
  throw new MamError('SEED_INVALID', `The seed must be ${HASH_TRYTES} characters, of 9 and A to Z`)
}

function holdKey(key: Int8Array, tree: Pick<OneTimeTree, 'root' | 'index' | 'security'>): OneTimeTree {
  let unused: Int8Array | null = key
  return {
    ...tree,
    sign: (engine, hash) => {
      if (unused === null)
        throw new MamError('STATE_ROLLED_BACK', 'A one-time key signs once: derive the next')
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
