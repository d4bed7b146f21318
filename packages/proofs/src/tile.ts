import { TILE_HEIGHT, TILE_WIDTH } from './tile-path.ts'
import { HASH_BYTES, hashNodeAt } from './tree-hash.ts'

/**
 * A tile and all nodes over its hashes: a tree of at most 256 leaves. Row 0 are its hashes, row 8 its root
 * once it is full. A node is there as soon as all that it spans is.
 */
export interface Tile {
  /** Hashes so far. */
  width: number
  /** Rows one after the other, 511 nodes of 32 bytes; 0 where none is yet. */
  readonly nodes: Uint8Array
}

export function createTile(): Tile {
  return { width: 0, nodes: new Uint8Array((2 * TILE_WIDTH - 1) * HASH_BYTES) }
}

export function copyTile({ width, nodes }: Tile): Tile {
  return { width, nodes: nodes.slice() }
}

/** A tile of the first `width` hashes of a file, or null when the file holds fewer. */
export function parseTile(bytes: Uint8Array, width: number): Tile | null {
  if (bytes.length < width * HASH_BYTES || bytes.length % HASH_BYTES !== 0) return null
  const tile = createTile()
  for (let i = 0; i < width; i++) pushHash(tile, bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES))
  return tile
}

/** Bytes of a tile's file: its hashes, a copy. */
export function formatTile({ width, nodes }: Tile): Uint8Array {
  return nodes.slice(0, width * HASH_BYTES)
}

/** Adds a hash, and every node that it completes. */
export function pushHash(tile: Tile, hash: Uint8Array): void {
  const { nodes } = tile
  let at = tile.width
  nodes.set(hash, nodeAt(0, at))
  for (let row = 0; at % 2 === 1; row++) {
    const above = (at - 1) / 2
    hashNodeAt(nodes, nodeAt(row, at - 1), nodes, nodeAt(row, at), nodes, nodeAt(row + 1, above))
    at = above
  }
  tile.width++
}

/** A node of the tile, 32 bytes, a copy; there only when all that it spans is. */
export function readTileNode({ nodes }: Tile, row: number, index: number): Uint8Array {
  const at = nodeAt(row, index)
  return nodes.slice(at, at + HASH_BYTES)
}

/** Row r has 2^(8 − r) nodes and begins after 2^9 − 2^(9 − r). */
function nodeAt(row: number, index: number): number {
  return (2 * TILE_WIDTH - 2 ** (TILE_HEIGHT + 1 - row) + index) * HASH_BYTES
}
