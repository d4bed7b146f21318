import type { BlockStore } from '@halo/ports'
import { RefusedError } from '@halo/ports'

/** How much more a peer takes in. */
export interface Room {
  /**
   * Sets bytes aside while they arrive; disposed once they are stored or refused.
   * @throws RefusedError `STORAGE_FULL`
   */
  reserve(sizeBytes: number): Promise<Disposable>
}

/** Room up to a capacity, what is on its way included, so that a flood of deposits cannot fill the disk. */
export function createRoom(parts: { readonly blocks: BlockStore }, capacityBytes: number): Room {
  let arriving = 0
  return {
    async reserve(sizeBytes) {
      arriving += sizeBytes
      const release = (): void => {
        arriving -= sizeBytes
      }
      const { sizeBytes: held } = await parts.blocks.usage()
      if (held + arriving <= capacityBytes) return { [Symbol.dispose]: release }
      release()
      throw new RefusedError('STORAGE_FULL')
    },
  }
}
