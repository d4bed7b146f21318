import type { TypedDataSigner } from '@halo/consent'
import type { Clock, KeyValueStore, Ledger, LedgerWriter, PeerLink } from '@halo/ports'

/** What a researcher's client is made of. */
export interface ResearchParts {
  readonly ledger: Ledger
  /** Writes as the researcher's account. */
  readonly writer: LedgerWriter
  /** Signs typed data as the same account. */
  readonly signer: TypedDataSigner
  /** Durable and private: holds the keys that open deliveries. */
  readonly store: KeyValueStore
  readonly link: PeerLink
  readonly clock: Clock
}

/** Patience of a researcher's client. */
export interface ResearchOptions {
  /**
   * How long one call to a peer may take, the transfer of the record excepted.
   * @defaultValue 10000
   */
  readonly peerTimeoutMs?: number
}

/** Parts and options as the use cases share them. */
export interface ResearchContext extends ResearchParts, Required<ResearchOptions> {}
