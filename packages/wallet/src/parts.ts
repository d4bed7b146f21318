import type { Clock, KeyValueStore, Ledger, PeerLink, StorageReceipt } from '@halo/ports'
import type { ErasureEngine } from '@halo/vault'
import type { Keyring } from './keyring.ts'

/** What a wallet is made of. */
export interface WalletParts {
  readonly keyring: Keyring
  /** Durable and encrypted, as `encryptStore` makes it. */
  readonly store: KeyValueStore
  readonly ledger: Ledger
  /** A fresh link with a fresh peer id, so that peers cannot tell that two calls come from one person. */
  readonly openLink: () => Promise<PeerLink>
  readonly verifyReceipt: (receipt: StorageReceipt) => boolean | Promise<boolean>
  readonly erasure: ErasureEngine
  readonly clock: Clock
}

/** Bounds and patience of a wallet. */
export interface WalletOptions {
  /**
   * How long to wait for the chain to show what was sent to it.
   * @defaultValue 60000
   */
  readonly chainTimeoutMs?: number
  /**
   * How long one call to a peer may take, uploads excepted.
   * @defaultValue 10000
   */
  readonly peerTimeoutMs?: number
}

/** Parts and options as the use cases share them. */
export interface WalletContext extends WalletParts, Required<WalletOptions> {}
