import type { Reason } from '@halo/consent'
import type { ErrorDetails } from '@halo/ports'
import { HaloError } from '@halo/ports'

/**
 * - `CHAIN_UNREACHABLE`: the node did not answer or not in time; check the RPC address and try again.
 * - `CHAIN_WRONG`: the node serves another chain than the deployment names; correct one of the two.
 * - `CHAIN_ANSWER_BAD`: the node answered something that is no JSON-RPC or an error of its own; see the cause.
 * - `CHAIN_INCONSISTENT`: logs and contract state of the node do not fit together; use another node.
 * - `CONTRACT_MISSING`: there is no contract at an address of the deployment; correct the deployment.
 * - `DEPLOYMENT_WRONG`: the contracts of the deployment do not refer to each other; correct the deployment.
 * - `INSUFFICIENT_FUNDS`: the account cannot pay; `details` name what is missing and how much.
 * - `TX_REVERTED`: a transaction was mined and reverted for no reason the contracts name.
 * - `TX_TIMED_OUT`: a transaction was sent but not mined in time; it may still be.
 * - `SIGNER_BAD`: the private key or signer cannot sign transactions.
 */
export type ChainErrorCode =
  | 'CHAIN_UNREACHABLE'
  | 'CHAIN_WRONG'
  | 'CHAIN_ANSWER_BAD'
  | 'CHAIN_INCONSISTENT'
  | 'CONTRACT_MISSING'
  | 'DEPLOYMENT_WRONG'
  | 'INSUFFICIENT_FUNDS'
  | 'TX_REVERTED'
  | 'TX_TIMED_OUT'
  | 'SIGNER_BAD'

const REASON: { readonly [Code in ChainErrorCode]: Reason } = {
  CHAIN_UNREACHABLE: 'CHAIN_UNREACHABLE',
  CHAIN_WRONG: 'CHAIN_UNREACHABLE',
  CHAIN_ANSWER_BAD: 'CHAIN_UNREACHABLE',
  CHAIN_INCONSISTENT: 'CHAIN_UNREACHABLE',
  CONTRACT_MISSING: 'CHAIN_UNREACHABLE',
  DEPLOYMENT_WRONG: 'CHAIN_UNREACHABLE',
  INSUFFICIENT_FUNDS: 'CHAIN_REFUSED',
  TX_REVERTED: 'CHAIN_REFUSED',
  TX_TIMED_OUT: 'TIMED_OUT',
  SIGNER_BAD: 'INTERNAL',
}

/** What went wrong between us and the chain; test `code`. What a contract's rule refuses is a `RefusedError`. */
export class ChainError extends HaloError<ChainErrorCode> {
  override readonly name = 'ChainError'
  /** What a person concerned is told; never more specific than they need. */
  readonly reason: Reason

  constructor(
    code: ChainErrorCode,
    message: string,
    options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(code, message, options)
    this.reason = REASON[code]
  }
}
