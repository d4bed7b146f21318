import type { Reason } from '@halo/consent'
import type { ErrorDetails } from '@halo/ports'
import { HaloError } from '@halo/ports'

/**
 * - `MESSAGE_MALFORMED`: bytes from the other side are not the canonical form of a message; it speaks
 *   another version, or lies.
 * - `MESSAGE_TOO_LARGE`: a message is longer than its protocol allows; send less.
 * - `STREAM_CUT`: the other side went away before the end; try again.
 * - `STREAM_STALLED`: the other side made no progress in time; try again.
 * - `BAD_KEY`: the bytes are no 32-byte Ed25519 seed; pass the seed that was kept.
 */
export type PeersErrorCode =
  | 'MESSAGE_MALFORMED'
  | 'MESSAGE_TOO_LARGE'
  | 'STREAM_CUT'
  | 'STREAM_STALLED'
  | 'BAD_KEY'

const REASONS: { readonly [Code in PeersErrorCode]: Reason } = {
  MESSAGE_MALFORMED: 'MALFORMED',
  MESSAGE_TOO_LARGE: 'TOO_LARGE',
  STREAM_CUT: 'TIMED_OUT',
  STREAM_STALLED: 'TIMED_OUT',
  BAD_KEY: 'INTERNAL',
}

/** What went wrong with a message, a stream or a key; test `code`, or `reason` as it goes on the wire. */
export class PeersError extends HaloError<PeersErrorCode> {
  override readonly name = 'PeersError'
  readonly reason: Reason

  constructor(
    code: PeersErrorCode,
    message: string,
    options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(code, message, options)
    this.reason = REASONS[code]
  }
}

/** A message that is not in canonical form; `why` names the field, never its value. */
export function malformed(why: string, cause?: unknown): PeersError {
  return new PeersError('MESSAGE_MALFORMED', `The message is malformed: ${why}.`, { cause })
}
