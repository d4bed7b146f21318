import type { CurlEngine, SecurityLevel, Sponge } from './curl-engine.ts'
import {
  createLanes,
  feedBack,
  findBalanced,
  LANES,
  type Lanes,
  readTrit,
  setTrit,
  spreadState,
  transformLanes,
  wipeLanes,
} from './curl-lanes.ts'
import { advanceCounter, readNonce, startCounter, TRIES } from './curl-nonce.ts'
import { createPacked, readTrits, transformPacked, wipePacked, writeTrits } from './curl-packed.ts'
import { checkFragments, checkRoom, checkState, HASH_TRITS, ROUNDS, STATE_TRITS } from './curl-rounds.ts'

/** Curl-P in plain JavaScript, 32 lanes at a time: runs everywhere, about ten times slower than with SIMD. */
export function createScalarEngine(): CurlEngine {
  return { kind: 'scalar', createSponge: createScalarSponge, hashChains, findNonce }
}

function createScalarSponge(rounds: 27 | 81 = 27): Sponge {
  const packed = createPacked()
  const rate = new Int8Array(HASH_TRITS)
  const transform = () => {
    for (let done = 0; done < rounds; done += ROUNDS) transformPacked(packed)
  }
  const copyState = () => {
    const trits = new Int8Array(STATE_TRITS)
    readTrits(packed, trits, 0, STATE_TRITS)
    return trits
  }
  return {
    reset: () => {
      wipePacked(packed)
      rate.fill(0)
    },
    absorb: (trits, offset, length) => {
      for (let done = 0; done === 0 || done < length; done += HASH_TRITS) {
        const start = offset + done
        writeTrits(packed, trits, start, Math.min(HASH_TRITS, length - done, trits.length - start))
        transform()
      }
    },
    squeeze: (trits, offset, length) => {
      checkRoom(trits, offset, length)
      for (let done = 0; done === 0 || done < length; done += HASH_TRITS) {
        readTrits(packed, trits, offset + done, Math.min(HASH_TRITS, length - done))
        transform()
      }
    },
    rate: () => {
      readTrits(packed, rate, 0, HASH_TRITS)
      return rate
    },
    state: copyState,
  }
}

function hashChains(fragments: Int8Array, counts: Uint8Array): void {
  checkFragments(fragments, counts)
  const lanes = createLanes(STATE_TRITS)
  const hashes = createLanes(HASH_TRITS)
  try {
    for (let first = 0; first < counts.length; first += LANES)
      hashLanes(
        lanes,
        hashes,
        fragments.subarray(first * HASH_TRITS, (first + LANES) * HASH_TRITS),
        counts.subarray(first, first + LANES),
      )
  } finally {
    wipeLanes(lanes)
    wipeLanes(hashes)
  }
}

function hashLanes(lanes: Lanes, hashes: Lanes, fragments: Int8Array, counts: Uint8Array): void {
  wipeLanes(hashes)
  for (const [i, trit] of fragments.entries())
    setTrit(hashes, i % HASH_TRITS, Math.floor(i / HASH_TRITS), trit)
  feedBack(lanes, hashes, 0)
  const most = counts.reduce((most, count) => Math.max(most, count), 0)
  for (let done = 0; done < most; done++) {
    transformLanes(lanes)
    feedBack(
      lanes,
      hashes,
      counts.reduce((mask, count, lane) => (count > done ? mask | (1 << lane) : mask), 0),
    )
  }
  for (let i = 0; i < fragments.length; i++)
    fragments[i] = readTrit(hashes, i % HASH_TRITS, Math.floor(i / HASH_TRITS))
}

function findNonce(state: Int8Array, security: SecurityLevel): Int8Array {
  checkState(state)
  const counter = startCounter(state)
  const lanes = createLanes(STATE_TRITS)
  try {
    for (;;) {
      advanceCounter(counter)
      const lane = tryLanes(lanes, counter, security)
      if (lane > 0) return readNonce(counter, lane)
    }
  } finally {
    counter.fill(0)
    wipeLanes(lanes)
  }
}

/** The first of 64 tries that holds, or 0 for none: @iota/mam.js takes try 0, when it holds, for none too. */
function tryLanes(lanes: Lanes, counter: Int8Array, security: SecurityLevel): number {
  for (let firstLane = 0; firstLane < TRIES; firstLane += LANES) {
    spreadState(lanes, counter, firstLane)
    transformLanes(lanes)
    const balanced = findBalanced(lanes, security)
    if (balanced !== 0) return firstLane + 31 - Math.clz32(balanced & -balanced)
  }
  return 0
}
