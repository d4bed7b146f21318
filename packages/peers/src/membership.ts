import type {
  Connection,
  ConnectionGater,
  PeerId,
  StreamHandler,
  StreamHandlerOptions,
  Topology,
} from '@libp2p/interface'
import { OPEN_PROTOCOLS } from './protocols.ts'
import { sourceOf } from './source-of.ts'

/** Whether the registry lists a peer as active, as this node knows it now. */
export type IsMember = (peerId: string) => boolean

/** The parts of libp2p's registrar that are wrapped. */
interface Registrar {
  handle(protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void>
  register(protocol: string, topology: Topology): Promise<string>
}

/**
 * Shuts every protocol that is not open to all, bitswap among them, to who is no member: whoever
 * registers a handler on the node, later too, gets it guarded. Topologies, by which bitswap learns
 * whom to ask, hear of members only. (`libp2p.use` is no way to do this: up to libp2p 3.3.11 an
 * inbound stream appends the handler to the registered middleware itself, so that each later stream
 * runs it once more.)
 */
export function guardRegistrar(isMember: IsMember): (components: { readonly registrar: object }) => object {
  return (components) => {
    const registrar = components.registrar as Registrar
    const handle = registrar.handle.bind(registrar)
    const register = registrar.register.bind(registrar)
    registrar.handle = (protocol, handler, options) =>
      handle(protocol, OPEN_PROTOCOLS.has(protocol) ? handler : forMembers(handler, isMember), options)
    registrar.register = (protocol, topology) => register(protocol, membersOnly(topology, isMember))
    return { [Symbol.toStringTag]: '@halo/membership' }
  }
}

/** How many connections of strangers there may be. */
export interface StrangerLimits {
  readonly total: number
  /** Of all strangers at one address. */
  readonly perAddress: number
}

/**
 * Dials members only; takes anyone in, but strangers only while they leave room for members, and for
 * strangers at other addresses.
 * @param connections all there are
 */
export function gateConnections(
  isMember: IsMember,
  limits: StrangerLimits,
  connections: () => readonly Pick<Connection, 'remotePeer' | 'remoteAddr'>[],
): ConnectionGater {
  const isStranger = (peerId: PeerId): boolean => !isMember(peerId.toString())
  const isFullFor = (source: string): boolean => {
    const strangers = connections().filter(({ remotePeer }) => isStranger(remotePeer))
    const neighbours = strangers.filter(({ remoteAddr }) => sourceOf(remoteAddr) === source)
    return strangers.length >= limits.total || neighbours.length >= limits.perAddress
  }
  return {
    // Halos run in clinics' own networks: private addresses and plain WebSockets are fine under Noise.
    denyDialMultiaddr: () => false,
    denyDialPeer: isStranger,
    denyOutboundEncryptedConnection: isStranger,
    denyInboundEncryptedConnection: (peerId, { remoteAddr }) =>
      isStranger(peerId) && isFullFor(sourceOf(remoteAddr)),
  }
}

function forMembers(handler: StreamHandler, isMember: IsMember): StreamHandler {
  return (stream, connection) => {
    if (isMember(connection.remotePeer.toString())) return handler(stream, connection)
    stream.abort(new Error('This protocol is for members.'))
  }
}

function membersOnly(topology: Topology, isMember: IsMember): Topology {
  return {
    ...topology,
    onConnect: (peerId, connection) => {
      if (isMember(peerId.toString())) return topology.onConnect?.(peerId, connection)
    },
  }
}
