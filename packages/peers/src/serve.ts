import type { Reason } from '@halo/consent'
import type { Caller, HaloProtocols, Log } from '@halo/ports'
import { RefusedError, reasonOf } from '@halo/ports'
import type { Connection, Libp2p, ServiceMap, Stream } from '@libp2p/interface'
import { answerCall } from './answer-call.ts'
import { Channel } from './channel.ts'
import { codeOf } from './error-code.ts'
import type { IsMember } from './membership.ts'
import { MEMBER_PROTOCOLS, PROTOCOLS } from './protocols.ts'
import { Slots } from './slots.ts'
import { decodeRequest, encodeGoAhead, MAX_REQUEST_BYTES } from './wire/messages.ts'

/** Bounds on what callers make a peer do. Times in milliseconds. */
export interface ServeLimits {
  /** For a request to arrive in full; cuts who sends byte by byte. */
  readonly requestTimeoutMs: number
  /** For an answer, which may wait for a transaction to be mined. */
  readonly callTimeoutMs: number
  /** For the next frame of a byte stream. */
  readonly idleTimeoutMs: number
  /** For a whole byte stream. */
  readonly streamTimeoutMs: number
  /** For a caller to close its side after the answer. */
  readonly lingerMs: number
  /** Calls at once of one stranger; a phone needs two. */
  readonly callsPerStranger: number
  /** Calls at once of all strangers; each may hold 4 MiB of buffers. */
  readonly callsOfStrangers: number
  /** Calls at once of one member, which reads shards for many researchers. */
  readonly callsPerMember: number
  /** Calls at once of all members; counted apart, so that strangers cannot crowd them out. */
  readonly callsOfMembers: number
}

/** The limits a peer starts with. */
export const SERVE_LIMITS: ServeLimits = {
  requestTimeoutMs: 10_000,
  callTimeoutMs: 60_000,
  idleTimeoutMs: 30_000,
  streamTimeoutMs: 3_600_000,
  lingerMs: 5_000,
  callsPerStranger: 8,
  callsOfStrangers: 64,
  callsPerMember: 32,
  callsOfMembers: 128,
}

/** What the server needs beside node and service. */
export interface ServeOptions {
  readonly isMember: IsMember
  readonly limits?: Partial<ServeLimits>
  readonly log: Log
}

/** Streams per connection that libp2p lets through, above the slots, so that excess is told `BUSY`. */
const STREAMS_PER_CONNECTION = 64

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
  readonly #strangers: Slots
  readonly #members: Slots
  readonly #closing = new AbortController()
  readonly #running = new Set<Promise<void>>()

  constructor(service: HaloProtocols<Caller>, options: ServeOptions) {
    const limits = { ...SERVE_LIMITS, ...options.limits }
    this.#service = service
    this.#isMember = options.isMember
    this.#log = options.log
    this.#limits = limits
    this.#strangers = new Slots({ perPeer: limits.callsPerStranger, total: limits.callsOfStrangers })
    this.#members = new Slots({ perPeer: limits.callsPerMember, total: limits.callsOfMembers })
  }

  /** Handles one stream; never throws. */
  accept(protocol: string, stream: Stream, connection: Connection): void {
    const work = this.#serve(protocol, new Channel(stream), connection.remotePeer.toString())
    this.#running.add(work)
    work.then(() => this.#running.delete(work))
  }

  async close(): Promise<void> {
    // Not a failure of this peer: who called may try again in a moment.
    this.#closing.abort(new RefusedError('BUSY', { message: 'This peer is stopping.' }))
    await Promise.all(this.#running)
  }

  async #serve(protocol: string, channel: Channel, peerId: string): Promise<void> {
    const isMember = this.#isMember(peerId)
    const slots = isMember ? this.#members : this.#strangers
    const hasSlot = slots.enter(peerId)
    try {
      if (!hasSlot) await this.#refuse(channel, 'BUSY')
      else if (!isMember && MEMBER_PROTOCOLS.has(protocol)) await this.#refuse(channel, 'NOT_A_MEMBER')
      else await this.#answer(protocol, channel, { peerId, isMember })
      await channel.release(this.#patience(this.#limits.lingerMs))
    } catch (error) {
      this.#log('debug', 'call-cut', { protocol, code: codeOf(error) })
      channel.reset()
    } finally {
      if (hasSlot) slots.leave(peerId)
    }
  }

  async #answer(protocol: string, channel: Channel, who: Omit<Caller, 'signal'>): Promise<void> {
    const patience = this.#patience(this.#limits.requestTimeoutMs)
    let request: ReturnType<typeof decodeRequest>
    try {
      request = decodeRequest(protocol, await channel.read(MAX_REQUEST_BYTES[protocol] ?? 0, patience))
    } catch (error) {
      await this.#refuse(channel, reasonOf(error))
      throw error
    }
    const isStream = ['storeShard', 'collect', 'readShard'].includes(request.call)
    const ending = new AbortController()
    const timer = setTimeout(
      () => ending.abort(new DOMException('The call took too long.', 'TimeoutError')),
      isStream ? this.#limits.streamTimeoutMs : this.#limits.callTimeoutMs,
    )
    const signal = AbortSignal.any([ending.signal, this.#closing.signal, channel.gone])
    try {
      await answerCall(request, {
        channel,
        service: this.#service,
        caller: { ...who, signal },
        idleTimeoutMs: this.#limits.idleTimeoutMs,
        lastTimeoutMs: this.#limits.requestTimeoutMs,
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
