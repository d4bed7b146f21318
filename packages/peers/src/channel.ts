import type { Stream } from '@libp2p/interface'
import type { ByteStream } from '@libp2p/utils'
import { byteStream } from '@libp2p/utils'
import { within } from './deadline.ts'
import { malformed, PeersError } from './errors.ts'

/** Bounds what a peer that ignores the window can make this side hold for one stream. */
const MAX_BUFFERED_BYTES = 4 << 20
/** Lengths up to 2^28 − 1. */
const MAX_LENGTH_BYTES = 4

/** How long one read or write may take, and what else ends it. */
export interface Patience {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * One stream of length-prefixed messages (unsigned varint, as in libp2p). Failures are PeersErrors,
 * or the reason of the caller's signal.
 * @see https://github.com/multiformats/unsigned-varint
 */
export class Channel {
  /** Aborts with PeersError `STREAM_CUT` when the stream has closed: by a reset, a lost connection, or both ends. */
  readonly gone: AbortSignal
  readonly #stream: Stream
  readonly #bytes: ByteStream<Stream>

  constructor(stream: Stream) {
    this.#stream = stream
    this.#bytes = byteStream(stream, { maxBufferSize: MAX_BUFFERED_BYTES })
    const gone = new AbortController()
    this.gone = gone.signal
    stream.addEventListener('close', ({ error }) => gone.abort(cut(error)))
  }

  /**
   * The next message, at most `maxBytes` long: a longer one is refused by its prefix.
   * @throws PeersError `MESSAGE_TOO_LARGE`, `MESSAGE_MALFORMED`, `STREAM_CUT`, `STREAM_STALLED`
   */
  read(maxBytes: number, { timeoutMs, signal }: Patience): Promise<Uint8Array> {
    return within(timeoutMs, signal, async (ending) => {
      const length = await this.#readLength(ending)
      if (length > maxBytes)
        throw new PeersError('MESSAGE_TOO_LARGE', `A message here has at most ${maxBytes} bytes.`)
      return this.#readBytes(length, ending)
    })
  }

  /**
   * Writes one message made of `parts`, and waits while the other side does not take it in.
   * @throws PeersError `STREAM_CUT` or `STREAM_STALLED`
   */
  write(parts: readonly Uint8Array[], { timeoutMs, signal }: Patience): Promise<void> {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const message = concat([encodeLength(length), ...parts])
    return within(timeoutMs, signal, async (ending) => {
      try {
        await this.#bytes.write(message, { signal: ending })
      } catch (error) {
        throw cut(error)
      }
    })
  }

  /** Says that nothing more will be written; what was written still arrives. */
  async finish({ timeoutMs, signal }: Patience): Promise<void> {
    await within(timeoutMs, signal, async (ending) => {
      try {
        await this.#stream.close({ signal: ending })
      } catch (error) {
        throw cut(error)
      }
    })
  }

  /** Waits until the other side has finished too, then frees the stream; resets it when that takes too long. */
  async release({ timeoutMs, signal }: Patience): Promise<void> {
    try {
      await this.finish({ timeoutMs, signal })
      await within(timeoutMs, signal, (ending) => this.#untilClosed(ending))
    } catch {
      this.reset()
    }
  }

  /** Ends the stream at once in both directions. */
  reset(): void {
    this.#stream.abort(new Error('The call has ended.'))
  }

  async #untilClosed(ending: AbortSignal): Promise<void> {
    if (this.#stream.status !== 'open') return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#stream.addEventListener('close', () => resolve(), { once: true })
    // Whatever still arrives is not wanted; the listener of the byte stream bounds how much that may be.
    await Promise.race([promise, new Promise<void>((done) => ending.addEventListener('abort', () => done()))])
    ending.throwIfAborted()
  }

  async #readLength(ending: AbortSignal): Promise<number> {
    let length = 0
    for (let at = 0; at < MAX_LENGTH_BYTES; at++) {
      const [byte = 0] = await this.#readBytes(1, ending)
      length += (byte & 0x7f) << (7 * at)
      if (byte >= 0x80) continue
      if (byte === 0 && at > 0) throw malformed('its length is not in canonical form')
      return length
    }
    throw new PeersError('MESSAGE_TOO_LARGE', 'A message with such a long length is not read.')
  }

  async #readBytes(bytes: number, ending: AbortSignal): Promise<Uint8Array> {
    if (bytes === 0) return new Uint8Array()
    try {
      const { buffer, byteOffset, length } = (await this.#bytes.read({ bytes, signal: ending })).subarray()
      // In Node this may be a Buffer, whose slice() shares memory: callers get what the type says.
      return new Uint8Array(buffer, byteOffset, length)
    } catch (error) {
      throw cut(error)
    }
  }
}

function encodeLength(length: number): Uint8Array {
  const bytes: number[] = []
  for (let left = length; ; left >>>= 7) {
    if (left < 0x80) return Uint8Array.from([...bytes, left])
    bytes.push((left & 0x7f) | 0x80)
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** Streams reject with errors and with events; both mean that the other side is gone. */
function cut(cause: unknown): PeersError {
  return new PeersError('STREAM_CUT', 'The other side broke off.', { cause })
}
