/** Major types of RFC 8949, section 3.1, that more follows after their head. */
const BYTES = 2
const TEXT = 3
const LIST = 4
const MAP = 5
const TAG = 6

/** Whether bytes end before the one CBOR item that they begin does. Says nothing of whether it is a good one. */
export function endsInsideItem(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  for (let awaited = 1; awaited > 0; awaited--) {
    if (at >= bytes.length) return true
    const head = view.getUint8(at++)
    const width = widthOf(head & 31)
    // Such heads are in no data of ours: what follows them has no known end.
    if (Number.isNaN(width)) return false
    if (at + width > bytes.length) return true
    const argument = width === 0 ? head & 31 : readWhole(view, at, width)
    const major = head >> 5
    at += width + (major === BYTES || major === TEXT ? argument : 0)
    awaited += major === LIST ? argument : major === MAP ? 2 * argument : major === TAG ? 1 : 0
  }
  return at > bytes.length
}

/** Bytes of the argument that a head announces; NaN where it announces none of a known length. */
function widthOf(info: number): number {
  if (info < 24) return 0
  return info < 28 ? 2 ** (info - 24) : Number.NaN
}

/** Big-endian; beyond 2^53 rounded, which is far behind the end of any file. */
function readWhole(view: DataView, at: number, width: number): number {
  return Array.from({ length: width }, (_, i) => view.getUint8(at + i)).reduce(
    (sum, byte) => sum * 256 + byte,
    0,
  )
}
