import { invalidShape, MAX_SHARDS } from './erasure-shape.ts'
import { VaultError } from './errors.ts'
import { reedSolomonWasm } from './reed-solomon-wasm.ts'

/** Computes over the units of one stripe, all of one length. Keeps and changes none of its inputs. */
export interface ErasureEngine {
  /** `data` units in, `parity` fresh units out. */
  encode(units: readonly Uint8Array[], data: number, parity: number): Uint8Array[]
  /**
   * `data + parity` units in shard order, null where missing; the `data` data units out, those that
   * were present as they came in, the others fresh.
   * @throws VaultError `SHARDS_TOO_FEW` {have, need}
   */
  reconstruct(units: readonly (Uint8Array | null)[], data: number, parity: number): Uint8Array[]
}

/** What the WebAssembly module offers; pointers and lengths are bytes in its memory. */
interface ReedSolomonExports {
  readonly memory: WebAssembly.Memory
  encode(shards: number, length: number, data: number, parity: number): number
  /** Takes over the buffer of flags and frees it; the package's own glue frees it once more. */
  reconstruct(
    shards: number,
    length: number,
    data: number,
    parity: number,
    flags: number,
    flagsLength: number,
  ): number
  __wbindgen_malloc(length: number): number
  __wbindgen_free(pointer: number, length: number): void
}

// The code works byte by byte, so units are coded in slices: the module's memory, which never shrinks,
// stays at 255 × 64 KiB however large the units are.
const SLICE_BYTES = 65_536

/**
 * An engine on @subspace/reed-solomon-erasure.wasm: systematic Reed–Solomon over GF(2^8) with the
 * polynomial 0x11D and a Vandermonde matrix. The module is embedded: no file and no network is read.
 * Under a content security policy it needs `'wasm-unsafe-eval'`.
 */
export async function createWasmEngine(): Promise<ErasureEngine> {
  const { instance } = await WebAssembly.instantiate(reedSolomonWasm())
  const wasm = instance.exports as unknown as ReedSolomonExports
  return {
    encode: (units, data, parity) => encode(wasm, units, data, parity),
    reconstruct: (units, data, parity) => reconstruct(wasm, units, data, parity),
  }
}

function encode(
  wasm: ReedSolomonExports,
  units: readonly Uint8Array[],
  data: number,
  parity: number,
): Uint8Array[] {
  const unitBytes = checkUnits(units, data, data, parity)
  const parityUnits = Array.from({ length: parity }, () => new Uint8Array(unitBytes))
  if (parity === 0) return parityUnits
  for (const [from, to] of slices(unitBytes)) {
    withBuffer(wasm, (data + parity) * (to - from), (pointer, sizeBytes) => {
      const slots = slotsAt(wasm, pointer, data + parity, to - from)
      units.forEach((unit, shard) => void slots[shard]?.set(unit.subarray(from, to)))
      checkStatus(wasm.encode(pointer, sizeBytes, data, parity))
      const coded = slotsAt(wasm, pointer, data + parity, to - from)
      parityUnits.forEach((unit, row) => void unit.set(coded[data + row] ?? [], from))
    })
  }
  return parityUnits
}

function reconstruct(
  wasm: ReedSolomonExports,
  units: readonly (Uint8Array | null)[],
  data: number,
  parity: number,
): Uint8Array[] {
  const unitBytes = checkUnits(units, data + parity, data, parity)
  const have = units.filter((unit) => unit !== null).length
  if (have < data) throw shardsTooFew(have, data)
  const rebuilt = units.slice(0, data).map((unit) => unit ?? new Uint8Array(unitBytes))
  if (!units.slice(0, data).includes(null)) return rebuilt
  for (const [from, to] of slices(unitBytes)) {
    withBuffer(wasm, units.length * (to - from), (pointer, sizeBytes) => {
      const flags = wasm.__wbindgen_malloc(units.length)
      const present = units.map((unit) => (unit === null ? 0 : 1))
      new Uint8Array(wasm.memory.buffer, flags, units.length).set(present)
      const slots = slotsAt(wasm, pointer, units.length, to - from)
      units.forEach((unit, shard) => void slots[shard]?.set(unit?.subarray(from, to) ?? []))
      checkStatus(wasm.reconstruct(pointer, sizeBytes, data, parity, flags, units.length))
      const coded = slotsAt(wasm, pointer, units.length, to - from)
      rebuilt.forEach((unit, shard) => {
        if (units[shard] === null) unit.set(coded[shard] ?? [], from)
      })
    })
  }
  return rebuilt
}

/** Lends a buffer inside the module's memory. Views made before a call into the module are stale after it. */
function withBuffer(
  wasm: ReedSolomonExports,
  sizeBytes: number,
  use: (pointer: number, sizeBytes: number) => void,
): void {
  const pointer = wasm.__wbindgen_malloc(sizeBytes)
  try {
    use(pointer, sizeBytes)
  } finally {
    wasm.__wbindgen_free(pointer, sizeBytes)
  }
}

function slotsAt(wasm: ReedSolomonExports, pointer: number, count: number, slotBytes: number): Uint8Array[] {
  return Array.from(
    { length: count },
    (_, slot) => new Uint8Array(wasm.memory.buffer, pointer + slot * slotBytes, slotBytes),
  )
}

function* slices(unitBytes: number): Generator<readonly [from: number, to: number]> {
  for (let from = 0; from < unitBytes; from += SLICE_BYTES)
    yield [from, Math.min(from + SLICE_BYTES, unitBytes)]
}

/** The common length of the units. */
function checkUnits(
  units: readonly (Uint8Array | null)[],
  count: number,
  data: number,
  parity: number,
): number {
  if (data < 1 || parity < 0 || data + parity > MAX_SHARDS) throw invalidShape('shape')
  if (units.length !== count) throw invalidShape('units')
  const unitBytes = units.find((unit) => unit !== null)?.length ?? 0
  if (units.some((unit) => unit !== null && unit.length !== unitBytes)) throw invalidShape('unitBytes')
  return unitBytes
}

function checkStatus(status: number): void {
  if (status !== 0)
    throw new VaultError('ENGINE_FAILED', 'The erasure engine refused its input.', { details: { status } })
}

/** The error for a stripe that cannot be rebuilt. */
export function shardsTooFew(have: number, need: number, cause?: unknown): VaultError {
  return new VaultError('SHARDS_TOO_FEW', `Only ${have} of the ${need} shards needed can be read.`, {
    details: { have, need },
    cause,
  })
}
