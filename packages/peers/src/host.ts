import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, ServiceMap } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import type { Libp2pOptions } from 'libp2p'
import { createLibp2p } from 'libp2p'
import type { IsMember } from './membership.ts'
import { gateConnections, guardRegistrar } from './membership.ts'
import type { PeerKey } from './peer-key.ts'

/** How a peer's libp2p node is set up. */
export interface HostOptions {
  readonly privateKey: PeerKey
  /** Multiaddrs to listen on, TCP or WebSockets, such as `/ip4/127.0.0.1/tcp/0/ws`. */
  readonly listen: readonly string[]
  /** Multiaddrs to announce instead, behind NAT or a proxy. */
  readonly announce?: readonly string[]
  /** Asked for every connection and stream; answers from what the registry said last. */
  readonly isMember: IsMember
  /**
   * Connections at once; beyond them the least valuable are closed.
   * @defaultValue 400
   */
  readonly maxConnections?: number
  /**
   * Connections of strangers at once, so that members always find room.
   * @defaultValue 300
   */
  readonly maxStrangers?: number
  /**
   * Connections of strangers at once from one address (IPv6: one /64), so that one machine cannot shut
   * the others out; enough for a hospital's NAT. Behind a reverse proxy every stranger has the proxy's
   * address: raise it to `maxStrangers`.
   * @defaultValue 100
   */
  readonly maxStrangersPerAddress?: number
  /**
   * New connections per second from one address. libp2p's own 5 is too few for phones behind one
   * hospital's NAT.
   * @defaultValue 50
   */
  readonly connectionsPerSecond?: number
}

/** A running libp2p node of a peer. */
export interface Host extends AsyncDisposable {
  readonly libp2p: Libp2p<ServiceMap>
  readonly peerId: string
  /** Multiaddrs that end in the peer id, for the registry. */
  readonly addresses: readonly string[]
  /**
   * Cuts every connection of a peer and what runs on it, as when the registry has suspended it. It may
   * come back, as a stranger.
   */
  hangUp(peerId: string): Promise<void>
}

/**
 * libp2p options of a peer: TCP and WebSockets, Noise, Yamux; no discovery, no relay, no public
 * services. Strangers may open the client protocols only.
 */
export function hostOptions(options: HostOptions): Libp2pOptions {
  const { isMember } = options
  let connections: () => readonly Connection[] = () => []
  const guard = guardRegistrar(isMember)
  return {
    privateKey: options.privateKey,
    addresses: { listen: [...options.listen], announce: [...(options.announce ?? [])] },
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: gateConnections(
      isMember,
      { total: options.maxStrangers ?? 300, perAddress: options.maxStrangersPerAddress ?? 100 },
      () => connections(),
    ),
    connectionManager: {
      maxConnections: options.maxConnections ?? 400,
      inboundConnectionThreshold: options.connectionsPerSecond ?? 50,
      maxIncomingPendingConnections: 50,
    },
    // On a slow uplink a ping waits behind the frames under way: its failure means nothing.
    connectionMonitor: { abortConnectionOnPingFailure: false },
    // Says nothing about version or machine.
    nodeInfo: { name: 'halo', version: '1', userAgent: 'halo/1' },
    services: {
      membership: (components) => {
        connections = () => components.connectionManager.getConnections()
        return guard(components)
      },
      identify: identify(),
      ping: ping(),
    },
  }
}

/** Starts a peer's node. Dispose it last, after what uses it. */
export async function openHost(options: HostOptions): Promise<Host> {
  const libp2p = await createLibp2p(hostOptions(options))
  return {
    libp2p,
    peerId: libp2p.peerId.toString(),
    get addresses() {
      return libp2p.getMultiaddrs().map((address) => address.toString())
    },
    hangUp: async (peerId) => libp2p.hangUp(peerIdFromString(peerId)),
    [Symbol.asyncDispose]: async () => libp2p.stop(),
  }
}
