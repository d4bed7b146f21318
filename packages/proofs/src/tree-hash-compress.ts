/**
 * SHA-256 (FIPS 180-4) of messages of at most two blocks, which is all that a Merkle tree hashes: the 65
 * bytes of a node, short leaves. A general library spends more on its hasher object than on such a message.
 * Everything below works on one fixed scratch, which keeps the last message until the next one or
 * {@link wipeShort}: call that after what not everyone may see.
 */

const BLOCK_BYTES = 64

/** What fits into two blocks beside the padding: one byte 0x80 and 8 bytes of length (§5.1.1). */
export const MAX_SHORT_BYTES: number = 2 * BLOCK_BYTES - 9

/** §4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
// biome-ignore format: rows of eight, as the standard prints them
const ROUND_CONSTANTS: Int32Array = Int32Array.of(
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
)
/** §5.3.3: the same of the square roots of the first 8 primes. */
// biome-ignore format: one row
const INITIAL_STATE: Int32Array = Int32Array.of(
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
)

/** In one piece, so that it is cleared at once. */
const scratch = new ArrayBuffer(2 * BLOCK_BYTES + 4 * 64 + 4 * 8)
const message = new Uint8Array(scratch, 0, 2 * BLOCK_BYTES)
const schedule = new Int32Array(scratch, 2 * BLOCK_BYTES, 64)
const state = new Int32Array(scratch, 2 * BLOCK_BYTES + 4 * 64, 8)
const allOfScratch = new Int32Array(scratch)

/** Scratch for the message: write up to {@link MAX_SHORT_BYTES} bytes, then call {@link digestShort}. */
export const SHORT_MESSAGE: Uint8Array = message

/** SHA-256 of the first `lengthBytes` bytes of {@link SHORT_MESSAGE}, written to `out` at `outAt`. */
export function digestShort(lengthBytes: number, out: Uint8Array, outAt: number): void {
  const endBytes = lengthBytes < BLOCK_BYTES - 8 ? BLOCK_BYTES : 2 * BLOCK_BYTES
  message.fill(0, lengthBytes, endBytes)
  message[lengthBytes] = 0x80
  message[endBytes - 2] = lengthBytes >>> 5
  message[endBytes - 1] = (lengthBytes << 3) & 0xff
  state.set(INITIAL_STATE)
  for (let at = 0; at < endBytes; at += BLOCK_BYTES) compressBlock(at)
  for (let word = 0; word < 8; word++) {
    const value = state[word] as number
    out[outAt + 4 * word] = value >>> 24
    out[outAt + 4 * word + 1] = (value >>> 16) & 0xff
    out[outAt + 4 * word + 2] = (value >>> 8) & 0xff
    out[outAt + 4 * word + 3] = value & 0xff
  }
}

/** Clears the scratch of the last message, of what was made of it and of its hash. */
export function wipeShort(): void {
  allOfScratch.fill(0)
}

/** §6.2.2: one block of the message into the state. */
function compressBlock(at: number): void {
  expandBlock(at)
  let a = state[0] as number
  let b = state[1] as number
  let c = state[2] as number
  let d = state[3] as number
  let e = state[4] as number
  let f = state[5] as number
  let g = state[6] as number
  let h = state[7] as number
  for (let round = 0; round < 64; round++) {
    const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const choice = g ^ (e & (f ^ g))
    const t1 = (h + sum1 + choice + (ROUND_CONSTANTS[round] as number) + (schedule[round] as number)) | 0
    const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const majority = (a & b) | (c & (a | b))
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + sum0 + majority) | 0
  }
  addToState(a, b, c, d, e, f, g, h)
}

/** §6.2.2 step 1: 16 big-endian words of the block and the 48 that follow from them. */
function expandBlock(at: number): void {
  for (let i = 0; i < 16; i++) {
    const from = at + 4 * i
    schedule[i] =
      ((message[from] as number) << 24) |
      ((message[from + 1] as number) << 16) |
      ((message[from + 2] as number) << 8) |
      (message[from + 3] as number)
  }
  for (let i = 16; i < 64; i++) {
    const w15 = schedule[i - 15] as number
    const w2 = schedule[i - 2] as number
    const sigma0 = ((w15 >>> 7) | (w15 << 25)) ^ ((w15 >>> 18) | (w15 << 14)) ^ (w15 >>> 3)
    const sigma1 = ((w2 >>> 17) | (w2 << 15)) ^ ((w2 >>> 19) | (w2 << 13)) ^ (w2 >>> 10)
    schedule[i] = (schedule[i - 16] as number) + sigma0 + (schedule[i - 7] as number) + sigma1
  }
}

/** §6.2.2 step 4; the typed array keeps 32 bits of each sum. */
function addToState(...words: readonly number[]): void {
  for (let i = 0; i < 8; i++) state[i] = (state[i] as number) + (words[i] as number)
}
