import {
  constants,
  copyFile,
  link,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  rename,
  rm,
  rmdir,
} from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { isCode } from '@halo/node'
import { CliError, unwritable } from './errors.ts'

/** A directory that a command fills all at once, at its end. To be disposed of, which removes what was not put in place. */
export interface OutDir extends AsyncDisposable {
  /** A directory in it, for its owner alone, where its files are written until then. */
  readonly staging: string
  /**
   * Puts what was written in its place; files of the names that it may replace go, also where no new one comes.
   * @returns names of those that went
   * @throws CliError `FILE_EXISTS`, also when another one was faster; `FILE_UNREADABLE`; then all is as it was
   */
  commit(): Promise<readonly string[]>
}

/**
 * Makes sure that a command can write files of these names into a directory, which is made if need be.
 * @throws CliError `USAGE` for no name; `FILE_EXISTS` for files that are there, unless they may be replaced;
 * `FILE_UNREADABLE` where nothing can be written, and for what is no file
 */
export async function openOutDir(
  path: string,
  names: readonly string[],
  { force }: { readonly force: boolean },
): Promise<OutDir> {
  if (path === '') throw new CliError('USAGE', '--out is empty. Name a directory.')
  const dir = resolve(path)
  const findOld = async (): Promise<readonly string[]> => {
    const found = await findFiles(dir, names)
    if (found.length > 0 && !force) throw exists(dir, found)
    return found
  }
  const made = await makeDir(dir)
  let work: string
  try {
    await findOld()
    work = await writing(dir, mkdtemp(join(dir, 'unfinished-')))
  } catch (error) {
    await removeEmpty(dir, made)
    throw error
  }
  const staging = join(work, 'new')
  const aside = join(work, 'old')
  for (const part of [staging, aside]) await writing(dir, mkdir(part, { mode: 0o700 }))
  return {
    staging,
    async commit() {
      await using _ = await takeTurn(dir)
      // Once more: others may have written into it meanwhile.
      const old = await findOld()
      await replaceFiles({ dir, staging, aside }, old)
      await rm(work, { recursive: true, force: true })
      return old
    },
    async [Symbol.asyncDispose]() {
      await rm(staging, { recursive: true, force: true })
      // Never with what could not be put back.
      await removeEmpty(aside, work)
      await removeEmpty(dir, made)
    },
  }
}

/** @returns the first directory that had to be made, if any */
function makeDir(dir: string): Promise<string | undefined> {
  return mkdir(dir, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    const why = 'no right to, or there is something else in its place'
    throw new CliError(
      'FILE_UNREADABLE',
      `The directory ${dir} cannot be made: ${why}. Choose another with --out.`,
      {
        cause,
      },
    )
  })
}

/** Removes a directory and those above it, up to the first that was made with it, as far as they are empty. */
async function removeEmpty(dir: string, made: string | undefined): Promise<void> {
  if (made === undefined) return
  const isRemoved = await rmdir(dir).then(
    () => true,
    () => false,
  )
  if (isRemoved && dir !== resolve(made)) await removeEmpty(dirname(dir), made)
}

/** Keeps other commands from putting files into a directory, for the moment that this one takes. */
async function takeTurn(dir: string): Promise<AsyncDisposable> {
  const turn = join(dir, 'unfinished-turn')
  await mkdir(turn).catch((cause: unknown) => {
    if (!isCode(cause, 'EEXIST')) throw unwritable(`The directory ${dir}`, cause)
    const message = `Another command is just putting its files into ${dir}. Try again; if there is none, remove ${turn} first.`
    throw new CliError('FILE_EXISTS', message, { cause })
  })
  return { [Symbol.asyncDispose]: () => rmdir(turn) }
}

/** Where files come from, go to, and wait until it is sure that they are replaced. */
interface Places {
  readonly dir: string
  readonly staging: string
  readonly aside: string
}

/** All or nothing: whatever goes wrong, the old ones are put back; what cannot be stays aside, and the error says where. */
async function replaceFiles({ dir, staging, aside }: Places, old: readonly string[]): Promise<void> {
  const placed: string[] = []
  try {
    for (const name of old) await rename(join(dir, name), join(aside, name))
    for (const name of await readdir(staging)) {
      await place(join(staging, name), join(dir, name))
      placed.push(name)
    }
    const handle = await open(dir, 'r')
    await handle.sync().finally(() => handle.close())
  } catch (cause) {
    for (const name of placed) await rm(join(dir, name), { force: true }).catch(() => undefined)
    const isBack = await putBack(aside, dir)
    throw unwritable(
      isBack ? `The directory ${dir}` : `The directory ${dir} (whose files are in ${aside})`,
      cause,
    )
  }
}

/** @returns whether all are back */
async function putBack(aside: string, dir: string): Promise<boolean> {
  for (const name of await readdir(aside))
    await place(join(aside, name), join(dir, name)).then(
      () => rm(join(aside, name)),
      () => undefined,
    )
  return (await readdir(aside)).length === 0
}

/** Never in the place of another file; where the file system knows no links, by a copy. */
async function place(from: string, to: string): Promise<void> {
  await link(from, to).catch((error: unknown) => {
    if (isCode(error, 'EEXIST')) throw error
    return copyFile(from, to, constants.COPYFILE_EXCL)
  })
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
