import { RecordsError } from '../errors.ts'
import { utf8Length } from './source-text.ts'

/** One row of a CSV file. */
export interface CsvRow {
  /** As a spreadsheet counts: the first row is 1, blank rows count too. */
  readonly row: number
  readonly cells: readonly string[]
}

/** Splits text that arrives in pieces into rows; holds at most one unfinished row. */
export interface CsvSplitter {
  /** Rows completed by this piece. Iterate to the end before the next call. */
  push(text: string): Iterable<CsvRow>
  /** The last row, if the file does not end with a line break. */
  end(): Iterable<CsvRow>
}

/**
 * Reads CSV with commas, rows ended by LF or CRLF, cells optionally in double quotes. Blank rows are
 * left out.
 * @throws RecordsError `LINE_TOO_LONG` before more than one row's worth is held, `ROW_MALFORMED` for
 * quotes out of place
 * @see https://www.rfc-editor.org/rfc/rfc4180#section-2
 */
export function createCsvSplitter(maxLineBytes: number): CsvSplitter {
  let rest = ''
  let row = 0
  let open = ''
  /** Size of `open` in UTF-8, counted line by line: a cell may have very many lines. */
  let openBytes = 0
  let isOpen = false

  function* take(line: string): Iterable<CsvRow> {
    if (isOpen || line.includes('"')) {
      // A row ends where its quotes are balanced; until then its line breaks belong to a cell.
      open = isOpen ? `${open}\n${line}` : line
      openBytes = (isOpen ? openBytes + 1 : 0) + utf8Length(line)
      isOpen = isOpen !== hasOddQuotes(line)
      if (openBytes > maxLineBytes) throw lineTooLong(row + 1, maxLineBytes)
      if (isOpen) return
      yield* finish(open, splitQuoted(open, row + 1))
    } else {
      checkLength(line)
      yield* finish(line, line.split(','))
    }
  }

  function* finish(line: string, cells: readonly string[]): Iterable<CsvRow> {
    row += 1
    if (line.trim() !== '') yield { row, cells }
  }

  function checkLength(line: string): void {
    if (line.length * 3 <= maxLineBytes) return
    if (line.length > maxLineBytes || utf8Length(line) > maxLineBytes)
      throw lineTooLong(row + 1, maxLineBytes)
  }

  return {
    *push(text) {
      let from = 0
      for (let to = text.indexOf('\n'); to !== -1; to = text.indexOf('\n', from)) {
        const line = rest + text.slice(from, to)
        rest = ''
        from = to + 1
        yield* take(line.endsWith('\r') ? line.slice(0, -1) : line)
      }
      rest += text.slice(from)
      checkLength(rest)
    },
    *end() {
      if (rest !== '') yield* take(rest.endsWith('\r') ? rest.slice(0, -1) : rest)
      rest = ''
      if (isOpen) throw malformed(row + 1, 'a quoted cell is not closed')
    },
  }
}

/** Cells of a row in which at least one is quoted; `line` has an even number of quotes. */
function splitQuoted(line: string, row: number): string[] {
  const cells: string[] = []
  let at = 0
  while (true) {
    const end = line[at] === '"' ? endOfQuoted(line, at) : endOfPlain(line, at, row)
    const raw = line.slice(at, end)
    cells.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw)
    if (end === line.length) return cells
    if (line[end] !== ',') throw malformed(row, 'text follows a closing quote')
    at = end + 1
  }
}

function endOfQuoted(line: string, start: number): number {
  let at = line.indexOf('"', start + 1)
  while (line[at + 1] === '"') at = line.indexOf('"', at + 2)
  return at + 1
}

function endOfPlain(line: string, start: number, row: number): number {
  const comma = line.indexOf(',', start)
  const end = comma === -1 ? line.length : comma
  if (line.slice(start, end).includes('"')) throw malformed(row, 'a quote is inside an unquoted cell')
  return end
}

function hasOddQuotes(line: string): boolean {
  let isOdd = false
  for (let at = line.indexOf('"'); at !== -1; at = line.indexOf('"', at + 1)) isOdd = !isOdd
  return isOdd
}

function malformed(row: number, what: string): RecordsError {
  return new RecordsError(
    'ROW_MALFORMED',
    `Row ${row}: ${what}. Correct the row, or export the file again.`,
    { row },
  )
}

function lineTooLong(row: number, maxLineBytes: number): RecordsError {
  return new RecordsError(
    'LINE_TOO_LONG',
    `Row ${row} is longer than ${maxLineBytes} bytes, which no glucose export needs. Check that this is the right file.`,
    { row, maxLineBytes },
  )
}
