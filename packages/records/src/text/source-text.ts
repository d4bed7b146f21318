import { RecordsError } from '../errors.ts'

/** How to read a source as text. */
export interface TextOptions {
  readonly signal?: AbortSignal | undefined
  /** Told the size of every chunk before it is passed on. */
  readonly onBytes?: ((bytes: number) => void) | undefined
  /** Whether a byte order mark is content. @defaultValue false */
  readonly keepMark?: boolean
}

/**
 * A file's text, chunk by chunk as the source yields it.
 * @throws RecordsError `FORMAT_UNKNOWN` for bytes that are no UTF-8 text, or that hold a NUL
 */
export async function* readText(
  source: AsyncIterable<Uint8Array | string>,
  options: TextOptions,
): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let isStart = true
  for await (const chunk of untilAborted(source, options.signal)) {
    const text = typeof chunk === 'string' ? flush(decoder) + chunk : decode(decoder, chunk)
    options.onBytes?.(typeof chunk === 'string' ? utf8Length(chunk) : chunk.byteLength)
    if (text === '') continue
    yield checkText(isStart && options.keepMark !== true ? stripMark(text) : text)
    isStart = false
  }
  yield flush(decoder)
}

/** Bytes a text takes in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0x80) continue
    // A surrogate pair is two units and four bytes, so each half adds one.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2
  }
  return bytes
}

/**
 * Passes a source on, and gives up waiting for it as soon as the signal says so.
 * @throws the reason of the signal
 */
export async function* untilAborted<T>(source: AsyncIterable<T>, signal?: AbortSignal): AsyncGenerator<T> {
  signal?.throwIfAborted()
  if (signal === undefined) return yield* source
  const aborted = Promise.withResolvers<never>()
  aborted.promise.catch(() => undefined)
  const abort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  const chunks = source[Symbol.asyncIterator]()
  let isDone = false
  try {
    while (true) {
      const next = await Promise.race([chunks.next(), aborted.promise])
      isDone = next.done === true
      if (next.done === true) return
      yield next.value
      signal.throwIfAborted()
    }
  } finally {
    signal.removeEventListener('abort', abort)
    // Not awaited: a source that never answers would hold the caller for ever.
    if (!isDone) void Promise.resolve(chunks.return?.()).catch(() => undefined)
  }
}

function decode(decoder: TextDecoder, chunk: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: true })
  } catch {
    throw notText()
  }
}

function flush(decoder: TextDecoder): string {
  try {
    return decoder.decode()
  } catch {
    throw notText()
  }
}

function checkText(text: string): string {
  if (text.includes('\0')) throw notText()
  return text
}

function stripMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

function notText(): RecordsError {
  return new RecordsError(
    'FORMAT_UNKNOWN',
    'The file is not UTF-8 text. Export the data as CSV (not as a spreadsheet, PDF or archive) and try again.',
  )
}
