import { link, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { NodeError } from './errors.ts'

/** A take-over is over in milliseconds; a process that hangs in one must not hang all others. */
const TAKE_OVER_MS = 2000
/** @see https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5

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
  await claim(lock).catch((error: unknown) => {
    if (!isCode(error, 'EEXIST')) throw error
    return takeOver(lock)
  })
  return { [Symbol.asyncDispose]: () => rm(lock, { force: true }) }
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
 * place. So they do it one after the other, under a lock of the operating system's, which ends with the process
 * that holds it (SQLite's, because Node has no other); who comes later finds a live lock and leaves it.
 */
async function takeOver(lock: string): Promise<void> {
  await assertStale(lock)
  const mutex = `${lock}.takeover`
  const db = new DatabaseSync(mutex)
  try {
    db.exec(`PRAGMA busy_timeout = ${TAKE_OVER_MS}; BEGIN EXCLUSIVE`)
    await assertStale(lock)
    await rm(lock, { force: true })
    await claim(lock)
  } catch (error) {
    // Whoever was faster took the file away, which SQLite reports in many ways; their lock is live by then.
    await assertStale(lock)
    throw isCode(error, 'EEXIST') || isBusy(error) ? locked(dirname(lock)) : error
  } finally {
    db.close()
    // Only when the lock is live: who still waits on this file then finds nothing to take over.
    if ((await readOwner(lock)) !== null) await rm(mutex, { force: true })
  }
}

function isBusy(error: unknown): boolean {
  return (error as { readonly errcode?: unknown }).errcode === SQLITE_BUSY
}

/** @throws NodeError `DATA_DIR_LOCKED` when the process that a lock names is alive, and another one */
async function assertStale(lock: string): Promise<void> {
  const owner = await readOwner(lock)
  if (owner !== null && owner !== process.pid) throw locked(dirname(lock))
}

/** The living process that a lock names; null when there is none. */
async function readOwner(lock: string): Promise<number | null> {
  const owner = Number(await readFile(lock, 'utf8').catch(() => ''))
  return Number.isInteger(owner) && owner > 0 && isRunning(owner) ? owner : null
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
