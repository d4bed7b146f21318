import type { TileStore } from '../src/index.ts'

/** A store in memory whose files a test can look at and change. */
export interface WatchedStore extends TileStore {
  /** All files. */
  readonly files: Map<string, Uint8Array>
  /** Files written since it was cleared. */
  readonly written: Map<string, Uint8Array>
  /** Paths read since it was emptied. */
  readonly reads: string[]
}

export function createWatchedStore(files: ReadonlyMap<string, Uint8Array> = new Map()): WatchedStore {
  const store: WatchedStore = {
    files: new Map(files),
    written: new Map(),
    reads: [],
    read: async (path) => {
      store.reads.push(path)
      return store.files.get(path)?.slice() ?? null
    },
    write: async (path, bytes) => {
      store.files.set(path, bytes.slice())
      store.written.set(path, bytes.slice())
    },
  }
  return store
}

/** How a file looks that was being written when the power went. */
export type Cut = 'prefix' | 'old' | 'nothing'

/** A store that stops for good after so many bytes were written to it, as a machine does that loses power. */
export interface CutStore extends TileStore {
  readonly files: Map<string, Uint8Array>
  /** Bytes that were asked to be written, also those that were not. */
  readonly askedBytes: number
}

export function createCutStore(
  files: ReadonlyMap<string, Uint8Array>,
  cutAfterBytes: number,
  cut: Cut,
): CutStore {
  const left = new Map(files)
  let askedBytes = 0
  return {
    files: left,
    get askedBytes() {
      return askedBytes
    },
    read: async (path) => left.get(path)?.slice() ?? null,
    write: async (path, bytes) => {
      const roomBytes = cutAfterBytes - askedBytes
      askedBytes += bytes.length
      if (bytes.length <= roomBytes) {
        left.set(path, bytes.slice())
        return
      }
      if (roomBytes >= 0 && cut === 'prefix') left.set(path, bytes.slice(0, roomBytes))
      if (roomBytes >= 0 && cut === 'nothing') left.delete(path)
      throw new Error('power cut')
    },
  }
}
