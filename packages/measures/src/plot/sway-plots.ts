import type { DataTable } from './figure.ts'
import { horizontalAxis, INK, legendEntry, renderFigure, verticalAxis } from './figure.ts'
import { extentOf, linearScale } from './scale.ts'
import { element, pathThrough } from './svg.ts'

/** Sway to draw: displacement in cm about any origin, sampled at a constant rate. */
export interface SwayPicture {
  readonly title: string
  readonly rateHz: number
  /** Medio-lateral; positive to the right. */
  readonly mlCm: ArrayLike<number>
  /** Antero-posterior; positive forward. */
  readonly apCm: ArrayLike<number>
  /** 95 % prediction ellipse; left out where it is not known. */
  readonly ellipse?: SwayEllipse | undefined
  /** How the trace came about, such as the filter and the source; written under the title. */
  readonly method: string
  /** Whether the sensor is too coarse for a path: then the path is faint, and not listed. @defaultValue false */
  readonly isScreening?: boolean | undefined
  /** Figures to list in the table, with their units. */
  readonly figures: readonly (readonly [name: string, value: string])[]
}

/** An ellipse in the plane of sway. */
export interface SwayEllipse {
  readonly centreMlCm: number
  readonly centreApCm: number
  readonly semiMajorCm: number
  readonly semiMinorCm: number
  /** Of the major axis, from the ML axis towards AP. */
  readonly angleRad: number
}

const WIDTH_PX = 720
const LEFT_PX = 84
const PLOT_PX = 560
const SCREENING =
  'Screening only: the sensor is too coarse to tell the path. Spread and area count, within their errors.'
const ELLIPSE = { stroke: INK.second, 'stroke-width': 2, 'stroke-dasharray': '7 4' } as const
const LINE = { fill: 'none', 'stroke-linejoin': 'round' } as const

/** The statokinesigram: AP over ML, both axes to one scale, with its ellipse. SVG text. */
export function plotStatokinesigram(sway: SwayPicture): string {
  const [mlFrom, mlTo] = extentOf(sway.mlCm, ...ellipseReach(sway.ellipse, 'ml'))
  const [apFrom, apTo] = extentOf(sway.apCm, ...ellipseReach(sway.ellipse, 'ap'))
  const half = Math.max(mlTo - mlFrom, apTo - apFrom, 0.2) * 0.525
  const x = squareScale((mlFrom + mlTo) / 2, half, [LEFT_PX, LEFT_PX + PLOT_PX])
  const y = squareScale((apFrom + apTo) / 2, half, [PLOT_PX, 0])
  const points = Array.from(sway.mlCm, (ml, at) => [x.at(ml), y.at(sway.apCm[at] ?? Number.NaN)] as const)
  const drawing = [
    ...verticalAxis(y, LEFT_PX, LEFT_PX + PLOT_PX, 'AP, cm (forward is up)'),
    ...horizontalAxis(x, 0, PLOT_PX, 'ML, cm (right is right)'),
    element('path', { d: pathThrough(points), ...LINE, ...strokeOf(sway, INK.first) }),
    ...drawEllipse(sway.ellipse, x.at, y.at),
    ...(sway.ellipse === undefined
      ? []
      : [legendEntry(LEFT_PX, PLOT_PX + 64, '95 % prediction ellipse', ELLIPSE)]),
  ]
  return renderFigure({
    title: `Statokinesigram: ${sway.title}`,
    description: `Path of the body's centre seen from above, ${describeSpan(sway)}. ${sway.method}.`,
    widthPx: WIDTH_PX,
    notes: notesOf(sway),
    heightPx: PLOT_PX + 80,
    drawing,
    tables: tablesOf(sway),
  })
}

/** The stabilogram: ML and AP over time. SVG text. */
export function plotStabilogram(sway: SwayPicture): string {
  const heightPx = 300
  const y = linearScale(extentOf(sway.mlCm, sway.apCm), [heightPx, 0])
  const x = linearScale([0, Math.max(sway.mlCm.length - 1, 1) / sway.rateHz], [LEFT_PX, WIDTH_PX - 32], {
    isNice: false,
    tickCount: 8,
  })
  const line = (values: ArrayLike<number>): string =>
    pathThrough(Array.from(values, (value, at) => [x.at(at / sway.rateHz), y.at(value)] as const))
  const legendY = heightPx + 64
  const ap = strokeOf(sway, INK.first)
  const ml = { ...strokeOf(sway, INK.second), 'stroke-dasharray': '6 3' }
  const drawing = [
    ...verticalAxis(y, LEFT_PX, WIDTH_PX - 32, 'displacement, cm'),
    ...horizontalAxis(x, 0, heightPx, 'time, s'),
    element('path', { d: line(sway.apCm), ...LINE, ...ap }),
    element('path', { d: line(sway.mlCm), ...LINE, ...ml }),
    legendEntry(LEFT_PX, legendY, 'AP (forward is up)', ap),
    legendEntry(LEFT_PX + 220, legendY, 'ML (right is up)', ml),
  ]
  return renderFigure({
    title: `Stabilogram: ${sway.title}`,
    description: `Displacement of the body's centre over time in both directions, ${describeSpan(sway)}. ${sway.method}.`,
    widthPx: WIDTH_PX,
    notes: notesOf(sway),
    heightPx: heightPx + 80,
    drawing,
    tables: tablesOf(sway),
  })
}

function strokeOf({ isScreening }: SwayPicture, stroke: string) {
  return {
    stroke,
    'stroke-width': 1.6,
    'stroke-linecap': 'round',
    ...(isScreening === true ? { 'stroke-opacity': 0.25 } : {}),
  }
}

function notesOf({ method, isScreening }: SwayPicture): readonly string[] {
  return isScreening === true ? [SCREENING, method] : [method]
}

function tablesOf(sway: SwayPicture): readonly DataTable[] {
  return sway.isScreening === true ? [figuresOf(sway)] : [figuresOf(sway), samplesOf(sway)]
}

function squareScale(centre: number, half: number, range: readonly [number, number]) {
  return linearScale([centre - half, centre + half], range, { isNice: false })
}

function drawEllipse(
  ellipse: SwayEllipse | undefined,
  x: (ml: number) => number,
  y: (ap: number) => number,
): string[] {
  if (ellipse === undefined) return []
  const points = Array.from({ length: 73 }, (_, step) => {
    const [ml, ap] = pointOf(ellipse, (step / 72) * 2 * Math.PI)
    return [x(ml), y(ap)] as const
  })
  return [element('path', { d: pathThrough(points), fill: 'none', ...ELLIPSE })]
}

function pointOf(ellipse: SwayEllipse, at: number): readonly [ml: number, ap: number] {
  const along = ellipse.semiMajorCm * Math.cos(at)
  const across = ellipse.semiMinorCm * Math.sin(at)
  const { angleRad: angle } = ellipse
  return [
    ellipse.centreMlCm + along * Math.cos(angle) - across * Math.sin(angle),
    ellipse.centreApCm + along * Math.sin(angle) + across * Math.cos(angle),
  ]
}

function ellipseReach(ellipse: SwayEllipse | undefined, axis: 'ml' | 'ap'): number[][] {
  if (ellipse === undefined) return []
  const index = axis === 'ml' ? 0 : 1
  return [Array.from({ length: 36 }, (_, step) => pointOf(ellipse, (step / 36) * 2 * Math.PI)[index])]
}

function describeSpan(sway: SwayPicture): string {
  return `${(sway.mlCm.length / sway.rateHz).toFixed(1)} s at ${sway.rateHz} samples per second`
}

function figuresOf(sway: SwayPicture): DataTable {
  return { caption: 'Figures', columns: ['index', 'value'], rows: sway.figures.map((row) => [...row]) }
}

/** At most 40 rows: one per second, or more seldom. */
function samplesOf(sway: SwayPicture): DataTable {
  const step = Math.max(1, Math.ceil(sway.rateHz), Math.ceil(sway.mlCm.length / 40))
  const rows: string[][] = []
  for (let at = 0; at < sway.mlCm.length; at += step)
    rows.push([
      (at / sway.rateHz).toFixed(1),
      (sway.mlCm[at] ?? Number.NaN).toFixed(3),
      (sway.apCm[at] ?? Number.NaN).toFixed(3),
    ])
  return { caption: 'Trace', columns: ['time, s', 'ML, cm', 'AP, cm'], rows }
}
