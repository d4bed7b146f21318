import type { DatasetId } from '@halo/consent'
import type { CatalogueEntry } from '@halo/ports'
import { RefusedError } from '@halo/ports'
import { once } from './once.ts'
import type { PeerState } from './state.ts'

/** The data sets a peer offers, bounded, in order of their ids. */
export interface Catalogue {
  /**
   * Keeps a place for an entry until it is added or given up; one that is there already needs none.
   * @throws RefusedError `BUSY` when there are as many as this peer takes
   */
  reserve(dataset: DatasetId): Promise<Disposable>
  add(dataset: DatasetId, entry: CatalogueEntry): Promise<void>
  /** Reads no more entries than it returns. */
  page(skip: number, limit: number): Promise<readonly CatalogueEntry[]>
}

/**
 * A catalogue over a peer's state. It has the ids in memory, about 100 bytes each, so that an entry
 * is found by its position without those before it.
 */
export function createCatalogue(state: PeerState, maxEntries: number): Catalogue {
  let arriving = 0
  const sortedIds = once(async () => {
    const ids: DatasetId[] = []
    for await (const id of state.catalogueIds()) ids.push(id)
    return ids
  })
  return {
    async reserve(dataset) {
      const ids = await sortedIds()
      if (ids[positionOf(ids, dataset)] === dataset) return { [Symbol.dispose]() {} }
      if (ids.length + arriving >= maxEntries) throw new RefusedError('BUSY')
      arriving++
      return {
        [Symbol.dispose]() {
          arriving--
        },
      }
    },
    async add(dataset, entry) {
      const ids = await sortedIds()
      await state.addCatalogueEntry(dataset, entry)
      const position = positionOf(ids, dataset)
      if (ids[position] !== dataset) ids.splice(position, 0, dataset)
    },
    async page(skip, limit) {
      const ids = await sortedIds()
      if (skip >= ids.length) return []
      return state.catalogueEntries(limit, ids[skip - 1] ?? null)
    },
  }
}

/** Where an id is in a sorted list, or would be. */
function positionOf(ids: readonly DatasetId[], id: DatasetId): number {
  let from = 0
  let to = ids.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((ids[middle] ?? id) < id) from = middle + 1
    else to = middle
  }
  return from
}
