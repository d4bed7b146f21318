import { lstat, mkdir, mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError, unwritable } from './errors.ts'

/** A directory that a command fills all at once, at its end. To be disposed of, which removes what was not put in place. */
export interface OutDir extends AsyncDisposable {
  /** A directory in it, for its owner alone, where its files are written until then. */
  readonly staging: string
  /**
   * Puts what was written in its place; files of the names that it may replace go, also where no new one comes.
   * @returns names of those that went
   * @throws CliError `FILE_EXISTS`, `FILE_UNREADABLE`, and then all is as it was
   */
  commit(): Promise<readonly string[]>
}

/**
 * Makes sure that a command can write files of these names into a directory, which is made if need be.
 * @throws CliError `FILE_EXISTS` for files that are there, unless they may be replaced; `FILE_UNREADABLE` where nothing can be
 * written, and for what is no file
 */
export async function openOutDir(
  dir: string,
  names: readonly string[],
  { force }: { readonly force: boolean },
): Promise<OutDir> {
  const isMade = (await writing(dir, mkdir(dir, { recursive: true, mode: 0o700 }))) !== undefined
  const findOld = async (): Promise<readonly string[]> => {
    const found = await findFiles(dir, names)
    if (found.length > 0 && !force) throw exists(dir, found)
    return found
  }
  await findOld()
  const staging = await writing(dir, mkdtemp(join(dir, 'unfinished-')))
  return {
    staging,
    async commit() {
      // Once more: others may have written into it meanwhile.
      const old = await findOld()
      await writing(dir, replaceFiles(staging, dir, old))
      return old
    },
    async [Symbol.asyncDispose]() {
      await rm(staging, { recursive: true, force: true })
      if (isMade) await rmdir(dir).catch(() => undefined)
    },
  }
}

/** The old ones go first, so that none is ever taken for a part of the new result. */
async function replaceFiles(from: string, to: string, old: readonly string[]): Promise<void> {
  for (const name of old) await rm(join(to, name))
  for (const name of await readdir(from)) await rename(join(from, name), join(to, name))
}

/** Which of these are there. A link or directory is nothing that a command writes. @throws CliError `FILE_UNREADABLE` */
async function findFiles(dir: string, names: readonly string[]): Promise<readonly string[]> {
  const stats = await Promise.all(names.map((name) => lstat(join(dir, name)).catch(() => null)))
  const other = names.find((_, i) => stats[i]?.isFile() === false)
  if (other !== undefined)
    throw new CliError(
      'FILE_UNREADABLE',
      `${join(dir, other)} is not a file. Choose another directory with --out.`,
    )
  return names.filter((_, i) => stats[i] !== null)
}

function exists(dir: string, found: readonly string[]): CliError {
  const remedy = 'Choose another directory with --out, or replace these with --force.'
  return new CliError('FILE_EXISTS', `In ${dir} there is already: ${found.join(', ')}. ${remedy}`)
}

function writing<T>(dir: string, step: Promise<T>): Promise<T> {
  return step.catch((cause: unknown) => {
    throw unwritable(`The directory ${dir}`, cause)
  })
}
