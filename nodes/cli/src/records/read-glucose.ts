import type { GlucoseSample } from '@halo/measures'
import type { FhirResource, ImportReport, SourceGap } from '@halo/records'
import { importGlucose, readGlucoseObservation, readResources } from '@halo/records'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { assertTimeZone, parseUnit } from '../record-file.ts'
import { entriesOf } from './bundle-entries.ts'
import type { ImportAccount } from './import-notes.ts'
import { noteImport } from './import-notes.ts'
import type { Input } from './input.ts'
import { lookAtStart, openInput, withProgress } from './input.ts'
import { placeRelativeTime, showRelativeTime } from './relative-time.ts'
import type { SourceFlags } from './source-flags.ts'
import { parseSourceFlags } from './source-flags.ts'
import type { Moment, Span } from './written-moment.ts'
import { extendSpan, openClock, showMoment } from './written-moment.ts'

/** The readings of one subject of a file, in the file's order. */
export interface SubjectReadings {
  readonly samples: readonly GlucoseSample[]
  /** As FHIR refers to them; null where the file is no FHIR, or refers to nobody. */
  readonly reference: string | null
  /** Dates of the earliest and the latest reading, by the clock of `--tz`, or else as the file writes them. */
  readonly firstDay: string
  readonly lastDay: string
  /** The same for people, with the time of day. */
  readonly firstTime: string
  readonly lastTime: string
  /** Dates that have readings. */
  readonly days: number
  /** Of the first reading; figures for people are in it. */
  readonly unit: GlucoseSample['unit']
  /** Whether times count from the first record: then dates and zones mean nothing. */
  readonly isRelative: boolean
}

/** Glucose readings by who they are of, as the file names them. */
export type GlucoseBySubject = ReadonlyMap<string, SubjectReadings>

/**
 * Reads a glucose export, or FHIR with glucose Observations, whichever the file is, and tells a person what
 * became of it.
 * @throws CliError `FILE_UNREADABLE`, `USAGE`; RecordsError
 */
export async function readGlucose(
  path: string,
  flags: SourceFlags & { readonly last?: string },
  output: Output,
): Promise<GlucoseBySubject> {
  const lastDays = parseLast(flags.last)
  const input = await openInput(path, 'read', output)
  const { head, chunks } = await lookAtStart(input.chunks)
  const isFhir = /^\uFEFF?\s*[[{]/.test(head)
  const subjects = openSubjects(flags.tz, lastDays)
  const account = isFhir
    ? await readFhir({ ...input, chunks }, flags, subjects)
    : await readExport({ ...input, chunks }, flags, subjects)
  output.progressDone()
  const found = subjects.list()
  if (found.size === 0)
    throw new CliError(
      'USAGE',
      'The file holds no glucose Observations. Name a glucose export or FHIR with glucose.',
    )
  noteImport(account, output)
  if ([...found.values()].some(({ isRelative }) => isRelative))
    output.note('Times are relative: they count from the first record, and say nothing of dates.')
  return found
}

/** @throws CliError `USAGE` */
function parseLast(text: string | undefined): number | null {
  if (text === undefined) return null
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text)
  throw new CliError('USAGE', '--last takes a whole number of days above 0.')
}

async function readExport(input: Input, flags: SourceFlags, subjects: Subjects): Promise<ImportAccount> {
  const { timeZone, dateOrder } = parseSourceFlags(flags)
  const { record, report, subjectIds } = await importGlucose(input.chunks, {
    timeZone,
    dateOrder,
    unit: parseUnit(flags.unit),
    signal: input.signal,
    onProgress: input.onProgress,
  })
  for (const { subject, time, timeMs, value, unit, comparator } of record.readings())
    subjects.add({
      name: subjectIds[subject - 1] ?? `subject-${subject}`,
      reference: null,
      written: time,
      sample: { timeMs, value, unit, comparator },
      isRelative: false,
    })
  return { ...report, gaps: gapsOf(report, flags.tz) }
}

function gapsOf({ subjects }: ImportReport, timeZone: string | undefined): readonly SourceGap[] {
  const write = (timeMs: number): string =>
    showMoment({ timeMs, written: `${new Date(timeMs).toISOString().slice(0, 19)}Z` }, timeZone)
  return subjects.flatMap(({ subject, gaps }) =>
    gaps.map(({ fromMs, toMs }) => ({ series: `subject-${subject}`, from: write(fromMs), to: write(toMs) })),
  )
}

async function readFhir(input: Input, { tz }: SourceFlags, subjects: Subjects): Promise<ImportAccount> {
  if (tz !== undefined) await assertTimeZone(tz)
  let leftOut = 0
  for await (const resource of readResources(withProgress(input), { signal: input.signal }))
    for (const entry of entriesOf(resource)) {
      const placed = placeRelativeTime(entry)
      const found = readGlucoseObservation(placed ?? entry)
      if (found === null) {
        leftOut += 1
        continue
      }
      const { subject, ...sample } = found
      subjects.add({
        name: subject,
        reference: subject === '' ? null : subject,
        written: writtenTime(placed ?? entry),
        sample,
        isRelative: placed !== null,
      })
    }
  return { leftOut: { 'resources that are no final glucose value with a time and an offset': leftOut } }
}

/** The time that made the Observation readable. */
function writtenTime({ effectiveDateTime, effectiveInstant }: FhirResource): string {
  return String(effectiveDateTime ?? effectiveInstant)
}

/** A reading as its file has it. */
interface Found {
  readonly name: string
  readonly reference: string | null
  readonly written: string
  readonly sample: GlucoseSample
  readonly isRelative: boolean
}

interface Subjects {
  add(found: Found): void
  list(): GlucoseBySubject
}

interface Kept {
  readonly reference: string | null
  readonly isRelative: boolean
  readonly samples: GlucoseSample[]
  /** How the file writes the time of each sample. */
  readonly written: string[]
}

function openSubjects(timeZone: string | undefined, lastDays: number | null): Subjects {
  const known = new Map<string, Kept>()
  return {
    add({ name, reference, written, sample, isRelative }) {
      const subject = known.get(name) ?? { reference, isRelative, samples: [], written: [] }
      if (subject.isRelative !== isRelative)
        throw new CliError('USAGE', 'The file has times that are relative and others that are not. Split it.')
      subject.samples.push(sample)
      subject.written.push(written)
      known.set(name, subject)
    },
    list: () => new Map([...known].map(([name, kept]) => [name, readingsOf(kept, timeZone, lastDays)])),
  }
}

function readingsOf(kept: Kept, timeZone: string | undefined, lastDays: number | null): SubjectReadings {
  const { reference, isRelative } = kept
  // The clock that relative times are by is the patient's own already.
  const zone = isRelative ? undefined : timeZone
  const clock = zone === undefined ? null : openClock(zone)
  const dayOf = ({ timeMs, written }: Moment): string => clock?.dayOf(timeMs) ?? written.slice(0, 10)
  const show = (moment: Moment): string =>
    isRelative ? showRelativeTime(moment.timeMs) : showMoment(moment, zone)
  const all = kept.samples.map((sample, at) => ({
    sample,
    moment: { timeMs: sample.timeMs, written: kept.written[at] ?? '' },
  }))
  const whole = spanOf(all)
  const firstKept = lastDays === null ? '' : dayBefore(dayOf(whole.last), lastDays - 1)
  const chosen = lastDays === null ? all : all.filter(({ moment }) => dayOf(moment) >= firstKept)
  const { first, last } = spanOf(chosen)
  return {
    samples: chosen.map(({ sample }) => sample),
    reference,
    firstDay: dayOf(first),
    lastDay: dayOf(last),
    firstTime: show(first),
    lastTime: show(last),
    days: new Set(chosen.map(({ moment }) => dayOf(moment))).size,
    unit: chosen[0]?.sample.unit ?? 'mg/dL',
    isRelative,
  }
}

function spanOf(readings: readonly { readonly moment: Moment }[]): Span {
  const [first, ...rest] = readings
  const start = extendSpan(undefined, first?.moment ?? { timeMs: 0, written: '' })
  return rest.reduce((span, { moment }) => extendSpan(span, moment), start)
}

/** The date so many days before another. */
function dayBefore(day: string, days: number): string {
  return new Date(Date.parse(day) - days * 86_400_000).toISOString().slice(0, 10)
}
