import { ProofsError } from './errors.ts'
import type { LogHead } from './log-head.ts'
import { edgeIndex, type LogState, rootOfEdge } from './log-state.ts'
import type { TileStore } from './store.ts'
import { createTile, parseTile, readTileNode, type Tile } from './tile.ts'
import { parseEntries } from './tile-entries.ts'
import { formatTilePath, TILE_HEIGHT, TILE_WIDTH } from './tile-path.ts'
import { areEqual, HASH_BYTES, hashLeaf } from './tree-hash.ts'

/** Reads a log's files and lets none pass that does not hash to the log's root. */
export interface TileReader {
  /** A tile of the log, its partial ones at the edge included. @throws {@link ProofsError} `STORE_DAMAGED` */
  readTile(state: LogState, level: number, index: number): Promise<Tile>
  /** All entries of a bundle. @throws {@link ProofsError} `STORE_DAMAGED` */
  readEntries(state: LogState, index: number): Promise<readonly Uint8Array[]>
}

/** @param maxCachedTiles full tiles kept in memory, 16 KiB each, the least recently used dropped first */
export function createTileReader(store: TileStore, maxCachedTiles: number): TileReader {
  const cache = new Map<string, Tile>()
  let latest: { readonly index: number; readonly entries: readonly Uint8Array[] } | null = null

  async function readTile(state: LogState, level: number, index: number): Promise<Tile> {
    if (index === edgeIndex(level, state.size)) return state.edge[level] as Tile
    const path = formatTilePath(level, index, TILE_WIDTH)
    const tile = cache.get(path) ?? (await readFullTile(state, level, index))
    cache.delete(path)
    cache.set(path, tile)
    const [oldest] = cache.keys()
    if (cache.size > maxCachedTiles && oldest !== undefined) cache.delete(oldest)
    return tile
  }

  /** A full tile's root is a hash of the tile above, up to the edge, which was checked when it was opened. */
  async function readFullTile(state: LogState, level: number, index: number): Promise<Tile> {
    const path = formatTilePath(level, index, TILE_WIDTH)
    const bytes = await store.read(path)
    const tile = bytes?.length === TILE_WIDTH * HASH_BYTES ? parseTile(bytes, TILE_WIDTH) : null
    const above = await readTile(state, level + 1, Math.floor(index / TILE_WIDTH))
    const wanted = readTileNode(above, 0, index % TILE_WIDTH)
    if (tile === null || !areEqual(readTileNode(tile, TILE_HEIGHT, 0), wanted)) throw damagedFile(path)
    return tile
  }

  async function readEntries(state: LogState, index: number): Promise<readonly Uint8Array[]> {
    if (index === edgeIndex(0, state.size)) return state.entries
    if (latest?.index === index) return latest.entries
    const path = formatTilePath('entries', index, TILE_WIDTH)
    const entries = parseEntries((await store.read(path)) ?? new Uint8Array(0), TILE_WIDTH)
    const tile = await readTile(state, 0, index)
    if (entries === null || !haveHashes(entries, tile)) throw damagedFile(path)
    latest = { index, entries }
    return entries
  }

  return { readTile, readEntries }
}

/** The right edge of the log that a head stands for. @throws {@link ProofsError} `STORE_DAMAGED` */
export async function readState(store: TileStore, { size, root }: LogHead): Promise<LogState> {
  const edge: Tile[] = []
  for (let level = 0; size >= TILE_WIDTH ** level; level++) {
    edge.push(await readEdgeTile(store, level, size))
  }
  if (!areEqual(rootOfEdge(edge, size), root)) throw damagedFile('tile')
  return { size, root, edge, entries: await readEdgeEntries(store, edge[0] ?? createTile(), size) }
}

async function readEdgeTile(store: TileStore, level: number, size: number): Promise<Tile> {
  const width = Math.floor(size / TILE_WIDTH ** level) % TILE_WIDTH
  if (width === 0) return createTile()
  const index = edgeIndex(level, size)
  const bytes = await readPartial(store, level, index, width)
  const tile = bytes === null ? null : parseTile(bytes, width)
  if (tile === null) throw damagedFile(formatTilePath(level, index, width))
  return tile
}

async function readEdgeEntries(store: TileStore, tile: Tile, size: number): Promise<readonly Uint8Array[]> {
  if (tile.width === 0) return []
  const index = edgeIndex(0, size)
  const bytes = await readPartial(store, 'entries', index, tile.width)
  const entries = bytes === null ? null : parseEntries(bytes, tile.width)
  if (entries === null || !haveHashes(entries, tile)) {
    throw damagedFile(formatTilePath('entries', index, tile.width))
  }
  return entries
}

/** Partial files may have been tidied away once the full one was there, which begins with them. */
async function readPartial(
  store: TileStore,
  level: number | 'entries',
  index: number,
  width: number,
): Promise<Uint8Array | null> {
  const partial = await store.read(formatTilePath(level, index, width))
  return partial ?? (await store.read(formatTilePath(level, index, TILE_WIDTH)))
}

function haveHashes(entries: readonly Uint8Array[], tile: Tile): boolean {
  return entries.every((entry, i) => areEqual(hashLeaf(entry), readTileNode(tile, 0, i)))
}

function damagedFile(path: string): ProofsError {
  const message = `${path} does not hash to what the log says: restore the store from a copy`
  return new ProofsError('STORE_DAMAGED', message, { details: { path } })
}
