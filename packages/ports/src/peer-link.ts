import type { CallOptions } from './block-store.ts'
import type { HaloProtocols } from './protocol.ts'

/** Where a peer can be reached; its id is checked by Noise during the handshake. */
export interface PeerAddress {
  readonly peerId: string
  /** Multiaddrs, tried in order. */
  readonly addresses: readonly string[]
}

/** The Halo protocols as a client calls them on one peer. */
export type PeerClient = HaloProtocols<CallOptions>

/** Reaches peers. */
export interface PeerLink extends AsyncDisposable {
  /** Own peer id; a client uses a fresh one per link, so that two links cannot be told to be one person. */
  readonly peerId: string
  /**
   * A client for one peer; connects at the first call and again when the connection was lost.
   * Calls throw `RefusedError` with the peer's reason, or reason `TIMED_OUT` when it cannot be reached.
   */
  peer(address: PeerAddress): PeerClient
}
