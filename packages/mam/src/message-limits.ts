import { maxBytesIn } from './byte-codec.ts'
import type { SecurityLevel } from './curl-engine.ts'
import { planMessage } from './message-layout.ts'
import { TRYTE_TRITS } from './trytes.ts'

/** A message of the Tangle, all of it. @see TIP-6, "Message validation" */
const WIRE_BYTES = 32_768
/**
 * What of it is not data, with as many parents as there may be, since the node picks them: network id 8,
 * count of parents 1, eight parents of 32, payload length 4, payload type 4, index 2 + 32, data length 4,
 * nonce 8.
 * @see TIP-6 and its indexation payload
 */
const ENVELOPE_BYTES = 8 + 1 + 8 * 32 + 4 + 4 + 2 + 32 + 4 + 8
/** The data begins with a tag: its length in one byte, and up to 27 trytes in 17 bytes. */
const TAG_BYTES = 1 + 17
/** Trytes travel in 5 bits each. */
const TRYTE_BITS = 5

/** Trytes of the longest payload that fits whatever its parents and tag are. */
const PAYLOAD_TRYTES_MAX = Math.floor(((WIRE_BYTES - ENVELOPE_BYTES - TAG_BYTES) * 8) / TRYTE_BITS)

/** Longer payloads fit into no message of the Tangle, however much of it were data. */
export const WIRE_TRYTES_MAX: number = Math.floor((WIRE_BYTES * 8) / TRYTE_BITS)

/**
 * How many trytes one message carries at a level. It is what fits in any case, with eight parents and the
 * longest tag: a message that turned out too long would have cost a one-time key.
 */
export function maxMessageTrytes(security: SecurityLevel): number {
  // The overhead is the same for all texts this long: their lengths are numbers of four trytes.
  const sizeTrits = planMessage(PAYLOAD_TRYTES_MAX * TRYTE_TRITS, security).sizeTrits
  return PAYLOAD_TRYTES_MAX - (sizeTrits / TRYTE_TRITS - PAYLOAD_TRYTES_MAX)
}

/** How many bytes, as `encodeBytes` writes them, one message carries at a level. */
export function maxMessageBytes(security: SecurityLevel): number {
  return maxBytesIn(maxMessageTrytes(security))
}
