import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { SecurityLevel } from '../src/curl-engine.ts'

const ALPHABET = '9ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const MODES = ['public', 'private', 'restricted'] as const

/** Message lengths, in trytes, at which the encoding of the length grows or a block of the sponge fills. */
const EDGES = [1, 4, 5, 13, 14, 80, 81, 82, 121, 122, 161, 162, 163, 1093, 1094, 3280, 3281, 27_595]

/** Cases whose messages the vectors hold the fingerprints of: 0 and those after it. */
export const VECTOR_COUNT = 2100

/** Cases whose messages the vectors hold whole: each mode at each level, 80 trytes of content. */
export const WHOLE_CASES: readonly number[] = Array.from({ length: 9 }, (_, at) => 45 + at)

/** What a message is made from: the same for @iota/mam.js and for this package. */
export interface StockCase {
  readonly seed: string
  readonly index: number
  readonly mode: (typeof MODES)[number]
  /** Only for restricted messages, 1 to 81 trytes. */
  readonly sideKey: string | undefined
  readonly security: SecurityLevel
  readonly message: string
}

/**
 * The inputs of case `number`, the same on every machine: mode and level go round, lengths are edges first,
 * then spread evenly over their logarithm up to 16 KiB of bytes in trytes.
 */
export function makeStockCase(number: number): StockCase {
  const draw = startDraw(number)
  const { mode, security } = planStockCase(number)
  const seed = drawTrytes(draw, 81)
  const index = draw(10) === 0 ? draw(100_000) : draw(64)
  const sideKey = mode === 'restricted' ? drawTrytes(draw, 1 + draw(81)) : undefined
  const edge = EDGES[Math.floor(number / 9)]
  const length = edge ?? Math.floor(27_595 ** (draw(1 << 24) / (1 << 24)))
  return { seed, index, mode, sideKey, security, message: drawTrytes(draw, length) }
}

/** Mode and level of case `number`, without the work of drawing the rest. */
export function planStockCase(number: number): Pick<StockCase, 'mode' | 'security'> {
  const security = ((Math.floor(number / 3) % 3) + 1) as SecurityLevel
  return { mode: MODES[number % 3] ?? 'public', security }
}

/** What the vectors keep of a message: 128 bits of SHA-256 over its payload, root and address, in hex. */
export function fingerprint(message: {
  readonly payload: string
  readonly root: string
  readonly address: string
}): string {
  const text = `${message.payload} ${message.root} ${message.address}`
  return bytesToHex(sha256(utf8ToBytes(text))).slice(0, 32)
}

/** Integers below a bound from SHA-256 in counter mode: to be had in any language. */
export function startDraw(number: number): (below: number) => number {
  let counter = 0
  let words: readonly number[] = []
  let used = 0
  return (below) => {
    if (used === words.length) {
      words = hashToWords(`mam ${number} ${counter++}`)
      used = 0
    }
    return (words[used++] ?? 0) % below
  }
}

export function drawTrytes(draw: (below: number) => number, length: number): string {
  return Array.from({ length }, () => ALPHABET.charAt(draw(27))).join('')
}

function hashToWords(text: string): readonly number[] {
  const view = new DataView(sha256(utf8ToBytes(text)).buffer)
  return Array.from({ length: 8 }, (_, at) => view.getUint32(at * 4))
}
