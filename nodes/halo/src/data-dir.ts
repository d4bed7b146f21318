import { link, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { NodeError } from './errors.ts'

/** Makes a directory that only its owner may enter, or checks that an existing one is. */
export async function openDataDir(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  await assertPrivate(path)
}

/** @throws NodeError `DATA_DIR_OPEN` when group or others have any right on the path */
export async function assertPrivate(path: string): Promise<void> {
  const { mode } = await stat(path)
  const forbidden = isCredential(path) ? 0o037 : 0o077
  if (process.platform !== 'win32' && (mode & forbidden) !== 0)
    throw new NodeError('DATA_DIR_OPEN', `Others may read ${path}. Run: chmod go= ${path}`)
}

/**
 * Whether systemd hands this file to this service: it may then be root's, readable to us by an access
 * control list, whose mask shows as the group's right to read.
 * @see https://systemd.io/CREDENTIALS/
 */
function isCredential(path: string): boolean {
  const directory = process.env['CREDENTIALS_DIRECTORY']
  return Boolean(directory) && resolve(path).startsWith(resolve(directory ?? '') + sep)
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

/**
 * Several may find the same stale lock, and the slower must not remove what the faster has put in its
 * place. So the lock is moved away under a name of our own and looked at again: a live one goes back.
 */
async function dropStaleLock(lock: string): Promise<void> {
  await assertStale(lock)
  const moved = `${lock}.${process.pid}.stale`
  try {
    await rename(lock, moved)
    await assertStale(moved).catch(async (error: unknown) => {
      await link(moved, lock)
      throw error
    })
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw isCode(error, 'EEXIST') ? locked(dirname(lock)) : error
  } finally {
    await rm(moved, { force: true })
  }
}

/** @throws NodeError `DATA_DIR_LOCKED` when the process that a lock names is alive */
async function assertStale(lock: string): Promise<void> {
  const owner = Number(await readFile(lock, 'utf8').catch(() => ''))
  if (Number.isInteger(owner) && owner > 0 && owner !== process.pid && isRunning(owner))
    throw locked(dirname(lock))
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
