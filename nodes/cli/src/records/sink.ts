import { once } from 'node:events'
import { access, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CliError } from '../errors.ts'

/** Where a command writes what may be large: a file that appears whole or not at all, or standard output. */
export interface TextSink {
  write(text: string | Uint8Array): Promise<void>
  /** Puts the file in its place. */
  commit(): Promise<void>
  /** Leaves nothing behind. Harmless after `commit`. */
  discard(): Promise<void>
}

/**
 * Opens `--out`, or standard output where it is not given. Files are for their owner alone (0600).
 * @throws CliError `FILE_UNREADABLE`, also where the file exists and may not be replaced
 */
export async function openSink(
  path: string | undefined,
  options: { readonly force: boolean },
): Promise<TextSink> {
  if (path === undefined)
    return { write: writeToStdout, commit: async () => undefined, discard: async () => undefined }
  if (!options.force && (await isThere(path)))
    throw new CliError(
      'FILE_UNREADABLE',
      `The file ${path} exists already. Name another one, or add --force.`,
    )
  const partial = `${path}.part`
  const file = await mkdir(dirname(path), { recursive: true })
    .then(() => rm(partial, { force: true }))
    .then(() => open(partial, 'wx', 0o600))
    .catch((cause: unknown) => {
      throw new CliError(
        'FILE_UNREADABLE',
        `The file ${path} cannot be written. Choose another with --out.`,
        { cause },
      )
    })
  let isCommitted = false
  return {
    write: async (text) => void (await file.writeFile(text)),
    async commit() {
      await file.sync()
      await file.close()
      await rename(partial, path)
      isCommitted = true
    },
    async discard() {
      if (isCommitted) return
      await file.close().catch(() => undefined)
      await rm(partial, { force: true })
    },
  }
}

/** Writes with back-pressure; a reader that has seen enough (`| head`) ends the command without an error. */
async function writeToStdout(text: string | Uint8Array): Promise<void> {
  const { stdout } = process
  if (stdout.write(text)) return
  await once(stdout, 'drain')
}

/** A closed pipe is no failure of ours. */
export function endQuietlyOnClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** Writes texts to a file that appears whole or not at all, or to standard output. @throws CliError `FILE_UNREADABLE` */
export async function writeOut(
  path: string | undefined,
  texts: Iterable<string>,
  options: { readonly force: boolean } = { force: false },
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
