/** Decoded RLP: bytes, or a list. */
export type RlpItem = Uint8Array | readonly RlpItem[]

/** Deeper than any header, account or node of Ethereum's state. */
const MAX_DEPTH = 4

/**
 * Decodes one RLP item that fills the bytes, or null unless it is in RLP's one canonical form.
 * @see Ethereum Yellow Paper, appendix B
 */
export function decodeRlp(bytes: Uint8Array): RlpItem | null {
  const decoded = decodeItem(bytes, 0, MAX_DEPTH)
  return decoded !== null && decoded.end === bytes.length ? decoded.item : null
}

/** A number of at most 6 bytes, big-endian without leading zeros; null for anything else. */
export function readRlpNumber(item: RlpItem | undefined): number | null {
  if (!(item instanceof Uint8Array) || item.length > 6 || item[0] === 0) return null
  return item.reduce((value, byte) => value * 256 + byte, 0)
}

interface Decoded {
  readonly item: RlpItem
  /** Offset behind the item. */
  readonly end: number
}

function decodeItem(bytes: Uint8Array, at: number, depth: number): Decoded | null {
  const first = bytes[at]
  if (first === undefined || depth === 0) return null
  if (first < 0x80) return { item: bytes.subarray(at, at + 1), end: at + 1 }
  const isList = first >= 0xc0
  const span = readSpan(bytes, at, first - (isList ? 0xc0 : 0x80))
  if (span === null) return null
  if (isList) return decodeList(bytes, span.start, span.end, depth)
  const isLongForm = span.end - span.start === 1 && (bytes[span.start] as number) < 0x80
  return isLongForm ? null : { item: bytes.subarray(span.start, span.end), end: span.end }
}

function decodeList(bytes: Uint8Array, start: number, end: number, depth: number): Decoded | null {
  const items: RlpItem[] = []
  for (let at = start; at < end; ) {
    const decoded = decodeItem(bytes.subarray(0, end), at, depth - 1)
    if (decoded === null) return null
    items.push(decoded.item)
    at = decoded.end
  }
  return { item: items, end }
}

/** Where an item's content is. @param code its first byte less the base of its kind */
function readSpan(bytes: Uint8Array, at: number, code: number): { start: number; end: number } | null {
  const lengthBytes = code > 55 ? code - 55 : 0
  const start = at + 1 + lengthBytes
  let length = code
  if (lengthBytes > 0) {
    const coded = bytes.subarray(at + 1, start)
    const isCanonical = lengthBytes <= 4 && coded.length === lengthBytes && coded[0] !== 0
    length = isCanonical ? coded.reduce((value, byte) => value * 256 + byte, 0) : 0
    if (length <= 55) return null
  }
  return start + length <= bytes.length ? { start, end: start + length } : null
}
