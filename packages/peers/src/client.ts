import type { CallOptions, PeerClient } from '@halo/ports'
import { RefusedError } from '@halo/ports'
import type { Stream } from '@libp2p/interface'
import { Channel } from './channel.ts'
import { asOwnRefusal, asRefusal, OwnFailure } from './client-error.ts'
import { FrameReceiver, ofTotal, sendFrames } from './frames.ts'
import type { CallName, CallTypes } from './wire/calls.ts'
import { CALLS } from './wire/calls.ts'
import type { Reply } from './wire/messages.ts'
import { decodeGoAhead, decodeReply, encodeRequest, MAX_REPLY_BYTES } from './wire/messages.ts'

/** One peer as a client reaches it. */
export interface Remote {
  readonly peerId: string
  /** For a reply, and for each frame, in milliseconds. */
  readonly timeoutMs: number
  /** A fresh stream; connects first when there is no connection. */
  open(protocol: string, signal: AbortSignal | undefined): Promise<Stream>
}

/** The Halo protocols of one peer. A failure is a RefusedError that names the peer, or the caller's own. */
export function createClient(remote: Remote): PeerClient {
  const ask =
    <Name extends CallName>(call: Name) =>
    (query: CallTypes[Name]['query'], options: CallOptions): Promise<CallTypes[Name]['answer']> =>
      runCall(remote, call, query, options, async (started) => {
        await started.channel.finish(started)
        return readAnswer(started, call)
      })
  return {
    storeShard: ({ units, ...query }, options) =>
      runCall(remote, 'storeShard', query, options, (started) => sendShard(started, units)),
    storeShare: ask('storeShare'),
    publish: ask('publish'),
    catalogue: ask('catalogue'),
    notify: async (notice, options) => void (await ask('notify')(notice, options)),
    pending: ask('pending'),
    answer: ask('answer'),
    status: ask('status'),
    release: ask('release'),
    collect: async (proof, options) => {
      const started = await startCall(remote, 'collect', proof, options)
      const told = await orEnd(started, readAnswer(started, 'collect'))
      const sealed = receive(started, (frames) => ofTotal(frames, told.sealedBytes))
      return { ...told, sealed }
    },
    readShard: async (query, options) => {
      const started = await startCall(remote, 'readShard', query, options)
      await orEnd(started, readAnswer(started, 'readShard'))
      return receive(started, (frames) => frames)
    },
  }
}

/** A call under way; also the patience with which it is read and written. */
interface StartedCall {
  readonly remote: Remote
  readonly channel: Channel
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** Frees the stream; gently, or by a reset when something went wrong. */
  readonly end: (isClean: boolean) => Promise<void>
}

async function runCall<Name extends CallName, T>(
  remote: Remote,
  call: Name,
  query: CallTypes[Name]['query'],
  options: CallOptions,
  work: (started: StartedCall) => Promise<T>,
): Promise<T> {
  const started = await startCall(remote, call, query, options)
  const result = await orEnd(started, work(started))
  await started.end(true)
  return result
}

/** Opens a stream and sends the request. */
async function startCall<Name extends CallName>(
  remote: Remote,
  call: Name,
  query: CallTypes[Name]['query'],
  { signal }: CallOptions,
): Promise<StartedCall> {
  const { timeoutMs } = remote
  const request = encodeOwn(call, query)
  let channel: Channel | null = null
  try {
    signal?.throwIfAborted()
    channel = new Channel(await remote.open(CALLS[call].protocol, signal))
    await channel.write([request], { timeoutMs, signal })
    return begin(remote, channel, signal)
  } catch (error) {
    channel?.reset()
    throw asRefusal(error, remote.peerId, signal)
  }
}

function begin(remote: Remote, channel: Channel, signal: AbortSignal | undefined): StartedCall {
  const { timeoutMs } = remote
  // A reader that has stopped reading does not look at the signal any more.
  const onAbort = (): void => channel.reset()
  signal?.addEventListener('abort', onAbort, { once: true })
  const end = async (isClean: boolean): Promise<void> => {
    signal?.removeEventListener('abort', onAbort)
    if (isClean) await channel.finish({ timeoutMs }).catch(() => channel.reset())
    else channel.reset()
  }
  return { remote, channel, timeoutMs, signal, end }
}

/** The result of a step; when it fails the call ends and the error says which peer it was. */
async function orEnd<T>(started: StartedCall, step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (error) {
    await started.end(false)
    throw asRefusal(error, started.remote.peerId, started.signal)
  }
}

async function readAnswer<Name extends CallName>(
  started: StartedCall,
  call: Name,
): Promise<CallTypes[Name]['answer']> {
  return okOf(started, decodeReply(call, await started.channel.read(MAX_REPLY_BYTES, started)))
}

async function sendShard(
  started: StartedCall,
  units: AsyncIterable<Uint8Array>,
): Promise<CallTypes['storeShard']['answer']> {
  const { channel, timeoutMs } = started
  okOf(started, decodeGoAhead(await channel.read(MAX_REPLY_BYTES, started)))
  const signal = started.signal ? AbortSignal.any([started.signal, channel.gone]) : channel.gone
  await sendFrames(channel, ownUnits(units), { timeoutMs, signal })
  return readAnswer(started, 'storeShard')
}

/** Marks what the caller's own source throws, so that it is not blamed on the peer. */
async function* ownUnits(units: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = units[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { value, done } = await iterator.next().catch((error: unknown) => {
        throw new OwnFailure(error)
      })
      if (done === true) return
      yield value
    }
  } finally {
    await iterator.return?.()
  }
}

async function* receive(
  started: StartedCall,
  shape: (frames: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const receiver = new FrameReceiver(started.channel, started)
  let isClean = false
  try {
    yield* shape(receiver.frames())
    await receiver.stop()
    isClean = true
  } catch (error) {
    throw asRefusal(error, started.remote.peerId, started.signal)
  } finally {
    await started.end(isClean)
  }
}

function okOf<T>(started: StartedCall, reply: Reply<T>): T {
  if ('ok' in reply) return reply.ok
  throw new RefusedError(reply.refused, { peerId: started.remote.peerId })
}

function encodeOwn<Name extends CallName>(call: Name, query: CallTypes[Name]['query']): Uint8Array {
  try {
    return encodeRequest(call, query)
  } catch (error) {
    throw asOwnRefusal(error)
  }
}
