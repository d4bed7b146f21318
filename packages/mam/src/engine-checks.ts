import type { SecurityLevel } from './curl-engine.ts'
import type { MamMode } from './engine.ts'
import { MamError } from './errors.ts'
import { maxMessageTrytes, WIRE_TRYTES_MAX } from './message-limits.ts'
import { HASH_TRYTES, isTrytes, requireTrytes } from './trytes.ts'

/** Trees that are derived at once: at most 20 MB of keys, and as much again while they are hashed. */
const TREES_MAX = 1024

/** Refuses what is no seed. @throws MamError `SEED_INVALID` */
export function checkSeed(seed: unknown): void {
  if (isTrytes(seed) && seed.length === HASH_TRYTES) return
  throw new MamError(
    'SEED_INVALID',
    `The seed is not ${HASH_TRYTES} characters of 9 and A to Z; make a new one.`,
  )
}

/** Refuses what is no level of security. @throws MamError `SECURITY_INVALID` */
export function checkSecurity(security: unknown): void {
  if (security === 1 || security === 2 || security === 3) return
  throw new MamError('SECURITY_INVALID', 'The security is neither 1, 2 nor 3; correct it.')
}

/** Refuses what is no mode. @throws MamError `MODE_INVALID` */
export function checkMode(mode: unknown): asserts mode is MamMode {
  if (mode === 'public' || mode === 'private' || mode === 'restricted') return
  throw new MamError('MODE_INVALID', 'The mode is neither public, private nor restricted; correct it.')
}

/** Refuses a row of indices that is empty, too long or leaves the whole numbers. @throws MamError `TREE_INVALID` */
export function checkIndices(from: number, count: number): void {
  if (Number.isSafeInteger(from) && from >= 0 && isCount(count) && Number.isSafeInteger(from + (count - 1)))
    return
  throw new MamError(
    'TREE_INVALID',
    `The index is no whole number from 0 on, or not 1 to ${TREES_MAX} are wanted.`,
  )
}

function isCount(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 1 && count <= TREES_MAX
}

/** Refuses content that is none, or does not fit. @throws MamError `TRYTES_INVALID`, `MESSAGE_TOO_LONG` */
export function checkContent(trytes: unknown, security: SecurityLevel): void {
  requireTrytes(trytes, 'content')
  if (trytes.length === 0) throw new MamError('TRYTES_INVALID', 'The content must be at least one tryte.')
  const most = maxMessageTrytes(security)
  if (trytes.length <= most) return
  throw new MamError(
    'MESSAGE_TOO_LONG',
    'The content is too long for one message; split it, or send a hash.',
    { details: { trytes: trytes.length, most } },
  )
}

/** Refuses what no message can be. @throws MamError `TRYTES_INVALID`, `MESSAGE_MALFORMED` */
export function checkPayload(payload: unknown): void {
  // Length first: what is too long is not looked at.
  if (typeof payload === 'string' && payload.length > WIRE_TRYTES_MAX)
    throw new MamError('MESSAGE_MALFORMED', 'The payload is longer than any message; ignore it.')
  requireTrytes(payload, 'payload')
}
