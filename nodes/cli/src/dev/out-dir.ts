import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from '../errors.ts'
import { DELIVERY_PROOF, KNOWN_FILES } from '../proof/prove-delivery.ts'
import { hashText, unsealReport } from './report-file.ts'

/**
 * By name, the mark of a file that a run wrote: SHA-256 of its content, lower-case hex; of one that is being written, which file
 * of the disk it is.
 */
export type FileMarks = Readonly<Record<string, string>>

/** Name of the report. */
export const REPORT = 'report.json'

/** Name of the delivered record. */
export const RECORD = 'delivered.ndjson'

/** Name of the record while it arrives, which a run leaves there when it is killed. */
export const PARTIAL = 'delivered.ndjson.part'

/** What a run writes beside its report. */
const RESULTS: readonly string[] = [
  RECORD,
  PARTIAL,
  'manifest.json',
  DELIVERY_PROOF,
  ...Object.values(KNOWN_FILES),
]

/** A report is a few kilobytes; what is much larger is no report of ours. */
const MAX_REPORT_BYTES = 1 << 20

/** Begins the mark of a file that is being written. */
const UNFINISHED = 'inode '

/** Whether files may be replaced, whoever wrote them. */
interface Forced {
  readonly force: boolean
}

/**
 * Which files of `outDir` a run would replace. What an earlier run wrote is its own: that run's report, which is itself known by
 * its hash, notes each file. Anything else, also what was changed since, is replaced only by `force`.
 * @throws CliError `FILE_EXISTS`; `FILE_UNREADABLE` for what is no file
 */
export async function findReplaced(outDir: string, options: Forced): Promise<readonly string[]> {
  return refuseForeign(outDir, [...RESULTS, REPORT], await readWritten(outDir), options)
}

/**
 * Removes what `findReplaced` names now, so that nothing old is taken for this run's. The report goes last: until then it says
 * whose the others are.
 * @returns names of what was removed
 * @throws CliError as `findReplaced`, and then nothing is removed
 */
export async function removeReplaced(outDir: string, options: Forced): Promise<readonly string[]> {
  const names = await findReplaced(outDir, options)
  for (const name of names) await rm(join(outDir, name), { force: true })
  return names
}

/**
 * Which of these files are there, all of them as they were written.
 * @throws CliError `FILE_EXISTS`; `FILE_UNREADABLE` for what is no file
 */
export async function refuseForeign(
  outDir: string,
  names: readonly string[],
  written: FileMarks,
  { force }: Forced,
): Promise<readonly string[]> {
  const found = await filterAsync(names, (name) => isThere(join(outDir, name)))
  if (force) return found
  const foreign = await filterAsync(
    found,
    async (name) => !(await isAsWritten(join(outDir, name), written[name])),
  )
  if (foreign.length === 0) return found
  throw new CliError(
    'FILE_EXISTS',
    `In ${outDir} there is what no run noted as its own, or what was changed since: ${foreign.join(', ')}. Choose another directory with --out, or replace these with --force.`,
  )
}

/** The mark of a file that is being written: its content is not known yet, and changes. */
export async function markUnfinished(path: string): Promise<string> {
  return `${UNFINISHED}${(await lstat(path)).ino}`
}

async function isAsWritten(path: string, mark: string | undefined): Promise<boolean> {
  if (mark === undefined) return false
  return mark === (mark.startsWith(UNFINISHED) ? await markUnfinished(path) : await hashFile(path))
}

/** What the report there says its run wrote, and the report itself; nothing where there is no report of ours. */
async function readWritten(outDir: string): Promise<FileMarks> {
  const path = join(outDir, REPORT)
  const found = await lstat(path).catch(() => null)
  if (found === null || found.size > MAX_REPORT_BYTES) return {}
  const text = await readFile(path, 'utf8').catch(() => '')
  const report = unsealReport(text)
  return report === null ? {} : { ...(report['files'] as FileMarks), [REPORT]: hashText(text) }
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
