import { createReadStream } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Window, WindowHeader, WindowKind } from '@halo/records'
import { aggregate, headOf, verifyWindows, WINDOW_KINDS } from '@halo/records'
import type { CommonOptions } from '../command.ts'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { formatBytes, formatCount } from '../output.ts'
import { openInput, withProgress } from './input.ts'

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

const INDEX = 'windows.json'

/** What `windows.json` holds of each window. */
interface Entry {
  readonly file: string
  readonly gzipBytes: number | null
  readonly header: WindowHeader
}

/** `halo records aggregate`: one file per window, and `windows.json` that proves them. */
export async function aggregateFile(
  flags: AggregateFlags,
  output: Output,
  [path = '']: readonly string[],
): Promise<undefined> {
  const window = parseWindow(flags.window)
  const input = await openInput(path, 'aggregate', output)
  await makeEmptyDir(flags.out)
  const entries: Entry[] = []
  const windows = aggregate(withProgress(input), {
    window,
    timeZone: flags.tz,
    conflicts: flags.keepConflicts === true ? 'keep' : 'refuse',
    signal: input.signal,
  })
  for await (const made of windows) entries.push(await writeWindow(flags.out, made))
  const last = entries.at(-1)
  const head = last === undefined ? null : await headOf(last.header)
  // Last, so that a directory without it is known to be unfinished.
  await writeFile(join(flags.out, INDEX), `${JSON.stringify({ head, windows: entries }, null, 2)}\n`, {
    mode: 0o600,
  })
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
  const entries = await readIndex(dir)
  const verified = await verifyWindows(readWindows(dir, entries), { head: flags.head })
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

async function makeEmptyDir(dir: string): Promise<void> {
  const found = await mkdir(dir, { recursive: true, mode: 0o700 })
    .then(() => readdir(dir))
    .catch((cause: unknown) => {
      throw new CliError(
        'FILE_UNREADABLE',
        `The directory ${dir} cannot be made. Choose another with --out.`,
        { cause },
      )
    })
  if (found.length > 0)
    throw new CliError('FILE_UNREADABLE', `The directory ${dir} is not empty. Choose another with --out.`)
}

async function writeWindow(dir: string, { header, bytes, gzipBytes }: Window): Promise<Entry> {
  const name = header.name.replaceAll(/[^\w.-]/g, '-')
  const file = `${String(header.sequence).padStart(4, '0')}-${name}.ndjson`
  await writeFile(join(dir, file), bytes, { mode: 0o600 })
  return { file, gzipBytes, header }
}

async function readIndex(dir: string): Promise<readonly Entry[]> {
  try {
    const { windows } = JSON.parse(await readFile(join(dir, INDEX), 'utf8')) as {
      readonly windows: readonly Entry[]
    }
    if (windows.every(({ file, header }) => /^[\w.-]+$/.test(file) && typeof header === 'object'))
      return windows
    throw new Error('an entry has no file or header')
  } catch (cause) {
    throw new CliError(
      'FILE_UNREADABLE',
      `There is no readable ${INDEX} in ${dir}. Name the directory that aggregate wrote.`,
      { cause },
    )
  }
}

async function* readWindows(
  dir: string,
  entries: readonly Entry[],
): AsyncGenerator<Pick<Window, 'header' | 'bytes'>> {
  for (const { file, header } of entries) {
    const chunks: Uint8Array[] = []
    try {
      for await (const chunk of createReadStream(join(dir, file))) chunks.push(chunk)
    } catch (cause) {
      throw new CliError(
        'FILE_UNREADABLE',
        `The window ${file} is missing. Get the whole set of windows again.`,
        { cause },
      )
    }
    yield { header, bytes: new Uint8Array(Buffer.concat(chunks)) }
  }
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
