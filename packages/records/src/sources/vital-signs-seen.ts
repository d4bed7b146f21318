/** Remembers which of the latest keys have been met, in memory that does not grow. */
export interface SeenKeys {
  /**
   * Notes a key and says whether it was there.
   * @param key 4 words that are spread evenly, such as a hash; not held
   */
  add(key: Uint32Array): boolean
}

const WORDS = 4

/**
 * Opens a memory of keys. A repetition is found for sure if at most `capacity` new keys lie between the two;
 * one that lies further back than twice that is not. Two tables take turns: when the younger one is full, the
 * elder is emptied and becomes the younger.
 * @param capacity how many keys a table holds; at most 64 bytes of memory per key
 */
export function rememberKeys(capacity: number): SeenKeys {
  let slots = 1024
  while (slots < capacity * 2) slots *= 2
  const mask = slots - 1
  let young: Uint32Array | null = null
  let old: Uint32Array | null = null
  let count = 0

  function find(table: Uint32Array, key: Uint32Array): number {
    let slot = (key[0] ?? 0) & mask
    for (; isTaken(table, slot); slot = (slot + 1) & mask) if (holds(table, slot, key)) return -1
    return slot
  }

  return {
    add(key) {
      // Taken only when there is something to remember: most files are small.
      young ??= new Uint32Array(slots * WORDS)
      const slot = find(young, key)
      if (slot === -1 || (old !== null && find(old, key) === -1)) return true
      young.set(key, slot * WORDS)
      young[slot * WORDS + 3] = lastOf(key)
      count += 1
      if (count < capacity) return false
      const emptied = old?.fill(0) ?? null
      old = young
      young = emptied
      count = 0
      return false
    },
  }
}

/** The last word is never 0, so that an empty slot can be told from a taken one. */
function lastOf(key: Uint32Array): number {
  return ((key[3] ?? 0) | 1) >>> 0
}

function isTaken(table: Uint32Array, slot: number): boolean {
  return table[slot * WORDS + 3] !== 0
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
