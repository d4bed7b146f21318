import { INK, legendEntry, renderFigure, textAt } from '../../../packages/measures/src/plot/figure.ts'
import { element, pathThrough } from '../../../packages/measures/src/plot/svg.ts'
import type { Figure } from './figures.ts'

const WIDTH_PX = 860
const LEFT_PX = 92
const RIGHT_PX = WIDTH_PX - 32
const PANEL_PX = 240
const SPACE_PX = 84
const LEGEND_PX = 40

/** Lines differ in colour, dash and mark, so that they stay apart in grey. */
const STYLES = [
  { stroke: INK.first, 'stroke-dasharray': '' },
  { stroke: INK.second, 'stroke-dasharray': '7 4' },
  { stroke: INK.target, 'stroke-dasharray': '2 4' },
] as const

interface Panel {
  readonly label: string
  readonly top: number
  readonly read: (figure: Figure) => number
  readonly limit: readonly [records: readonly [number, number], ms: number, name: string]
}

const PANELS: readonly Panel[] = [
  {
    label: 'tree and all proofs, ms',
    top: LEGEND_PX,
    read: ({ proveMs }) => proveMs,
    limit: [[10_000, 10_000], 100, 'limit at 10 000: 100 ms'],
  },
  {
    label: 'verifying one proof, ms',
    top: LEGEND_PX + PANEL_PX + SPACE_PX,
    read: ({ verifyMs }) => verifyMs,
    limit: [[1, 10_000], 0.1, 'limit: 0.1 ms'],
  },
]

/**
 * The two questions of paper 002's Figures 5 and 6, both axes logarithmic: what it takes to prove all of so
 * many records, and to validate one proof. SVG text.
 * @param machine what it was measured on, told in the picture
 */
export function plotFigures(figures: readonly Figure[], machine: string): string {
  const names = [...new Set(figures.map(({ contender }) => contender))]
  const bottom = LEGEND_PX + 2 * PANEL_PX + SPACE_PX + 56
  return renderFigure({
    title: 'Integrity proofs: time to generate and to validate',
    description: describe(figures, names[0] ?? ''),
    notes: [
      `Medians on ${machine}. The questions of Figures 5 and 6 of Liang et al. (2017), whose text gives no numbers and does not say what is averaged.`,
    ],
    widthPx: WIDTH_PX,
    heightPx: bottom,
    drawing: [
      ...names.map((name, i) =>
        legendEntry(LEFT_PX + i * 260, 12, name, { ...STYLES[i % STYLES.length], 'stroke-width': 2.5 }),
      ),
      ...PANELS.flatMap((panel) => drawPanel(panel, figures, names)),
    ],
    tables: PANELS.map((panel) => tableOf(panel, figures, names)),
  })
}

function drawPanel(panel: Panel, figures: readonly Figure[], names: readonly string[]): readonly string[] {
  const counts = figures.map(({ records }) => records)
  const x = logScale([Math.min(...counts), Math.max(...counts)], [LEFT_PX, RIGHT_PX])
  const [limited, limitMs, limitName] = panel.limit
  const values = [...figures.map(panel.read), limitMs]
  const bottom = panel.top + PANEL_PX
  const y = logScale([Math.min(...values), Math.max(...values)], [bottom, panel.top])
  const [from, to] = limited.map(x.at) as [number, number]
  return [
    ...x.powers.map((power) => gridLine({ x: x.at(power), top: panel.top, bottom }, power)),
    ...y.powers.map((power) => levelLine(y.at(power), power)),
    textAt((LEFT_PX + RIGHT_PX) / 2, bottom + 40, 'records', { 'text-anchor': 'middle', fill: INK.faint }),
    textAt(0, 0, panel.label, {
      transform: `translate(24 ${panel.top + PANEL_PX / 2}) rotate(-90)`,
      'text-anchor': 'middle',
      fill: INK.faint,
    }),
    ...names.flatMap((name, i) => {
      const own = figures.filter(({ contender }) => contender === name)
      return drawLine(
        own.map((figure) => [x.at(figure.records), y.at(panel.read(figure))]),
        i,
      )
    }),
    element('line', {
      x1: from === to ? from - 40 : from,
      x2: to,
      y1: y.at(limitMs),
      y2: y.at(limitMs),
      stroke: INK.text,
      'stroke-width': 1.5,
    }),
    textAt(to - 46, y.at(limitMs) - 6, limitName, {
      'text-anchor': 'end',
      'font-size': 12,
    }),
  ]
}

function drawLine(points: readonly (readonly [number, number])[], i: number): readonly string[] {
  const style = STYLES[i % STYLES.length]
  const line = element('path', { d: pathThrough(points), fill: 'none', 'stroke-width': 2.5, ...style })
  return [line, ...points.map(([cx, cy]) => mark(cx, cy, i, style?.stroke ?? INK.text))]
}

/** A disc, a square or a diamond. */
function mark(cx: number, cy: number, i: number, fill: string): string {
  if (i === 0) return element('circle', { cx, cy, r: 4.5, fill })
  const transform = i === 1 ? undefined : `rotate(45 ${cx} ${cy})`
  return element('rect', { x: cx - 4, y: cy - 4, width: 8, height: 8, fill, transform })
}

function gridLine(
  { x, top, bottom }: { readonly x: number; readonly top: number; readonly bottom: number },
  power: number,
): string {
  const line = element('line', { x1: x, x2: x, y1: top, y2: bottom, stroke: INK.grid })
  return line + textAt(x, bottom + 18, inGroups(power), { 'text-anchor': 'middle' })
}

function levelLine(y: number, power: number): string {
  const line = element('line', { x1: LEFT_PX, x2: RIGHT_PX, y1: y, y2: y, stroke: INK.grid })
  return line + textAt(LEFT_PX - 8, y + 4, nameOf(power), { 'text-anchor': 'end' })
}

/** Whole powers of ten around the values; equal factors are equal distances. */
function logScale([low, high]: readonly [number, number], [start, end]: readonly [number, number]) {
  const first = Math.floor(Math.log10(low) + 1e-9)
  const last = Math.max(first + 1, Math.ceil(Math.log10(high) - 1e-9))
  return {
    powers: Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i)),
    at: (value: number): number => start + ((Math.log10(value) - first) / (last - first)) * (end - start),
  }
}

function nameOf(power: number): string {
  return power >= 1 ? inGroups(power) : power.toFixed(-Math.round(Math.log10(power)))
}

/** Columns of a table are narrow: who a scoped package is of. */
function shorten(name: string): string {
  return /^@(\w+)\//.exec(name)?.[1] ?? name
}

/** Three digits that count, without exponents. */
function written(value: number): string {
  return value >= 100 ? inGroups(Math.round(value)) : value.toPrecision(3)
}

/** Groups of three digits, as everywhere in the documentation. */
function inGroups(value: number): string {
  return value.toLocaleString('en').replaceAll(',', ' ')
}

function tableOf({ label, read }: Panel, figures: readonly Figure[], names: readonly string[]) {
  const counts = [...new Set(figures.map(({ records }) => records))]
  const cell = (records: number, name: string): string => {
    const figure = figures.find((one) => one.records === records && one.contender === name)
    return figure === undefined ? '–' : written(read(figure))
  }
  return {
    caption: `${label[0]?.toUpperCase()}${label.slice(1)}`,
    columns: ['records', ...names.map(shorten)],
    rows: counts.map((count) => [inGroups(count), ...names.map((name) => cell(count, name))]),
  }
}

function describe(figures: readonly Figure[], name: string): string {
  const last = figures.findLast(({ contender }) => contender === name)
  if (last === undefined) return 'Nothing was measured.'
  const { records, proveMs, verifyMs } = last
  return `For ${inGroups(records)} records ${name} takes ${written(proveMs)} ms to make the tree and all proofs, and ${written(verifyMs)} ms to validate one.`
}
