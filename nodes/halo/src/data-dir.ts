import { link, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { NodeError } from './errors.ts'

/** Makes a directory that only its owner may enter, or checks that an existing one is. */
export async function openDataDir(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  await assertPrivate(path)
}

/** @throws NodeError `DATA_DIR_OPEN` when group or others have any right on the path */
export async function assertPrivate(path: string): Promise<void> {
  const { mode } = await stat(path)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new NodeError('DATA_DIR_OPEN', `Others may read ${path}. Run: chmod go= ${path}`)
}

/** Writes a file whole or not at all, mode 0600, durable when it returns. */
export async function writePrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  const partial = `${path}.${process.pid}.part`
  const file = await open(partial, 'w', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(partial, path)
  const directory = await open(dirname(path), 'r')
  await directory.sync().finally(() => directory.close())
}

/**
 * Keeps a second process out of a data directory until disposed. A lock left by a killed process is
 * taken over.
 * @throws NodeError `DATA_DIR_LOCKED`
 */
export async function lockDataDir(path: string): Promise<AsyncDisposable> {
  const lock = join(path, 'lock')
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await claim(lock)
      return { [Symbol.asyncDispose]: () => rm(lock, { force: true }) }
    } catch (cause) {
      if (!isCode(cause, 'EEXIST')) throw cause
      await dropStaleLock(lock)
    }
  }
  throw locked(path)
}

/** The lock appears with its owner's id in it, so that nobody takes it for one without an owner. */
async function claim(lock: string): Promise<void> {
  const own = `${lock}.${process.pid}`
  await writeFile(own, String(process.pid), { mode: 0o600 })
  try {
    await link(own, lock)
  } finally {
    await rm(own, { force: true })
  }
}

async function dropStaleLock(lock: string): Promise<void> {
  const owner = Number(await readFile(lock, 'utf8').catch(() => ''))
  if (Number.isInteger(owner) && owner > 0 && owner !== process.pid && isRunning(owner))
    throw locked(dirname(lock))
  await rm(lock, { force: true })
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isCode(error, 'EPERM')
  }
}

function locked(path: string): NodeError {
  return new NodeError('DATA_DIR_LOCKED', `Another process uses ${path}. Stop it first.`)
}

/** Whether an error carries this system code. */
export function isCode(error: unknown, code: string): boolean {
  return (error as { readonly code?: unknown } | null)?.code === code
}
