import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FsBlockstore } from 'blockstore-fs'
import { NextToLast } from 'blockstore-fs/sharding'
import type { CID } from 'multiformats/cid'
import { readIfThere, removeIfThere, syncPath } from './durable-files.ts'
import { KeyedLock } from './keyed-lock.ts'

const LAYOUT = new NextToLast()

type PutArguments = Parameters<FsBlockstore['put']>

/**
 * Blocks as files. `blockstore-fs` renames a finished file into place but does not fsync it, so this
 * does. What Helia itself wants to put (a block that bitswap received) is only taken while it is
 * expected: a block that is being erased must not come back through a request that was under way.
 */
export class DiskBlocks extends FsBlockstore {
  readonly #locks = new KeyedLock()
  readonly #isExpected: (cid: CID) => boolean

  /** @param isExpected whether a block may be written or is in use, asked at the last moment */
  constructor(directory: string, isExpected: (cid: CID) => boolean) {
    super(directory, { shardingStrategy: LAYOUT })
    this.#isExpected = isExpected
  }

  /** What Helia calls. A block nobody expects is dropped, which Helia does not have to know. */
  override async put(...[cid, value]: PutArguments): Promise<CID> {
    if (!(value instanceof Uint8Array)) throw new TypeError('A block is put in one piece.')
    await this.write(cid, value)
    return cid
  }

  /** Writes a block over whatever was there; its directory is left to {@link syncDirectories}. */
  async write(cid: CID, bytes: Uint8Array): Promise<void> {
    await this.#locks.run(keyOf(cid), async () => {
      if (!this.#isExpected(cid)) return
      await super.put(cid, bytes)
    })
  }

  /** The bytes on disk, not checked, or null. */
  read(cid: CID): Promise<Uint8Array | null> {
    return readIfThere(this.#pathOf(cid))
  }

  /** Makes a written block's bytes durable. */
  syncBlock(cid: CID): Promise<void> {
    return syncPath(this.#pathOf(cid))
  }

  /** Makes the entries of these blocks durable, present or removed. */
  async syncDirectories(cids: Iterable<CID>): Promise<void> {
    const directories = new Set([...cids].map((cid) => dirname(this.#pathOf(cid))))
    for (const directory of [...directories, this.path]) await syncPath(directory)
  }

  /** Removes a block unless someone expects it by now; true when it was removed. */
  erase(cid: CID): Promise<boolean> {
    return this.#locks.run(keyOf(cid), async () => {
      if (this.#isExpected(cid)) return false
      return removeIfThere(this.#pathOf(cid))
    })
  }

  /** Removes every file, half-written ones too, whose key `isWanted` does not know; returns how many. */
  async sweep(isWanted: (key: string) => boolean): Promise<number> {
    let removed = 0
    for (const entry of await readdir(this.path, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || isWanted(entry.name.replace(/^\.(.*)\.tmp$/, '$1'))) continue
      if (await removeIfThere(join(entry.parentPath, entry.name))) removed++
    }
    return removed
  }

  #pathOf(cid: CID): string {
    const { dir, file } = LAYOUT.encode(cid)
    return join(this.path, dir, file)
  }
}

/** The file name of a block: one per hash, whatever the codec. */
export function keyOf(cid: CID): string {
  return LAYOUT.encode(cid).file
}
