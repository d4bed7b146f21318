import { closeSync, openSync } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { NodeError } from './errors.ts'

/** Of several that start at once, each is in another's way for milliseconds; who holds the lock keeps it for long. */
const LOCK_WAIT_MS = 500
/**
 * Begins to write what is never committed: of a file that may only be read, SQLite gives out a lock that others
 * have as well, without a word until the first write.
 */
const TAKE_LOCK = `PRAGMA busy_timeout = ${LOCK_WAIT_MS}; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE; PRAGMA user_version = 1`
/** @see https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5
/** The bits of a result code that its variants share. @see https://www.sqlite.org/rescode.html#primary_result_codes_versus_extended_result_codes */
const PRIMARY_CODE = 0xff

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

/** Writes a file whole or not at all, mode 0600, durable when it returns. What fails leaves no part behind. */
export async function writePrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  const partial = `${path}.${process.pid}.part`
  try {
    const file = await open(partial, 'w', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(partial, path)
  } catch (error) {
    // What went wrong first is what the caller has to hear of.
    await rm(partial, { force: true }).catch(() => undefined)
    throw error
  }
  const directory = await open(dirname(path), 'r')
  await directory.sync().finally(() => directory.close())
}

/**
 * Keeps everybody else out of a data directory until disposed. The lock is the operating system's (SQLite's, because
 * Node has no other): it ends with the process that holds it, however that ends, and holds between containers that
 * share a volume, whose process ids say nothing to each other. Its file stays, empty: were it removed, who waits for
 * the removed one and who makes a new one would both have a lock.
 * @throws NodeError `DATA_DIR_LOCKED`; `DATA_DIR_UNUSABLE` when its file cannot be made, written or read as a lock
 */
export async function lockDataDir(path: string): Promise<AsyncDisposable> {
  const lock = join(path, 'lock.sqlite')
  let db: DatabaseSync | null = null
  try {
    makePrivate(lock)
    db = new DatabaseSync(lock)
    db.exec(TAKE_LOCK)
  } catch (error) {
    db?.close()
    throw lockError(path, lock, error)
  }
  return {
    async [Symbol.asyncDispose]() {
      if (db.isOpen) db.close()
    },
  }
}

function lockError(path: string, lock: string, cause: unknown): NodeError {
  const code = (cause as { readonly errcode?: unknown } | null)?.errcode
  if (typeof code === 'number' && (code & PRIMARY_CODE) === SQLITE_BUSY)
    return new NodeError('DATA_DIR_LOCKED', `Another process uses ${path}. Stop it first.`)
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new NodeError(
    'DATA_DIR_UNUSABLE',
    `${lock} cannot be locked: ${reason}. It and its directory must be this user's to write: run chown and chmod u+rw. If it is no lock, remove it while no process uses ${path}.`,
    { cause },
  )
}

/** Only ever opens a file that is new, and in one go: closing any handle of a file gives back this process's locks on it. */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  }
}

/** Whether an error carries this system code. */
export function isCode(error: unknown, code: string): boolean {
  return (error as { readonly code?: unknown } | null)?.code === code
}
