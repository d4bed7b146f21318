import type { GlucoseMeasures } from '@halo/measures'
import { measureGlucose, plotAgp, profileGlucose } from '@halo/measures'
import type { FhirResource } from '@halo/records'
import { buildGlucoseSummary, canonicalJson } from '@halo/records'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { formatCount } from '../output.ts'
import type { AgpFlags, FhirFlags, GlucoseFlags } from './measure-flags.ts'
import { refuseFhirAndJson } from './measure-flags.ts'
import type { NamedFigure } from './named-figure.ts'
import { linesOf } from './named-figure.ts'
import type { SubjectReadings } from './read-glucose.ts'
import { readGlucose } from './read-glucose.ts'
import { writeOut } from './sink.ts'

/** `halo records measure glucose`: the figures of a glucose report, for each subject of a file. */
export async function measureGlucoseFile(
  flags: GlucoseFlags & FhirFlags,
  output: Output,
  [path = '']: readonly string[],
): Promise<undefined> {
  refuseFhirAndJson(flags)
  const subjects = [...(await readGlucose(path, flags, output))]
  const measured = subjects.map(([id, readings]) => [id, measureGlucose(readings.samples), readings] as const)
  if (flags.fhir === true)
    return writeOut(
      undefined,
      measured.map(([, figures, readings], at) => summaryLines(figures, readings, at + 1)),
    )
  output.result(
    Object.fromEntries(measured.map(([id, figures]) => [id, figures])),
    measured.flatMap(([id, figures]) => [
      id === '' ? 'no subject named' : id,
      ...linesOf(figuresOf(figures)).map((line) => `  ${line}`),
    ]),
  )
  return undefined
}

/** `halo records plot agp`: a glucose profile of one subject. */
export async function plotAgpFile(
  flags: AgpFlags,
  output: Output,
  [path = '']: readonly string[],
): Promise<undefined> {
  if (flags.tz === undefined)
    throw new CliError(
      'USAGE',
      'A profile is by the clock of where the patient lived: name its zone with --tz.',
    )
  const subjects = await readGlucose(path, flags, output)
  const [id, { samples }] = chooseSubject(subjects, flags.subject)
  const profile = profileGlucose(samples, { timeZone: flags.tz })
  const svg = plotAgp({
    ...profile,
    title: id,
    unit: samples[0]?.unit ?? 'mg/dL',
    figures: figuresOf(measureGlucose(samples)),
  })
  await writeOut(flags.out, [svg], { force: flags.force === true })
  output.result({ out: flags.out, days: profile.days.length }, [])
  output.note(`${flags.out}: ${formatCount(profile.days.length, 'day')}.`)
  return undefined
}

/** The names may be people's: they are for what a command was asked to print, and in no error. */
function chooseSubject<T>(
  subjects: ReadonlyMap<string, T>,
  wanted: string | undefined,
): readonly [string, T] {
  const [only] = subjects.size === 1 ? subjects.keys() : []
  const id = wanted ?? only
  const found = id === undefined ? undefined : subjects.get(id)
  if (id !== undefined && found !== undefined) return [id, found]
  throw new CliError(
    'USAGE',
    `--subject takes one of the names that halo records measure glucose prints for the file; it has ${subjects.size}.`,
  )
}

function summaryLines(figures: GlucoseMeasures, readings: SubjectReadings, number: number): string {
  const { bands } = figures
  const resources = buildGlucoseSummary(
    {
      mean: figures.mean,
      meanUnit: 'mg/dL',
      cvPercent: figures.cv,
      gmiPercent: figures.gmi,
      veryLowPercent: bands.veryLow,
      lowPercent: bands.low,
      targetPercent: bands.inRange,
      highPercent: bands.high,
      veryHighPercent: bands.veryHigh,
      daysOfWear: figures.days,
      sensorActivePercent: figures.active_percent_iglu,
    },
    {
      id: `cgm-summary-${number}`,
      subject: `Patient/subject-${number}`,
      start: readings.firstDay,
      end: readings.lastDay,
    },
  )
  return resources.map((resource) => `${canonicalJson(referTo(resource, readings.reference))}\n`).join('')
}

/** A file of FHIR refers to its patients in any way that FHIR has, absolute addresses too. */
function referTo(resource: FhirResource, reference: string | null): FhirResource {
  return reference === null ? resource : { ...resource, subject: { reference } }
}

/** What a report shows. */
function figuresOf(figures: GlucoseMeasures): readonly NamedFigure[] {
  const { bands } = figures
  return [
    ['readings', String(figures.n)],
    ...countsOf(figures),
    ['from', `${figures.start} to ${figures.end}`],
    ['sensor active', percent(figures.active_percent_iglu)],
    ['mean', mgDl(figures.mean)],
    ['GMI', percent(figures.gmi)],
    ['CV', percent(figures.cv)],
    ['below 54 mg/dL', percent(bands.veryLow)],
    ['54–69 mg/dL', percent(bands.low)],
    ['70–180 mg/dL', percent(bands.inRange)],
    ['181–250 mg/dL', percent(bands.high)],
    ['above 250 mg/dL', percent(bands.veryHigh)],
    ['GRI', figures.GRI.toFixed(1)],
    ['LBGI / HBGI', `${figures.LBGI.toFixed(2)} / ${figures.HBGI.toFixed(2)}`],
    ['MAGE', mgDl(figures.MAGE)],
    ['MODD', mgDl(figures.MODD)],
  ]
}

/** Readings that were settled by a rule before anything was counted. */
function countsOf({ duplicates, conflicts }: GlucoseMeasures): readonly NamedFigure[] {
  const counts = [
    ['readings that repeat another, taken once', duplicates],
    ['instants with readings that differ, averaged', conflicts],
  ] as const
  return counts.filter(([, count]) => count > 0).map(([name, count]) => [name, String(count)])
}

function percent(value: number | null): string {
  return value === null ? 'not known' : `${value.toFixed(1)} %`
}

function mgDl(value: number | null): string {
  return value === null ? 'not known' : `${value.toFixed(1)} mg/dL`
}
