import { constants } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Window, WindowHeader } from '@halo/records'
import { RecordsError } from '@halo/records'
import { CliError } from '../errors.ts'

/** The file of a directory of windows that names them all. */
export const INDEX = 'windows.json'

/** What `windows.json` holds of each window. */
export interface Entry {
  readonly file: string
  readonly gzipBytes: number | null
  readonly header: WindowHeader
}

/** What `windows.json` holds. */
interface Index {
  readonly head: string
  readonly windows: readonly Entry[]
}

/** A text of JavaScript is no longer, and windows and their index are made as one. */
const MAX_FILE_BYTES = 512 * 2 ** 20
/** Names as aggregate gives them: no way leads out of the directory. */
const FILE_NAME = /^[\w-][\w.-]*$/

/**
 * Reads which windows a directory says that it has.
 * @throws CliError `FILE_UNREADABLE`; RecordsError `WINDOW_INVALID` for a directory with more or without any
 */
export async function readIndex(dir: string): Promise<Index> {
  const index = await readIndexText(dir)
    .then((text) => parseIndex(JSON.parse(text)))
    .catch((cause: unknown) => {
      throw new CliError(
        'FILE_UNREADABLE',
        `There is no readable ${INDEX} in ${dir}. Name the directory that aggregate wrote.`,
        { cause },
      )
    })
  if (index.windows.length === 0) throw invalid(`${INDEX} names no window`, 0)
  const named = new Set(index.windows.map(({ file }) => file))
  const others = (await readdir(dir)).filter((name) => name.endsWith('.ndjson') && !named.has(name))
  if (others.length > 0)
    throw invalid(
      `The directory has files of windows that ${INDEX} does not name: ${others.length}`,
      named.size,
    )
  return index
}

/** Headers are checked with the windows themselves. */
function parseIndex(value: unknown): Index {
  const { head, windows } = (value ?? {}) as Readonly<Record<string, unknown>>
  if (typeof head !== 'string' && head !== null) throw new Error('no head')
  if (!Array.isArray(windows) || !windows.every(isEntry)) throw new Error('an entry has no file')
  return { head: head ?? '', windows }
}

function isEntry(entry: unknown): entry is Entry {
  const { file } = (entry ?? {}) as { readonly file?: unknown }
  return typeof file === 'string' && FILE_NAME.test(file)
}

/**
 * Reads windows one at a time, each only where it is as long as its header says.
 * @throws CliError `FILE_UNREADABLE`; RecordsError `WINDOW_INVALID` for one of another length
 */
export async function* readWindows(
  dir: string,
  entries: readonly Entry[],
): AsyncGenerator<Pick<Window, 'header' | 'bytes'>> {
  for (const [at, { file, header }] of entries.entries()) {
    await using opened = await openRegular(join(dir, file)).catch((cause: unknown) => {
      throw new CliError(
        'FILE_UNREADABLE',
        `The window ${file} is missing, or no file. Get the whole set of windows again.`,
        { cause },
      )
    })
    // A header may be anything that JSON can hold.
    if (opened.sizeBytes !== (header as WindowHeader | null)?.rawBytes)
      throw invalid(`Window ${at} was altered, or has no header that says its size`, at)
    yield { header, bytes: await opened.read() }
  }
}

/** An open file of a known size. */
interface RegularFile extends AsyncDisposable {
  readonly sizeBytes: number
  read(): Promise<Uint8Array<ArrayBuffer>>
}

/** Opens a file and nothing else: a link, a pipe or a device could lead elsewhere, or never end. */
async function openRegular(path: string): Promise<RegularFile> {
  // Opening a pipe without a writer would wait for one.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  const found = await file.stat()
  if (!found.isFile() || found.size > MAX_FILE_BYTES) {
    await file.close()
    throw new Error('not a file, or too large')
  }
  return {
    sizeBytes: found.size,
    async read() {
      const bytes = new Uint8Array(found.size)
      let filled = 0
      for (let read = -1; read !== 0 && filled < bytes.length; filled += read)
        read = (await file.read(bytes, filled, bytes.length - filled)).bytesRead
      return bytes.subarray(0, filled)
    },
    [Symbol.asyncDispose]: () => file.close(),
  }
}

async function readIndexText(dir: string): Promise<string> {
  await using file = await openRegular(join(dir, INDEX))
  return new TextDecoder().decode(await file.read())
}

function invalid(what: string, sequence: number): RecordsError {
  return new RecordsError('WINDOW_INVALID', `${what}. Get the whole set of windows again.`, { sequence })
}
