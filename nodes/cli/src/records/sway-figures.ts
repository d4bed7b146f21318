import type { IndexChange, ResearchSway, rombergQuotient, ScreeningSway, SwayTrend } from '@halo/measures'
import { SWAY_INDEX_UNITS } from '@halo/measures'
import type { NamedFigure } from './named-figure.ts'

/** A test that says something about sway. */
export type UsableSway = ResearchSway | ScreeningSway

const SHOWN = [
  'confidence_ellipse_area_ML_AND_AP',
  'mean_velocity_ML_AND_AP',
  'rms_ML',
  'rms_AP',
  'range_ML',
  'range_AP',
  'mean_frequency_ML_AND_AP',
  'power_frequency_95_Power_Spectrum_Density_ML',
  'power_frequency_95_Power_Spectrum_Density_AP',
  'mean_peak_Sway_Density',
] as const

/** An index as people read it: its direction last, and no word twice. */
function nameOf(index: (typeof SHOWN)[number]): string {
  return index
    .replace('_ML_AND_AP', '')
    .replace('power_frequency_95_Power_Spectrum_Density', '95_%_power_frequency')
    .replaceAll('_', ' ')
    .replace('Sway Density', 'sway density')
}

function unitOf(index: (typeof SHOWN)[number]): string {
  return SWAY_INDEX_UNITS[index] ?? ''
}

/** What a report of a test shows. */
export function swayFigures(sway: UsableSway): readonly NamedFigure[] {
  const indices: Readonly<Record<string, number | null>> = sway.indices
  const errors: Readonly<Record<string, number>> = sway.quality === 'screening' ? sway.errors : {}
  const limits = sway.quality === 'screening' ? ` (${sway.limits.join(', ')}); no path, no velocity` : ''
  return [
    ['quality', `${sway.quality}${limits}`],
    ['duration', `${sway.method.durationSec.toFixed(1)} s`],
    ...SHOWN.flatMap((name): readonly NamedFigure[] => {
      const value = indices[name] ?? null
      if (value === null) return []
      const error = errors[name] === undefined ? '' : ` ± ${errors[name].toPrecision(2)}`
      return [[nameOf(name), `${value.toPrecision(4)}${error} ${unitOf(name)}`.trimEnd()]]
    }),
  ]
}

/** What closed eyes add, in words. */
export function describeRomberg(romberg: ReturnType<typeof rombergQuotient>): string {
  const text = (value: number | null): string => (value === null ? 'not defined' : value.toFixed(2))
  const path = romberg.quality === 'research' ? `, path ${text(romberg.pathQuotient)}` : ''
  return `area ${text(romberg.areaQuotient)}${path} (closed over open)`
}

/** How a test stands against earlier ones, in words. */
export function describeTrend(trend: SwayTrend): readonly string[] {
  if (!trend.isCompared)
    return [
      `Compared with earlier tests: at least ${trend.neededCount} are needed, there are ${trend.pastCount}.`,
    ]
  const changes: Readonly<Record<string, IndexChange | undefined>> = trend.changes
  return [
    `Compared with ${trend.pastCount} earlier tests of this person:`,
    ...SHOWN.flatMap((name) => {
      const change = changes[name]
      if (change === undefined) return []
      const percent =
        change.changePercent === null ? ', beside' : `, ${change.changePercent.toFixed(0)} % from`
      return [
        `  ${nameOf(name)}: ${change.value.toPrecision(4)} ${unitOf(name)}${percent} the median ${change.median.toPrecision(4)} (median absolute deviation ${change.mad.toPrecision(2)})`,
      ]
    }),
  ]
}
