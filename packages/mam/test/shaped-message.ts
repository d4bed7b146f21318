import type { SecurityLevel } from '../src/curl-engine.ts'
import { planMessage, readLayout, writeHeader } from '../src/message-layout.ts'
import { formatTrytes, readTrytes, writeTrytes } from '../src/trytes.ts'

/** Trytes of the layout of a message, of a text in clear and nothing else: junk that has to be hashed. */
export function shapeMessage(text: string, security: SecurityLevel = 1): string {
  const layout = planMessage(text.length * 3, security)
  const trits = new Int8Array(layout.sizeTrits)
  writeHeader(trits, text.length * 3)
  writeTrytes(text, trits, layout.textAt)
  return formatTrytes(trits)
}

/** The text of {@link shapeMessage}; empty where the payload is not of the layout of a message. */
export function textOfShaped(payload: string): string {
  const trits = readTrytes(payload, 'payload')
  const layout = readLayout(trits)
  return layout === null ? '' : formatTrytes(trits, layout.textAt, layout.nonceAt)
}
