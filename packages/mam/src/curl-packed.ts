import { TURNS } from './curl-rounds.ts'

/** A state of 729 trits as 27 words of 27 bits, for each of the two bits of a trit. */
const WORDS = 27
const MASK = 0x7ffffff
/** Words of the rate. */
const RATE_WORDS = 9

/** After 27 rounds column b is turned by 3·b words, which is 3·(b mod 9): in steps of 3, 6, 12 and 24 words. */
const HOMING = [1, 2, 4, 8].map((bit) => ({
  step: 3 * bit,
  columns: Array.from({ length: WORDS }, (_, b) => b).reduce(
    (columns, b) => ((b % 9) & bit ? columns | (1 << b) : columns),
    0,
  ),
}))

/** One state, its words twice in a row so that a turned ring is read without wrapping round. */
export interface Packed {
  plus: Int32Array
  minus: Int32Array
  sparePlus: Int32Array
  spareMinus: Int32Array
}

export function createPacked(): Packed {
  const words = (): Int32Array => new Int32Array(2 * WORDS)
  return { plus: words(), minus: words(), sparePlus: words(), spareMinus: words() }
}

export function wipePacked(packed: Packed): void {
  for (const words of Object.values(packed)) words.fill(0)
}

/** Writes the first `length` (at most 243) trits of the state and leaves the others. */
export function writeTrits(packed: Packed, trits: Int8Array, offset: number, length: number): void {
  for (let word = 0; word < RATE_WORDS && word * WORDS < length; word++) {
    const columns = Math.min(WORDS, length - word * WORDS)
    let plus = (packed.plus[word] ?? 0) & -(2 ** columns)
    let minus = (packed.minus[word] ?? 0) & -(2 ** columns)
    for (let b = 0; b < columns; b++) {
      const trit = trits[offset + word * WORDS + b] ?? 0
      plus |= (trit > 0 ? 1 : 0) << b
      minus |= (trit < 0 ? 1 : 0) << b
    }
    put(packed.plus, word, plus)
    put(packed.minus, word, minus)
  }
}

/** Reads the first `length` trits of the state. */
export function readTrits(packed: Packed, trits: Int8Array, offset: number, length: number): void {
  for (let index = 0, word = 0, b = 0; index < length; index++) {
    trits[offset + index] = (((packed.plus[word] ?? 0) >>> b) & 1) - (((packed.minus[word] ?? 0) >>> b) & 1)
    b++
    if (b === WORDS) {
      b = 0
      word++
    }
  }
}

function put(words: Int32Array, word: number, bits: number): void {
  words[word] = bits
  words[word + WORDS] = bits
}

/**
 * Curl-P's transform of 27 rounds: nine times those of A, B and C, each time into the other pair of
 * words. The forms are written out, so that nothing is asked or called for a word.
 */
export function transformPacked(packed: Packed): void {
  for (let round = 0; round < TURNS.length; round += 3) {
    const { plus, minus, sparePlus, spareMinus } = packed
    roundA(plus, minus, sparePlus, spareMinus, TURNS[round] ?? 0)
    roundB(sparePlus, spareMinus, plus, minus, TURNS[round + 1] ?? 0)
    roundC(plus, minus, sparePlus, spareMinus, TURNS[round + 2] ?? 0)
    packed.plus = sparePlus
    packed.minus = spareMinus
    packed.sparePlus = plus
    packed.spareMinus = minus
  }
  sendHome(packed.plus, packed.sparePlus)
  sendHome(packed.minus, packed.spareMinus)
}

function roundA(p: Int32Array, m: Int32Array, toP: Int32Array, toM: Int32Array, turn: number): void {
  const words = Math.floor(turn / WORDS)
  const right = turn % WORDS
  const left = WORDS - right
  for (let i = 0; i < WORDS; i++) {
    const py = ((p[i + words] ?? 0) >>> right) | ((p[i + words + 1] ?? 0) << left)
    const my = ((m[i + words] ?? 0) >>> right) | ((m[i + words + 1] ?? 0) << left)
    const px = p[i] ?? 0
    const plus = (py ^ (m[i] ?? 0)) & ~(px & ~my) & MASK
    const minus = ((px ^ my) | plus) & MASK
    toP[i] = plus
    toP[i + WORDS] = plus
    toM[i] = minus
    toM[i + WORDS] = minus
  }
}

function roundB(p: Int32Array, m: Int32Array, toP: Int32Array, toM: Int32Array, turn: number): void {
  const words = Math.floor(turn / WORDS)
  const right = turn % WORDS
  const left = WORDS - right
  for (let i = 0; i < WORDS; i++) {
    const py = ((p[i + words] ?? 0) >>> right) | ((p[i + words + 1] ?? 0) << left)
    const my = ((m[i + words] ?? 0) >>> right) | ((m[i + words + 1] ?? 0) << left)
    const px = p[i] ?? 0
    const plus = ((py ^ (m[i] ?? 0)) | (px & my)) & MASK
    const minus = (px ^ my) & plus
    toP[i] = plus
    toP[i + WORDS] = plus
    toM[i] = minus
    toM[i + WORDS] = minus
  }
}

function roundC(p: Int32Array, m: Int32Array, toP: Int32Array, toM: Int32Array, turn: number): void {
  const words = Math.floor(turn / WORDS)
  const right = turn % WORDS
  const left = WORDS - right
  for (let i = 0; i < WORDS; i++) {
    const py = ((p[i + words] ?? 0) >>> right) | ((p[i + words + 1] ?? 0) << left)
    const my = ((m[i + words] ?? 0) >>> right) | ((m[i + words + 1] ?? 0) << left)
    const px = p[i] ?? 0
    const plus = (px | my) & ~(py ^ (m[i] ?? 0)) & MASK
    const minus = (px ^ my) & ~plus & MASK
    toP[i] = plus
    toP[i + WORDS] = plus
    toM[i] = minus
    toM[i + WORDS] = minus
  }
}

/** Brings every trit back to its own place. */
function sendHome(words: Int32Array, spare: Int32Array): void {
  for (const { step, columns } of HOMING) {
    spare.set(words)
    for (let i = 0; i < WORDS; i++)
      put(words, i, ((spare[i] ?? 0) & ~columns) | ((spare[i + step] ?? 0) & columns))
  }
}
