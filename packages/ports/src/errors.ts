import type { Reason } from '@halo/consent'
import { explainReason, isReason } from '@halo/consent'

/** Small values that help to act on an error; never health data, keys or anything that names a patient. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>

/**
 * The base of every Halo error: one class per package extends it with its own codes.
 * Across packages and wires test `code` (and `reason`), not `instanceof`.
 */
export class HaloError<Code extends string = string> extends Error {
  override readonly name: string = 'HaloError'
  readonly code: Code
  readonly details: ErrorDetails

  constructor(
    code: Code,
    message: string,
    options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }
}

/**
 * A peer, the chain or a rule said no. `reason` is the code that reaches the person concerned;
 * `peerId` names who refused, or who lied, where one peer did.
 */
export class RefusedError extends HaloError<'REFUSED'> {
  override readonly name = 'RefusedError'
  readonly reason: Reason
  readonly peerId: string | null

  constructor(
    reason: Reason,
    options: {
      readonly peerId?: string
      readonly message?: string
      readonly details?: ErrorDetails
      readonly cause?: unknown
    } = {},
  ) {
    super('REFUSED', options.message ?? explainReason(reason), options)
    this.reason = reason
    this.peerId = options.peerId ?? null
  }
}

/** The reason an unknown error carries, or `fallback` when it carries none. */
export function reasonOf(error: unknown, fallback: Reason = 'INTERNAL'): Reason {
  const reason = (error as { readonly reason?: unknown } | null)?.reason
  if (isReason(reason)) return reason
  return (error as { readonly name?: unknown } | null)?.name === 'TimeoutError' ? 'TIMED_OUT' : fallback
}
