/** Largest entry that a bundle can hold: its length is written in 2 bytes. */
export const MAX_ENTRY_BYTES = 0xffff

const LENGTH_BYTES = 2

/**
 * Bytes of a bundle: each entry after its length, 2 bytes, big-endian.
 * @see https://c2sp.org/tlog-tiles "Log entries"
 */
export function formatEntries(entries: readonly Uint8Array[]): Uint8Array {
  const sizeBytes = entries.reduce((sum, entry) => sum + LENGTH_BYTES + entry.length, 0)
  const bytes = new Uint8Array(sizeBytes)
  let at = 0
  for (const entry of entries) {
    bytes[at] = entry.length >>> 8
    bytes[at + 1] = entry.length & 0xff
    bytes.set(entry, at + LENGTH_BYTES)
    at += LENGTH_BYTES + entry.length
  }
  return bytes
}

/** The first `count` entries of a bundle, or null when it holds fewer. Views of the bytes. */
export function parseEntries(bytes: Uint8Array, count: number): readonly Uint8Array[] | null {
  const entries: Uint8Array[] = []
  let at = 0
  while (entries.length < count) {
    if (at + LENGTH_BYTES > bytes.length) return null
    const end = at + LENGTH_BYTES + ((bytes[at] as number) << 8) + (bytes[at + 1] as number)
    if (end > bytes.length) return null
    entries.push(bytes.subarray(at + LENGTH_BYTES, end))
    at = end
  }
  return entries
}
