/**
 * Where a log keeps its files. Paths are relative, of lower-case letters, digits, `.` and `/`. One log at a
 * time writes to a store.
 */
export interface TileStore {
  /** The whole file, or null when there is none. The caller may keep the bytes. */
  read(path: string): Promise<Uint8Array | null>
  /**
   * Puts a whole file in place of what was there. Durable when it resolves. Where it is cut off there may be
   * the old file, nothing, or any beginning of the new one, never a mix of old and new. The bytes are not
   * changed afterwards.
   */
  write(path: string, bytes: Uint8Array): Promise<void>
}

/** A store that lives as long as the process: for tests, and for logs that need no disk. */
export function createMemoryStore(): TileStore {
  const files = new Map<string, Uint8Array>()
  return {
    read: async (path) => files.get(path)?.slice() ?? null,
    write: async (path, bytes) => {
      files.set(path, Uint8Array.from(bytes))
    },
  }
}
