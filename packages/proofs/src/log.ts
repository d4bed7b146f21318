import { type BatchProof, placeBatchPath } from './batch.ts'
import { foldPeaks } from './compact-range.ts'
import { ProofsError } from './errors.ts'
import { type LogHead, readHead, writeHead } from './log-head.ts'
import { growState, type LogState, type TileFile } from './log-state.ts'
import { createTileReader, readState, type TileReader } from './log-tiles.ts'
import type { TileStore } from './store.ts'
import { readTileNode } from './tile.ts'
import { MAX_ENTRY_BYTES } from './tile-entries.ts'
import { TILE_HEIGHT, TILE_WIDTH } from './tile-path.ts'
import { areEqual, checkHash, emptyRoot } from './tree-hash.ts'
import type { ConsistencyProof, InclusionProof } from './tree-proof.ts'
import {
  checkCount,
  checkLeaf,
  type NodePlace,
  placeConsistencyPath,
  placeInclusionPath,
  placeParts,
  placePeaks,
} from './tree-shape.ts'

/** An append-only log. Sizes that a proof is asked for are those of now unless they are named. */
export interface MerkleLog {
  /** How far it is committed: what it had when opened, and since then every append that resolved. */
  readonly head: LogHead
  /**
   * Adds entries at the end, all or none of them, in one commit; appends wait for each other. Entries are
   * copied. Where it rejects because of the store, the log goes on without them, but what is read after a
   * crash right then may have them.
   * @param entries at most {@link MAX_ENTRY_BYTES} bytes each; with none, nothing happens
   * @throws {@link ProofsError} `RANGE_INVALID`; whatever the store throws
   */
  append(entries: readonly Uint8Array[]): Promise<AppendResult>
  /** Root at a size, 32 bytes. @throws {@link ProofsError} `RANGE_INVALID`, `STORE_DAMAGED` */
  root(size?: number): Promise<Uint8Array>
  /** @throws {@link ProofsError} `RANGE_INVALID`, `LEAF_UNKNOWN`, `STORE_DAMAGED` */
  proveInclusion(index: number, size?: number): Promise<InclusionProof>
  /** @throws {@link ProofsError} `RANGE_INVALID`, `STORE_DAMAGED` */
  proveConsistency(from: number, to?: number): Promise<ConsistencyProof>
  /** Indices ascend, none twice. @throws {@link ProofsError} `RANGE_INVALID`, `LEAF_UNKNOWN`, `STORE_DAMAGED` */
  proveBatch(indices: readonly number[], size?: number): Promise<BatchProof>
  /** Data of a leaf, a copy. @throws {@link ProofsError} `RANGE_INVALID`, `LEAF_UNKNOWN`, `STORE_DAMAGED` */
  entry(index: number): Promise<Uint8Array>
}

/** Where an append put its entries. */
export interface AppendResult {
  /** Index of the first of them; the others follow. */
  readonly firstIndex: number
  /** Leaves after it. */
  readonly size: number
  /** Root after it, 32 bytes. */
  readonly root: Uint8Array
}

/** How a log is opened. */
export interface LogOptions {
  /** Last size and root that left this place, signed or anchored: what the store must still hold. */
  readonly lastCheckpoint?: LogHead
  /** Full tiles kept in memory, 16 KiB each. @defaultValue 128 */
  readonly maxCachedTiles?: number
}

/** Files written at once: a commit has few, a first import many. */
const WRITES_AT_ONCE = 8

/**
 * Opens the log of a store, or begins one in an empty store. Files are those of C2SP tlog-tiles and two small
 * heads: an append writes its tiles and entries, under names that no committed size uses, then a head. After
 * a crash at any moment the log has its last committed size, or that and the append under way; files beyond
 * it are ignored, and replaced when the log gets there again.
 * @throws {@link ProofsError} `STORE_DAMAGED`; `STORE_BEHIND` when it ends before `lastCheckpoint`
 * @see https://c2sp.org/tlog-tiles
 */
export async function openLog(store: TileStore, options: LogOptions = {}): Promise<MerkleLog> {
  const { lastCheckpoint, maxCachedTiles = 128 } = options
  checkCount(maxCachedTiles, 'maxCachedTiles')
  const stored = await readHead(store)
  const head = stored?.head ?? { size: 0, root: emptyRoot() }
  const state = await readState(store, head)
  const tiles = createTileReader(store, maxCachedTiles)
  if (lastCheckpoint !== undefined) await checkHistory(tiles, state, lastCheckpoint)
  const spare = stored?.slot === 0 ? 1 : 0
  // The newest head may have been read from a cache that a power cut would lose: now it is durable.
  if (stored !== null && !stored.isTwice) await writeHead(store, spare, head)
  return new StoredLog(store, tiles, state, spare)
}

/** @throws {@link ProofsError} `STORE_BEHIND`, `STORE_DAMAGED` */
async function checkHistory(tiles: TileReader, state: LogState, last: LogHead): Promise<void> {
  checkCount(last.size, 'lastCheckpoint.size')
  checkHash(last.root, 'lastCheckpoint.root')
  if (last.size > state.size) {
    const message = 'the store ends before its last checkpoint: it was rolled back, restore its newest copy'
    throw new ProofsError('STORE_BEHIND', message, { details: { size: state.size, expected: last.size } })
  }
  if (areEqual(await readRoot(tiles, state, last.size), last.root)) return
  const message = 'the store has another history than its last checkpoint: restore it from a copy'
  throw new ProofsError('STORE_DAMAGED', message, { details: { size: last.size } })
}

class StoredLog implements MerkleLog {
  readonly #store: TileStore
  readonly #tiles: TileReader
  #state: LogState
  /** Where the next head goes; the other place holds the head of now. */
  #spare: 0 | 1
  /** Whether a head that was given up may lie in the spare place. */
  #mayHoldOther = false
  #queue: Promise<unknown> = Promise.resolve()

  constructor(store: TileStore, tiles: TileReader, state: LogState, spare: 0 | 1) {
    this.#store = store
    this.#tiles = tiles
    this.#state = state
    this.#spare = spare
  }

  get head(): LogHead {
    const { size, root } = this.#state
    return { size, root: root.slice() }
  }

  async append(entries: readonly Uint8Array[]): Promise<AppendResult> {
    const copies = Array.from(entries, copyEntry)
    const appended = this.#queue.then(() => this.#commit(copies))
    this.#queue = appended.catch(() => undefined)
    return appended
  }

  async root(size: number = this.#state.size): Promise<Uint8Array> {
    checkCount(size, 'size', this.#state.size)
    return readRoot(this.#tiles, this.#state, size)
  }

  async proveInclusion(index: number, size: number = this.#state.size): Promise<InclusionProof> {
    checkCount(size, 'size', this.#state.size)
    checkLeaf(index, size)
    return { index, size, path: await this.#readNodes(placeInclusionPath(index, size), size) }
  }

  async proveConsistency(from: number, to: number = this.#state.size): Promise<ConsistencyProof> {
    checkCount(to, 'to', this.#state.size)
    checkCount(from, 'from', to)
    return { from, to, path: await this.#readNodes(placeConsistencyPath(from, to), to) }
  }

  async proveBatch(indices: readonly number[], size: number = this.#state.size): Promise<BatchProof> {
    checkCount(size, 'size', this.#state.size)
    const places = placeBatchPath(indices, size)
    return { indices: [...indices], size, path: await this.#readNodes(places, size) }
  }

  async entry(index: number): Promise<Uint8Array> {
    checkLeaf(index, this.#state.size)
    const entries = await this.#tiles.readEntries(this.#state, Math.floor(index / TILE_WIDTH))
    return Uint8Array.from(entries[index % TILE_WIDTH] as Uint8Array)
  }

  async #commit(entries: readonly Uint8Array[]): Promise<AppendResult> {
    const firstIndex = this.#state.size
    if (entries.length === 0) return { firstIndex, ...this.head }
    checkCount(firstIndex + entries.length, 'size')
    if (this.#mayHoldOther) await this.#settleHead()
    const { grown, files } = growState(this.#state, entries)
    await writeFiles(this.#store, files)
    this.#mayHoldOther = true
    await writeHead(this.#store, this.#spare, grown)
    this.#mayHoldOther = false
    this.#spare = this.#spare === 0 ? 1 : 0
    this.#state = grown
    return { firstIndex, ...this.head }
  }

  /** Before tiles of an append that was given up are replaced, its head must be gone. */
  async #settleHead(): Promise<void> {
    await writeHead(this.#store, this.#spare, this.head)
    this.#mayHoldOther = false
  }

  async #readNodes(places: readonly NodePlace[], size: number): Promise<readonly Uint8Array[]> {
    const state = this.#state
    const hashes: Uint8Array[] = []
    for (const place of places) hashes.push(await readNode(this.#tiles, state, place, size))
    return hashes
  }
}

async function readRoot(tiles: TileReader, state: LogState, size: number): Promise<Uint8Array> {
  if (size === state.size) return state.root.slice()
  return foldPeaks(await readWholeNodes(tiles, state, placePeaks(size)))
}

/** A node of the tree of an earlier size is folded from whole ones, which are the same at every size. */
async function readNode(
  tiles: TileReader,
  state: LogState,
  place: NodePlace,
  size: number,
): Promise<Uint8Array> {
  return foldPeaks(await readWholeNodes(tiles, state, placeParts(place, size)))
}

async function readWholeNodes(
  tiles: TileReader,
  state: LogState,
  places: readonly NodePlace[],
): Promise<readonly Uint8Array[]> {
  const hashes: Uint8Array[] = []
  for (const { level, index } of places) {
    const row = level % TILE_HEIGHT
    const width = 2 ** (TILE_HEIGHT - row)
    const tile = await tiles.readTile(state, (level - row) / TILE_HEIGHT, Math.floor(index / width))
    hashes.push(readTileNode(tile, row, index % width))
  }
  return hashes
}

/** Waits for all of a group even when one fails: none may still be writing when the next append begins. */
async function writeFiles(store: TileStore, files: readonly TileFile[]): Promise<void> {
  for (let at = 0; at < files.length; at += WRITES_AT_ONCE) {
    const group = files.slice(at, at + WRITES_AT_ONCE)
    const settled = await Promise.allSettled(group.map(({ path, bytes }) => store.write(path, bytes)))
    const failed = settled.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
}

function copyEntry(entry: Uint8Array): Uint8Array {
  if (entry instanceof Uint8Array && entry.length <= MAX_ENTRY_BYTES) return Uint8Array.from(entry)
  const message = `an entry is too long: give at most ${MAX_ENTRY_BYTES} bytes`
  throw new ProofsError('RANGE_INVALID', message, { details: { field: 'entries' } })
}
