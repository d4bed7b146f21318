import { noise } from '@chainsafe/libp2p-noise'
import type { Log, PeerAddress, PeerClient, PeerLink } from '@halo/ports'
import type { Connection, Libp2p, PeerId, ServiceMap, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { createClient } from './client.ts'
import { within } from './deadline.ts'
import { codeOf } from './error-code.ts'
import type { PeerKey } from './peer-key.ts'

/** How a link waits. */
export interface LinkOptions {
  /**
   * For a reply, and for each frame of a byte stream, in milliseconds. Longer than a peer takes to
   * say itself that it is out of time.
   * @defaultValue 70 000
   */
  readonly timeoutMs?: number
  /**
   * For a connection, in milliseconds.
   * @defaultValue 10 000
   */
  readonly connectTimeoutMs?: number
  readonly log: Log
}

/** How a client's own node is set up. */
export interface OpenLinkOptions extends LinkOptions {
  /** A fresh one unless given; a fresh one cannot be linked to earlier visits. */
  readonly privateKey?: PeerKey
}

/**
 * Opens a client's node: WebSockets, and TCP where there are sockets; listens on nothing, tells
 * nothing about itself. Runs in a browser too, where only WebSocket addresses are dialled.
 */
export async function openPeerLink(options: OpenLinkOptions): Promise<PeerLink> {
  const libp2p = await createLibp2p({
    ...(options.privateKey === undefined ? {} : { privateKey: options.privateKey }),
    addresses: { listen: [] },
    transports: isBrowser() ? [webSockets()] : [webSockets(), tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // Halos run in clinics' own networks: private addresses and plain WebSockets are fine under Noise.
    connectionGater: { denyDialMultiaddr: () => false },
    connectionMonitor: { enabled: false },
    nodeInfo: { name: 'halo', version: '1', userAgent: 'halo/1' },
  })
  const link = linkOver(libp2p, options)
  return { peerId: link.peerId, peer: link.peer, [Symbol.asyncDispose]: async () => libp2p.stop() }
}

/** A link on a node that exists, as a peer uses to reach others; disposing it leaves the node alone. */
export function linkOver(libp2p: Libp2p<ServiceMap>, options: LinkOptions): PeerLink {
  const { timeoutMs = 70_000, connectTimeoutMs = 10_000, log } = options
  const peer = (address: PeerAddress): PeerClient =>
    createClient({
      peerId: address.peerId,
      timeoutMs,
      open: (protocol, signal) =>
        within(connectTimeoutMs, signal, (ending) => openStream(libp2p, address, protocol, ending, log)),
    })
  return { peerId: libp2p.peerId.toString(), peer, [Symbol.asyncDispose]: async () => {} }
}

/** A stream on the connection there is, or on a new one when that turns out to be dead. */
async function openStream(
  libp2p: Libp2p<ServiceMap>,
  address: PeerAddress,
  protocol: string,
  signal: AbortSignal,
  log: Log,
): Promise<Stream> {
  const peerId = peerIdFromString(address.peerId)
  const known = libp2p.getConnections(peerId).find(({ status }) => status === 'open')
  if (known !== undefined) {
    try {
      return await newStream(known, protocol, signal)
    } catch (error) {
      signal.throwIfAborted()
      log('debug', 'reconnect', { code: codeOf(error) })
      known.abort(new Error('This connection is dead.'))
    }
  }
  return newStream(await libp2p.dial(dialable(address, peerId), { signal }), protocol, signal)
}

function newStream(connection: Connection, protocol: string, signal: AbortSignal): Promise<Stream> {
  return connection.newStream([protocol], { signal })
}

/**
 * Addresses that end in the peer id, so that Noise refuses anyone else who listens there. What is no
 * address is left out: the registry holds what operators wrote.
 */
function dialable(address: PeerAddress, peerId: PeerId): Multiaddr[] {
  const suffix = `/p2p/${peerId.toString()}`
  const found = address.addresses.flatMap((text) =>
    parseAddress(text.endsWith(suffix) ? text : text + suffix),
  )
  if (found.length === 0) throw new Error('The peer lists no address.')
  return found
}

function parseAddress(text: string): Multiaddr[] {
  try {
    return [multiaddr(text)]
  } catch {
    return []
  }
}

function isBrowser(): boolean {
  return (
    (globalThis as { readonly process?: { readonly versions?: { readonly node?: string } } }).process
      ?.versions?.node === undefined
  )
}
