import { RefusedError, reasonOf } from '@halo/ports'
import { PeersError } from './errors.ts'

/** What the caller's own source of bytes threw; it reaches the caller as it was. */
export class OwnFailure extends Error {
  override readonly name = 'OwnFailure'
  readonly original: unknown

  constructor(original: unknown) {
    super('The source of the bytes failed.')
    this.original = original
  }
}

/** What a failed call on a peer becomes: the caller's own reason, or a refusal that names the peer. */
export function asRefusal(error: unknown, peerId: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason
  if (error instanceof OwnFailure) return error.original
  if (error instanceof RefusedError)
    return error.peerId === null ? new RefusedError(error.reason, { peerId, cause: error }) : error
  return new RefusedError(refusalOf(error), { peerId, cause: error, message: messageOf(error, peerId) })
}

/** A query that does not fit the wire was never sent. */
export function asOwnRefusal(error: unknown): unknown {
  return new RefusedError(reasonOf(error, 'MALFORMED'), { cause: error })
}

function refusalOf(error: unknown): RefusedError['reason'] {
  if ((error as { readonly name?: unknown } | null)?.name === 'DialDeniedError') return 'NOT_A_MEMBER'
  return reasonOf(error, 'TIMED_OUT')
}

function messageOf(error: unknown, peerId: string): string {
  if (refusalOf(error) === 'NOT_A_MEMBER') return `Peer ${peerId} is not in the registry, so it is not asked.`
  if (!(error instanceof PeersError))
    return `Peer ${peerId} cannot be reached. Check its addresses and your network, or ask another peer.`
  switch (error.code) {
    case 'STREAM_STALLED':
      return `Peer ${peerId} did not answer in time, which counts as no. Try again later, or ask another peer.`
    case 'STREAM_CUT':
      return `Peer ${peerId} broke off before the end. Try again, or ask another peer.`
    default:
      return `Peer ${peerId} sent what this version cannot read. Ask another peer, or update.`
  }
}
