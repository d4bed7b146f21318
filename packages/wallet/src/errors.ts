import { HaloError } from '@halo/ports'

/**
 * - `PEERS_TOO_FEW`: fewer peers are reachable than the record needs; nothing was published. Start more peers or ask for fewer shards.
 * - `RECEIPT_FORGED`: a peer's receipt does not match what it was given; nothing was published. Tell its operator.
 * - `ANCHOR_MISSING`: the data is stored but the chain did not take the anchor in time; publish again to retry the anchor.
 * - `REQUEST_NOT_FOUND`: no such request waits for this wallet. List the requests again.
 * - `REQUEST_CLOSED`: the request can no longer be answered that way; `reason` says why.
 * - `RECORD_NOT_FOUND`: no such record is in this wallet. List what is in it.
 * - `RECORD_TAKEN`: the record was published already.
 * - `ANSWER_NOT_TAKEN`: no peer could be reached with the answer. It is kept; try again.
 * - `STATE_DAMAGED`: stored state does not open with this wallet's key. Restore it from a copy.
 * - `MNEMONIC_INVALID`: the recovery words are not a valid BIP-39 phrase. Check spelling and order.
 */
export type WalletErrorCode =
  | 'PEERS_TOO_FEW'
  | 'RECEIPT_FORGED'
  | 'ANCHOR_MISSING'
  | 'REQUEST_NOT_FOUND'
  | 'REQUEST_CLOSED'
  | 'RECORD_NOT_FOUND'
  | 'RECORD_TAKEN'
  | 'ANSWER_NOT_TAKEN'
  | 'STATE_DAMAGED'
  | 'MNEMONIC_INVALID'

/** What went wrong in the wallet; test `code`. */
export class WalletError extends HaloError<WalletErrorCode> {
  override readonly name = 'WalletError'
}
