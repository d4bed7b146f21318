import type { Reason } from '@halo/consent'
import { isReason } from '@halo/consent'
import { EXIT, exitCodeOf, isKnownError } from '../exit-code.ts'
import { errorAsJson } from '../output.ts'

/**
 * - `delivered`: the record is there, verified, and the patient is paid;
 * - `unsettled`: it is there and verified, and the payment was not released;
 * - `unreadable`: it is what the patient sealed, and not a glucose record;
 * - `declined`: the patient was asked to say no, and did; `failed`: nothing was delivered.
 */
export type Outcome = 'delivered' | 'unsettled' | 'unreadable' | 'declined' | 'failed'

/** How a story ended, and why. */
export interface Ending {
  readonly outcome: Outcome
  /** What was refused, where a peer, the chain or a rule said no. */
  readonly reason: Reason | null
  /** Code of the error; null when all went well. */
  readonly code: string | null
  readonly explanation: string | null
  readonly exitCode: number
}

/** The good ending. */
export const DELIVERED: Ending = {
  outcome: 'delivered',
  reason: null,
  code: null,
  explanation: null,
  exitCode: EXIT.OK,
}

/**
 * What a failure means for the story. A refusal that was asked for is a success.
 * @throws the failure itself when no package documents it, or when it is an interruption
 */
export function endingOf(error: unknown, outcome: Exclude<Outcome, 'delivered' | 'declined'>): Ending {
  if (!isKnownError(error)) throw error
  const { code, reason, message } = errorAsJson(error)['error'] as Readonly<Record<string, unknown>>
  return {
    outcome,
    reason: isReason(reason) ? reason : null,
    code: String(code),
    explanation: String(message),
    exitCode: exitCodeOf(error),
  }
}

/** The same ending, where the patient was asked to decline and that is all that happened. */
export function asDeclined(ending: Ending): Ending {
  return ending.reason === 'DECLINED' ? { ...ending, outcome: 'declined', exitCode: EXIT.OK } : ending
}
