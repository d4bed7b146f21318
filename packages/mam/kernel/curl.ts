/*
 * Curl-P for WebAssembly with SIMD, in AssemblyScript; scripts/build-kernel.ts compiles it into
 * src/kernel-wasm.ts, kept under 4096 bytes. src/curl-rounds.ts derives what all engines rest on: rounds as
 * turns of a ring, and three forms A, B, C of a round, of five operations on bits each. They are done here in
 * two ways:
 *
 * - 128 lanes, for chains of hashes and for nonces. Trit i of 128 states is two vectors, bit `lane` of which
 *   says that it is 1 (plus) or −1 (minus). A step of a round is two loads, two stores and five operations
 *   for all 128: as many as a vector of WebAssembly has bits, and more than the 81 chains of the longest
 *   key. A round walks the ring in steps of its turn and so works in place: 23 KiB of state stay in the
 *   processor's first cache.
 * - One lane, for a sponge, whose transforms follow from one another. The state is 27 words of 27 bits, four
 *   words to a vector. The words are kept twice in a row, so that a turned ring is an unaligned load, two
 *   shifts and an `or`. After 27 rounds column b of this table is turned by 3·b words; four selections turn
 *   it back.
 *
 * Nothing is allocated: all lies in one page. JavaScript copies in and out and calls `wipe`. What takes a
 * `form` is inlined, so that each form becomes code of its own.
 */

/** Trits of a hash, of a state, of a nonce, of a row of the table. */
const HASH: usize = 243
const STATE: usize = 729
const NONCE: usize = 81
const ROW: usize = 27

// Addresses, in one page. What a sponge touches comes last, to be wiped at little cost.

/** 729 trits of 128 lanes: 16 bytes of plus, 16 of minus for each. */
const LANES: usize = 0
/** The same of 243 trits: the hashes so far. */
const HASHES: usize = LANES + STATE * 32
/** One state: 56 words of plus, 56 of minus. */
const PACKED: usize = HASHES + HASH * 32
const PLANE: usize = 224
/** Room to turn a state in. */
const SPARE: usize = PACKED + 2 * PLANE
/** Which lanes are still to be hashed. */
const ACTIVE: usize = SPARE + 2 * PLANE
/** Nine bit slices of the sums of 128 lanes. */
const SUM: usize = ACTIVE + 16
/** How often to hash each of 128 fragments. */
const COUNTS: usize = SUM + 9 * 16
/** Trits in and out: up to 128 fragments, or a state. 16 bytes beyond are written over. */
const TRITS: usize = COUNTS + 128

/** Address of the packed state, 448 bytes, for a sponge to keep between calls. */
export function packedAt(): usize {
  return PACKED
}

/** Address of trits in and out; the 128 bytes of the counts lie before it. */
export function tritsAt(): usize {
  return TRITS
}

/** Leaves nothing of what a sponge or a search took in; `length` trits at `tritsAt()` were in use. */
export function wipe(length: i32): void {
  memory.fill(PACKED, 0, TRITS + 16 - PACKED + length)
}

/** Leaves nothing of what was hashed in lanes. */
export function wipeLanes(): void {
  memory.fill(0, 0, 65536)
}

// One lane

/** Turns four words of the ring right by `right` bits; `left` is 27 − right. */
@inline
function turn(at: usize, right: i32, left: i32): v128 {
  return v128.or(i32x4.shr_u(v128.load(at), right), i32x4.shl(v128.load(at, 4), left))
}

/** Stores four words where they belong and 27 words on. */
@inline
function put(at: usize, words: v128): void {
  v128.store(at, words)
  v128.store(at, words, 108)
}

/** One round, of form 0, 1 or 2 for A, B, C. */
@inline
function packedRound(form: i32, from: usize, to: usize, step: i32): void {
  const row = i32x4.splat(0x7ffffff)
  const right = step % 27
  const left = 27 - right
  let turned = from + <usize>(step / 27) * 4
  for (let end = from + 112; from < end; from += 16) {
    const px = v128.load(from)
    const mx = v128.load(from, 224)
    const py = turn(turned, right, left)
    const my = turn(turned + PLANE, right, left)
    const p = v128.and(plusOf(form, px, mx, py, my), row)
    put(to, p)
    put(to + PLANE, v128.and(minusOf(form, px, my, p), row))
    turned += 16
    to += 16
  }
}

/** First result of a round: plus in forms A and C, its inverse in B. */
@inline
function plusOf(form: i32, px: v128, mx: v128, py: v128, my: v128): v128 {
  if (form == 0) return v128.andnot(v128.xor(py, mx), v128.andnot(px, my))
  if (form == 1) return v128.or(v128.xor(py, mx), v128.and(px, my))
  return v128.andnot(v128.or(px, my), v128.xor(py, mx))
}

/** Second result, from the first: the inverse of minus in form A, minus in B and C. */
@inline
function minusOf(form: i32, px: v128, my: v128, p: v128): v128 {
  const different = v128.xor(px, my)
  if (form == 0) return v128.or(different, p)
  if (form == 1) return v128.and(different, p)
  return v128.andnot(different, p)
}

/** Turns the columns of one plane by `step` words. */
function turnColumns(from: usize, to: usize, step: usize, columns: i32): void {
  const mask = i32x4.splat(columns)
  for (let end = from + 112; from < end; from += 16) {
    put(to, v128.bitselect(v128.load(from + step * 4), v128.load(from), mask))
    to += 16
  }
}

/** Columns b with b mod 9 odd; with its second, third, fourth bit set. */
function sendHome(from: usize, to: usize): void {
  turnColumns(from, to, 3, 0x2a954aa)
  turnColumns(to, from, 6, 0x33198cc)
  turnColumns(from, to, 12, 0x3c1e0f0)
  turnColumns(to, from, 24, 0x4020100)
}

/** The transform, `times` 27 rounds of it. */
function transform(times: i32): void {
  for (; times > 0; times--) {
    let step = 1
    for (let i = 0; i < 9; i++) {
      step = (step * 364) % 729
      packedRound(0, PACKED, SPARE, step)
      step = (step * 364) % 729
      packedRound(1, SPARE, PACKED, step)
      step = (step * 364) % 729
      packedRound(2, PACKED, SPARE, step)
      memory.copy(PACKED, SPARE, 2 * PLANE)
    }
    sendHome(PACKED, SPARE)
    sendHome(PACKED + PLANE, SPARE)
  }
}

/** Replaces bits of a word in its two or three places. */
function putWord(at: usize, bits: i32, columns: i32): void {
  bits = (bits & columns) | (load<i32>(at) & ~columns)
  store<i32>(at, bits)
  store<i32>(at, bits, 108)
}

/** Packs the first `length` trits, at most 243, into the state. */
function packTrits(trits: usize, length: i32): void {
  let at = PACKED
  for (; length > 0; length -= 27) {
    const columns = length < 27 ? (1 << length) - 1 : 0x7ffffff
    const a = v128.load(trits)
    const b = v128.load(trits, 16)
    const none = i8x16.splat(0)
    const plus = i8x16.bitmask(i8x16.gt_s(a, none)) | (i8x16.bitmask(i8x16.gt_s(b, none)) << 16)
    putWord(at, plus, columns)
    putWord(at + PLANE, i8x16.bitmask(a) | (i8x16.bitmask(b) << 16), columns)
    at += 4
    trits += ROW
  }
  store<i32>(PACKED, load<i32>(PACKED), 216)
  store<i32>(PACKED + PLANE, load<i32>(PACKED + PLANE), 216)
}

/** 16 bytes of −1 or 0 from 16 bits. */
@inline
function spreadBits(bits: i32): v128 {
  const each = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128)
  const bytes = i8x16.swizzle(i32x4.splat(bits), i8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1))
  return i8x16.eq(v128.and(bytes, each), each)
}

/** 16 trits from 16 bits of plus and of minus. */
@inline
function spreadTrits(plus: i32, minus: i32): v128 {
  return i8x16.sub(spreadBits(minus), spreadBits(plus))
}

/** Unpacks the first `rows` times 27 trits of the state, and writes over 5 bytes beyond. */
export function readState(trits: usize, rows: i32): void {
  for (let at = PACKED; rows > 0; rows--) {
    const plus = load<i32>(at)
    const minus = load<i32>(at, 224)
    v128.store(trits, spreadTrits(plus, minus))
    v128.store(trits, spreadTrits(plus >> 16, minus >> 16), 16)
    at += 4
    trits += ROW
  }
}

/**
 * Takes in `length` trits from `tritsAt()`, with a transform after each 243, or for none. Leaves the rate
 * there.
 */
export function absorb(length: i32, times: i32): void {
  let trits = TRITS
  do {
    packTrits(trits, length < 243 ? length : 243)
    transform(times)
    trits += HASH
    length -= 243
  } while (length > 0)
  readState(TRITS, 9)
}

/** Writes `blocks` times 243 trits to `tritsAt()`, transforming after each. */
export function squeeze(blocks: i32, times: i32): void {
  for (let trits = TRITS; blocks > 0; blocks--) {
    readState(trits, 9)
    transform(times)
    trits += HASH
  }
}

// 128 lanes

/** One round of all lanes, in place. */
@inline
function lanesRound(form: i32, step: usize): void {
  let at = LANES
  let px = v128.load(LANES)
  let mx = v128.load(LANES, 16)
  const firstP = px
  const firstM = mx
  const forward = step * 32
  const back = (STATE - step) * 32
  for (let i = 1; i < <i32>STATE; i++) {
    const next = select<usize>(at + forward, at - back, at < LANES + back)
    const py = v128.load(next)
    const my = v128.load(next, 16)
    const p = plusOf(form, px, mx, py, my)
    v128.store(at, p)
    v128.store(at, minusOf(form, px, my, p), 16)
    px = py
    mx = my
    at = next
  }
  const p = plusOf(form, px, mx, firstP, firstM)
  v128.store(at, p)
  v128.store(at, minusOf(form, px, firstM, p), 16)
}

/** 27 rounds of all lanes; trit i is then at 82·i modulo 729. */
function transformLanes(): void {
  let step = 1
  for (let i = 0; i < 9; i++) {
    step = (step * 364) % 729
    lanesRound(0, step)
    step = (step * 364) % 729
    lanesRound(1, step)
    step = (step * 364) % 729
    lanesRound(2, step)
  }
}

@inline
function locate(trit: usize): usize {
  return LANES + ((82 * trit) % STATE) * 32
}

/** Trit `trit` of 16 fragments that lie 243 bytes apart. */
@inline
function gather(at: usize): v128 {
  let bytes = i8x16.splat(0)
  bytes = v128.load8_lane(at, bytes, 0, 0)
  bytes = v128.load8_lane(at, bytes, 1, 243)
  bytes = v128.load8_lane(at, bytes, 2, 486)
  bytes = v128.load8_lane(at, bytes, 3, 729)
  bytes = v128.load8_lane(at, bytes, 4, 972)
  bytes = v128.load8_lane(at, bytes, 5, 1215)
  bytes = v128.load8_lane(at, bytes, 6, 1458)
  bytes = v128.load8_lane(at, bytes, 7, 1701)
  bytes = v128.load8_lane(at, bytes, 8, 1944)
  bytes = v128.load8_lane(at, bytes, 9, 2187)
  bytes = v128.load8_lane(at, bytes, 10, 2430)
  bytes = v128.load8_lane(at, bytes, 11, 2673)
  bytes = v128.load8_lane(at, bytes, 12, 2916)
  bytes = v128.load8_lane(at, bytes, 13, 3159)
  bytes = v128.load8_lane(at, bytes, 14, 3402)
  return v128.load8_lane(at, bytes, 15, 3645)
}

@inline
function scatter(at: usize, bytes: v128): void {
  v128.store8_lane(at, bytes, 0, 0)
  v128.store8_lane(at, bytes, 1, 243)
  v128.store8_lane(at, bytes, 2, 486)
  v128.store8_lane(at, bytes, 3, 729)
  v128.store8_lane(at, bytes, 4, 972)
  v128.store8_lane(at, bytes, 5, 1215)
  v128.store8_lane(at, bytes, 6, 1458)
  v128.store8_lane(at, bytes, 7, 1701)
  v128.store8_lane(at, bytes, 8, 1944)
  v128.store8_lane(at, bytes, 9, 2187)
  v128.store8_lane(at, bytes, 10, 2430)
  v128.store8_lane(at, bytes, 11, 2673)
  v128.store8_lane(at, bytes, 12, 2916)
  v128.store8_lane(at, bytes, 13, 3159)
  v128.store8_lane(at, bytes, 14, 3402)
  v128.store8_lane(at, bytes, 15, 3645)
}

/** Between the fragments at `tritsAt()` and the lanes of HASHES, 16 at a time: one of the two ways. */
@inline
function exchange(isInward: bool): void {
  let fragments = TRITS
  for (let lanes = HASHES; lanes < HASHES + 16; lanes += 2) {
    for (let trit: usize = 0; trit < HASH; trit++) {
      const at = lanes + trit * 32
      if (isInward) {
        const bytes = gather(fragments + trit)
        store<u16>(at, i8x16.bitmask(i8x16.gt_s(bytes, i8x16.splat(0))))
        store<u16>(at, i8x16.bitmask(bytes), 16)
      } else {
        scatter(fragments + trit, spreadTrits(load<u16>(at), load<u16>(at, 16)))
      }
    }
    fragments += 16 * HASH
  }
}

/** Sets in ACTIVE the lanes whose count is above `done`. */
function countActive(done: i32): v128 {
  for (let group: usize = 0; group < 8; group++) {
    const above = i8x16.gt_u(v128.load(COUNTS + group * 16), i8x16.splat(<i8>done))
    store<u16>(ACTIVE + group * 2, i8x16.bitmask(above))
  }
  return v128.load(ACTIVE)
}

/** Keeps the hashes of active lanes, and starts fresh sponges with them. */
function feedBack(active: v128): void {
  for (let trit: usize = 0; trit < HASH; trit++) {
    const from = locate(trit)
    const to = HASHES + trit * 32
    v128.store(to, v128.bitselect(v128.load(from), v128.load(to), active))
    v128.store(to, v128.bitselect(v128.load(from, 16), v128.load(to, 16), active), 16)
  }
  memory.copy(LANES, HASHES, HASH * 32)
  memory.fill(LANES + HASH * 32, 0, (STATE - HASH) * 32)
}

/** Hashes 128 fragments at `tritsAt()`, each as often as its count says. */
export function hashChains(): void {
  exchange(true)
  feedBack(i32x4.splat(0))
  for (let done = 0; ; done++) {
    const active = countActive(done)
    if (!v128.any_true(active)) break
    transformLanes()
    feedBack(active)
  }
  exchange(false)
}

/** Moves the counter of tries, trits 54 to 80, on by one: 0, 1, −1, the least first. */
function advance(): void {
  for (let at = TRITS + 54; at < TRITS + NONCE; at++) {
    const trit = load<i8>(at)
    store<i8>(at, trit == 0 ? 1 : trit == 1 ? -1 : 0)
    if (trit != 1) return
  }
}

/** Numbers 64 tries in the first four trits, base 3 with digits 0, 1, −1, in the lanes from byte `half` on. */
function numberTries(half: usize): void {
  let at = LANES + half
  for (let power = 1; power < 81; power *= 3) {
    let plus: i64 = 0
    let minus: i64 = 0
    for (let lane = 0; lane < 64; lane++) {
      const digit = (lane / power) % 3
      plus |= i64(digit == 1) << lane
      minus |= i64(digit == 2) << lane
    }
    store<i64>(at, plus)
    store<i64>(at, minus, 16)
    at += 32
  }
}

/** The state at `tritsAt()` for 64 tries, in one half of the lanes. */
function spreadState(half: usize): void {
  for (let trit: usize = 0; trit < STATE; trit++) {
    const value = load<i8>(TRITS + trit)
    store<i64>(LANES + trit * 32 + half, value > 0 ? -1 : 0)
    store<i64>(LANES + trit * 32 + half, value < 0 ? -1 : 0, 16)
  }
  numberTries(half)
}

/** Adds bits to the sums, from a slice on. */
@inline
function addToSum(carry: v128, slice: usize): void {
  for (let at = SUM + slice * 16; at < SUM + 9 * 16; at += 16) {
    const old = v128.load(at)
    v128.store(at, v128.xor(old, carry))
    carry = v128.and(old, carry)
  }
}

function lanesWithSum(value: i32): v128 {
  let same = i32x4.splat(-1)
  for (let slice = 0; slice < 9; slice++) {
    const wanted = i32x4.splat(-((value >> slice) & 1))
    same = v128.andnot(same, v128.xor(v128.load(SUM + <usize>slice * 16), wanted))
  }
  return same
}

/** The lanes whose hash sums to zero over `security` thirds and no fewer; `trit + 1` is summed. */
function findBalanced(security: i32): v128 {
  memory.fill(SUM, 0, 9 * 16)
  let fewer = i32x4.splat(0)
  let isZero = fewer
  let trit: usize = 0
  for (let third = 1; third <= security; third++) {
    fewer = v128.or(fewer, isZero)
    for (const end = <usize>third * NONCE; trit < end; trit++) {
      const at = locate(trit)
      addToSum(v128.not(v128.or(v128.load(at), v128.load(at, 16))), 0)
      addToSum(v128.load(at), 1)
    }
    isZero = lanesWithSum(<i32>trit)
  }
  return v128.andnot(isZero, fewer)
}

/**
 * Whether one of 64 tries holds; when number 0 does, none of them counts, as in @iota/mam.js. Then leaves the
 * nonce: the counter they had in common, and the number.
 */
function takeTry(tries: i64, counter: usize): bool {
  if (tries == 0 || tries & 1) return false
  memory.copy(TRITS, counter, NONCE)
  let number = <i32>ctz(tries)
  for (let at = TRITS; at < TRITS + 4; at++) {
    store<i8>(at, number % 3 == 2 ? -1 : number % 3)
    number /= 3
  }
  return true
}

/** Searches the nonce for the state at `tritsAt()` and leaves it in the first 81 trits there. */
export function findNonce(security: i32): void {
  for (;;) {
    advance()
    spreadState(0)
    memory.copy(SPARE, TRITS, NONCE)
    advance()
    spreadState(8)
    transformLanes()
    const balanced = findBalanced(security)
    if (takeTry(i64x2.extract_lane(balanced, 0), SPARE)) return
    if (takeTry(i64x2.extract_lane(balanced, 1), TRITS)) return
  }
}
