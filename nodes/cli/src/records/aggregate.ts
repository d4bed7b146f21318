import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Window, WindowKind } from '@halo/records'
import { aggregate, headOf, RecordsError, verifyWindows, WINDOW_KINDS } from '@halo/records'
import type { CommonOptions } from '../command.ts'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { formatBytes, formatCount } from '../output.ts'
import { openInput, withProgress } from './input.ts'
import type { Entry } from './window-files.ts'
import { INDEX, readIndex, readWindows } from './window-files.ts'

/** Options of `aggregate`. */
export interface AggregateFlags extends CommonOptions {
  readonly window: string
  readonly tz?: string
  readonly out: string
  readonly keepConflicts?: boolean
}

/** Options of `verify`. */
export interface VerifyFlags extends CommonOptions {
  readonly head?: string
}

/** `halo records aggregate`: one file per window, and `windows.json` that proves them. */
export async function aggregateFile(
  flags: AggregateFlags,
  output: Output,
  [path = '']: readonly string[],
): Promise<undefined> {
  const window = parseWindow(flags.window)
  const input = await openInput(path, 'aggregate', output)
  await checkEmpty(flags.out)
  const entries: Entry[] = []
  const windows = aggregate(withProgress(input), {
    window,
    timeZone: flags.tz,
    conflicts: flags.keepConflicts === true ? 'keep' : 'refuse',
    signal: input.signal,
  })
  for await (const made of windows) {
    // Not before there is something to put into it.
    if (entries.length === 0) await makeEmptyDir(flags.out)
    entries.push(await writeWindow(flags.out, made))
  }
  const last = entries.at(-1)
  const head = last === undefined ? null : headOf(last.header)
  // Last, so that a directory without it is known to be unfinished.
  await writeNew(flags.out, INDEX, `${JSON.stringify({ head, windows: entries }, null, 2)}\n`)
  output.progressDone()
  output.result({ head, windows: entries }, describe(entries, head, flags))
  return undefined
}

/** `halo records verify`: whether a directory of windows is whole and unaltered. */
export async function verifyDir(
  flags: VerifyFlags,
  output: Output,
  [dir = '']: readonly string[],
): Promise<undefined> {
  const wanted = parseHead(flags.head)
  const { head, windows } = await readIndex(dir)
  const verified = await verifyWindows(readWindows(dir, windows), { head })
  if (wanted !== undefined && wanted !== verified.head)
    throw new RecordsError(
      'WINDOW_INVALID',
      'The head is not the one given: these windows are another set, or the last of the set are missing. Get the whole set again.',
      { sequence: verified.windows },
    )
  output.result({ verified: true, ...verified }, [
    `${formatCount(verified.windows, 'window')}: none missing, repeated or altered.`,
    ...(flags.head === undefined
      ? [`Nothing says that this is the whole set; compare the head: ${verified.head}`]
      : []),
  ])
  return undefined
}

function parseWindow(text: string): WindowKind {
  const kind = WINDOW_KINDS.find((known) => known === text)
  if (kind === undefined) throw new CliError('USAGE', `--window takes one of ${WINDOW_KINDS.join(', ')}.`)
  return kind
}

/** @throws CliError `USAGE` */
function parseHead(text: string | undefined): string | undefined {
  if (text === undefined || /^[0-9a-f]{64}$/i.test(text)) return text?.toLowerCase()
  throw new CliError('USAGE', '--head takes the 64 hex digits that aggregate printed.')
}

/** What is not there is empty. */
async function checkEmpty(dir: string): Promise<void> {
  const found = await readdir(dir).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return []
    throw unwritable(dir, cause)
  })
  if (found.length > 0)
    throw new CliError('FILE_UNREADABLE', `The directory ${dir} is not empty. Choose another with --out.`)
}

async function makeEmptyDir(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw unwritable(dir, cause)
  })
  await checkEmpty(dir)
}

/** Follows no link and replaces nothing that came into the directory meanwhile. */
async function writeNew(dir: string, name: string, content: string | Uint8Array): Promise<void> {
  await writeFile(join(dir, name), content, { mode: 0o600, flag: 'wx' }).catch((cause: unknown) => {
    throw unwritable(dir, cause)
  })
}

function unwritable(dir: string, cause: unknown): CliError {
  return new CliError(
    'FILE_UNREADABLE',
    `The directory ${dir} cannot be written. Choose another with --out.`,
    { cause },
  )
}

async function writeWindow(dir: string, { header, bytes, gzipBytes }: Window): Promise<Entry> {
  const name = header.name.replaceAll(/[^\w.-]/g, '-')
  const file = `${String(header.sequence).padStart(4, '0')}-${name}.ndjson`
  await writeNew(dir, file, bytes)
  return { file, gzipBytes, header }
}

function describe(
  entries: readonly Entry[],
  head: string | null,
  { out, window }: AggregateFlags,
): readonly string[] {
  const sum = (pick: (entry: Entry) => number): number =>
    entries.reduce((total, entry) => total + pick(entry), 0)
  const gaps = sum(({ header }) => header.series.reduce((count, series) => count + series.gaps.length, 0))
  return [
    `${formatCount(entries.length, 'window')} (${window}) in ${out}: ${sum(({ header }) => header.resources)} resources, ${formatBytes(sum(({ header }) => header.rawBytes))}, ${formatBytes(sum(({ gzipBytes }) => gzipBytes ?? 0))} after gzip.`,
    `Duplicates removed: ${sum(({ header }) => header.duplicates)}. Gaps: ${gaps}. Both are listed in ${INDEX}.`,
    `Head of the chain: ${head}`,
  ]
}
