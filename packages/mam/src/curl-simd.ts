import type { CurlEngine, SecurityLevel, Sponge } from './curl-engine.ts'
import { NONCE_TRITS } from './curl-nonce.ts'
import {
  checkFragments,
  checkRoom,
  checkState,
  countBlocks,
  HASH_TRITS,
  ROUNDS,
  STATE_TRITS,
} from './curl-rounds.ts'
import { MamError } from './errors.ts'
import { kernelWasm } from './kernel-wasm.ts'

/** Fragments that one pass hashes. */
const LANES = 128
/** Hashes, one after the other, in the time that 128 lanes take for one each: measured in Node 24 on x64. */
const HASHES_PER_LANES = 24
/** Words of a packed state: 56 for each of the two bits of a trit. */
const PACKED_WORDS = 112
/** Trits in a word of a packed state. */
const ROW_TRITS = 27

/** What kernel/curl.ts exports. */
interface KernelExports {
  readonly memory: WebAssembly.Memory
  packedAt(): number
  tritsAt(): number
  wipe(length: number): void
  wipeLanes(): void
  absorb(length: number, times: number): void
  squeeze(blocks: number, times: number): void
  readState(trits: number, rows: number): void
  hashChains(): void
  findNonce(security: number): void
}

/** The module with views of its memory. */
interface Kernel {
  readonly exports: KernelExports
  readonly packed: Int32Array
  readonly counts: Uint8Array
  readonly trits: Int8Array
}

/**
 * Curl-P on WebAssembly with SIMD, 128 lanes at a time; what a call took in is wiped from the module's memory
 * before it returns. Makes its module at once, in about a millisecond: it is small enough for the main thread
 * of every browser.
 * @throws MamError `ENGINE_MISSING` where there is no WebAssembly with SIMD, or a policy forbids it
 */
export function createSimdEngine(): CurlEngine {
  const kernel = openKernel()
  return {
    kind: 'simd',
    createSponge: (rounds = ROUNDS) => createSimdSponge(kernel, rounds / ROUNDS),
    hashChains: (fragments, counts) => hashChains(kernel, fragments, counts),
    findNonce: (state, security) => findNonce(kernel, state, security),
  }
}

function openKernel(): Kernel {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(kernelWasm()))
    return viewKernel(exports as unknown as KernelExports)
  } catch (cause) {
    const message = 'WebAssembly with SIMD is missing here, or not allowed; use the scalar engine.'
    throw new MamError('ENGINE_MISSING', message, { cause })
  }
}

function viewKernel(exports: KernelExports): Kernel {
  const { buffer } = exports.memory
  const tritsAt = exports.tritsAt()
  return {
    exports,
    packed: new Int32Array(buffer, exports.packedAt(), PACKED_WORDS),
    counts: new Uint8Array(buffer, tritsAt - LANES, LANES),
    trits: new Int8Array(buffer, tritsAt, LANES * HASH_TRITS),
  }
}

/** Keeps its state between calls on this side, so that any number of sponges shares one memory. */
function createSimdSponge(kernel: Kernel, times: number): Sponge {
  const { exports, packed, trits: shared } = kernel
  const kept = new Int32Array(PACKED_WORDS)
  const rate = new Int8Array(HASH_TRITS)
  const use = (length: number, work: () => void): void => {
    packed.set(kept)
    try {
      work()
      kept.set(packed)
    } finally {
      exports.wipe(length)
    }
  }
  const read = (trits: Int8Array): void =>
    use(trits.length, () => {
      exports.readState(exports.tritsAt(), trits.length / ROW_TRITS)
      trits.set(shared.subarray(0, trits.length))
    })
  return {
    reset: () => {
      kept.fill(0)
      rate.fill(0)
    },
    absorb: (trits, offset, length) => {
      const end = Math.min(trits.length, offset + length)
      const blocks = countBlocks(length)
      use(Math.max(HASH_TRITS, Math.min(length, shared.length)), () => {
        for (let done = 0; done < blocks; done += LANES) {
          const from = Math.min(end, offset + done * HASH_TRITS)
          const part = trits.subarray(from, Math.min(end, from + shared.length))
          shared.set(part)
          exports.absorb(part.length, times)
          // Blocks beyond the end of the array bring nothing in.
          const missing = Math.min(LANES, blocks - done) - countBlocks(part.length)
          for (let left = missing; left > 0; left--) exports.absorb(0, times)
        }
        rate.set(shared.subarray(0, HASH_TRITS))
      })
    },
    squeeze: (trits, offset, length) => {
      checkRoom(trits, offset, length)
      use(shared.length, () => {
        for (let done = 0; done === 0 || done < length; done += shared.length) {
          const part = Math.min(length - done, shared.length)
          exports.squeeze(countBlocks(part), times)
          trits.set(shared.subarray(0, part), offset + done)
        }
      })
      read(rate)
    },
    rate: () => rate,
    state: () => {
      const state = new Int8Array(STATE_TRITS)
      read(state)
      return state
    },
  }
}

function hashChains(kernel: Kernel, fragments: Int8Array, counts: Uint8Array): void {
  checkFragments(fragments, counts)
  try {
    for (let first = 0; first < counts.length; first += LANES) {
      const part = fragments.subarray(first * HASH_TRITS, (first + LANES) * HASH_TRITS)
      const partCounts = counts.subarray(first, first + LANES)
      if (isFewHashes(partCounts)) hashOneByOne(kernel, part, partCounts)
      else hashLanes(kernel, part, partCounts)
    }
  } finally {
    kernel.exports.wipeLanes()
  }
}

/** Whether all these hashes, one after the other, take less time than the longest chain takes in lanes. */
function isFewHashes(counts: Uint8Array): boolean {
  const sum = counts.reduce((sum, count) => sum + count, 0)
  return sum < HASHES_PER_LANES * counts.reduce((most, count) => Math.max(most, count), 0)
}

function hashLanes({ exports, counts, trits }: Kernel, fragments: Int8Array, times: Uint8Array): void {
  counts.fill(0)
  counts.set(times)
  trits.set(fragments)
  exports.hashChains()
  fragments.set(trits.subarray(0, fragments.length))
}

function hashOneByOne({ exports, packed, trits }: Kernel, fragments: Int8Array, counts: Uint8Array): void {
  for (let at = 0; at < counts.length; at++) {
    const fragment = fragments.subarray(at * HASH_TRITS, (at + 1) * HASH_TRITS)
    trits.set(fragment)
    for (let left = counts[at] ?? 0; left > 0; left--) {
      packed.fill(0)
      exports.absorb(HASH_TRITS, 1)
    }
    fragment.set(trits.subarray(0, HASH_TRITS))
  }
}

function findNonce({ exports, trits }: Kernel, state: Int8Array, security: SecurityLevel): Int8Array {
  checkState(state)
  try {
    trits.set(state)
    exports.findNonce(security)
    return trits.slice(0, NONCE_TRITS)
  } finally {
    exports.wipeLanes()
  }
}
