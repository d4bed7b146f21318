import type { BlockStore } from '@halo/ports'
import { RefusedError } from '@halo/ports'
import { once } from './once.ts'
import type { PeerState } from './state.ts'

/** How much more a peer takes in. */
export interface Room {
  /**
   * Sets bytes aside while they arrive; disposed once they are stored or refused.
   * @throws RefusedError `STORAGE_FULL`
   */
  reserve(sizeBytes: number): Promise<Disposable>
  /** As {@link Room.reserve}, for a key share of so many bytes, the entry it is kept in included. */
  reserveShare(sizeBytes: number): Promise<ShareRoom>
}

/** Room for one key share. */
export interface ShareRoom extends Disposable {
  /** Says that the share is stored and takes its room for good. */
  keep(): void
}

/** What an entry takes besides its share, so that a flood of empty shares has its bound too. */
const ENTRY_BYTES = 128

/** What a leaf takes in the log's tiles and in the index that finds it. */
export const LEAF_BYTES = 512

/**
 * Room up to a capacity, what is on its way included, so that no flood of deposits or publications fills the disk.
 * Shares are counted once, when the first deposit comes, and from then on as they are added.
 */
export function createRoom(
  parts: { readonly blocks: BlockStore; readonly state: PeerState },
  capacityBytes: number,
): Room {
  let arriving = 0
  let keptInShares = 0
  const countShares = once(async () => {
    let counted = 0
    for await (const sizeBytes of parts.state.shareSizes()) counted += sizeBytes + ENTRY_BYTES
    keptInShares = counted
  })
  const reserve = async (sizeBytes: number): Promise<Disposable> => {
    arriving += sizeBytes
    const release = (): void => {
      arriving -= sizeBytes
    }
    try {
      await countShares()
      const { sizeBytes: keptInShards } = await parts.blocks.usage()
      const keptInLog = (await parts.state.leafCount()) * LEAF_BYTES
      if (keptInShards + keptInShares + keptInLog + arriving > capacityBytes)
        throw new RefusedError('STORAGE_FULL')
    } catch (error) {
      release()
      throw error
    }
    return { [Symbol.dispose]: release }
  }
  return {
    reserve,
    async reserveShare(shareBytes) {
      const sizeBytes = shareBytes + ENTRY_BYTES
      const room = await reserve(sizeBytes)
      const keep = (): void => {
        keptInShares += sizeBytes
      }
      return { keep, [Symbol.dispose]: () => room[Symbol.dispose]() }
    },
  }
}
