import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { TileStore } from '@halo/proofs'
import { isCode, writePrivateFile } from './data-dir.ts'

/**
 * Keeps the files of a log in a directory, mode 0600. A file appears whole or not at all, and is durable, its
 * directories too, when `write` returns.
 */
export function openTileStore(directory: string): TileStore {
  const makeDurable = createDirectoryMaker(resolve(directory))
  return {
    async read(path) {
      try {
        return new Uint8Array(await readFile(join(directory, path)))
      } catch (error) {
        if (isCode(error, 'ENOENT')) return null
        throw error
      }
    },
    async write(path, bytes) {
      const file = resolve(directory, path)
      await makeDurable(dirname(file))
      await writePrivateFile(file, bytes)
    },
  }
}

/**
 * A directory is durable once the one above it is synced. One that is there already may have been made by a process
 * that was killed before it came to that: each is seen to once, whoever made it. None counts before all above it are
 * durable, so that a write that failed half way up begins at the bottom when it comes again.
 */
function createDirectoryMaker(root: string): (path: string) => Promise<void> {
  const durable = new Set<string>()
  let top = root
  return async (path) => {
    if (durable.has(path)) return
    const first = await mkdir(path, { recursive: true, mode: 0o700 })
    if (first !== undefined && first.length < top.length) top = first
    const synced: string[] = []
    for (let made = path; made !== dirname(top) && !durable.has(made); made = dirname(made)) {
      const above = await open(dirname(made), 'r')
      await above.sync().finally(() => above.close())
      synced.push(made)
    }
    for (const made of synced) durable.add(made)
  }
}
