import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from '../errors.ts'
import { DELIVERY_PROOF, KNOWN_FILES } from '../proof/prove-delivery.ts'

/** SHA-256 of files that a run kept, lower-case hex by name. */
export type FileHashes = Readonly<Record<string, string>>

const REPORT = 'report.json'

/** What a run writes beside its report, or leaves there when it is killed. */
const RESULTS: readonly string[] = [
  'delivered.ndjson',
  'delivered.ndjson.part',
  'manifest.json',
  DELIVERY_PROOF,
  ...Object.values(KNOWN_FILES),
]

/** A report is a few kilobytes; what is much larger is no report of ours. */
const MAX_REPORT_BYTES = 1 << 20

/**
 * Which files of `outDir` a run would replace. What an earlier run wrote is its own: that run's report names
 * each file with its hash. Anything else, also what was changed since, is replaced only by `force`.
 * @throws CliError `FILE_EXISTS`; `FILE_UNREADABLE` for what is no file
 */
export async function findReplaced(
  outDir: string,
  options: { readonly force: boolean },
): Promise<readonly string[]> {
  const found = await filterAsync([...RESULTS, REPORT], (name) => isThere(join(outDir, name)))
  if (options.force || found.length === 0) return found
  const written = await readWritten(outDir)
  const foreign = await filterAsync(found, async (name) =>
    name === REPORT ? written === null : (await hashFile(join(outDir, name))) !== written?.[name],
  )
  if (foreign.length === 0) return found
  throw new CliError(
    'FILE_EXISTS',
    `In ${outDir} there is what no earlier run left as it is: ${foreign.join(', ')}. Choose another directory with --out, or replace these with --force.`,
  )
}

/** Removes these of `outDir`, so that nothing old is taken for this run's. */
export async function removeReplaced(outDir: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(join(outDir, name), { force: true })
}

/** Hashes of what a run has written into `outDir`, by which the next one knows it again. */
export async function hashResults(outDir: string): Promise<FileHashes> {
  const names = await filterAsync(RESULTS, (name) => isThere(join(outDir, name)))
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await hashFile(join(outDir, name))] as const)),
  )
}

/** What the report there says its run wrote; null where there is no report of ours. */
async function readWritten(outDir: string): Promise<FileHashes | null> {
  const path = join(outDir, REPORT)
  try {
    if ((await lstat(path)).size > MAX_REPORT_BYTES) return null
    const { outcome, steps, files } = JSON.parse(await readFile(path, 'utf8'))
    const isOurs = typeof outcome === 'string' && Array.isArray(steps)
    return isOurs && typeof files === 'object' ? files : null
  } catch {
    return null
  }
}

/** Whether there is a file. A link or directory is nothing that a run writes. @throws CliError `FILE_UNREADABLE` */
async function isThere(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null)
  if (found === null) return false
  if (found.isFile()) return true
  throw new CliError('FILE_UNREADABLE', `${path} is not a file. Choose another directory with --out.`)
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array)
  } catch (cause) {
    throw new CliError('FILE_UNREADABLE', `${path} cannot be read. Choose another directory with --out.`, {
      cause,
    })
  }
  return hash.digest('hex')
}

async function filterAsync(
  names: readonly string[],
  holds: (name: string) => Promise<boolean>,
): Promise<readonly string[]> {
  const kept = await Promise.all(names.map(holds))
  return names.filter((_, i) => kept[i])
}
