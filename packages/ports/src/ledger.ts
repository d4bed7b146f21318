import type {
  AccessRequest,
  Address,
  AnswerKind,
  Bytes32,
  ChainFacts,
  Deployment,
  Hex,
  RequestId,
} from '@halo/consent'
import type { CallOptions } from './block-store.ts'

/** A Halo peer as the on-chain registry knows it. */
export interface Member {
  readonly operator: Address
  /** libp2p peer id, base58btc. */
  readonly peerId: string
  /** Hybrid KEM public key, 1216 bytes (ML-KEM-768 ‖ X25519, as in X-Wing). */
  readonly kemPublicKey: Uint8Array
  /** Multiaddrs at which the peer listens. */
  readonly addresses: readonly string[]
  readonly isActive: boolean
}

/** A transaction that was mined and did not revert. */
export interface LedgerTx {
  /** Business name, such as `request` or `grant`. */
  readonly name: string
  readonly hash: Hex
  readonly gas: number
  readonly block: number
}

/** Where the chain holds a root of a member's log. */
export interface RootAnchor {
  /** Unix seconds of the block: what the log held under this root existed before then. */
  readonly atSec: number
  readonly block: number
  /** Null where the chain's node no longer has the logs of that block. */
  readonly txHash: Hex | null
}

/** The newest root of a member's log that is anchored, as far as the contract keeps it. */
export interface AnchoredHead {
  /** Leaves of the log. */
  readonly size: number
  /** First 18 bytes of the root, as hex: enough to tell whose history it is. */
  readonly rootStart: Hex
}

/** Reads the chain. Every answer is this reader's own; nothing is taken from a peer. */
export interface Ledger {
  readonly deployment: Deployment
  /** All registered peers, suspended ones too, in order of admission. */
  members(options?: CallOptions): Promise<readonly Member[]>
  /** The state of a request at one block. */
  facts(request: AccessRequest, options?: CallOptions): Promise<ChainFacts>
  /**
   * Where a root of an operator's log is anchored, or null when it is not.
   * @param size leaves of the log under this root
   */
  rootAnchor(
    operator: Address,
    size: number,
    root: Bytes32,
    options?: CallOptions,
  ): Promise<RootAnchor | null>
  /** The newest anchored root of an operator's log; null when none is. */
  anchoredHead(operator: Address, options?: CallOptions): Promise<AnchoredHead | null>
  /** The request as it was made on chain, or null. */
  findRequest(id: RequestId, options?: CallOptions): Promise<AccessRequest | null>
  /** Number of the newest block that this reader's node has. */
  headBlock(options?: CallOptions): Promise<number>
  /** Unix seconds of the newest block. */
  chainTimeSec(options?: CallOptions): Promise<number>
  /** Smallest units of a currency owned by an account. */
  balanceOf(account: Address, currency: Address, options?: CallOptions): Promise<bigint>
  /** Smallest units that the escrow holds for an account to withdraw. */
  creditOf(account: Address, currency: Address, options?: CallOptions): Promise<bigint>
  /**
   * How many active operators' delivery statements release an escrow without the researcher; at least 1
   * and the same for the life of the deployment.
   */
  deliveryQuorum(options?: CallOptions): Promise<number>
}

/** Writes to the chain as one account. A call returns once its transaction is mined. */
export interface LedgerWriter {
  readonly account: Address
  /**
   * Anchors a root of this account's log; one that is anchored already changes nothing.
   * @param size leaves of the log, more than at the last time
   */
  anchorRoot(size: number, root: Bytes32, options?: CallOptions): Promise<LedgerTx>
  /**
   * Makes a request, pays price and relay fee into escrow and mints the access token.
   * @param commitment of the record: shows the escrow that the data set's id binds the request's patient
   */
  request(request: AccessRequest, commitment: Bytes32, options?: CallOptions): Promise<LedgerTx>
  /**
   * Relays a patient's answer. Idempotent: when another peer was faster, `isFirst` is false and
   * nothing was earned.
   */
  answer(
    kind: AnswerKind,
    request: AccessRequest,
    signature: Hex,
    options?: CallOptions,
  ): Promise<{ readonly tx: LedgerTx | null; readonly isFirst: boolean }>
  /** The researcher confirms delivery and releases the escrow. */
  settle(request: AccessRequest, options?: CallOptions): Promise<LedgerTx>
  /** Anyone releases the escrow with the delivery signatures of distinct active operators. */
  settleWithDeliveries(
    request: AccessRequest,
    signatures: readonly Hex[],
    options?: CallOptions,
  ): Promise<LedgerTx>
  /** Gives the researcher back what is due after refusal, expiry, withdrawal or missed delivery. */
  refund(request: AccessRequest, options?: CallOptions): Promise<LedgerTx>
  /** Pays out what the escrow holds for an account, to that account. */
  withdraw(account: Address, currency: Address, options?: CallOptions): Promise<LedgerTx>
}

/**
 * What happened on chain, in order; withdrawals, refunds and changes of members may come before older
 * events that still wait for confirmations, and then come again in their place.
 */
export type LedgerEvent = { readonly block: number; readonly logIndex: number } & (
  | { readonly kind: 'members' }
  | { readonly kind: 'anchored'; readonly operator: Address; readonly size: number; readonly root: Bytes32 }
  | { readonly kind: 'requested'; readonly id: RequestId; readonly request: AccessRequest }
  | { readonly kind: 'answered'; readonly id: RequestId; readonly answer: AnswerKind }
  | { readonly kind: 'closed'; readonly id: RequestId; readonly outcome: 'settled' | 'refunded' }
)

/** Receives chain events. The same event may come again after a restart or a roll-back: be idempotent. */
export interface LedgerListener {
  onEvent(event: LedgerEvent): Promise<void>
  /** Blocks after `block` are no longer part of the chain; what they said is undone. */
  onRollback(block: number): Promise<void>
}
