import type { IndexChange, ResearchSway, ScreeningSway, SwayMeasurement, SwayTrend } from '@halo/measures'
import {
  compareSway,
  describeSwayMethod,
  measureSway,
  type plotStabilogram,
  type plotStatokinesigram,
  rombergQuotient,
  SWAY_INDEX_UNITS,
} from '@halo/measures'
import { buildStabilometry, canonicalJson, STABILOMETRY_INDICES } from '@halo/records'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-code.ts'
import type { Output } from '../output.ts'
import type { PlotFlags, SwayFlags } from './measure-flags.ts'
import { readSway } from './read-motion.ts'
import { writeOut } from './sink.ts'

type UsableSway = ResearchSway | ScreeningSway

/** `halo records measure balance`: the indices of one quiet stance, or of two with their Romberg quotient. */
export async function measureBalanceFile(
  flags: SwayFlags,
  output: Output,
  [path = '']: readonly string[],
): Promise<number> {
  const eyes = parseEyes(flags.eyes ?? (flags.closed === undefined ? undefined : 'open'))
  const sway = await measure(path, eyes, flags, output)
  const closed = flags.closed === undefined ? null : await measure(flags.closed, 'closed', flags, output)
  if (sway.quality === 'unusable' || closed?.quality === 'unusable') return refuse(sway, output)
  if (flags.fhir === true) {
    const tests = closed === null ? [sway] : [sway, closed]
    await writeOut(
      undefined,
      tests.map((test) => resourceLine(test, flags)),
    )
    return EXIT.OK
  }
  const romberg = closed === null ? null : rombergQuotient(sway, closed)
  const trend = flags.past === undefined ? null : await compare(sway, flags.past, eyes, flags, output)
  const value = {
    ...figuresOf(sway),
    ...(closed === null ? {} : { closed: figuresOf(closed), romberg }),
    ...(trend === null ? {} : { trend }),
  }
  output.result(value, [
    ...describe(sway),
    ...(trend === null ? [] : ['', ...describeTrend(trend)]),
    ...(closed === null ? [] : ['', 'With closed eyes:', ...describe(closed)]),
    ...(romberg === null ? [] : ['', `Romberg quotient: ${describeRomberg(romberg)}`]),
  ])
  return EXIT.OK
}

/** How a test stands against the same person's earlier ones. */
async function compare(
  sway: UsableSway,
  paths: readonly string[],
  eyes: 'open' | 'closed' | undefined,
  flags: SwayFlags,
  output: Output,
): Promise<SwayTrend> {
  const past: UsableSway[] = []
  for (const path of paths) {
    const earlier = await measure(path, eyes, flags, output)
    if (earlier.quality === 'unusable') output.note(`${path} says nothing about sway and was left out.`)
    else past.push(earlier)
  }
  return compareSway(sway, past)
}

/** `halo records plot skg|stabilogram`. */
export function plotSwayFile(draw: typeof plotStatokinesigram | typeof plotStabilogram) {
  return async (flags: PlotFlags, output: Output, [path = '']: readonly string[]): Promise<number> => {
    const sway = await measure(path, parseEyes(flags.eyes), flags, output)
    if (sway.quality === 'unusable') return refuse(sway, output)
    const { statokinesigram, stabilogram, condition } = sway
    const svg = draw({
      ...statokinesigram,
      rateHz: stabilogram.rateHz,
      title: condition === null ? 'quiet stance' : `eyes ${condition.eyes}`,
      method: describeSwayMethod(sway.method),
      figures: describe(sway).map(
        (line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)] as const,
      ),
    })
    await writeOut(flags.out, [svg], { force: flags.force === true })
    output.note(`${flags.out}: ${stabilogram.rateHz} samples per second, ${sway.quality}.`)
    return EXIT.OK
  }
}

async function measure(
  path: string,
  eyes: 'open' | 'closed' | undefined,
  flags: SwayFlags,
  output: Output,
): Promise<SwayMeasurement> {
  const trace = await readSway(path, flags, output)
  return measureSway(trace, eyes === undefined ? {} : { condition: { eyes } })
}

function parseEyes(text: string | undefined): 'open' | 'closed' | undefined {
  if (text === undefined || text === 'open' || text === 'closed') return text
  throw new CliError('USAGE', '--eyes takes open or closed.')
}

/** Indices at the top, as the field's programs name them; the drawing stays out of figures. */
function figuresOf({ indices, statokinesigram: _, stabilogram: __, ...rest }: UsableSway): object {
  return { ...indices, ...rest, ellipse: _.ellipse }
}

function refuse(sway: SwayMeasurement, output: Output): number {
  const limits = sway.quality === 'research' ? [] : sway.limits
  output.result({ quality: sway.quality, limits, method: sway.method }, [
    `The recording says nothing about sway: ${limits.join(', ')}. Record again at a higher rate, or with another sensor.`,
  ])
  return EXIT.BAD_INPUT
}

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

function describe(sway: UsableSway): readonly string[] {
  const indices: Readonly<Record<string, number | null>> = sway.indices
  const errors: Readonly<Record<string, number>> = sway.quality === 'screening' ? sway.errors : {}
  const shown = SHOWN.filter((name) => indices[name] !== undefined && indices[name] !== null)
  return [
    `quality: ${sway.quality}${sway.quality === 'screening' ? ` (${sway.limits.join(', ')}); no path, no velocity` : ''}`,
    `duration: ${sway.method.durationSec.toFixed(1)} s`,
    ...shown.map((name) => {
      const error = errors[name] === undefined ? '' : ` ± ${errors[name].toPrecision(2)}`
      return `${name.replaceAll('_', ' ')}: ${indices[name]?.toPrecision(4)}${error} ${SWAY_INDEX_UNITS[name] ?? ''}`.trimEnd()
    }),
  ]
}

function describeRomberg(romberg: ReturnType<typeof rombergQuotient>): string {
  const text = (value: number | null): string => (value === null ? 'not defined' : value.toFixed(2))
  const path = romberg.quality === 'research' ? `, path ${text(romberg.pathQuotient)}` : ''
  return `area ${text(romberg.areaQuotient)}${path} (closed over open)`
}

function describeTrend(trend: SwayTrend): readonly string[] {
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
      const percent = change.changePercent === null ? '' : `, ${change.changePercent.toFixed(0)} % from`
      return [
        `  ${name.replaceAll('_', ' ')}: ${change.value.toPrecision(4)}${percent} the median ${change.median.toPrecision(4)}`,
      ]
    }),
  ]
}

function resourceLine(sway: UsableSway, flags: SwayFlags): string {
  if (sway.condition === null)
    throw new CliError('USAGE', 'Say how the person stood: --eyes open or --eyes closed.')
  if (flags.start === undefined)
    throw new CliError('USAGE', 'Say when the test was done: --start 2026-01-31T08:05:00+01:00.')
  const known = Object.entries(sway.indices).filter(
    (entry): entry is [string, number] => entry[1] !== null && Object.hasOwn(STABILOMETRY_INDICES, entry[0]),
  )
  const resource = buildStabilometry(
    {
      eyes: sway.condition.eyes,
      indices: Object.fromEntries(known),
      errors: sway.quality === 'screening' ? sway.errors : undefined,
      method: describeSwayMethod(sway.method),
      quality: sway.quality,
      durationSec: sway.method.durationSec,
      rateHz: sway.method.rateHz,
    },
    { subject: 'Patient/subject-1', effective: flags.start },
  )
  return `${canonicalJson(resource)}\n`
}
