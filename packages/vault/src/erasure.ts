import { readerOf } from './byte-reader.ts'
import { type ErasureEngine, shardsTooFew } from './erasure-engine.ts'
import { checkShape, type ErasureShape, type ShardSize, shardSizeOf } from './erasure-shape.ts'

/** One stripe: unit i goes to shard i. */
export interface Stripe {
  readonly stripe: number
  /** `data + parity` units of one length; the receiver owns them. */
  readonly units: readonly Uint8Array[]
}

/** How erasure coding is stopped. */
export interface ErasureOptions {
  readonly signal?: AbortSignal | undefined
}

/**
 * Cuts a sealed record into stripes of `data` units and adds `parity` units to each; the last stripe's
 * units are shorter and zero-padded. Holds one stripe at a time.
 * @param sealed pieces of any size; a piece is not used after the next one is asked for
 * @throws VaultError `SHAPE_INVALID` (at once)
 */
export function encodeShards(
  sealed: AsyncIterable<Uint8Array>,
  shape: ErasureShape,
  engine: ErasureEngine,
  options: ErasureOptions = {},
): AsyncIterable<Stripe> {
  checkShape(shape)
  return encodeStripes(sealed, shape, engine, options)
}

async function* encodeStripes(
  sealed: AsyncIterable<Uint8Array>,
  { data, parity, unitBytes }: ErasureShape,
  engine: ErasureEngine,
  options: ErasureOptions,
): AsyncGenerator<Stripe, void> {
  const reader = readerOf(sealed, options.signal)
  try {
    for (let stripe = 0; await reader.hasMore(); stripe++) {
      const bytes = await reader.read(data * unitBytes)
      const units = splitUnits(bytes, data)
      yield { stripe, units: [...units, ...engine.encode(units, data, parity)] }
    }
  } finally {
    await reader.close()
  }
}

function splitUnits(bytes: Uint8Array, data: number): Uint8Array[] {
  const unitBytes = Math.ceil(bytes.length / data)
  return Array.from({ length: data }, (_, shard) => {
    const unit = bytes.subarray(shard * unitBytes, (shard + 1) * unitBytes)
    if (unit.length === unitBytes) return unit
    const padded = new Uint8Array(unitBytes)
    padded.set(unit)
    return padded
  })
}

/**
 * Reads one unit: null (or a rejection, or a wrong length) when it cannot be had. The unit must have
 * been checked against the patient's hashes: erasure coding finds lost units, not lies.
 * Calls for one shard never overlap, and their stripes ascend; shards are read side by side.
 */
export type ReadUnit = (shard: number, stripe: number) => Promise<Uint8Array | null>

/**
 * Rebuilds a sealed record stripe by stripe. Data shards are read first, parity shards only in place of
 * failed ones; a shard that failed once is asked again only when the others do not suffice.
 * @param sealedBytes length of the sealed record, from the manifest
 * @throws VaultError `SHAPE_INVALID` (at once); while read `SHARDS_TOO_FEW` {have, need}
 */
export function decodeShards(
  shape: ErasureShape,
  sealedBytes: number,
  readUnit: ReadUnit,
  engine: ErasureEngine,
  options: ErasureOptions = {},
): AsyncIterable<Uint8Array> {
  const size = shardSizeOf(shape, sealedBytes)
  const read: ReadUnit = async (shard, stripe) => {
    options.signal?.throwIfAborted()
    return readUnit(shard, stripe)
  }
  return decodeStripes({ shape, size, sealedBytes, read, engine, signal: options.signal, failed: new Set() })
}

interface DecodeJob {
  readonly shape: ErasureShape
  readonly size: ShardSize
  readonly sealedBytes: number
  readonly read: ReadUnit
  readonly engine: ErasureEngine
  readonly signal: AbortSignal | undefined
  /** Shards that failed in an earlier stripe. */
  readonly failed: Set<number>
}

async function* decodeStripes(job: DecodeJob): AsyncGenerator<Uint8Array, void> {
  const { data, parity } = job.shape
  let leftBytes = job.sealedBytes
  for (let stripe = 0; stripe < job.size.units; stripe++) {
    const units = await readStripe(job, stripe)
    for (const unit of job.engine.reconstruct(units, data, parity)) {
      const piece = unit.subarray(0, leftBytes)
      leftBytes -= piece.length
      if (piece.length > 0) yield piece
    }
  }
}

async function readStripe(job: DecodeJob, stripe: number): Promise<(Uint8Array | null)[]> {
  const { data, parity } = job.shape
  const units = Array.from<Uint8Array | null>({ length: data + parity }).fill(null)
  const untried = inOrderOfTrust(data + parity, job.failed)
  let have = 0
  let cause: unknown
  while (have < data) {
    const asked = untried.splice(0, data - have)
    if (asked.length === 0) throw shardsTooFew(have, data, cause)
    const outcomes = await Promise.allSettled(asked.map((shard) => readChecked(job, shard, stripe)))
    job.signal?.throwIfAborted()
    outcomes.forEach((outcome, at) => {
      const unit = outcome.status === 'fulfilled' ? outcome.value : null
      if (outcome.status === 'rejected') cause = outcome.reason
      const shard = asked[at] ?? 0
      units[shard] = unit
      if (unit !== null) have++
      else job.failed.add(shard)
    })
  }
  return units
}

async function readChecked(job: DecodeJob, shard: number, stripe: number): Promise<Uint8Array | null> {
  const unit = await job.read(shard, stripe)
  return unit?.length === job.size.unitBytesAt(stripe) ? unit : null
}

function inOrderOfTrust(shards: number, failed: ReadonlySet<number>): number[] {
  const all = Array.from({ length: shards }, (_, shard) => shard)
  return [...all.filter((shard) => !failed.has(shard)), ...all.filter((shard) => failed.has(shard))]
}
