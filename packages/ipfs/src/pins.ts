import { mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeIfThere, syncPath } from './durable-files.ts'

/**
 * Which shards are kept: one empty file per shard root, named by its CID. Creating the file is the
 * moment a shard counts as stored, removing it the moment it counts as deleted; both are durable
 * when the call returns. Helia's own pins would read every block again and are not fsynced.
 */
export class Pins {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  async open(): Promise<readonly string[]> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    return readdir(this.#directory)
  }

  async add(cid: string): Promise<void> {
    const handle = await open(join(this.#directory, cid), 'w', 0o600)
    await handle.close()
    try {
      await syncPath(this.#directory)
    } catch (error) {
      await removeIfThere(join(this.#directory, cid))
      throw error
    }
  }

  async remove(cid: string): Promise<void> {
    await removeIfThere(join(this.#directory, cid))
    await syncPath(this.#directory)
  }
}
