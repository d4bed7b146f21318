import { readerOf } from './byte-reader.ts'
import type { OwnBytes } from './bytes.ts'

/**
 * Compresses a stream (RFC 1952), holding a few pieces.
 * @param source pieces of any size; a piece is not used after the next one is asked for
 */
export function gzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  return passThrough(source, new CompressionStream('gzip'), PACK_BYTES)
}

/**
 * Decompresses a stream, at most about 4 MiB ahead of its reader. How much is read is for the reader to
 * bound: a kilobyte can become a megabyte.
 * @throws GzipFault for bytes that are no gzip; whatever `source` throws
 */
export function gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  return passThrough(source, new DecompressionStream('gzip'), UNPACK_BYTES)
}

/** What was read is no gzip, or ends too early. */
export class GzipFault extends Error {
  override readonly name = 'GzipFault'
}

const PACK_BYTES = 65_536
/** Engines may inflate all they are given at one go, up to 1032 times its size. */
const UNPACK_BYTES = 4096

async function* passThrough(
  source: AsyncIterable<Uint8Array>,
  stream: CompressionStream | DecompressionStream,
  pieceBytes: number,
): AsyncGenerator<Uint8Array, void> {
  const writer = stream.writable.getWriter()
  const reader = stream.readable.getReader()
  const feeder = startFeeder(source, writer, pieceBytes)
  // Both end with the error that reading or feeding ends with; here they would be unhandled.
  for (const closed of [writer.closed, reader.closed]) closed.catch(() => {})
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
    await feeder.done
  } catch (cause) {
    const [failure = new GzipFault('The bytes are not a gzip stream.', { cause })] = feeder.failures
    throw failure
  } finally {
    feeder.stop()
    reader.cancel().catch(() => {})
  }
}

/** Writes a source into a stream, side by side with who reads the other end. */
function startFeeder(
  source: AsyncIterable<Uint8Array>,
  writer: WritableStreamDefaultWriter<OwnBytes>,
  pieceBytes: number,
): {
  readonly done: Promise<void>
  /** What the source itself failed with: nothing or one. */
  readonly failures: readonly unknown[]
  stop(): void
} {
  const pieces = readerOf(source)
  const failures: unknown[] = []
  const read = async (): Promise<OwnBytes> => {
    try {
      return await pieces.read(pieceBytes)
    } catch (cause) {
      failures.push(cause)
      throw cause
    }
  }
  const feed = async (): Promise<void> => {
    for (let piece = await read(); piece.length > 0; piece = await read()) await writer.write(piece)
    await writer.close()
  }
  const done = feed()
  done.catch((cause: unknown) => writer.abort(cause).catch(() => {}))
  return {
    done,
    failures,
    stop() {
      writer.abort().catch(() => {})
      // Not waited for: a read may be under way that never ends.
      pieces.close().catch(() => {})
    },
  }
}
