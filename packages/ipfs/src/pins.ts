import { mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readIfThere, removeIfThere, syncPath } from './durable-files.ts'

/** A shard that is kept. */
export interface Pin {
  readonly cid: string
  /** What its blocks take on disk, in bytes; null when a crash or an earlier version left that out. */
  readonly diskBytes: number | null
}

/**
 * Which shards are kept: one file per shard root, named by its CID, that says what the shard takes on
 * disk, because asking every block again at each start would take long. Creating the file is the
 * moment a shard counts as stored, removing it the moment it counts as deleted; both are durable
 * when the call returns. Helia's own pins would read every block again and are not fsynced.
 */
export class Pins {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  async open(): Promise<readonly Pin[]> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    const pins: Pin[] = []
    for (const cid of await readdir(this.#directory)) {
      const content = await readIfThere(join(this.#directory, cid))
      pins.push({ cid, diskBytes: parseSize(new TextDecoder().decode(content ?? undefined)) })
    }
    return pins
  }

  async add({ cid, diskBytes }: Pin): Promise<void> {
    try {
      await this.#write(cid, diskBytes === null ? '' : String(diskBytes))
      await syncPath(this.#directory)
    } catch (error) {
      await removeIfThere(join(this.#directory, cid))
      throw error
    }
  }

  async #write(cid: string, text: string): Promise<void> {
    const handle = await open(join(this.#directory, cid), 'w', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
  }

  async remove(cid: string): Promise<void> {
    await removeIfThere(join(this.#directory, cid))
    await syncPath(this.#directory)
  }
}

function parseSize(text: string): number | null {
  return /^[1-9][0-9]{0,14}$/.test(text) ? Number(text) : null
}
