import type { Sponge } from './curl-engine.ts'
import { HASH_TRITS } from './curl-rounds.ts'

/** The sum of two trits, modulo 3 and balanced, by their plain sum + 2. */
const SUMS = Int8Array.of(1, -1, 0, 1, -1)

/**
 * Masks trits in place: each block of 243 is added to the sponge's rate, and then absorbed as it was, so that
 * the mask of a block depends on all that came before. The last block may be shorter.
 */
export function maskTrits(sponge: Sponge, trits: Int8Array, start: number, end: number): void {
  const masked = new Int8Array(HASH_TRITS)
  for (let from = start; from < end; from += HASH_TRITS) {
    const length = Math.min(HASH_TRITS, end - from)
    addTrits(masked, trits, from, sponge.rate(), length)
    sponge.absorb(trits, from, length)
    trits.set(length === HASH_TRITS ? masked : masked.subarray(0, length), from)
  }
}

/** Takes off in place what {@link maskTrits} put on, given a sponge in the same state. */
export function unmaskTrits(sponge: Sponge, trits: Int8Array, start: number, end: number): void {
  for (let from = start; from < end; from += HASH_TRITS) {
    const length = Math.min(HASH_TRITS, end - from)
    subtractTrits(trits, from, sponge.rate(), length)
    sponge.absorb(trits, from, length)
  }
}

function addTrits(sums: Int8Array, trits: Int8Array, from: number, rate: Int8Array, length: number): void {
  for (let at = 0; at < length; at++) {
    sums[at] = SUMS[(trits[from + at] as number) + (rate[at] as number) + 2] as number
  }
}

function subtractTrits(trits: Int8Array, from: number, rate: Int8Array, length: number): void {
  for (let at = 0; at < length; at++) {
    trits[from + at] = SUMS[(trits[from + at] as number) - (rate[at] as number) + 2] as number
  }
}
