import type { GlucoseMeasures } from '@halo/measures'
import { measureGlucose, plotAgp, profileGlucose } from '@halo/measures'
import type { FhirResource } from '@halo/records'
import { buildGlucoseSummary, canonicalJson } from '@halo/records'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { formatCount } from '../output.ts'
import { glucoseFigures } from './glucose-figures.ts'
import type { AgpFlags, FhirFlags, GlucoseFlags } from './measure-flags.ts'
import { refuseFhirAndJson, refuseOtherPicture } from './measure-flags.ts'
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
  if (flags.fhir === true) {
    if (measured.some(([, , { isRelative }]) => isRelative))
      throw new CliError(
        'USAGE',
        'A summary in FHIR is of dates, but the times of the file are relative. Leave out --fhir.',
      )
    return writeOut(
      undefined,
      measured.map(([, figures, readings], at) => summaryLines(figures, readings, at + 1)),
    )
  }
  output.result(
    Object.fromEntries(measured.map(([id, figures]) => [id, figures])),
    measured.flatMap(([id, figures, readings]) => [
      id === '' ? 'no subject named' : id,
      ...linesOf(glucoseFigures(figures, readings)).map((line) => `  ${line}`),
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
  refuseOtherPicture(flags)
  if (flags.tz === undefined)
    throw new CliError(
      'USAGE',
      'A profile is by the clock of where the patient lived: name its zone with --tz.',
    )
  const subjects = await readGlucose(path, flags, output)
  const [id, readings] = chooseSubject(subjects, flags.subject)
  const { samples, isRelative, unit } = readings
  const profile = profileGlucose(samples, { timeZone: isRelative ? 'UTC' : flags.tz })
  const svg = plotAgp({
    ...profile,
    ...(isRelative ? { timeZone: 'relative time', days: profile.days.map(nameRelativeDay) } : {}),
    title: id,
    unit,
    figures: glucoseFigures(measureGlucose(samples), readings),
  })
  await writeOut(flags.out, [svg], { force: flags.force === true })
  output.result({ out: flags.out, days: profile.days.length }, [])
  output.note(`${flags.out}: ${formatCount(profile.days.length, 'day')}.`)
  return undefined
}

/** Relative times lie in 1970 and the years after it. */
function nameRelativeDay<T extends { readonly date: string }>(day: T): T {
  return { ...day, date: `day ${Date.parse(day.date) / 86_400_000 + 1}` }
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
      // Of each period its own, so that summaries of several can be put together.
      id: `cgm-summary-${number}-${readings.firstDay}-${readings.lastDay}`.replaceAll(
        /(\d{4})-(\d\d)-(\d\d)/g,
        '$1$2$3',
      ),
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
