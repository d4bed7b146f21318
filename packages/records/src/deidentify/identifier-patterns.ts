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
  { letter: 'F', pattern: /[^\s@<>]@[^\s@<>.]{1,63}(?:\.[^\s@<>.]{1,63}){0,8}\.[a-z]{2}/i },
  {
    letter: 'N',
    pattern:
      /\b(?:https?|ftp|file|data|urn|mailto|ipfs):|\bwww\.|[a-z0-9]\.(?:com|org|net|edu|gov|io|info)\b/i,
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
      /\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,9}\.?\s{1,9}\d{1,2}\b|\b\d{1,2}\.?\s{1,9}(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,9}\b/i,
  },
  // Telephone, record, account and licence numbers: six digits and more, whatever stands between them.
  { letter: 'D', pattern: /\d(?:[\s().+/-]{0,3}\d){5,}/ },
  {
    letter: 'B',
    pattern:
      /\b\d{1,5}\s{1,9}(?:[\p{L}.'-]{1,40}\s{1,9}){0,3}(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|via|viale|piazza|rue|strasse|straße|weg)\b/iu,
  },
]

/** Characters that nothing shows and that can carry a text: tags, and variants of what stands before them. */
const INVISIBLE = /[\u{E0000}-\u{E01EF}]/u
/** Words of letters that look alike in several scripts, such as a Latin name with a Cyrillic `а`. */
const MIXED =
  /\p{Script=Latin}(?=[\p{Script=Cyrillic}\p{Script=Greek}])|[\p{Script=Cyrillic}\p{Script=Greek}](?=\p{Script=Latin})/u

/** Greek letters that look like no Latin one, such as in units and names of receptors. */
const UNLIKE_LATIN = /[βδλμπσφψθΔΣΦΨΠΛΓΩ\u2126]/gu

/** Whether a text hides something from a reader. What looks like base64 and is none would often seem to. */
export function hasHiddenText(text: string): boolean {
  const plain = undoEscapes(text)
  return INVISIBLE.test(plain) || MIXED.test(plain.replace(UNLIKE_LATIN, ''))
}

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
  const plain = asciiDigits(text.normalize('NFKC'))
  const decoded = [plain, undoEscapes(text), ...encodedRuns(text)].filter((one) => one !== text)
  return [...decoded, ...decoded.flatMap((one) => decodings(one, depth - 1))]
}

function undoEscapes(text: string): string {
  return text
    .replace(/\\u\{?([0-9a-f]{4,6})\}?/gi, (_, hex: string) => fromCode(hex, 16))
    .replace(/&#x([0-9a-f]{1,6});?/gi, (_, hex: string) => fromCode(hex, 16))
    .replace(/&#(\d{1,7});?/g, (_, digits: string) => fromCode(digits, 10))
    .replace(/(?:[%=\\]x?[0-9a-f]{2})+/gi, (run) => bytesText(run.replace(/[%=\\]x?/gi, '')))
}

function encodedRuns(text: string): readonly string[] {
  const base64 = (text.match(/[A-Za-z0-9+/_-]{8,}={0,2}/g) ?? []).map(fromBase64)
  const hex = (text.match(/(?:[0-9a-f]{2}){4,}/gi) ?? []).map(bytesText)
  return [...base64, ...hex, ...brokenRuns(text)].filter((one) => one !== '')
}

/** Starts that are tried, and characters of each: enough for a name, and no more work for a longer text. */
const MAX_STARTS = 2000
const MAX_BROKEN_LENGTH = 160

/** What base64 that was broken into lines or words decodes to, from each word on, as far as it is text. */
function brokenRuns(text: string): readonly string[] {
  const starts = [...text.matchAll(/(?<!\S)[A-Za-z0-9+/_-]+={0,2}\s+(?=[A-Za-z0-9+/_-])/g)].slice(
    0,
    MAX_STARTS,
  )
  return starts.flatMap(({ index }) => {
    const joined = text.slice(index, index + 2 * MAX_BROKEN_LENGTH).replace(/\s+/g, '')
    const run = /^[A-Za-z0-9+/_-]+/.exec(joined)?.[0].slice(0, MAX_BROKEN_LENGTH) ?? ''
    const whole = fromBase64(run.length % 4 === 1 ? run.slice(0, -1) : run)
    const readable = /^[\p{L}\p{N}\p{P}\p{Zs}]+/u.exec(whole)?.[0] ?? ''
    return readable.length < 6 ? [] : [readable]
  })
}

/** Digits of all scripts as those of ASCII: each script has ten in a row, from zero on. */
function asciiDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0
    let value = 0
    while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value += 1
    return code < 0x80 ? digit : String(value)
  })
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
