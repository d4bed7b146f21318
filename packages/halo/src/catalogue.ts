import type { DatasetId } from '@halo/consent'
import type { CatalogueEntry, Log } from '@halo/ports'
import { RefusedError } from '@halo/ports'
import { once } from './once.ts'
import type { RelayBudget } from './relay-budget.ts'
import type { PeerState } from './state.ts'

/** The data sets a peer offers, bounded. */
export interface Catalogue {
  /**
   * Keeps a place for an entry until it is added or given up; one that is there already needs none. Those who come
   * with the same data set wait for each other, so that all but the first find what the first has done; who leaves
   * waits no more and takes nobody's place.
   * @throws RefusedError `BUSY` when there are as many as this peer takes, this hour's are used up, or too many wait
   */
  reserve(dataset: DatasetId, signal?: AbortSignal): Promise<Place>
  add(dataset: DatasetId, entry: CatalogueEntry): Promise<void>
  /**
   * Entries in a ring of their ids: those that follow one, from the last on to the first, none twice. After null it
   * begins at any of them, each as likely: ids can be chosen, so that from a fixed place, or a random id, whoever
   * lists many that lie before another could keep readers from ever getting that far. Reads no more than it returns.
   */
  page(after: DatasetId | null, limit: number): Promise<readonly CatalogueEntry[]>
}

/** A place for one entry; disposed without {@link Place.keep} it has cost nothing. */
export interface Place extends Disposable {
  /** Says that the entry is in the log or the catalogue from now on, which takes one of this hour's listings. */
  keep(): void
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
 * A catalogue over a peer's state. It has the ids in memory, about 100 bytes each, so that it
 * can begin with any of them, each as likely as the others.
 */
export function createCatalogue({ state, maxEntries, budget, log }: CatalogueParts): Catalogue {
  let arriving = 0
  const sortedIds = once(() => readIds(state, log))
  const takeTurn = createTurns()
  const takePlace = async (dataset: DatasetId, signal?: AbortSignal): Promise<Place> => {
    const ids = await sortedIds()
    signal?.throwIfAborted()
    if (ids[positionOf(ids, dataset)] === dataset) return NEEDLESS
    if (ids.length + arriving >= maxEntries) throw new RefusedError('BUSY')
    // Spent beforehand, so that those who arrive together do not get more than there is.
    budget.spend()
    arriving++
    let isKept = false
    return {
      keep() {
        isKept = true
      },
      [Symbol.dispose]() {
        arriving--
        if (!isKept) budget.giveBack()
      },
    }
  }
  return {
    async reserve(dataset, signal) {
      signal?.throwIfAborted()
      const endTurn = await takeTurn(dataset, signal)
      try {
        const place = await takePlace(dataset, signal)
        return {
          keep: place.keep,
          [Symbol.dispose]() {
            place[Symbol.dispose]()
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
    async page(after, limit) {
      const ids = await sortedIds()
      const before = after === null ? (ids[randomBelow(ids.length)] ?? null) : after
      const rest = await state.catalogueEntries(limit, before)
      const fromStart = Math.min(limit - rest.length, ids.length - rest.length)
      return fromStart > 0 ? [...rest, ...(await state.catalogueEntries(fromStart, null))] : rest
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

/** The place of an entry that is there already. */
const NEEDLESS: Place = { keep() {}, [Symbol.dispose]() {} }

/** One at a time for each data set, who has left not counted. @throws RefusedError `BUSY` when too many wait */
function createTurns(): (dataset: DatasetId, signal?: AbortSignal) => Promise<() => void> {
  const lines = new Map<DatasetId, Set<() => void>>()
  return async (dataset, signal) => {
    const line = lines.get(dataset)
    if (line === undefined) lines.set(dataset, new Set())
    else await waitIn(line, signal)
    return () => {
      const waiting = lines.get(dataset)
      const [next] = waiting ?? []
      if (next === undefined) lines.delete(dataset)
      else next()
    }
  }
}

/** Waits at the end of a line until called from its front. */
async function waitIn(line: Set<() => void>, signal?: AbortSignal): Promise<void> {
  if (line.size >= MAX_WAITING) throw new RefusedError('BUSY')
  const turn = Promise.withResolvers<void>()
  const begin = (): void => {
    line.delete(begin)
    signal?.removeEventListener('abort', leave)
    turn.resolve()
  }
  const leave = (): void => {
    line.delete(begin)
    turn.reject(signal?.reason)
  }
  line.add(begin)
  signal?.addEventListener('abort', leave, { once: true })
  await turn.promise
}

/** A whole number from 0, each as likely as a 2^32nd allows. */
function randomBelow(end: number): number {
  const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1))
  return Math.floor((drawn / 2 ** 32) * end)
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
