/** A Curl-P sponge over trits (−1, 0, 1): 729 of state, 243 of rate. */
export interface Sponge {
  /** Back to all zeros; this also wipes the sponge's copy of what it took in. */
  reset(): void
  /**
   * Takes `length` trits in, 243 at a time, transforming after each block; once even for none. A block
   * that is short, or goes beyond the end of the array, leaves the state's other trits as they are.
   */
  absorb(trits: Int8Array, offset: number, length: number): void
  /**
   * Writes `length` trits of output, transforming after each 243; once even for none.
   * @throws MamError `TRYTES_INVALID` when they do not fit into the array; nothing has changed then
   */
  squeeze(trits: Int8Array, offset: number, length: number): void
  /** The rate part, first 243 trits of the state: a view, valid until the next call. */
  rate(): Int8Array
  /** A copy of all 729 trits of the state. */
  state(): Int8Array
}

/** Security level: how many thirds of a message's hash are signed. */
export type SecurityLevel = 1 | 2 | 3

/** What masked messages need of Curl-P-27, in a form that 128 lanes at a time can serve. */
export interface CurlEngine {
  readonly kind: 'simd' | 'scalar'
  /**
   * @param rounds 27 for everything that is signed or masked, 81 for an address from a root
   * @defaultValue 27
   */
  createSponge(rounds?: 27 | 81): Sponge
  /**
   * Hashes each fragment of 243 trits with a fresh sponge, `counts[i]` times over, in place: the chains
   * of Winternitz one-time signatures. Any number of fragments.
   */
  hashChains(fragments: Int8Array, counts: Uint8Array): void
  /**
   * The first nonce, in the order @iota/mam.js 1.6.3 tries them, for which the first `security` thirds
   * of the hash sum to zero, and no fewer thirds do.
   * @param state all 729 trits of the sponge, before the nonce
   * @returns the nonce's trits as @iota/mam.js would give them
   */
  findNonce(state: Int8Array, security: SecurityLevel): Int8Array
}
