import { MamError } from './errors.ts'

/** Trits of a hash, which is also the rate of the sponge. */
export const HASH_TRITS = 243
/** Trits of the sponge's state. */
export const STATE_TRITS = 729
/** Rounds of Curl-P-27. */
export const ROUNDS = 27

/*
 * One round of Curl-P gives every trit i its new value T(s[364·i], s[364·(i+1)]), indices modulo 729.
 *
 * Rotations instead of a gather. Let u[j] = s[a·j] with a = 1 before the first round and a ← a·364⁻¹ after
 * each. Then a round is u[j] ← T(u[j], u[j + k]) with k = 364, 364², 364³ … : the index of the first
 * operand stays, and the second is the same ring turned by k. After 27 rounds s[i] = u[364²⁷·i], and
 * 364²⁷ = 82 = 1 + 3·27, so with i = 27·w + b the value lies at 27·(w + 3·b) + b: in a table of 27 words of
 * 27 bits every bit keeps its column, and column b is turned by 3·b words.
 *
 * T on bits. A trit is two bits, `plus` (it is 1) and `minus` (it is −1):
 *
 *     T(x, y)   y=−1  y=0  y=1        plus' = (py ⊕ mx) ∧ ¬(px ∧ ¬my)
 *     x=−1        1     1   −1        minus' = ¬((px ⊕ my) ∨ plus')
 *     x=0         0    −1    1
 *     x=1        −1     0    0
 *
 * The negations cost a sixth operation. They vanish when a round may leave one of its two bits inverted,
 * and three rounds of five operations each come back to where they began (M = ¬minus, Q = ¬plus):
 *
 *     A: (p, m) → (p, M)   p' = (py ⊕ mx) ∧ ¬(px ∧ ¬my)   M' = (px ⊕ my) ∨ p'
 *     B: (p, M) → (Q, m)   Q' = (py ⊕ Mx) ∨ (px ∧ My)     m' = (px ⊕ My) ∧ Q'
 *     C: (Q, m) → (p, m)   p' = (Qx ∨ my) ∧ ¬(Qy ⊕ mx)    m' = (Qx ⊕ my) ∧ ¬p'
 *
 * Curl-P: https://github.com/iotaledger/kerl and the reference in @iota/crypto.js, hashes/curl.
 */

/** The turn of the ring in each of 27 rounds: 364, 364², … modulo 729. */
export const TURNS: readonly number[] = Array.from({ length: ROUNDS }).reduce<number[]>(
  (turns) => [...turns, ((turns.at(-1) ?? 1) * 364) % STATE_TRITS],
  [],
)

/** Where trit i of the state lies after 27 rounds that were done as turns: 82·i modulo 729. */
export function locateTrit(index: number): number {
  return (82 * index) % STATE_TRITS
}

/** How often a sponge transforms for as many trits: once for each block of 243, and once for none. */
export function countBlocks(trits: number): number {
  return Math.max(1, Math.ceil(trits / HASH_TRITS))
}

/** @throws MamError TRYTES_INVALID when as many trits do not fit from there on */
export function checkRoom(trits: Int8Array, offset: number, length: number): void {
  if (offset >= 0 && offset + length <= trits.length) return
  throw new MamError('TRYTES_INVALID', 'trits must have room for all that is squeezed: pass a longer array', {
    details: { field: 'trits', trits: trits.length, offset, length },
  })
}

/**
 * What {@link CurlEngine} asks of the arguments of its two searches.
 * @throws MamError TRYTES_INVALID when lengths do not fit together
 */
export function checkFragments(fragments: Int8Array, counts: Uint8Array): void {
  if (fragments.length === counts.length * HASH_TRITS) return
  throw new MamError(
    'TRYTES_INVALID',
    'fragments must hold 243 trits for every count: pass both of one key',
    {
      details: { field: 'fragments', trits: fragments.length, counts: counts.length },
    },
  )
}

/** @throws MamError TRYTES_INVALID when it is not 729 trits */
export function checkState(state: Int8Array): void {
  if (state.length === STATE_TRITS) return
  throw new MamError('TRYTES_INVALID', 'state must hold 729 trits: pass all of the sponge, not its rate', {
    details: { field: 'state', trits: state.length },
  })
}
