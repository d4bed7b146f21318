import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TileStore } from '@halo/proofs'
import { isCode, writePrivateFile } from './data-dir.ts'

/**
 * Keeps the files of a log in a directory, mode 0600. A file appears whole or not at all, and is durable, its
 * directories too, when `write` returns.
 */
export function openTileStore(directory: string): TileStore {
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
      const file = join(directory, path)
      await makeDurableDirectory(dirname(file))
      await writePrivateFile(file, bytes)
    },
  }
}

/** A new directory is durable once the one above it is. */
async function makeDurableDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let made = path; made.length >= first.length; made = dirname(made)) {
    const above = await open(dirname(made), 'r')
    await above.sync().finally(() => above.close())
  }
}
