import type { Reason } from '@halo/consent'
import type { Caller, HaloProtocols, Log } from '@halo/ports'
import { RefusedError, reasonOf } from '@halo/ports'
import type { Connection, Libp2p, ServiceMap, Stream } from '@libp2p/interface'
import { answerCall } from './answer-call.ts'
import { Channel } from './channel.ts'
import { codeOf } from './error-code.ts'
import type { IsMember } from './membership.ts'
import { Pace } from './pace.ts'
import { MEMBER_PROTOCOLS, PROTOCOLS } from './protocols.ts'
import type { ServeLimits } from './serve-limits.ts'
import { SERVE_LIMITS } from './serve-limits.ts'
import type { HeldSlot } from './slots.ts'
import { SlotPools } from './slots.ts'
import { sourceOf } from './source-of.ts'
import type { CallName } from './wire/calls.ts'
import type { Request } from './wire/messages.ts'
import { decodeRequest, encodeGoAhead, MAX_REQUEST_BYTES } from './wire/messages.ts'

/** What the server needs beside node and service. */
export interface ServeOptions {
  readonly isMember: IsMember
  readonly limits?: Partial<ServeLimits>
  readonly log: Log
}

/** Streams per connection that libp2p lets through, above the slots, so that excess is told `BUSY`. */
const STREAMS_PER_CONNECTION = 64

/** Calls that move bytes beside their messages, and may last. */
const BYTE_STREAMS: ReadonlySet<CallName> = new Set<CallName>(['storeShard', 'collect', 'readShard'])

type Who = Omit<Caller, 'signal'>

/**
 * Serves the Halo protocols on a node. Every call has a time limit, bounded messages and a slot;
 * what fails becomes a reason code. Disposing it refuses new calls and cuts running ones.
 */
export async function serveHalo(
  libp2p: Libp2p<ServiceMap>,
  service: HaloProtocols<Caller>,
  options: ServeOptions,
): Promise<AsyncDisposable> {
  const server = new Server(service, options)
  const protocols = Object.values(PROTOCOLS)
  for (const protocol of protocols) {
    await libp2p.handle(protocol, (stream, connection) => server.accept(protocol, stream, connection), {
      maxInboundStreams: STREAMS_PER_CONNECTION,
    })
  }
  return {
    [Symbol.asyncDispose]: async () => {
      await libp2p.unhandle(protocols)
      await server.close()
    },
  }
}

class Server {
  readonly #service: HaloProtocols<Caller>
  readonly #isMember: IsMember
  readonly #limits: ServeLimits
  readonly #log: Log
  readonly #strangers: SlotPools
  readonly #members: SlotPools
  readonly #closing = new AbortController()
  readonly #running = new Set<Promise<void>>()

  constructor(service: HaloProtocols<Caller>, options: ServeOptions) {
    const limits = { ...SERVE_LIMITS, ...options.limits }
    this.#service = service
    this.#isMember = options.isMember
    this.#log = options.log
    this.#limits = limits
    this.#strangers = strangersSlots(limits)
    this.#members = membersSlots(limits)
  }

  /** Handles one stream; never throws. */
  accept(protocol: string, stream: Stream, connection: Connection): void {
    const work = this.#serve(protocol, new Channel(stream), connection)
    this.#running.add(work)
    work.then(() => this.#running.delete(work))
  }

  async close(): Promise<void> {
    // Not a failure of this peer: who called may try again in a moment.
    this.#closing.abort(new RefusedError('BUSY', { message: 'This peer is stopping.' }))
    await Promise.all(this.#running)
  }

  async #serve(protocol: string, channel: Channel, { remotePeer, remoteAddr }: Connection): Promise<void> {
    const peerId = remotePeer.toString()
    const isMember = this.#isMember(peerId)
    const pools = isMember ? this.#members : this.#strangers
    using slot = pools.enter({ peerId, source: sourceOf(remoteAddr) })
    try {
      if (slot === null) await this.#refuse(channel, 'BUSY')
      else if (!isMember && MEMBER_PROTOCOLS.has(protocol)) await this.#refuse(channel, 'NOT_A_MEMBER')
      else await this.#readAndAnswer(protocol, channel, { peerId, isMember }, slot)
      await channel.release(this.#patience(this.#limits.lingerMs))
    } catch (error) {
      this.#log('debug', 'call-cut', { protocol, code: codeOf(error) })
      channel.reset()
    }
  }

  async #readAndAnswer(protocol: string, channel: Channel, who: Who, slot: HeldSlot): Promise<void> {
    const request = await this.#read(protocol, channel)
    const isStream = BYTE_STREAMS.has(request.call)
    if (isStream && !slot.changeToStream()) return this.#refuse(channel, 'BUSY')
    const { streamTimeoutMs, callTimeoutMs } = this.#limits
    await this.#answer(request, channel, who, isStream ? streamTimeoutMs : callTimeoutMs)
  }

  async #read(protocol: string, channel: Channel): Promise<Request> {
    const patience = this.#patience(this.#limits.requestTimeoutMs)
    try {
      return decodeRequest(protocol, await channel.read(MAX_REQUEST_BYTES[protocol] ?? 0, patience))
    } catch (error) {
      await this.#refuse(channel, reasonOf(error))
      throw error
    }
  }

  async #answer(request: Request, channel: Channel, who: Who, timeoutMs: number): Promise<void> {
    const { streamLeastBytesPerSecond: leastBytesPerSecond, streamGraceMs: graceMs } = this.#limits
    const ending = new AbortController()
    const timer = setTimeout(
      () => ending.abort(new DOMException('The call took too long.', 'TimeoutError')),
      timeoutMs,
    )
    const signal = AbortSignal.any([ending.signal, this.#closing.signal, channel.gone])
    try {
      await answerCall(request, {
        channel,
        service: this.#service,
        caller: { ...who, signal },
        idleTimeoutMs: this.#limits.idleTimeoutMs,
        lastTimeoutMs: this.#limits.requestTimeoutMs,
        pace: new Pace({ leastBytesPerSecond, graceMs }),
        log: this.#log,
      })
    } finally {
      clearTimeout(timer)
      // Whatever the service still does for this call is for nobody now.
      ending.abort(new DOMException('The call has ended.', 'AbortError'))
    }
  }

  /** Answers before the request was read, or instead of it. */
  async #refuse(channel: Channel, refused: Reason): Promise<void> {
    const patience = this.#patience(this.#limits.requestTimeoutMs)
    await channel.write([encodeGoAhead({ refused })], patience)
    await channel.finish(patience)
  }

  #patience(timeoutMs: number): { readonly timeoutMs: number; readonly signal: AbortSignal } {
    return { timeoutMs, signal: this.#closing.signal }
  }
}

function strangersSlots(limits: ServeLimits): SlotPools {
  return new SlotPools({
    calls: {
      perPeer: limits.callsPerStranger,
      perAddress: limits.callsPerAddress,
      total: limits.callsOfStrangers,
    },
    streams: {
      perPeer: limits.streamsPerStranger,
      perAddress: limits.streamsPerAddress,
      total: limits.streamsOfStrangers,
    },
  })
}

/** Members are known and few: several may share an address. */
function membersSlots(limits: ServeLimits): SlotPools {
  const perAddress = Number.POSITIVE_INFINITY
  return new SlotPools({
    calls: { perPeer: limits.callsPerMember, perAddress, total: limits.callsOfMembers },
    streams: { perPeer: limits.streamsPerMember, perAddress, total: limits.streamsOfMembers },
  })
}
