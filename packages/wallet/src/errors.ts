import { HaloError } from '@halo/ports'

/**
 * - `PEERS_TOO_FEW`: fewer peers are reachable than the record needs; nothing was published. Start more peers or ask for fewer shards.
 * - `RECEIPT_FORGED`: a peer's receipt does not match what it was given; nothing was listed. Tell its operator.
 * - `PUBLISHING_INVALID`: a number of shards, the threshold or the catalogue entry is out of range; nothing was stored. Correct the named `field`.
 * - `ANCHOR_MISSING`: the data is stored, but no peer has logged it and brought the log's root on chain in time; publish the same record again to retry that alone.
 * - `HOLDING_OUTDATED`: an earlier version published this record, and it cannot be logged as it is. Publish the record again, it gets a new data set.
 * - `REQUEST_NOT_FOUND`: no such request waits for this wallet. List the requests again.
 * - `REQUEST_CLOSED`: the request can no longer be answered that way; `reason` says why.
 * - `RECORD_NOT_FOUND`: no such record is in this wallet. List what is in it.
 * - `ANSWER_NOT_TAKEN`: no peer could be reached with the answer, or the chain does not show it yet. Answer again: it is the same answer.
 * - `STATE_DAMAGED`: stored state does not open with this wallet's key. Restore it from a copy.
 * - `MNEMONIC_INVALID`: the recovery words are not a valid BIP-39 phrase. Check spelling and order.
 */
export type WalletErrorCode =
  | 'PEERS_TOO_FEW'
  | 'RECEIPT_FORGED'
  | 'PUBLISHING_INVALID'
  | 'ANCHOR_MISSING'
  | 'HOLDING_OUTDATED'
  | 'REQUEST_NOT_FOUND'
  | 'REQUEST_CLOSED'
  | 'RECORD_NOT_FOUND'
  | 'ANSWER_NOT_TAKEN'
  | 'STATE_DAMAGED'
  | 'MNEMONIC_INVALID'

/** What went wrong in the wallet; test `code`. */
export class WalletError extends HaloError<WalletErrorCode> {
  override readonly name = 'WalletError'
}
