import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { shutdownSignal } from '../shutdown.ts'

/** A file to read, with its progress. */
export interface Input {
  readonly chunks: AsyncIterable<Uint8Array>
  readonly signal: AbortSignal
  /** To be called as reading goes on. */
  readonly onProgress: (done: { readonly bytes: number }) => void
}

/** Enough to tell files apart. */
const HEAD_BYTES = 4096

/**
 * Opens a file, or standard input for `-`.
 * @param step what is being done, for the progress bar
 * @throws CliError `FILE_UNREADABLE`; `USAGE` for an archive
 */
export async function openInput(path: string, step: string, output: Output): Promise<Input> {
  const total = path === '-' ? null : await sizeOf(path)
  if (path !== '-') await refuseArchive(path)
  return {
    chunks: path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 1 << 18 }),
    signal: shutdownSignal(),
    onProgress: ({ bytes }) => output.progress({ step, done: bytes, total, unit: 'bytes' }),
  }
}

/** Tells how far reading is and ends it on request, for readers that do not do so themselves. */
export async function* withProgress({ chunks, signal, onProgress }: Input): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    signal.throwIfAborted()
    bytes += chunk.length
    onProgress({ bytes })
    yield chunk
  }
}

/** The first characters of a file, in however small pieces it comes, and all of it: nothing is lost by looking. */
export async function lookAtStart(
  source: AsyncIterable<Uint8Array>,
): Promise<{ readonly head: string; readonly chunks: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]()
  const seen: Uint8Array[] = []
  let seenBytes = 0
  while (seenBytes < HEAD_BYTES) {
    const next = await iterator.next()
    if (next.done === true) break
    seen.push(next.value)
    seenBytes += next.value.length
  }
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield* seen
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
  }
  return { head: new TextDecoder().decode(Buffer.concat(seen).subarray(0, HEAD_BYTES)), chunks: chunks() }
}

/** Recordings are CSV: as FHIR they lack what measuring takes. @throws CliError `USAGE` for a file that begins as JSON */
export function refuseJson(head: string): void {
  if (/^\uFEFF?\s*[[{]/.test(head))
    throw new CliError('USAGE', 'The file is JSON. Give the original CSV of the recording.')
}

/** All of a small file as text. @throws CliError `FILE_UNREADABLE`, `USAGE` when it is larger than `maxBytes` */
export async function readSmallFile(path: string, maxBytes: number): Promise<Uint8Array> {
  const size = await sizeOf(path)
  if (size > maxBytes) throw new CliError('USAGE', `The file ${path} is larger than ${maxBytes} bytes.`)
  const chunks: Uint8Array[] = []
  for await (const chunk of createReadStream(path)) chunks.push(chunk)
  return new Uint8Array(Buffer.concat(chunks))
}

/** With what a zip begins. */
const ZIP = [0x50, 0x4b, 0x03, 0x04]

async function refuseArchive(path: string): Promise<void> {
  const bytes = new Uint8Array(ZIP.length)
  await using file = await open(path).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
  await file.read(bytes)
  if (ZIP.every((byte, at) => bytes[at] === byte))
    throw new CliError(
      'USAGE',
      'The file is an archive. Unzip it and name the file inside, such as export.xml.',
    )
}

function unreadable(path: string, cause: unknown): CliError {
  return new CliError('FILE_UNREADABLE', `The file ${path} cannot be read. Check its name and rights.`, {
    cause,
  })
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
  if (!found.isFile()) throw new CliError('FILE_UNREADABLE', `${path} is not a file.`)
  return found.size
}
