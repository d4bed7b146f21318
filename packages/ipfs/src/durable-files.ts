import { open, readFile, rm } from 'node:fs/promises'

/** Makes a file's bytes, or a directory's entries, survive a loss of power. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A file's bytes, or null when there is none. */
export async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    const buffer = await readFile(path)
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
  } catch (error) {
    if (isNotThere(error)) return null
    throw error
  }
}

/** Removes a file; false when there was none. */
export async function removeIfThere(path: string): Promise<boolean> {
  try {
    await rm(path)
    return true
  } catch (error) {
    if (isNotThere(error)) return false
    throw error
  }
}

function isNotThere(error: unknown): boolean {
  return (error as { readonly code?: unknown } | null)?.code === 'ENOENT'
}
