import type { GlucoseMeasures } from '@halo/measures'
import { measureGlucose, plotAgp, profileGlucose } from '@halo/measures'
import { buildGlucoseSummary, canonicalJson } from '@halo/records'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import type { MeasureFlags, PlotFlags } from './measure-flags.ts'
import { readGlucose } from './read-glucose.ts'
import { writeOut } from './sink.ts'

/** `halo records measure glucose`: the figures of a glucose report, for each subject of a file. */
export async function measureGlucoseFile(
  flags: MeasureFlags,
  output: Output,
  [path = '']: readonly string[],
): Promise<undefined> {
  const subjects = await readGlucose(path, flags, output)
  const measured = [...subjects].map(([id, samples]) => [id, measureGlucose(samples)] as const)
  if (flags.fhir === true)
    return writeOut(
      undefined,
      measured.map(([, figures], at) => summaryLines(figures, at + 1)),
    )
  output.result(
    Object.fromEntries(measured),
    measured.flatMap(([id, figures]) => [id, ...describe(figures).map((line) => `  ${line}`)]),
  )
  return undefined
}

/** `halo records plot agp`: a glucose profile of one subject. */
export async function plotAgpFile(
  flags: PlotFlags,
  output: Output,
  [path = '']: readonly string[],
): Promise<undefined> {
  if (flags.tz === undefined)
    throw new CliError(
      'USAGE',
      'A profile is by the clock of where the patient lived: name its zone with --tz.',
    )
  const subjects = await readGlucose(path, flags, output)
  const [id, samples] = chooseSubject(subjects, flags.subject)
  const profile = profileGlucose(samples, { timeZone: flags.tz })
  const svg = plotAgp({
    ...profile,
    title: id,
    unit: samples[0]?.unit ?? 'mg/dL',
    figures: describe(measureGlucose(samples)).map((line) => splitFigure(line)),
  })
  await writeOut(flags.out, [svg], { force: flags.force === true })
  output.note(`${flags.out}: ${profile.days.length} days.`)
  return undefined
}

function chooseSubject<T>(
  subjects: ReadonlyMap<string, T>,
  wanted: string | undefined,
): readonly [string, T] {
  const names = [...subjects.keys()]
  const id = wanted ?? (names.length === 1 ? names[0] : undefined)
  const found = id === undefined ? undefined : subjects.get(id)
  if (id !== undefined && found !== undefined) return [id, found]
  throw new CliError('USAGE', `--subject takes one of ${names.join(', ')}.`)
}

function summaryLines(figures: GlucoseMeasures, subject: number): string {
  const { bands, cv } = figures
  const resources = buildGlucoseSummary(
    {
      mean: figures.mean,
      meanUnit: 'mg/dL',
      cvPercent: cv ?? 0,
      gmiPercent: figures.gmi,
      veryLowPercent: bands.veryLow,
      lowPercent: bands.low,
      targetPercent: bands.inRange,
      highPercent: bands.high,
      veryHighPercent: bands.veryHigh,
      daysOfWear: figures.days,
      sensorActivePercent: figures.active_percent_iglu ?? 0,
    },
    {
      id: `cgm-summary-${subject}`,
      subject: `Patient/subject-${subject}`,
      start: figures.start.slice(0, 10),
      end: figures.end.slice(0, 10),
    },
  )
  return resources.map((resource) => `${canonicalJson(resource)}\n`).join('')
}

/** The figures a report shows, each as `name: value unit`. */
function describe(figures: GlucoseMeasures): readonly string[] {
  const percent = (value: number | null): string => (value === null ? 'not known' : `${value.toFixed(1)} %`)
  const mgDl = (value: number | null): string => (value === null ? 'not known' : `${value.toFixed(1)} mg/dL`)
  return [
    `readings: ${figures.n}`,
    `from: ${figures.start} to ${figures.end}`,
    `sensor active: ${percent(figures.active_percent_iglu)}`,
    `mean: ${mgDl(figures.mean)}`,
    `GMI: ${percent(figures.gmi)}`,
    `CV: ${percent(figures.cv)}`,
    `below 54 mg/dL: ${percent(figures.bands.veryLow)}`,
    `54–69 mg/dL: ${percent(figures.bands.low)}`,
    `70–180 mg/dL: ${percent(figures.bands.inRange)}`,
    `181–250 mg/dL: ${percent(figures.bands.high)}`,
    `above 250 mg/dL: ${percent(figures.bands.veryHigh)}`,
    `GRI: ${figures.GRI.toFixed(1)}`,
    `LBGI / HBGI: ${figures.LBGI.toFixed(2)} / ${figures.HBGI.toFixed(2)}`,
    `MAGE: ${mgDl(figures.MAGE)}`,
    `MODD: ${mgDl(figures.MODD)}`,
  ]
}

function splitFigure(line: string): readonly [string, string] {
  const at = line.indexOf(': ')
  return [line.slice(0, at), line.slice(at + 2)]
}
