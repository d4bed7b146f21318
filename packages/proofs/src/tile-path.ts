/** Hashes a tile holds when it is full, and entries of a full bundle (C2SP tlog-tiles: height 8). */
export const TILE_WIDTH = 256

/** Levels of the tree that one level of tiles covers. */
export const TILE_HEIGHT = 8

/**
 * Path of a tile or of a bundle of entries: `tile/<level>/<index>`, where a partial one says its width.
 * @param level of the tile, or `entries`
 * @param index on its level
 * @param width hashes or entries in it, 1 to {@link TILE_WIDTH}
 * @see https://c2sp.org/tlog-tiles "Merkle Tree"
 */
export function formatTilePath(level: number | 'entries', index: number, width: number): string {
  const path = `tile/${level}/${formatTileIndex(index)}`
  return width === TILE_WIDTH ? path : `${path}.p/${width}`
}

/** Three digits at a time, all groups but the last after an `x`: 1234067 is `x001/x234/067`. */
function formatTileIndex(index: number): string {
  const digits = String(index)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? []
  return groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
}
