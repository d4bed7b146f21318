import { RecordsError } from '../errors.ts'
import type { JsonSplitter, JsonText } from './json-texts.ts'
import { createJsonSplitter } from './json-texts.ts'
import { utf8Length } from './source-text.ts'

/** Most of one line, or of one object that goes over lines, in bytes; a Bundle of a whole stay in hospital has less. */
export const MAX_JSON_BYTES: number = 16 * 1024 * 1024

/**
 * Cuts text into its lines with content, whatever they hold, so that one broken line does not hide the next.
 * @throws RecordsError `LINE_TOO_LONG` before more than one line's worth is held
 */
function createLineSplitter(maxBytes: number): JsonSplitter {
  let held = ''
  let heldBytes = 0
  let row = 1

  function hold(text: string): void {
    held += text
    heldBytes += utf8Length(text)
    if (heldBytes > maxBytes) throw tooLong(row, maxBytes)
  }

  function* take(): Iterable<JsonText> {
    const found = { text: held, row }
    held = ''
    heldBytes = 0
    if (found.text.trim() !== '') yield found
  }

  return {
    *push(text) {
      let from = 0
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
        hold(text.slice(from, end))
        yield* take()
        row += 1
        from = end + 1
      }
      hold(text.slice(from))
    },
    end: take,
  }
}

/**
 * Cuts NDJSON into lines, and JSON that goes over several lines, or is a list, into objects. The first line with
 * content says which it is: no resource on one line begins with `[`, or ends after `{`, `[` or a comma.
 * @throws RecordsError `LINE_TOO_LONG`; for what is not NDJSON, as {@link createJsonSplitter}
 */
export function createResourceSplitter(maxBytes: number): JsonSplitter {
  let head = ''
  let splitter: JsonSplitter | null = null

  function choose(isComplete: boolean): JsonSplitter | null {
    const content = head.trimStart()
    const isList = content.startsWith('[')
    const lineEnd = content.indexOf('\n')
    if (!isList && lineEnd === -1 && !isComplete && head.length <= maxBytes) return null
    const line = lineEnd === -1 ? content : content.slice(0, lineEnd)
    return isList || /[{[,]\s*$/.test(line.slice(-64))
      ? createJsonSplitter(maxBytes)
      : createLineSplitter(maxBytes)
  }

  function* start(text: string, isComplete: boolean): Iterable<JsonText> {
    head += text
    splitter = choose(isComplete)
    if (splitter === null) return
    yield* splitter.push(head)
    head = ''
  }

  return {
    push: (text) => splitter?.push(text) ?? start(text, false),
    *end() {
      if (splitter === null) yield* start('', true)
      if (splitter !== null) yield* splitter.end()
    },
  }
}

function tooLong(row: number, maxLineBytes: number): RecordsError {
  return new RecordsError(
    'LINE_TOO_LONG',
    `Line ${row} is longer than ${maxLineBytes} bytes. The file is not NDJSON, or is damaged.`,
    { row, maxLineBytes },
  )
}
