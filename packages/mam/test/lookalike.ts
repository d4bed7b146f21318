import type { SecurityLevel } from '../src/curl-engine.ts'
import { planMessage, writeHeader } from '../src/message-layout.ts'
import { formatTrytes } from '../src/trytes.ts'
import { startDraw } from './stock-cases.ts'

/** The longest payload of a message of 32 768 bytes, at 5 bits per tryte. */
export const MOST_TRYTES = 52_428

/** Junk with a clear part that fits its length: all of it has to be unmasked. */
export function makeLookalike(security: SecurityLevel, sizeTrytes: number): string {
  const overheadTrits = planMessage(sizeTrytes * 3, security).sizeTrits - sizeTrytes * 3
  const textTrits = sizeTrytes * 3 - overheadTrits
  const layout = planMessage(textTrits, security)
  const draw = startDraw(security)
  const trits = Int8Array.from({ length: layout.paddingAt }, () => draw(3) - 1)
  writeHeader(trits, textTrits)
  const padded = new Int8Array(layout.sizeTrits)
  padded.set(trits)
  return formatTrytes(padded)
}
