import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TileStore } from '@halo/proofs'

/** Files as a peer keeps them: written beside, synced, renamed, and the folder synced. */
export function fileStore(dir: string): TileStore & { readonly counts: { files: number; bytes: number } } {
  const counts = { files: 0, bytes: 0 }
  return {
    counts,
    async read(path) {
      return readFile(join(dir, path)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null
        throw error
      })
    },
    async write(path, bytes) {
      const target = join(dir, path)
      const folder = dirname(target)
      await mkdir(folder, { recursive: true })
      const beside = join(folder, randomUUID())
      await writeSynced(beside, bytes)
      await rename(beside, target)
      await syncFolder(folder)
      counts.files++
      counts.bytes += bytes.length
    },
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'wx', 0o600)
  await file.writeFile(bytes)
  await file.sync()
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r')
  await folder.sync()
}
