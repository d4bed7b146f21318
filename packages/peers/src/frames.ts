import type { Reason } from '@halo/consent'
import { RefusedError } from '@halo/ports'
import type { Channel, Patience } from './channel.ts'
import { raced } from './deadline.ts'
import { malformed, PeersError } from './errors.ts'
import type { Pacing } from './pace.ts'
import { unpaced } from './pace.ts'
import { WIRE_LIMITS } from './wire/limits.ts'
import { reason } from './wire/reason.ts'

/** First byte of a frame: what it is. */
const END = 0
const DATA = 1
const FAIL = 2
const PULL = 3
const STOP = 4

const MAX_CONTROL_BYTES = 64

/** What ends a sender's waiting, its own source's too. */
export interface SendPatience extends Patience {
  readonly signal: AbortSignal
  /** @defaultValue no least rate */
  readonly pace?: Pacing
}

/**
 * Sends frames as the receiver pulls them: never more than it has room for. Ends when the receiver
 * says STOP, which it does after END or FAIL, or when it wants no more.
 * @param chunks each 1 byte to 1 MiB; closed in any case
 * @param toReason what a failure of `chunks` is called on the wire; without it nothing is sent and the error thrown
 */
export async function sendFrames(
  channel: Channel,
  chunks: AsyncIterable<Uint8Array>,
  patience: SendPatience,
  toReason?: (error: unknown) => Reason,
): Promise<void> {
  const source = chunks[Symbol.asyncIterator]()
  let credit = 0
  let hasEnded = false
  try {
    for (;;) {
      if (hasEnded || credit === 0) {
        const [kind, count = 0] = await readControl(channel, patience)
        if (kind === STOP) return
        credit += count
        if (!hasEnded && credit > WIRE_LIMITS.windowFrames) throw malformed('more is pulled than the window')
        continue
      }
      credit--
      hasEnded = await sendNext(channel, source, patience, toReason)
    }
  } finally {
    // A source that waits for something would keep this stream open, so its end is not awaited.
    source.return?.()?.then(undefined, () => {})
  }
}

/** Sends one frame; true when it was the last. */
async function sendNext(
  channel: Channel,
  source: AsyncIterator<Uint8Array>,
  patience: SendPatience,
  toReason: ((error: unknown) => Reason) | undefined,
): Promise<boolean> {
  const next = await nextFrame(source, patience.signal, toReason)
  const { pace = unpaced } = patience
  await pace.wait(patience, (left) => channel.write(next.parts, left))
  pace.pass(next.bytes)
  return next.isLast
}

/** A frame to be sent; `bytes` counts its content. */
interface NextFrame {
  readonly parts: readonly Uint8Array[]
  readonly bytes: number
  readonly isLast: boolean
}

async function nextFrame(
  source: AsyncIterator<Uint8Array>,
  signal: AbortSignal,
  toReason: ((error: unknown) => Reason) | undefined,
): Promise<NextFrame> {
  try {
    const { value, done } = await raced(source.next(), signal)
    if (done === true) return { parts: [Uint8Array.of(END)], bytes: 0, isLast: true }
    if (value.length === 0 || value.length > WIRE_LIMITS.frameBytes)
      throw new PeersError('MESSAGE_TOO_LARGE', `A frame has 1 to ${WIRE_LIMITS.frameBytes} bytes.`)
    return { parts: [Uint8Array.of(DATA), value], bytes: value.length, isLast: false }
  } catch (error) {
    if (toReason === undefined || signal.aborted) throw error
    return {
      parts: [Uint8Array.of(FAIL), new TextEncoder().encode(toReason(error))],
      bytes: 0,
      isLast: true,
    }
  }
}

async function readControl(channel: Channel, patience: SendPatience): Promise<readonly [number, number]> {
  const { pace = unpaced } = patience
  const frame = await pace.wait(patience, (left) => channel.read(MAX_CONTROL_BYTES, left))
  const [kind, count = 0] = frame
  if (kind === STOP && frame.length === 1) return [STOP, 0]
  if (kind === PULL && frame.length === 2 && count > 0) return [PULL, count]
  throw malformed('PULL or STOP is wanted here')
}

/** Pulls frames from a sender in a bounded window. */
export class FrameReceiver {
  /** Why the stream of frames broke, when it did; a service may have replaced the error by its own. */
  failure: unknown = null
  readonly #channel: Channel
  readonly #patience: Patience
  readonly #pace: Pacing

  /** @param pace what the sender must keep to; none by default */
  constructor(channel: Channel, patience: Patience, pace: Pacing = unpaced) {
    this.#channel = channel
    this.#patience = patience
    this.#pace = pace
  }

  /**
   * The frames in order, to be read once. Memory: the window, whatever the reader's speed; a sender that
   * ignores the window is cut by the channel's bound.
   * @throws PeersError when the stream is cut, stalls or breaks the protocol; RefusedError with the sender's reason
   */
  async *frames(): AsyncGenerator<Uint8Array> {
    try {
      await this.#pull(WIRE_LIMITS.windowFrames)
      for (;;) {
        const data = await this.#next()
        if (data === null) return
        yield data
        await this.#pull(1)
      }
    } catch (error) {
      this.failure = error
      throw error
    }
  }

  /** Tells the sender that nothing more is wanted. */
  async stop(): Promise<void> {
    await this.#channel.write([Uint8Array.of(STOP)], this.#patience)
  }

  #pull(count: number): Promise<void> {
    return this.#pace.wait(this.#patience, (left) => this.#channel.write([Uint8Array.of(PULL, count)], left))
  }

  async #next(): Promise<Uint8Array | null> {
    const frame = await this.#pace.wait(this.#patience, (left) =>
      this.#channel.read(WIRE_LIMITS.frameBytes + 1, left),
    )
    const payload = frame.subarray(1)
    this.#pace.pass(payload.length)
    if (frame[0] === DATA && payload.length > 0) return payload
    if (frame[0] === END && payload.length === 0) return null
    if (frame[0] === FAIL) throw new RefusedError(reason.fromValue(new TextDecoder().decode(payload)))
    throw malformed('DATA, END or FAIL is wanted here')
  }
}

/** Cuts a stream of bytes into frames; empty pieces are left out. */
export async function* intoFrames(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += WIRE_LIMITS.frameBytes)
      yield piece.subarray(at, at + WIRE_LIMITS.frameBytes)
  }
}

/** Passes frames on and refuses a stream that is shorter or longer than was said. */
export async function* ofTotal(
  frames: AsyncIterable<Uint8Array>,
  totalBytes: number,
): AsyncGenerator<Uint8Array> {
  let left = totalBytes
  for await (const frame of frames) {
    left -= frame.length
    if (left < 0) throw malformed('more bytes came than were announced')
    yield frame
  }
  if (left > 0) throw malformed('fewer bytes came than were announced')
}
