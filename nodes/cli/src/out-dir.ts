import { lstat, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from './errors.ts'

/**
 * Makes sure that a command can write files of these names into a directory, which is made if need be.
 * @throws CliError `FILE_EXISTS` for files that are there, unless they may be replaced; `FILE_UNREADABLE` for what is no file
 */
export async function openOutDir(
  dir: string,
  names: readonly string[],
  { force }: { readonly force: boolean },
): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new CliError('FILE_UNREADABLE', `The directory ${dir} cannot be made. Choose another with --out.`, {
      cause,
    })
  })
  const found = await findFiles(dir, names)
  if (found.length > 0 && !force)
    throw new CliError(
      'FILE_EXISTS',
      `In ${dir} there is already: ${found.join(', ')}. Choose another directory with --out, or replace these with --force.`,
    )
}

/**
 * Removes the files of these names, so that nothing old is taken for what is written next.
 * @returns names of those that were there
 * @throws CliError `FILE_UNREADABLE` for what is no file, and then nothing is removed
 */
export async function removeFiles(dir: string, names: readonly string[]): Promise<readonly string[]> {
  const found = await findFiles(dir, names)
  for (const name of found) await rm(join(dir, name))
  return found
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
