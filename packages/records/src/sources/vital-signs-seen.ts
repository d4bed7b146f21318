/** Remembers which of the latest keys have been met, in memory that does not grow beyond a bound. */
export interface SeenKeys {
  /**
   * Notes a key and says whether it was there.
   * @param key 4 words that are spread evenly, such as a hash; not held
   */
  add(key: Uint32Array): boolean
}

const WORDS = 4
const FIRST_SLOTS = 1024
/** Beyond this, tables would be larger than engines allow. */
const MAX_CAPACITY = 8_388_608

/**
 * Opens a memory of keys. A repetition is found for sure if at most `capacity` new keys lie between the two;
 * one that lies further back than twice that is not. Two tables take turns: when the younger one is full, the
 * elder is dropped and the younger takes its place.
 * @param capacity how many keys a table holds, at most 8 388 608; 128 bytes of memory per key at most
 */
export function rememberKeys(capacity: number): SeenKeys {
  const limit = Math.min(capacity, MAX_CAPACITY)
  let young = new Uint32Array(FIRST_SLOTS * WORDS)
  let old = new Uint32Array(WORDS)
  let count = 0

  return {
    add(key) {
      if (findSlot(young, key) === null || findSlot(old, key) === null) return true
      if (count >= limit) {
        old = young
        young = new Uint32Array(FIRST_SLOTS * WORDS)
        count = 0
      } else if (count * 2 * WORDS >= young.length) young = growTable(young)
      put(young, key)
      count += 1
      return false
    },
  }
}

/** The slot that a key may take, or null if it is there. A table is never more than half full. */
function findSlot(table: Uint32Array, key: Uint32Array): number | null {
  const mask = table.length / WORDS - 1
  let slot = (key[0] ?? 0) & mask
  for (; table[slot * WORDS + 3] !== 0; slot = (slot + 1) & mask) if (holds(table, slot, key)) return null
  return slot
}

function growTable(table: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(table.length * 4)
  for (let at = 0; at < table.length; at += WORDS) {
    const key = table.subarray(at, at + WORDS)
    if (key[3] !== 0) put(grown, key)
  }
  return grown
}

/** Puts in a key that is not there. */
function put(table: Uint32Array, key: Uint32Array): void {
  const slot = findSlot(table, key) ?? 0
  table.set(key.subarray(0, WORDS), slot * WORDS)
  table[slot * WORDS + 3] = lastOf(key)
}

/** The last word is never 0, so that an empty slot can be told from a taken one. */
function lastOf(key: Uint32Array): number {
  return ((key[3] ?? 0) | 1) >>> 0
}

function holds(table: Uint32Array, slot: number, key: Uint32Array): boolean {
  const at = slot * WORDS
  return (
    table[at] === key[0] &&
    table[at + 1] === key[1] &&
    table[at + 2] === key[2] &&
    table[at + 3] === lastOf(key)
  )
}
