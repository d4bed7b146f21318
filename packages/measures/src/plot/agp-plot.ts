import { MG_DL_PER_MMOL_L } from '../glucose/glucose-reading.ts'
import type { DataTable } from './figure.ts'
import { horizontalAxis, INK, legendEntry, renderFigure, textAt, verticalAxis } from './figure.ts'
import type { Scale } from './scale.ts'
import { linearScale } from './scale.ts'
import { element, pathThrough } from './svg.ts'

/** One stretch of the day; glucose in mg/dL, null where there were too few readings. */
export interface AgpBinPicture {
  /** Local time, minutes since midnight. */
  readonly startMin: number
  readonly p5: number | null
  readonly p25: number | null
  readonly p50: number | null
  readonly p75: number | null
  readonly p95: number | null
}

/** An ambulatory glucose profile to draw. */
export interface AgpPicture {
  readonly title: string
  readonly unit: 'mg/dL' | 'mmol/L'
  readonly timeZone: string
  readonly binMin: number
  readonly bins: readonly AgpBinPicture[]
  /** Percent of readings in each band; they sum to 100. */
  readonly bands: {
    readonly veryLow: number
    readonly low: number
    readonly inRange: number
    readonly high: number
    readonly veryHigh: number
  }
  /** Figures to list in the table, with their units. */
  readonly figures: readonly (readonly [name: string, value: string])[]
  /** One local day each, at most 14 are drawn; glucose in mg/dL. */
  readonly days: readonly {
    readonly date: string
    readonly points: readonly { readonly minuteOfDay: number; readonly value: number }[]
  }[]
}

const WIDTH_PX = 900
const LEFT_PX = 84
const RIGHT_PX = 700
const PLOT_PX = 340
const BAR_LEFT_PX = 730
const BAR_PX = 44
const MAX_MG_DL = 400
const DAYS_A_ROW = 7
const DAY_PX = 112
const DAY_HEIGHT_PX = 76

const BANDS = [
  ['veryHigh', '#b45309'],
  ['high', '#f0b357'],
  ['inRange', '#2e7d32'],
  ['low', '#d1495b'],
  ['veryLow', '#7a0019'],
] as const

/** How a report names the bands; readings in mmol/L are converted and classified by mg/dL. */
const BAND_NAMES = {
  'mg/dL': { veryHigh: 'above 250', high: '181–250', inRange: '70–180', low: '54–69', veryLow: 'below 54' },
  'mmol/L': {
    veryHigh: 'above 13.9',
    high: '10.1–13.9',
    inRange: '3.9–10.0',
    low: '3.0–3.8',
    veryLow: 'below 3.0',
  },
} as const

/** Fewer days say little of what is usual at a time of day. */
const FEWEST_DAYS = 5

/**
 * Percentiles of glucose by local time of day, time in ranges and single days on one page. SVG text.
 * @see https://doi.org/10.2337/dci19-0028 for what such a report shows
 */
export function plotAgp(agp: AgpPicture): string {
  const inUnit = (mgDl: number): number => (agp.unit === 'mg/dL' ? mgDl : mgDl / MG_DL_PER_MMOL_L)
  const y = linearScale([0, inUnit(MAX_MG_DL)], [PLOT_PX, 0], {
    step: agp.unit === 'mg/dL' ? 50 : 2,
    isNice: false,
  })
  const glucoseAt = (mgDl: number | null): number =>
    mgDl === null ? Number.NaN : y.at(inUnit(Math.min(mgDl, MAX_MG_DL)))
  const x = linearScale([0, 1440], [LEFT_PX, RIGHT_PX], { step: 180 })
  const legendY = PLOT_PX + 64
  const daysTop = legendY + 36
  const shown = agp.days.slice(-2 * DAYS_A_ROW)
  const drawing = [
    ...verticalAxis(y, LEFT_PX, RIGHT_PX, `glucose, ${agp.unit}`),
    ...horizontalAxis(x, 0, PLOT_PX, `time of day, ${agp.timeZone}`, hourText),
    ...drawPercentiles(agp, x, glucoseAt),
    ...drawTargets(glucoseAt, LEFT_PX, RIGHT_PX),
    ...drawLegend(agp, legendY),
    ...drawBands(agp),
    ...shown.flatMap((day, index) => drawDay(day, index, daysTop, inUnit)),
  ]
  const rowsOfDays = Math.ceil(shown.length / DAYS_A_ROW)
  return renderFigure({
    title: `Ambulatory glucose profile: ${agp.title}`,
    description: `Median glucose by time of day with the ranges that hold half and nine tenths of the readings; ${agp.bands.inRange.toFixed(1)} % of readings lie in ${BAND_NAMES[agp.unit].inRange} ${agp.unit}.`,
    notes: notesOf(agp, shown.length),
    widthPx: WIDTH_PX,
    heightPx: daysTop + rowsOfDays * (DAY_HEIGHT_PX + 28),
    drawing,
    tables: [figuresOf(agp), bandsOf(agp), hoursOf(agp, inUnit)],
  })
}

function drawPercentiles(agp: AgpPicture, x: Scale, at: (mgDl: number | null) => number): string[] {
  const middle = (bin: AgpBinPicture): number => x.at(bin.startMin + agp.binMin / 2)
  const line = (key: 'p50'): string =>
    pathThrough(agp.bins.map((bin) => [middle(bin), at(bin[key])] as const))
  const areas = (low: 'p5' | 'p25', high: 'p75' | 'p95', fill: string): string[] =>
    runsOf(agp.bins, low, high).map((run) => {
      const edge = [
        ...run.map((bin) => [middle(bin), at(bin[high])] as const),
        ...run.toReversed().map((bin) => [middle(bin), at(bin[low])] as const),
      ]
      return element('path', { d: `${pathThrough(edge)}Z`, fill })
    })
  const ranges =
    agp.days.length < FEWEST_DAYS ? [] : [...areas('p5', 'p95', INK.wide), ...areas('p25', 'p75', INK.narrow)]
  const median = {
    d: line('p50'),
    fill: 'none',
    stroke: INK.first,
    'stroke-width': 2.5,
    'stroke-linecap': 'round',
  }
  return [...ranges, element('path', median)]
}

/** Stretches of bins that have both figures, so that a gap stays a gap. */
function runsOf(bins: readonly AgpBinPicture[], low: 'p5' | 'p25', high: 'p75' | 'p95'): AgpBinPicture[][] {
  const runs: AgpBinPicture[][] = [[]]
  for (const bin of bins)
    if (bin[low] === null || bin[high] === null) runs.push([])
    else runs.at(-1)?.push(bin)
  return runs.filter((run) => run.length > 0)
}

function drawTargets(at: (mgDl: number) => number, left: number, right: number): string[] {
  return [70, 180].map((mgDl) =>
    element('line', {
      x1: left,
      x2: right,
      y1: at(mgDl),
      y2: at(mgDl),
      stroke: INK.target,
      'stroke-width': 1.5,
    }),
  )
}

function notesOf({ days, unit }: AgpPicture, shownDays: number): readonly string[] {
  const count = days.length
  const span = count === 0 ? '' : `${days[0]?.date} to ${days.at(-1)?.date}: `
  const few =
    count < FEWEST_DAYS ? ' Fewer than five: only medians are drawn.' : count < 14 ? ' 14 are advised.' : ''
  const cut = shownDays < count ? ` The last ${shownDays} are drawn one by one.` : ''
  const converted = unit === 'mmol/L' ? ' Bands are those of mg/dL.' : ''
  return [`${span}${count} ${count === 1 ? 'day' : 'days'} with readings.${few}${cut}${converted}`]
}

function drawLegend({ unit, days }: AgpPicture, y: number): string[] {
  const target = legendEntry(LEFT_PX + 370, y, `target ${BAND_NAMES[unit].inRange} ${unit}`, {
    stroke: INK.target,
    'stroke-width': 2,
  })
  const median = legendEntry(LEFT_PX, y, 'median', { stroke: INK.first, 'stroke-width': 3 })
  if (days.length < FEWEST_DAYS) return [median, target]
  return [
    median,
    legendEntry(LEFT_PX + 120, y, '25–75 %', { stroke: INK.narrow, 'stroke-width': 10 }),
    legendEntry(LEFT_PX + 250, y, '5–95 %', { stroke: INK.wide, 'stroke-width': 10 }),
    target,
  ]
}

/** The bar of time in ranges; labels of thin bands move up so that each can be read. */
function drawBands({ bands, unit }: AgpPicture): string[] {
  let bottom = PLOT_PX
  let free = PLOT_PX + 4
  return BANDS.toReversed().flatMap(([key, fill]) => {
    const height = (bands[key] / 100) * PLOT_PX
    bottom -= height
    if (height === 0) return []
    const labelY = Math.min(free, bottom + height / 2 + 4)
    free = labelY - 15
    return [
      element('rect', { x: BAR_LEFT_PX, y: bottom, width: BAR_PX, height, fill }),
      textAt(BAR_LEFT_PX + BAR_PX + 6, labelY, `${bands[key].toFixed(1)} % ${BAND_NAMES[unit][key]}`, {
        'font-size': 11,
      }),
    ]
  })
}

function drawDay(
  day: AgpPicture['days'][number],
  index: number,
  top: number,
  inUnit: (mgDl: number) => number,
): string[] {
  const left = LEFT_PX + (index % DAYS_A_ROW) * DAY_PX
  const from = top + Math.floor(index / DAYS_A_ROW) * (DAY_HEIGHT_PX + 28) + 16
  const x = linearScale([0, 1440], [left, left + DAY_PX - 12], { step: 720 })
  const y = linearScale([0, inUnit(MAX_MG_DL)], [from + DAY_HEIGHT_PX, from], { isNice: false })
  const line: (readonly [number, number])[] = []
  let before = Number.NEGATIVE_INFINITY
  for (const { minuteOfDay, value } of day.points) {
    // Half an hour without readings is a gap, not a straight line.
    if (minuteOfDay - before > 30) line.push([Number.NaN, Number.NaN])
    line.push([x.at(minuteOfDay), y.at(inUnit(Math.min(value, MAX_MG_DL)))])
    before = minuteOfDay
  }
  const target = y.at(inUnit(180))
  return [
    textAt(left, from - 4, day.date, { 'font-size': 11, fill: INK.faint }),
    element('rect', {
      x: left,
      y: from,
      width: DAY_PX - 12,
      height: DAY_HEIGHT_PX,
      fill: 'none',
      stroke: INK.grid,
    }),
    element('rect', {
      x: left,
      y: target,
      width: DAY_PX - 12,
      height: y.at(inUnit(70)) - target,
      fill: '#e6f4e6',
    }),
    element('path', {
      d: pathThrough(line),
      fill: 'none',
      stroke: INK.first,
      'stroke-width': 1.4,
      'stroke-linecap': 'round',
    }),
  ]
}

function hourText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:00`
}

function figuresOf(agp: AgpPicture): DataTable {
  return { caption: 'Figures', columns: ['figure', 'value'], rows: agp.figures.map((row) => [...row]) }
}

function bandsOf(agp: AgpPicture): DataTable {
  const rows = BANDS.map(([key]) => [
    `${BAND_NAMES[agp.unit][key]} ${agp.unit}`,
    `${agp.bands[key].toFixed(2)} %`,
  ])
  return { caption: 'Time in ranges', columns: ['range', 'share of readings'], rows }
}

/** The bin that begins each hour. */
function hoursOf(agp: AgpPicture, inUnit: (mgDl: number) => number): DataTable {
  const digits = agp.unit === 'mg/dL' ? 0 : 1
  const cell = (mgDl: number | null): string => (mgDl === null ? '–' : inUnit(mgDl).toFixed(digits))
  const rows = agp.bins
    .filter(({ startMin }) => startMin % 60 === 0)
    .map(({ startMin, p5, p25, p50, p75, p95 }) => [
      hourText(startMin),
      ...[p5, p25, p50, p75, p95].map(cell),
    ])
  return {
    caption: `Percentiles, ${agp.unit}`,
    columns: ['time of day', '5 %', '25 %', '50 %', '75 %', '95 %'],
    rows,
  }
}
