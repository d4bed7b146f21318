import type { KeyValueStore, StateEntry } from '@halo/ports'

/** Entries read at once: at most a few MiB, however many there are. */
const PAGE_ENTRIES = 256

/**
 * Every entry under a prefix, in key order, read page by page. Entries may come and go meanwhile;
 * one that stays is seen once. Between pages others get their turn: a store may answer at once.
 */
export async function* walk(store: KeyValueStore, prefix: string): AsyncGenerator<StateEntry> {
  for (let after = ''; ; ) {
    const page = await store.list(prefix, { limit: PAGE_ENTRIES, after })
    yield* page
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE_ENTRIES) return
    after = last.key
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
}
