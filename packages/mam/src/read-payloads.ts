import { readLayout } from './message-layout.ts'
import { WIRE_TRYTES_MAX } from './message-limits.ts'
import { TRYTE_TRITS, writeTrytes } from './trytes.ts'

/** Several times as fast as looking at each character, where a node may have listed megabytes of junk. */
const TRYTES = /^[9A-Z]+$/
/**
 * The layout is told by at most 20 trits at the beginning and 2 of padding in the last tryte, so that no others
 * need to be read.
 */
const CLEAR_TRYTES = 7

/** What a node listed, without what cannot be a message. */
export interface SortedPayloads {
  /** Each once, in the order of the list. */
  readonly shaped: readonly string[]
  /** How many different ones are not of the layout of any message. */
  readonly malformed: number
}

/**
 * Takes out what is no message whatever the keys: nothing is hashed for it, so that junk which costs nothing to
 * make does not use up the tries that others need. A node may have answered with anything.
 */
export function sortPayloads(found: readonly unknown[]): SortedPayloads {
  const distinct = [...new Set(found)]
  const shaped = distinct.filter(isShaped)
  return { shaped, malformed: distinct.length - shaped.length }
}

function isShaped(payload: unknown): payload is string {
  if (typeof payload !== 'string' || payload.length > WIRE_TRYTES_MAX || !TRYTES.test(payload)) return false
  const trits = new Int8Array(payload.length * TRYTE_TRITS)
  writeTrytes(payload.slice(0, CLEAR_TRYTES), trits, 0)
  writeTrytes(payload.slice(-1), trits, trits.length - TRYTE_TRITS)
  return readLayout(trits) !== null
}

/**
 * Lets timers and events have their turn: reading a message takes milliseconds, and who stops it by a signal
 * has to be heard. A message channel, since browsers hold timers back for 4 ms when they follow one another.
 */
export function yieldToEvents(): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}
