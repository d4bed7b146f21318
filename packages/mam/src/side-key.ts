import { HASH_TRITS } from './curl-rounds.ts'
import type { MamMode } from './engine.ts'
import { checkMode } from './engine-checks.ts'
import { MamError } from './errors.ts'
import { HASH_TRYTES, isTrytes, writeTrytes } from './trytes.ts'

/**
 * A side key as the 243 trits that enter the mask, zeros behind it, all zeros without one. So keys that differ
 * only in 9s at their end are the same key, and one of 9s alone is none.
 * @throws MamError `SIDE_KEY_INVALID` unless it is 1 to 81 trytes
 */
export function readSideKey(sideKey: string | undefined): Int8Array {
  requireSideKey(sideKey)
  const trits = new Int8Array(HASH_TRITS)
  if (sideKey !== undefined) writeTrytes(sideKey, trits, 0)
  return trits
}

/** Refuses what is no side key; none is none to refuse. @throws MamError `SIDE_KEY_INVALID` */
export function requireSideKey(sideKey: string | undefined): void {
  if (sideKey === undefined) return
  if (isTrytes(sideKey) && sideKey.length > 0 && sideKey.length <= HASH_TRYTES) return
  throw new MamError(
    'SIDE_KEY_INVALID',
    `The side key must be 1 to ${HASH_TRYTES} characters, of 9 and A to Z`,
  )
}

/**
 * Refuses what is no mode, a side key outside restricted mode, and restricted mode without a right one.
 * @throws MamError `MODE_INVALID`, `SIDE_KEY_INVALID`
 */
export function checkSideKey(mode: MamMode, sideKey: string | undefined): void {
  checkMode(mode)
  if (mode !== 'restricted' && sideKey !== undefined) {
    throw new MamError('MODE_INVALID', 'A side key belongs to the restricted mode only: leave it out')
  }
  if (mode === 'restricted' && sideKey === undefined) {
    throw new MamError('SIDE_KEY_INVALID', 'The restricted mode needs a side key')
  }
  requireSideKey(sideKey)
}
