import { RecordsError } from '../errors.ts'
import type { TextOptions } from './source-text.ts'
import { readText, utf8Length } from './source-text.ts'

/** The text of one JSON object of a file. */
export interface JsonText {
  readonly text: string
  /** Line at which it begins, counted from 1. */
  readonly row: number
}

/** Cuts JSON that arrives in pieces into its objects; holds at most one unfinished object. */
export interface JsonSplitter {
  /** Objects completed by this piece. Iterate to the end before the next call. */
  push(text: string): Iterable<JsonText>
  /**
   * What only the end completes: a last line without line feed.
   * @throws RecordsError `JSON_MALFORMED` for an object or list that is not closed, `FILE_EMPTY`
   */
  end(): Iterable<JsonText>
}

/** What may come next outside of an object. */
type Expected = 'anything' | 'object-or-end' | 'object' | 'comma-or-end'

/**
 * Finds the objects of a file that is one object, a list of objects, or objects one after the other as in
 * NDJSON. Only brackets, quotes and commas are looked at; what is inside an object is for a parser to check.
 * @throws RecordsError `FORMAT_UNKNOWN` when the file does not begin as JSON, `JSON_MALFORMED` for anything that is
 * no object, `LINE_TOO_LONG` before more than one object's worth is held
 */
export function createJsonSplitter(maxBytes: number): JsonSplitter {
  let expected: Expected = 'anything'
  let held = ''
  let heldBytes = 0
  let depth = 0
  let isQuoted = false
  let isEscaped = false
  let row = 1
  let startRow = 1
  let isEmpty = true

  /** Index behind the end of the object that is open at `from`, or -1 if it goes on in the next piece. */
  function findEnd(text: string, from: number): number {
    for (let at = from; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      if (unit === LINE_FEED) row += 1
      if (isEscaped) isEscaped = false
      else if (isQuoted) {
        if (unit === BACKSLASH) isEscaped = true
        else if (unit === QUOTE) isQuoted = false
      } else if (unit === QUOTE) isQuoted = true
      else if (unit === OPEN_OBJECT || unit === OPEN_LIST) depth += 1
      else if (unit === CLOSE_OBJECT || unit === CLOSE_LIST) {
        depth -= 1
        if (depth === 0) return at + 1
      }
    }
    return -1
  }

  /** Takes one character between objects; says whether it opens one. */
  function opensObject(unit: number): boolean {
    if (unit === LINE_FEED) row += 1
    if (isBlank(unit)) return false
    const isFirst = isEmpty
    isEmpty = false
    if (unit === OPEN_OBJECT && expected !== 'comma-or-end') return true
    if (unit === OPEN_LIST && expected === 'anything') expected = 'object-or-end'
    else if (unit === COMMA && expected === 'comma-or-end') expected = 'object'
    else if (unit === CLOSE_LIST && (expected === 'comma-or-end' || expected === 'object-or-end'))
      expected = 'anything'
    else throw isFirst ? formatUnknown() : malformed(row, 'holds something that is no JSON object')
    return false
  }

  function hold(text: string): void {
    held += text
    heldBytes += utf8Length(text)
    if (heldBytes > maxBytes) throw tooLong(startRow, maxBytes)
  }

  return {
    *push(text) {
      let at = 0
      while (at < text.length) {
        if (depth === 0) {
          if (!opensObject(text.charCodeAt(at))) {
            at += 1
            continue
          }
          startRow = row
        }
        const end = findEnd(text, at)
        hold(text.slice(at, end === -1 ? text.length : end))
        if (end === -1) return
        const found = { text: held, row: startRow }
        held = ''
        heldBytes = 0
        at = end
        if (expected !== 'anything') expected = 'comma-or-end'
        yield found
      }
    },
    end() {
      if (isEmpty) throw new RecordsError('FILE_EMPTY', 'The file is empty. Choose the export again.')
      if (depth > 0) throw malformed(startRow, 'begins an object that is not closed')
      if (expected !== 'anything') throw malformed(row, 'ends within a list')
      return []
    },
  }
}

/**
 * The JSON texts of a source, one after the other.
 * @throws RecordsError `FORMAT_UNKNOWN` for bytes that are no UTF-8 text, and what the splitter throws
 */
export async function* readJsonTexts(
  source: AsyncIterable<Uint8Array | string>,
  splitter: JsonSplitter,
  options: TextOptions,
): AsyncGenerator<JsonText> {
  for await (const text of readText(source, options)) yield* splitter.push(text)
  yield* splitter.end()
}

const LINE_FEED = 0x0a
const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** @see https://www.rfc-editor.org/rfc/rfc8259#section-2 */
function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x09 || unit === LINE_FEED || unit === 0x0d
}

function malformed(row: number, what: string): RecordsError {
  return new RecordsError('JSON_MALFORMED', `Line ${row} ${what}. Export the data again.`, { row })
}

function formatUnknown(): RecordsError {
  return new RecordsError('FORMAT_UNKNOWN', 'The file is not JSON: it begins with neither { nor [.')
}

function tooLong(row: number, maxLineBytes: number): RecordsError {
  return new RecordsError(
    'LINE_TOO_LONG',
    `The object that begins on line ${row} is longer than ${maxLineBytes} bytes. Split the file, or export it as NDJSON.`,
    { row, maxLineBytes },
  )
}
