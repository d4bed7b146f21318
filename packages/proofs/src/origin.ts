import { ProofsError } from './errors.ts'

/** Which log it is: each operator of a Halo keeps one, and one contract holds the roots of all. */
export interface LogId {
  /** EIP-155, below 2^53. */
  readonly chainId: number
  /** The LogAnchor contract; lower-case hex with `0x`. */
  readonly contract: string
  /** The operator's address; lower-case hex with `0x`. */
  readonly operator: string
}

const ORIGIN = /^halo\/eip155:([1-9][0-9]{0,15})\/(0x[0-9a-f]{40})\/(0x[0-9a-f]{40})$/
const ADDRESS = /^0x[0-9a-fA-F]{40}$/

/**
 * The first line of a log's checkpoints, which is the name of its key too:
 * `halo/eip155:<chainId>/<contract>/<operator>`, addresses in lower case.
 * @param log addresses may be in any case
 * @throws ProofsError `RANGE_INVALID` {field}
 * @see https://c2sp.org/tlog-checkpoint
 */
export function formatLogOrigin(log: LogId): string {
  if (!Number.isSafeInteger(log.chainId) || log.chainId < 1)
    throw invalid('chainId', 'a whole number from 1 to 2^53 - 1')
  if (!ADDRESS.test(log.contract)) throw invalid('contract', '0x and 40 hex digits')
  if (!ADDRESS.test(log.operator)) throw invalid('operator', '0x and 40 hex digits')
  return `halo/eip155:${log.chainId}/${log.contract.toLowerCase()}/${log.operator.toLowerCase()}`
}

/**
 * Whose log an origin names, or null when it is none of a Halo's.
 * The inverse of {@link formatLogOrigin}: only the one form that it writes is understood.
 */
export function parseLogOrigin(origin: string): LogId | null {
  const match = ORIGIN.exec(origin)
  const [, chainId, contract, operator] = match ?? []
  if (contract === undefined || operator === undefined) return null
  return Number.isSafeInteger(Number(chainId)) ? { chainId: Number(chainId), contract, operator } : null
}

function invalid(field: string, wanted: string): ProofsError {
  return new ProofsError('RANGE_INVALID', `The log's ${field} must be ${wanted}.`, { details: { field } })
}
