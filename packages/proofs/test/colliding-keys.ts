import { formatLogOrigin } from '../src/index.ts'
import { bytes32Of, LOG } from './receipt-samples.ts'

/**
 * Two secret keys, 32 bytes each, that have one key id in one name. It is 32 bits of a hash, so that trying some
 * 60 000 keys finds two.
 */
interface CollidingKeys {
  readonly name: string
  readonly keys: readonly [Uint8Array, Uint8Array]
}

/** Of the log of {@link LOG}, which sign notes. */
export const LOG_PAIR: CollidingKeys = {
  name: formatLogOrigin(LOG),
  keys: [bytes32Of('seed 44709'), bytes32Of('seed 47044')],
}

/** Of somebody who cosigns. */
export const WITNESS_PAIR: CollidingKeys = {
  name: 'witness.example',
  keys: [bytes32Of('seed 50221'), bytes32Of('seed 75102')],
}
