import type { Address, AnswerKind, Bytes32, Deployment, RequestId } from '@halo/consent'
import type { LedgerEvent } from '@halo/ports'
import type { LogDescription } from 'ethers'
import type { ChainLog } from './connection.ts'
import { INTERFACES, requestOfResult } from './contracts.ts'

/** The contracts whose logs say something. */
export function watchedAddresses(deployment: Deployment): readonly Address[] {
  return [deployment.registry, deployment.anchor, deployment.escrow, deployment.consent]
}

/** What a log says, or null for one that says nothing a listener needs. */
export function eventOfLog(log: ChainLog, deployment: Deployment): LedgerEvent | null {
  const at = { block: log.block, logIndex: log.logIndex }
  const parsed = parseLog(log, deployment)
  if (parsed === null) return null
  const { name, args } = parsed
  switch (name) {
    case 'PeerProfile':
    case 'PeerAddresses':
    case 'PeerStatus':
      return { ...at, kind: 'members' }
    case 'RootAnchored':
      return {
        ...at,
        kind: 'anchored',
        operator: args['operator'] as Address,
        size: Number(args['size']),
        root: args['root'] as Bytes32,
      }
    case 'AccessRequested':
      return {
        ...at,
        kind: 'requested',
        id: args['requestId'] as RequestId,
        request: requestOfResult(args['request']),
      }
    case 'Granted':
    case 'Declined':
    case 'Revoked':
      return { ...at, kind: 'answered', id: args['requestId'] as RequestId, answer: ANSWERS[name] }
    case 'Settled':
      return { ...at, kind: 'closed', id: args['requestId'] as RequestId, outcome: 'settled' }
    case 'Refunded':
      return { ...at, kind: 'closed', id: args['requestId'] as RequestId, outcome: 'refunded' }
    default:
      return null
  }
}

const ANSWERS: { readonly [Name in 'Granted' | 'Declined' | 'Revoked']: AnswerKind } = {
  Granted: 'Grant',
  Declined: 'Decline',
  Revoked: 'Revoke',
}

/** A log counts only from the contract that may say it. */
function parseLog(log: ChainLog, deployment: Deployment): LogDescription | null {
  const names = ['registry', 'anchor', 'escrow', 'consent'] as const
  const contract = names.find((name) => deployment[name].toLowerCase() === log.address.toLowerCase())
  return contract === undefined ? null : INTERFACES[contract].parseLog(log)
}
