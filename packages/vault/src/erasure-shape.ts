import { VaultError } from './errors.ts'

/** Bytes per unit where the caller names none: 256 KiB. */
export const DEFAULT_UNIT_BYTES = 262_144
/** Largest unit: what block stores and peers accept as one block. */
export const MAX_UNIT_BYTES = 1_048_576

/** Largest stripe, parity included: what a peer holds of each record it rebuilds. */
export const MAX_STRIPE_BYTES: number = 32 << 20
/** Most shards in all, set by the field GF(2^8). */
export const MAX_SHARDS = 255

/** How a sealed record is spread: any `data` of `data + parity` shards rebuild it. */
export interface ErasureShape {
  readonly data: number
  readonly parity: number
  /** Size of every unit but those of the last stripe, at most 1 MiB. @defaultValue 262144 by convention */
  readonly unitBytes: number
}

/** What each shard of a record measures; all shards are equally long. */
export interface ShardSize {
  /** Units per shard, one per stripe. */
  readonly units: number
  readonly shardBytes: number
  /** Size of the units of one stripe; the last stripe's are ceil(rest / data). */
  unitBytesAt(stripe: number): number
}

/** Whether a shape is possible at all. */
export function isErasureShape({ data, parity, unitBytes }: ErasureShape): boolean {
  return (
    isWithin(data, 1, MAX_SHARDS) &&
    isWithin(parity, 0, MAX_SHARDS - data) &&
    isWithin(unitBytes, 1, MAX_UNIT_BYTES) &&
    (data + parity) * unitBytes <= MAX_STRIPE_BYTES
  )
}

/**
 * The size of each shard of a record.
 * @param sealedBytes length of the sealed record, 0 or more
 * @throws VaultError `SHAPE_INVALID`
 */
export function shardSizeOf(shape: ErasureShape, sealedBytes: number): ShardSize {
  checkShape(shape)
  if (!isWithin(sealedBytes, 0, Number.MAX_SAFE_INTEGER)) throw invalidShape('sealedBytes')
  const stripeBytes = shape.data * shape.unitBytes
  const fullStripes = Math.floor(sealedBytes / stripeBytes)
  const lastUnitBytes = Math.ceil((sealedBytes % stripeBytes) / shape.data)
  const units = lastUnitBytes === 0 ? fullStripes : fullStripes + 1
  return {
    units,
    shardBytes: fullStripes * shape.unitBytes + lastUnitBytes,
    unitBytesAt(stripe) {
      if (!isWithin(stripe, 0, units - 1)) throw invalidShape('stripe')
      return stripe < fullStripes ? shape.unitBytes : lastUnitBytes
    },
  }
}

/** @throws VaultError `SHAPE_INVALID` */
export function checkShape(shape: ErasureShape): void {
  if (!isErasureShape(shape)) throw invalidShape('shape')
}

/** The error for a shape or unit that does not fit. */
export function invalidShape(field: string): VaultError {
  return new VaultError('SHAPE_INVALID', `The erasure ${field} is out of range.`, { details: { field } })
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most
}
