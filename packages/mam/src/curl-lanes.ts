import { NONCE_TRITS, tritOfLane } from './curl-nonce.ts'
import { HASH_TRITS, locateTrit, STATE_TRITS, TURNS } from './curl-rounds.ts'

/** How many sponges one pass transforms: the bits of a word. */
export const LANES = 32

/** 32 states side by side: bit `lane` of word i says that trit i of that lane is 1 (plus) or −1 (minus). */
export interface Lanes {
  readonly plus: Int32Array
  readonly minus: Int32Array
}

export function createLanes(trits: number): Lanes {
  return { plus: new Int32Array(trits), minus: new Int32Array(trits) }
}

export function wipeLanes({ plus, minus }: Lanes): void {
  plus.fill(0)
  minus.fill(0)
}

/** Puts one trit into one lane. */
export function setTrit({ plus, minus }: Lanes, index: number, lane: number, trit: number): void {
  const bit = 1 << lane
  plus[index] = trit > 0 ? (plus[index] ?? 0) | bit : (plus[index] ?? 0) & ~bit
  minus[index] = trit < 0 ? (minus[index] ?? 0) | bit : (minus[index] ?? 0) & ~bit
}

export function readTrit({ plus, minus }: Lanes, index: number, lane: number): number {
  return (((plus[index] ?? 0) >>> lane) & 1) - (((minus[index] ?? 0) >>> lane) & 1)
}

/** The same state in all lanes, but for the first four trits, which number the tries from `firstLane` on. */
export function spreadState(lanes: Lanes, state: Int8Array, firstLane: number): void {
  for (let index = 0; index < STATE_TRITS; index++) {
    const trit = state[index] ?? 0
    lanes.plus[index] = trit > 0 ? -1 : 0
    lanes.minus[index] = trit < 0 ? -1 : 0
  }
  for (let index = 0; index < 4; index++)
    for (let lane = 0; lane < LANES; lane++) setTrit(lanes, index, lane, tritOfLane(index, firstLane + lane))
}

/**
 * The 27 rounds, in place: a round walks the ring in steps of its turn, so that every trit is read for the
 * last time just before it is written. Trit i is then at {@link locateTrit}(i). The walk is written out for each of the
 * three forms of a round: nothing is asked or called for a trit.
 */
export function transformLanes({ plus, minus }: Lanes): void {
  for (let round = 0; round < TURNS.length; round += 3) {
    roundA(plus, minus, TURNS[round] ?? 0)
    roundB(plus, minus, TURNS[round + 1] ?? 0)
    roundC(plus, minus, TURNS[round + 2] ?? 0)
  }
}

function roundA(plus: Int32Array, minus: Int32Array, turn: number): void {
  const firstP = plus[0] ?? 0
  const firstM = minus[0] ?? 0
  let px = firstP
  let mx = firstM
  for (let i = 1, at = 0; i <= STATE_TRITS; i++) {
    const next = at + turn < STATE_TRITS ? at + turn : at + turn - STATE_TRITS
    const py = i < STATE_TRITS ? (plus[next] ?? 0) : firstP
    const my = i < STATE_TRITS ? (minus[next] ?? 0) : firstM
    const p = (py ^ mx) & ~(px & ~my)
    plus[at] = p
    minus[at] = (px ^ my) | p
    px = py
    mx = my
    at = next
  }
}

function roundB(plus: Int32Array, minus: Int32Array, turn: number): void {
  const firstP = plus[0] ?? 0
  const firstM = minus[0] ?? 0
  let px = firstP
  let mx = firstM
  for (let i = 1, at = 0; i <= STATE_TRITS; i++) {
    const next = at + turn < STATE_TRITS ? at + turn : at + turn - STATE_TRITS
    const py = i < STATE_TRITS ? (plus[next] ?? 0) : firstP
    const my = i < STATE_TRITS ? (minus[next] ?? 0) : firstM
    const q = (py ^ mx) | (px & my)
    plus[at] = q
    minus[at] = (px ^ my) & q
    px = py
    mx = my
    at = next
  }
}

function roundC(plus: Int32Array, minus: Int32Array, turn: number): void {
  const firstP = plus[0] ?? 0
  const firstM = minus[0] ?? 0
  let px = firstP
  let mx = firstM
  for (let i = 1, at = 0; i <= STATE_TRITS; i++) {
    const next = at + turn < STATE_TRITS ? at + turn : at + turn - STATE_TRITS
    const py = i < STATE_TRITS ? (plus[next] ?? 0) : firstP
    const my = i < STATE_TRITS ? (minus[next] ?? 0) : firstM
    const p = (px | my) & ~(py ^ mx)
    plus[at] = p
    minus[at] = (px ^ my) & ~p
    px = py
    mx = my
    at = next
  }
}

/** Keeps the hashes of the lanes in `mask`, and starts fresh states with them: as a reset and an absorb do. */
export function feedBack(lanes: Lanes, hashes: Lanes, mask: number): void {
  for (let index = 0; index < HASH_TRITS; index++) {
    const at = locateTrit(index)
    hashes.plus[index] = ((lanes.plus[at] ?? 0) & mask) | ((hashes.plus[index] ?? 0) & ~mask)
    hashes.minus[index] = ((lanes.minus[at] ?? 0) & mask) | ((hashes.minus[index] ?? 0) & ~mask)
  }
  wipeLanes(lanes)
  lanes.plus.set(hashes.plus)
  lanes.minus.set(hashes.minus)
}

/**
 * The lanes, as bits, whose hash sums to zero over its first `security` thirds and not over fewer, as
 * @iota/mam.js asks. Sums are counted in bit slices of `trit + 1`.
 */
export function findBalanced({ plus, minus }: Lanes, security: number): number {
  const sum = new Int32Array(9)
  let balanced = 0
  for (let third = 1; third <= security; third++) {
    for (let index = (third - 1) * NONCE_TRITS; index < third * NONCE_TRITS; index++) {
      const at = locateTrit(index)
      addToSum(sum, ~((plus[at] ?? 0) | (minus[at] ?? 0)), 0)
      addToSum(sum, plus[at] ?? 0, 1)
    }
    const isZero = lanesWithSum(sum, third * NONCE_TRITS)
    balanced = third < security ? balanced | isZero : isZero & ~balanced
  }
  return balanced
}

function addToSum(sum: Int32Array, bits: number, weight: number): void {
  let carry = bits
  for (let slice = weight; carry !== 0 && slice < sum.length; slice++) {
    const old = sum[slice] ?? 0
    sum[slice] = old ^ carry
    carry &= old
  }
}

function lanesWithSum(sum: Int32Array, value: number): number {
  return sum.reduce((same, bits, slice) => same & ((value >>> slice) & 1 ? bits : ~bits), -1)
}
