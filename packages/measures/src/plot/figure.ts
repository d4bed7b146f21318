import type { Scale } from './scale.ts'
import { element, escapeText } from './svg.ts'

/** A table below a picture: the same facts for those who cannot or would rather not look. */
export interface DataTable {
  readonly caption: string
  readonly columns: readonly string[]
  /** As many cells as columns; the first cell of a row names it. */
  readonly rows: readonly (readonly string[])[]
}

/** What makes up a picture; texts are plain, they are escaped here. */
export interface Figure {
  readonly title: string
  /** What the picture shows, in a sentence or two, for a reader who does not see it. */
  readonly description: string
  /** What has to be known to read the picture right, such as its method or a warning; written under the title. */
  readonly notes?: readonly string[]
  readonly widthPx: number
  /** Height of the drawing, without the tables below it. */
  readonly heightPx: number
  /** SVG elements. */
  readonly drawing: readonly string[]
  readonly tables: readonly DataTable[]
}

/** Colours that stay apart for colour-blind readers and in grey; lines differ in dash as well. */
export const INK = {
  text: '#1b1f24',
  faint: '#6a737d',
  grid: '#d8dee4',
  first: '#0b5394',
  second: '#b45309',
  wide: '#cfe2f3',
  narrow: '#9fc5e8',
  target: '#2e7d32',
} as const

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif'
const MARGIN_PX = 24
const HEADER_PX = 56
const ROW_PX = 20
const NOTE_PX = 17
/** Mean width of a character of a note; texts have no box to wrap in. */
const NOTE_CHAR_PX = 6.6
/** Wider columns would tear a row's name and its figures apart. */
const COLUMN_PX = 200

/**
 * A figure as one self-contained SVG file: no script, no style sheet, no font or picture from elsewhere.
 * Title and description are announced by screen readers, the drawing is one image to them, and tables are
 * real tables (ARIA roles) as well as visible text.
 * @see https://www.w3.org/TR/svg-aam-1.0/
 */
export function renderFigure(figure: Figure): string {
  const { title, description, widthPx } = figure
  const notes = (figure.notes ?? []).flatMap((note) =>
    wrapText(note, (widthPx - 2 * MARGIN_PX) / NOTE_CHAR_PX),
  )
  const headerPx = HEADER_PX + notes.length * NOTE_PX
  let top = headerPx + figure.heightPx + MARGIN_PX
  const tables = figure.tables.map((table) => {
    const drawn = renderTable(table, top, widthPx)
    top += (table.rows.length + 2) * ROW_PX + MARGIN_PX
    return drawn
  })
  const picture = element(
    'g',
    { role: 'img', 'aria-label': `${title}. ${description}`, transform: `translate(0 ${headerPx})` },
    figure.drawing,
  )
  const content = [
    element('title', { id: 'title' }, escapeText(title)),
    element('desc', { id: 'desc' }, escapeText(description)),
    element('rect', { width: widthPx, height: top, fill: '#ffffff' }),
    textAt(MARGIN_PX, 32, title, { 'font-size': 20, 'font-weight': 600 }),
    ...notes.map((line, at) =>
      textAt(MARGIN_PX, 54 + at * NOTE_PX, line, { 'font-size': 12, fill: INK.faint }),
    ),
    picture,
    ...tables,
  ]
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${widthPx} ${top}`,
      width: widthPx,
      height: top,
      role: 'figure',
      'aria-labelledby': 'title',
      'aria-describedby': 'desc',
      'font-family': FONT,
      'font-size': 13,
      fill: INK.text,
    },
    content,
  )}\n`
}

/** Lines of at most so many characters, broken at blanks. */
function wrapText(text: string, maxChars: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= maxChars)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** A text; `end` and `middle` say where its anchor is. */
export function textAt(
  x: number,
  y: number,
  text: string,
  attributes: Readonly<Record<string, string | number>> = {},
): string {
  return element('text', { x, y, ...attributes }, escapeText(text))
}

/** Horizontal grid lines with their figures, and what the axis is. */
export function verticalAxis(scale: Scale, left: number, right: number, label: string): string[] {
  const ends = [scale.at(scale.from), scale.at(scale.to)]
  const middle = ((ends[0] ?? 0) + (ends[1] ?? 0)) / 2
  return [
    ...scale.ticks.map((tick) => {
      const y = scale.at(tick)
      return (
        element('line', { x1: left, x2: right, y1: y, y2: y, stroke: INK.grid }) +
        textAt(left - 8, y + 4, tick.toFixed(scale.decimals), { 'text-anchor': 'end' })
      )
    }),
    textAt(0, 0, label, {
      transform: `translate(${left - 52} ${middle}) rotate(-90)`,
      'text-anchor': 'middle',
      fill: INK.faint,
    }),
  ]
}

/** Vertical grid lines with their figures, and what the axis is. */
export function horizontalAxis(
  scale: Scale,
  top: number,
  bottom: number,
  label: string,
  nameTick: (tick: number) => string = (tick) => tick.toFixed(scale.decimals),
): string[] {
  const middle = (scale.at(scale.from) + scale.at(scale.to)) / 2
  return [
    ...scale.ticks.map((tick) => {
      const x = scale.at(tick)
      return (
        element('line', { x1: x, x2: x, y1: top, y2: bottom, stroke: INK.grid }) +
        textAt(x, bottom + 18, nameTick(tick), { 'text-anchor': 'middle' })
      )
    }),
    textAt(middle, bottom + 40, label, { 'text-anchor': 'middle', fill: INK.faint }),
  ]
}

/** A line of a legend: a stroke and what it stands for. */
export function legendEntry(
  x: number,
  y: number,
  name: string,
  stroke: Readonly<Record<string, string | number>>,
): string {
  return element('line', { x1: x, x2: x + 28, y1: y - 4, y2: y - 4, ...stroke }) + textAt(x + 36, y, name)
}

function renderTable(table: DataTable, top: number, widthPx: number): string {
  const columnPx = Math.min(COLUMN_PX, (widthPx - 2 * MARGIN_PX) / Math.max(1, table.columns.length))
  const cell = (text: string, row: number, column: number, role: string): string =>
    textAt(column === 0 ? MARGIN_PX : MARGIN_PX + (column + 1) * columnPx, top + (row + 1) * ROW_PX, text, {
      role,
      'text-anchor': column === 0 ? 'start' : 'end',
      ...(row === 0 ? { 'font-weight': 600 } : {}),
    })
  const rows = [table.columns, ...table.rows].map((cells, row) =>
    element(
      'g',
      { role: 'row' },
      cells.map((text, column) =>
        cell(text, row, column, row === 0 ? 'columnheader' : column === 0 ? 'rowheader' : 'cell'),
      ),
    ),
  )
  const caption = textAt(MARGIN_PX, top, table.caption, {
    'font-weight': 600,
    fill: INK.faint,
    'aria-hidden': 'true',
  })
  return caption + element('g', { role: 'table', 'aria-label': table.caption }, rows)
}
