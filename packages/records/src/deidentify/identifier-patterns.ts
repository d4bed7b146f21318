/** One kind of identifier that can be told by its form, and the letter of the list it belongs to. */
interface Pattern {
  readonly letter: string
  readonly pattern: RegExp
}

/**
 * What names, places and numbers cannot be told by, forms can.
 * @see 45 CFR 164.514(b)(2)(i), letters A to R
 */
const PATTERNS: readonly Pattern[] = [
  { letter: 'F', pattern: /[^\s@<>]{1,64}@[^\s@<>]{1,255}\.[a-z]{2,}/i },
  {
    letter: 'N',
    pattern:
      /\b(?:https?|ftp|file|data|urn|mailto|ipfs):|\bwww\.|\b[a-z0-9-]{2,}\.(?:com|org|net|edu|gov|io|info)\b/i,
  },
  { letter: 'O', pattern: /\b(?:\d{1,3}\.){3}\d{1,3}\b/ },
  { letter: 'O', pattern: /\b(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{0,4}\b|::[0-9a-f]{1,4}/i },
  { letter: 'M', pattern: /\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b/i },
  { letter: 'R', pattern: /\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b/i },
  { letter: 'G', pattern: /\b\d{3}[- ]\d{2}[- ]\d{4}\b/ },
  {
    letter: 'C',
    pattern: /\b\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?\b|\b\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})\b/,
  },
  {
    letter: 'C',
    pattern:
      /\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2}\b|\b\d{1,2}\.?\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b/i,
  },
  // Telephone, record, account and licence numbers: six digits and more, whatever stands between them.
  { letter: 'D', pattern: /\d(?:[\s().+/-]{0,3}\d){5,}/ },
  {
    letter: 'B',
    pattern:
      /\b\d{1,5}\s+(?:[\p{L}.'-]+\s+){0,3}(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|via|viale|piazza|rue|strasse|straße|weg)\b/iu,
  },
]

/** The letter of the first identifier in a text that can be told by its form; null when there is none. */
export function findPattern(text: string): string | null {
  for (const { letter, pattern } of PATTERNS) if (pattern.test(text)) return letter
  return null
}

/**
 * A text in the forms it may have been hidden in: escapes of URLs, HTML, JSON and MIME undone, runs of base64
 * and of hexadecimal digits decoded, one within the other up to three times.
 */
export function decodings(text: string, depth = 3): readonly string[] {
  if (depth === 0) return []
  const decoded = [text.normalize('NFKC'), undoEscapes(text), ...encodedRuns(text)].filter(
    (one) => one !== text,
  )
  return [...decoded, ...decoded.flatMap((one) => decodings(one, depth - 1))]
}

function undoEscapes(text: string): string {
  return text
    .replace(/\\u\{?([0-9a-f]{4,6})\}?/gi, (_, hex: string) => fromCode(hex, 16))
    .replace(/&#x([0-9a-f]{1,6});/gi, (_, hex: string) => fromCode(hex, 16))
    .replace(/&#(\d{1,7});/g, (_, digits: string) => fromCode(digits, 10))
    .replace(/(?:[%=\\]x?[0-9a-f]{2})+/gi, (run) => bytesText(run.replace(/[%=\\]x?/gi, '')))
}

function encodedRuns(text: string): readonly string[] {
  const base64 = (text.match(/[A-Za-z0-9+/_-]{8,}={0,2}/g) ?? []).map(fromBase64)
  const hex = (text.match(/(?:[0-9a-f]{2}){4,}/gi) ?? []).map(bytesText)
  return [...base64, ...hex].filter((one) => one !== '')
}

function fromBase64(run: string): string {
  try {
    const padded = run.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')
    return utf8(Uint8Array.from(atob(padded), (unit) => unit.charCodeAt(0)))
  } catch {
    return ''
  }
}

function bytesText(hex: string): string {
  return utf8(Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)))
}

/** Text of bytes, with what is no text replaced, since only part of them may be. */
function utf8(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

function fromCode(digits: string, base: number): string {
  const code = Number.parseInt(digits, base)
  return code <= 0x10ffff ? String.fromCodePoint(code) : ''
}
