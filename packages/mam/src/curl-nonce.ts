import { STATE_TRITS } from './curl-rounds.ts'

/** Trits of a nonce: a third of a hash. */
export const NONCE_TRITS = 81
/** The first of the nonce's trits that count the tries; those from 4 to 53 stay as the state has them. */
const COUNTER_START = 54
/** Tries that @iota/mam.js makes at once, told apart by the first four trits. */
export const TRIES = 64

/** Trit `index` (0 to 3) of try `lane`: its number in base 3, least digit first, digits 0, 1, −1. */
export function tritOfLane(index: number, lane: number): number {
  const digit = Math.floor(lane / 3 ** index) % 3
  return digit === 2 ? -1 : digit
}

/**
 * Moves the counter in trits 54 to 80 of a state on by one, in the order 0, 1, −1 with the least trit
 * first. Past its end it starts again; @iota/mam.js makes a longer nonce there, which it cannot read.
 */
export function advanceCounter(state: Int8Array): void {
  for (let index = COUNTER_START; index < NONCE_TRITS; index++) {
    const trit = state[index] ?? 0
    state[index] = trit === 0 ? 1 : trit === 1 ? -1 : 0
    if (trit !== 1) return
  }
}

/** The nonce that try `lane` of a state stands for. */
export function readNonce(state: Int8Array, lane: number): Int8Array {
  const nonce = state.slice(0, NONCE_TRITS)
  for (let index = 0; index < 4; index++) nonce[index] = tritOfLane(index, lane)
  return nonce
}

/** A copy to count in, for the caller to wipe. */
export function startCounter(state: Int8Array): Int8Array {
  return state.slice(0, STATE_TRITS)
}
