import type { DatasetId } from '@halo/consent'
import type { CatalogueEntry, Log } from '@halo/ports'
import { RefusedError } from '@halo/ports'
import { once } from './once.ts'
import type { RelayBudget } from './relay-budget.ts'
import type { PeerState } from './state.ts'

/** The data sets a peer offers, bounded, in order of their ids. */
export interface Catalogue {
  /**
   * Keeps a place for an entry until it is added or given up; one that is there already needs none. Those who come
   * with the same data set wait for each other, so that all but the first find what the first has done.
   * @throws RefusedError `BUSY` when there are as many as this peer takes, this hour's are used up, or too many wait
   */
  reserve(dataset: DatasetId): Promise<Disposable>
  add(dataset: DatasetId, entry: CatalogueEntry): Promise<void>
  /** Reads no more entries than it returns. */
  page(skip: number, limit: number): Promise<readonly CatalogueEntry[]>
}

/** What a catalogue is kept with, and its bounds. */
export interface CatalogueParts {
  readonly state: PeerState
  readonly maxEntries: number
  /** Spent by each data set that is new here. */
  readonly budget: RelayBudget
  readonly log: Log
}

/** Callers that wait with one data set; a wallet that lost patience comes a few times. */
const MAX_WAITING = 16

/**
 * A catalogue over a peer's state. It has the ids in memory, about 100 bytes each, so that an entry
 * is found by its position without those before it.
 */
export function createCatalogue({ state, maxEntries, budget, log }: CatalogueParts): Catalogue {
  let arriving = 0
  const sortedIds = once(() => readIds(state, log))
  const takeTurn = createTurns()
  const takePlace = async (dataset: DatasetId): Promise<() => void> => {
    const ids = await sortedIds()
    if (ids[positionOf(ids, dataset)] === dataset) return () => {}
    if (ids.length + arriving >= maxEntries) throw new RefusedError('BUSY')
    budget.spend()
    arriving++
    return () => {
      arriving--
    }
  }
  return {
    async reserve(dataset) {
      const endTurn = await takeTurn(dataset)
      try {
        const leave = await takePlace(dataset)
        return {
          [Symbol.dispose]() {
            leave()
            endTurn()
          },
        }
      } catch (error) {
        endTurn()
        throw error
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

/** Ids of all entries that can be read. One of an earlier version would spoil every page it is on: it goes. */
async function readIds(state: PeerState, log: Log): Promise<DatasetId[]> {
  const ids: DatasetId[] = []
  let outdated = 0
  for await (const { id, isCurrent } of state.catalogueIds()) {
    if (isCurrent) ids.push(id)
    else {
      await state.dropCatalogueEntry(id)
      outdated++
    }
  }
  if (outdated > 0) log('warn', 'entries-outdated', { entries: outdated })
  return ids
}

/** One at a time for each data set. @throws RefusedError `BUSY` when too many wait */
function createTurns(): (dataset: DatasetId) => Promise<() => void> {
  const lines = new Map<DatasetId, { waiting: number; last: Promise<void> }>()
  return async (dataset) => {
    const line = lines.get(dataset) ?? { waiting: 0, last: Promise.resolve() }
    if (line.waiting > MAX_WAITING) throw new RefusedError('BUSY')
    lines.set(dataset, line)
    line.waiting++
    const before = line.last
    const turn = Promise.withResolvers<void>()
    line.last = turn.promise
    await before
    return () => {
      turn.resolve()
      if (--line.waiting === 0) lines.delete(dataset)
    }
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
