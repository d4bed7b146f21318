import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fstatSync, writeSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { lstat, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CliError, unwritable } from '../errors.ts'
import { exitCodeOf } from '../exit-code.ts'

/** Where a command writes what may be large: a file that appears whole or not at all, or standard output. */
export interface TextSink {
  write(text: string | Uint8Array): Promise<void>
  /** Puts the file in its place. */
  commit(): Promise<void>
  /** Leaves nothing behind. Harmless after `commit`. */
  discard(): Promise<void>
}

/** How a file is written. */
interface SinkOptions {
  /** Whether a file that is there may be replaced. */
  readonly force: boolean
  /** Files that the command reads: they are never replaced. */
  readonly inputs?: readonly string[]
  /** Who may read the file, within the umask. @defaultValue 0o600, its owner alone */
  readonly mode?: number
}

/** Whether `--out` means standard output: left away, or `-`. */
export function isStandardOutput(path: string | undefined): path is undefined | '-' {
  return path === undefined || path === '-'
}

/**
 * Opens `--out`, or standard output. Files, unless said otherwise, and new directories are for their owner alone
 * (0600, 0700).
 * @throws CliError `FILE_UNREADABLE`; `FILE_EXISTS` for one that may not be replaced; `USAGE` for one that is read
 */
export async function openSink(path: string | undefined, options: SinkOptions): Promise<TextSink> {
  if (isStandardOutput(path))
    return { write: chooseStdoutWriter(), commit: async () => undefined, discard: async () => undefined }
  await checkPlace(path, options)
  // A name of its own: a file that another command, or a person, put beside it stays as it is.
  const partial = `${path}.${randomBytes(6).toString('hex')}.part`
  const written = <T>(step: Promise<T>): Promise<T> =>
    step.catch((cause: unknown) => {
      throw unwritable(`The file ${path}`, cause)
    })
  await written(mkdir(dirname(path), { recursive: true, mode: 0o700 }))
  const file = await written(open(partial, 'wx', options.mode ?? 0o600))
  let isCommitted = false
  return {
    write: (text) => written(file.writeFile(text)),
    async commit() {
      await written(putInPlace(file, partial, path))
      isCommitted = true
    },
    async discard() {
      if (isCommitted) return
      await file.close().catch(() => undefined)
      await rm(partial, { force: true })
    },
  }
}

async function putInPlace(file: FileHandle, partial: string, path: string): Promise<void> {
  await file.sync()
  await file.close()
  await rename(partial, path)
}

async function checkPlace(path: string, { force, inputs = [] }: SinkOptions): Promise<void> {
  for (const input of inputs)
    if (await areSame(path, input))
      throw new CliError('USAGE', `The file ${path} is read by this command. Name another one with --out.`)
  const found = await lstat(path).catch(() => null)
  // Also where it has yet to be made: `--out dir/` means a directory.
  if (found?.isDirectory() === true || path.endsWith('/'))
    throw new CliError(
      'FILE_UNREADABLE',
      `${path} is a directory. Name the file to write in it with --out, such as ${join(path, 'FILE')}.`,
    )
  if (found === null) return
  if (!force)
    throw new CliError('FILE_EXISTS', `The file ${path} exists already. Name another one, or add --force.`)
  // Renaming would put a file where a device, a link or a directory was.
  if (!found.isFile())
    throw new CliError('FILE_UNREADABLE', `${path} is not a file. Choose another with --out.`)
}

/** Whether two names lead to one file, through whatever links. */
async function areSame(path: string, other: string): Promise<boolean> {
  const [one, two] = await Promise.all(
    [path, other].map((name) => stat(name, { bigint: true }).catch(() => null)),
  )
  return one != null && two != null && one.dev === two.dev && one.ino === two.ino
}

/** Node's stream takes a part that a full disk took of a write for the whole, so that files are written here. */
function chooseStdoutWriter(): TextSink['write'] {
  return fstatSync(process.stdout.fd).isFile() ? writeToStdoutFile : writeToStdout
}

async function writeToStdoutFile(text: string | Uint8Array): Promise<void> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(process.stdout.fd, bytes, at)
  } catch (cause) {
    throw unwritable('Standard output', cause)
  }
}

/** Writes with back-pressure; a reader that has seen enough (`| head`) ends the command without an error. */
async function writeToStdout(text: string | Uint8Array): Promise<void> {
  const { stdout } = process
  if (stdout.write(text)) return
  await once(stdout, 'drain')
}

/**
 * Ends the process when standard output does: quietly for a closed pipe, which is no failure of ours, and
 * else, as on a full disk, with a message. Nobody waits for each write who could be told.
 */
export function endQuietlyOnClosedPipe(): void {
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EPIPE') process.exit(0)
    const error = unwritable('Standard output', cause)
    process.stderr.write(`halo: ${error.message} (${error.code})\n`)
    process.exit(exitCodeOf(error))
  })
}

/** Writes texts to a file that appears whole or not at all, or to standard output. @throws CliError `FILE_UNREADABLE`, `FILE_EXISTS` */
export async function writeOut(
  path: string | undefined,
  texts: Iterable<string>,
  options: SinkOptions = { force: false },
): Promise<undefined> {
  const sink = await openSink(path, options)
  try {
    for (const text of texts) await sink.write(text)
    await sink.commit()
  } finally {
    await sink.discard()
  }
  return undefined
}
