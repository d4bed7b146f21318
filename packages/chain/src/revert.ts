import type { Reason } from '@halo/consent'
import { RefusedError } from '@halo/ports'
import type { ErrorDescription } from 'ethers'
import { INTERFACES } from './contracts.ts'
import type { RpcFailure } from './rpc.ts'

interface Refusal {
  readonly reason: Reason
  readonly message?: string
}

const refused = (message: string): Refusal => ({ reason: 'CHAIN_REFUSED', message })

/** Consent status in a contract error: none, granted, declined, revoked. */
const BY_CONSENT: readonly Reason[] = ['NOT_ANSWERED', 'EXPIRED', 'DECLINED', 'WITHDRAWN']

const REFUSALS: Readonly<Record<string, (error: ErrorDescription) => Refusal>> = {
  RequestNotOpen: ({ args }) => BY_ESCROW[Number(args['status'])] ?? { reason: 'CHAIN_REFUSED' },
  RequestExists: () => ({ reason: 'STORE_CONFLICT', message: 'This very request was made before.' }),
  NotPatientsDataset: () => ({
    reason: 'REQUEST_MISMATCH',
    message: 'The data set of this request is not what its commitment and its patient make.',
  }),
  AnswerTimeOutOfRange: () => refused('The time to answer must be in the future and at most 90 days ahead.'),
  AccessTimeOutOfRange: () => refused('Access must last from 60 seconds to 365 days.'),
  WrongPayment: () => refused('The currency did not deliver the full price and relay fee.'),
  NotResearcher: () => refused('Only the researcher of this request may do this.'),
  AlreadyAnswered: ({ args }) =>
    Number(args['status']) === 1
      ? refused('The patient has consented already; withdraw the consent instead.')
      : { reason: BY_CONSENT[Number(args['status'])] ?? 'CHAIN_REFUSED' },
  AnswerTooLate: () => ({ reason: 'EXPIRED' }),
  AnswerNotSigned: () => ({ reason: 'CONSENT_FORGED' }),
  NotGranted: ({ args }) => ({ reason: BY_CONSENT[Number(args['status'])] ?? 'CHAIN_REFUSED' }),
  NotSettleable: ({ args }) => ({ reason: BY_CONSENT[Number(args['consent'])] ?? 'CHAIN_REFUSED' }),
  NotRefundable: ({ args }) =>
    refused(
      Number(args['consent']) === 0
        ? 'The patient may still answer; a refund is possible once the time to answer is over.'
        : 'The record may still be delivered; a refund is possible once the access time is over.',
    ),
  DeliveriesTooFew: () => ({ reason: 'SHARES_TOO_FEW' }),
  BadDelivery: () => refused('A delivery is not signed by an active operator.'),
  NothingToWithdraw: () => refused('There is nothing to withdraw.'),
  OperatorNotActive: () => ({ reason: 'NOT_A_MEMBER' }),
  SizeNotLarger: () =>
    refused('The chain holds a larger log of this operator. Restore the log from a newer copy.'),
  RootConflict: () =>
    refused('The chain holds another root of this log at this size. Restore the log that was anchored.'),
  WrongStatus: ({ args }) =>
    Number(args['status']) === 0
      ? { reason: 'NOT_A_MEMBER' }
      : refused('The peer is listed already, or does not stand as this needs.'),
  PeerIdTaken: () => ({ reason: 'STORE_CONFLICT', message: 'Another operator has this peer id.' }),
  KemPublicKeyWrong: () => refused('A KEM public key has 1216 bytes.'),
  AddressesOutOfRange: () => refused('A peer has at most 16 addresses of at most 256 bytes.'),
  AccessManagedUnauthorized: () => refused('This account may not manage the registry.'),
  ERC20InsufficientBalance: () => refused('The account does not own enough of the currency.'),
  ERC20InsufficientAllowance: () => refused('The escrow may not take enough of the currency.'),
}

const BY_ESCROW: readonly Refusal[] = [
  { reason: 'REQUEST_UNKNOWN' },
  refused('The request is still open.'),
  refused('This request is settled already.'),
  { reason: 'REQUEST_REFUNDED' },
]

/** What a node's failure says a contract refused, or null when no contract spoke. */
export function refusalOfRevert(failure: RpcFailure): RefusedError | null {
  const { data } = failure
  if (data === null || data.length < 10) return null
  const error = parseRevert(data)
  const refusal = error === null ? undefined : REFUSALS[error.name]?.(error)
  const { reason, message } =
    refusal ?? refused(`The chain refused the transaction (${error?.name ?? 'unknown'}).`)
  return new RefusedError(reason, {
    details: { error: error?.name ?? data.slice(0, 10) },
    ...(message === undefined ? {} : { message }),
  })
}

/** Nodes return raw selectors, and a call may fail in another contract than the one called. */
function parseRevert(data: string): ErrorDescription | null {
  for (const contract of Object.values(INTERFACES)) {
    const error = contract.parseError(data)
    if (error !== null) return error
  }
  return null
}
