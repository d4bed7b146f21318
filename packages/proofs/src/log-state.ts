import { foldPeaks } from './compact-range.ts'
import { copyTile, createTile, formatTile, pushHash, readTileNode, type Tile } from './tile.ts'
import { formatEntries } from './tile-entries.ts'
import { formatTilePath, TILE_HEIGHT, TILE_WIDTH } from './tile-path.ts'
import { hashLeaf } from './tree-hash.ts'
import { placePeaks } from './tree-shape.ts'

/** What of a log is kept in memory at one size: its right edge. Never changed once the log has it. */
export interface LogState {
  readonly size: number
  readonly root: Uint8Array
  /** The last tile of each level, that may be empty; lowest level first. */
  readonly edge: readonly Tile[]
  /** Entries of the last bundle, as many as the lowest tile has hashes. */
  readonly entries: readonly Uint8Array[]
}

/** A file that an append adds. */
export interface TileFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/**
 * The state after an append, and all files that make it: full tiles and bundles, and the partial ones at the
 * end, but not those of widths in between. A partial tile that the append does not reach is there already and
 * is not written again.
 */
export function growState(
  state: LogState,
  entries: readonly Uint8Array[],
): { readonly grown: LogState; readonly files: readonly TileFile[] } {
  const edge = state.edge.map(copyTile)
  const files: TileFile[] = []
  const reached = new Set<number>()
  let bundle = [...state.entries]
  let size = state.size
  for (const entry of entries) {
    bundle.push(entry)
    size++
    pushUp(edge, hashLeaf(entry), size, files, reached)
    if (bundle.length < TILE_WIDTH) continue
    files.push({ path: entriesPath(size - 1, TILE_WIDTH), bytes: formatEntries(bundle) })
    bundle = []
  }
  for (const level of reached) files.push(...partialTile(edge, level, size))
  if (bundle.length > 0) {
    files.push({ path: entriesPath(size - 1, bundle.length), bytes: formatEntries(bundle) })
  }
  return { grown: { size, root: rootOfEdge(edge, size), edge, entries: bundle }, files }
}

/** Root of the tree from its right edge, which holds all of its whole subtrees. */
export function rootOfEdge(edge: readonly Tile[], size: number): Uint8Array {
  const peaks = placePeaks(size).map(({ level, index }) => {
    const row = level % TILE_HEIGHT
    const tile = edge[(level - row) / TILE_HEIGHT] as Tile
    return readTileNode(tile, row, index % 2 ** (TILE_HEIGHT - row))
  })
  return foldPeaks(peaks)
}

/** Index of the last tile of a level, the one at the edge, at a size. */
export function edgeIndex(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** (level + 1))
}

/** Puts a leaf hash into the lowest tile, and the root of every tile it fills into the one above. */
function pushUp(
  edge: Tile[],
  leafHash: Uint8Array,
  size: number,
  files: TileFile[],
  reached: Set<number>,
): void {
  let hash = leafHash
  for (let level = 0; ; level++) {
    const tile = edge[level] ?? createTile()
    edge[level] = tile
    pushHash(tile, hash)
    reached.add(level)
    if (tile.width < TILE_WIDTH) return
    const path = formatTilePath(level, edgeIndex(level, size) - 1, TILE_WIDTH)
    files.push({ path, bytes: formatTile(tile) })
    hash = readTileNode(tile, TILE_HEIGHT, 0)
    edge[level] = createTile()
  }
}

function partialTile(edge: readonly Tile[], level: number, size: number): readonly TileFile[] {
  const tile = edge[level] as Tile
  if (tile.width === 0) return []
  return [{ path: formatTilePath(level, edgeIndex(level, size), tile.width), bytes: formatTile(tile) }]
}

function entriesPath(lastIndex: number, width: number): string {
  return formatTilePath('entries', Math.floor(lastIndex / TILE_WIDTH), width)
}
