/** Remembers which of the latest keys have been met, in memory that does not grow. */
export interface SeenKeys {
  /**
   * Notes a key and says whether it was there.
   * @param key 16 bytes that are spread evenly, such as a hash
   */
  add(key: Uint8Array): boolean
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
      const words = wordsOf(key)
      // Taken only when there is something to remember: most files are small.
      young ??= new Uint32Array(slots * WORDS)
      const slot = find(young, words)
      if (slot === -1 || (old !== null && find(old, words) === -1)) return true
      young.set(words, slot * WORDS)
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

/** Four words of which the last is never 0, so that an empty slot can be told from a taken one. */
function wordsOf(key: Uint8Array): Uint32Array {
  const view = new DataView(key.buffer, key.byteOffset, 16)
  return Uint32Array.of(view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12) | 1)
}

function isTaken(table: Uint32Array, slot: number): boolean {
  return table[slot * WORDS + 3] !== 0
}

function holds(table: Uint32Array, slot: number, key: Uint32Array): boolean {
  const at = slot * WORDS
  return (
    table[at] === key[0] && table[at + 1] === key[1] && table[at + 2] === key[2] && table[at + 3] === key[3]
  )
}
