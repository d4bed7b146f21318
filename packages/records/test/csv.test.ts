import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { RecordsError } from '../src/errors.ts'
import type { CsvRow } from '../src/text/csv.ts'
import { createCsvSplitter } from '../src/text/csv.ts'
import { utf8Length } from '../src/text/source-text.ts'

const test = suite('records/csv')

function split(pieces: readonly string[], maxLineBytes = 1000): CsvRow[] {
  const splitter = createCsvSplitter(maxLineBytes)
  return [...pieces.flatMap((piece) => [...splitter.push(piece)]), ...splitter.end()]
}

function refusal(pieces: readonly string[], maxLineBytes?: number): RecordsError {
  try {
    split(pieces, maxLineBytes)
  } catch (error) {
    if (error instanceof RecordsError) return error
  }
  throw new Error('nothing was refused')
}

test('numbers rows as a spreadsheet does, blank ones included', () => {
  assert.equal(split(['a,b\r\n\r\n', '"x\ny",2\n3,4']), [
    { row: 1, cells: ['a', 'b'] },
    { row: 3, cells: ['x\ny', '2'] },
    { row: 4, cells: ['3', '4'] },
  ])
})

test('takes doubled quotes for one quote and commas in quotes for text', () => {
  assert.equal(split(['"say ""a,b""",""\n'])[0]?.cells, ['say "a,b"', ''])
})

test('gives the same cells however the text is cut', async () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'é', '😀', ',', '"', '\n', ' ', '1'), maxLength: 6 })
  const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 })
  await holds(
    fc.property(table, fc.array(fc.nat(80)), fc.constantFrom('\n', '\r\n'), (rows, cuts, lineBreak) => {
      const text = rows.map((cells) => cells.map(quote).join(',')).join(lineBreak)
      const ends = [...cuts.filter((cut) => cut < text.length), text.length].sort((a, b) => a - b)
      const pieces = ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end))
      assert.equal(
        split(pieces).map(({ cells }) => cells),
        rows,
      )
    }),
    300,
  )
})

test('refuses a quote inside an unquoted cell, text after a closing quote and a quote left open', () => {
  for (const text of ['a,b\nx"y",2\n', 'a,b\n"x"y,2\n', 'a,b\n"x,2\n']) {
    const { code, details } = refusal([text])
    assert.is(code, 'ROW_MALFORMED')
    assert.is(details['row'], 2)
  }
})

test('refuses a row one byte above the bound, counted in UTF-8', () => {
  assert.is(split(['é'.repeat(5), '\n'], 10).length, 1)
  assert.is(refusal(['é'.repeat(5), 'x\n'], 10).code, 'LINE_TOO_LONG')
})

test('refuses an endless quoted cell at the bound, though its lines are short', () => {
  assert.is(refusal(['"a\n', ...Array.from({ length: 400 }, () => 'bcd\n')]).code, 'LINE_TOO_LONG')
})

test('counts bytes as UTF-8 does', async () => {
  const text = fc.string({ unit: 'grapheme' })
  assert.is(utf8Length('\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff😀'), 1 + 2 + 2 + 3 + 3 + 3 + 3 + 4)
  await holds(
    fc.property(text, (sample) => assert.is(utf8Length(sample), new TextEncoder().encode(sample).length)),
  )
})

function quote(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`
}

test.run()
