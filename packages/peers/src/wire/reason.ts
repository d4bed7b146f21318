import type { Reason } from '@halo/consent'
import { isReason } from '@halo/consent'
import { malformed } from '../errors.ts'
import type { Codec } from './codec.ts'
import { orNull } from './codec.ts'

/** A reason code. One that this version does not know yet is read as `INTERNAL`: codes are only added. */
export const reason: Codec<Reason> = {
  toValue: (value) => value,
  fromValue: (value) => {
    if (typeof value !== 'string' || !/^[A-Z][A-Z_]{0,31}$/.test(value))
      throw malformed('a reason code is wanted')
    return isReason(value) ? value : 'INTERNAL'
  },
}

/** A reason code or null. */
export const optionalReason: Codec<Reason | null> = orNull(reason)
