import type { ShardRoot } from './shard-root.ts'
import { encodeShardRoot } from './shard-root.ts'

/** What the usual file systems give out at a time: a file of three bytes takes as much. */
const ALLOCATION_BYTES = 4096

/** What a file of so many bytes takes on disk, in bytes. */
export function sizeOnDisk(fileBytes: number): number {
  return Math.ceil(fileBytes / ALLOCATION_BYTES) * ALLOCATION_BYTES
}

/** What a shard takes on disk at most, root block included, where only the sum of its units is known. */
export function mostOnDisk(root: ShardRoot): number {
  const unitBytes = root.sizeBytes + root.units.length * (ALLOCATION_BYTES - 1)
  const units = Math.floor(unitBytes / ALLOCATION_BYTES) * ALLOCATION_BYTES
  return units + sizeOnDisk(encodeShardRoot(root).block.length)
}
