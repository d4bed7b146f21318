import type { TremorReason } from '../tremor/tremor-gates.ts'
import type { DataTable } from './figure.ts'
import { horizontalAxis, INK, renderFigure, textAt, verticalAxis } from './figure.ts'
import type { Scale } from './scale.ts'
import { extentOf, linearScale } from './scale.ts'
import { element } from './svg.ts'

/** One minute of a tremor recording. */
export interface TremorMinutePicture {
  /** Minutes since the start of the recording. */
  readonly minute: number
  /** Null where no tremor could be told from movement or noise. */
  readonly frequencyHz: number | null
  /** Peak to peak; null where the frequency is. */
  readonly amplitudeCm: number | null
  /** Why there are no figures; null where there are. */
  readonly reason: TremorReason | null
}

const WIDTH_PX = 860
const LEFT_PX = 84
const RIGHT_PX = WIDTH_PX - 32
const PANEL_PX = 180
const SPACE_PX = 36
const MAX_ROWS = 60
/** What a gate's name means to a reader. */
const REASONS: Readonly<Record<TremorReason, string>> = {
  coverage: 'too few samples',
  amplitude: 'no tremor',
  edge: 'slow movement',
  'band-fraction': 'other movement',
  concentration: 'no steady rhythm',
}

/** Amplitude (logarithmic) and frequency of tremor over time; minutes without a figure are marked. SVG text. */
export function plotTremorTimeline(title: string, minutes: readonly TremorMinutePicture[]): string {
  const last = minutes.reduce((latest, { minute }) => Math.max(latest, minute), 0)
  const x = linearScale([0, last + 1], [LEFT_PX, RIGHT_PX], { isNice: false, tickCount: 10 })
  const amplitude = amplitudeScale(minutes)
  const frequency = linearScale([4, 12], [2 * PANEL_PX + SPACE_PX, PANEL_PX + SPACE_PX], { step: 2 })
  const bottom = 2 * PANEL_PX + SPACE_PX
  const drawing = [
    ...verticalAxis(amplitude.scale, LEFT_PX, RIGHT_PX, 'amplitude, cm peak to peak').map(amplitude.rename),
    ...verticalAxis(frequency, LEFT_PX, RIGHT_PX, 'frequency, Hz'),
    ...horizontalAxis(x, 0, bottom, 'minutes since the start'),
    ...minutes.flatMap((minute) => drawMinute(minute, x, amplitude.at, frequency.at, bottom)),
    textAt(LEFT_PX, bottom + 64, '● tremor   ○ no tremor   × could not be judged', { fill: INK.faint }),
  ]
  const withTremor = minutes.filter(({ frequencyHz }) => frequencyHz !== null).length
  return renderFigure({
    title: `Tremor: ${title}`,
    description: `${withTremor} of ${minutes.length} minutes have a tremor that can be told from movement.`,
    notes: ['Experimental, not a diagnosis.'],
    widthPx: WIDTH_PX,
    heightPx: bottom + 80,
    drawing,
    tables: [tableOf(minutes)],
  })
}

function drawMinute(
  { minute, frequencyHz, amplitudeCm, reason }: TremorMinutePicture,
  x: Scale,
  amplitudeAt: (cm: number) => number,
  frequencyAt: (hz: number) => number,
  bottom: number,
): string[] {
  const at = x.at(minute + 0.5)
  if (frequencyHz === null || amplitudeCm === null)
    return reason === 'amplitude'
      ? [element('circle', { cx: at, cy: bottom - 8, r: 3.5, fill: 'none', stroke: INK.faint })]
      : [textAt(at, bottom - 4, '×', { 'text-anchor': 'middle', fill: INK.faint })]
  return [
    element('circle', { cx: at, cy: amplitudeAt(amplitudeCm), r: 3.5, fill: INK.first }),
    element('circle', { cx: at, cy: frequencyAt(frequencyHz), r: 3.5, fill: INK.second }),
  ]
}

/** Amplitudes span powers of ten, so the axis counts those. */
function amplitudeScale(minutes: readonly TremorMinutePicture[]) {
  const logs = minutes.map(({ amplitudeCm }) => (amplitudeCm === null ? Number.NaN : Math.log10(amplitudeCm)))
  const [low, high] = extentOf(logs)
  const domain: readonly [number, number] = Number.isNaN(low)
    ? [-2, 1]
    : [Math.floor(low), Math.floor(high) + 1]
  const scale = linearScale(domain, [PANEL_PX, 0], { step: 1 })
  return {
    scale,
    at: (cm: number): number => scale.at(Math.log10(cm)),
    rename: (drawn: string): string =>
      drawn.replace(/>(-?\d+)<\/text>/, (_, power) => `>${10 ** Number(power)}</text>`),
  }
}

/** One row per minute, or per group of minutes when there are many. */
function tableOf(minutes: readonly TremorMinutePicture[]): DataTable {
  const size = Math.max(1, Math.ceil(minutes.length / MAX_ROWS))
  const rows: string[][] = []
  for (let at = 0; at < minutes.length; at += size) rows.push(rowOf(minutes.slice(at, at + size)))
  const columns = ['minutes', 'with tremor', 'frequency, Hz', 'amplitude, cm', 'otherwise because']
  return { caption: size === 1 ? 'Minute by minute' : `${size} minutes a row, medians`, columns, rows }
}

function rowOf(group: readonly TremorMinutePicture[]): string[] {
  const first = group[0]?.minute ?? 0
  const last = group.at(-1)?.minute ?? first
  const valid = group.filter(({ frequencyHz }) => frequencyHz !== null)
  const middle = (values: readonly (number | null)[], digits: number): string => {
    const sorted = values.filter((value) => value !== null).sort((a, b) => a - b)
    return sorted[sorted.length >> 1]?.toFixed(digits) ?? '–'
  }
  const reasons = [...new Set(group.flatMap(({ reason }) => (reason === null ? [] : [REASONS[reason]])))]
  return [
    first === last ? String(first) : `${first}–${last}`,
    `${valid.length} of ${group.length}`,
    middle(
      valid.map(({ frequencyHz }) => frequencyHz),
      2,
    ),
    middle(
      valid.map(({ amplitudeCm }) => amplitudeCm),
      3,
    ),
    reasons.join(', ') || '–',
  ]
}
