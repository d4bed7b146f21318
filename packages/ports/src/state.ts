/** Small durable state: what `put` has returned survives SIGKILL. Keys are paths like `share/ab12`. */
export interface KeyValueStore {
  get(key: string): Promise<Uint8Array | null>
  put(key: string, value: Uint8Array): Promise<void>
  /** Stores only if the key is free; false when it was taken. */
  putNew(key: string, value: Uint8Array): Promise<boolean>
  delete(key: string): Promise<void>
  /** Entries whose key starts with `prefix`, in key order, at most `limit`. */
  list(
    prefix: string,
    options?: { readonly limit?: number; readonly after?: string },
  ): Promise<readonly StateEntry[]>
}

/** One entry of a {@link KeyValueStore}. */
export interface StateEntry {
  readonly key: string
  readonly value: Uint8Array
}

/** A store in memory, for tests and for what need not survive. */
export function createMemoryStore(): KeyValueStore {
  const entries = new Map<string, Uint8Array>()
  return {
    get: async (key) => entries.get(key)?.slice() ?? null,
    put: async (key, value) => void entries.set(key, value.slice()),
    putNew: async (key, value) => {
      if (entries.has(key)) return false
      entries.set(key, value.slice())
      return true
    },
    delete: async (key) => void entries.delete(key),
    list: async (prefix, { limit = Number.POSITIVE_INFINITY, after = '' } = {}) =>
      [...entries]
        .filter(([key]) => key.startsWith(prefix) && key > after)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, limit)
        .map(([key, value]) => ({ key, value: value.slice() })),
  }
}
