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
import type { SourceFlags } from './source-flags.ts'
import { parseSourceFlags } from './source-flags.ts'

/** The readings of one subject of a file, in the file's order. */
export interface SubjectReadings {
  readonly samples: readonly GlucoseSample[]
  /** As FHIR refers to them; null where the file is no FHIR, or refers to nobody. */
  readonly reference: string | null
  /** Dates of the earliest and the latest reading, by the clock of `--tz`, or else as the file writes them. */
  readonly firstDay: string
  readonly lastDay: string
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
  flags: SourceFlags,
  output: Output,
): Promise<GlucoseBySubject> {
  const input = await openInput(path, 'read', output)
  const { head, chunks } = await lookAtStart(input.chunks)
  const isFhir = /^\uFEFF?\s*[[{]/.test(head)
  const subjects = openSubjects(flags.tz)
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
  return found
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
    subjects.add(subjectIds[subject - 1] ?? `subject-${subject}`, null, time, {
      timeMs,
      value,
      unit,
      comparator,
    })
  return { ...report, gaps: gapsOf(report) }
}

function gapsOf({ subjects }: ImportReport): readonly SourceGap[] {
  const write = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 19)}Z`
  return subjects.flatMap(({ subject, gaps }) =>
    gaps.map(({ fromMs, toMs }) => ({ series: `subject-${subject}`, from: write(fromMs), to: write(toMs) })),
  )
}

async function readFhir(input: Input, { tz }: SourceFlags, subjects: Subjects): Promise<ImportAccount> {
  if (tz !== undefined) await assertTimeZone(tz)
  let leftOut = 0
  for await (const resource of readResources(withProgress(input), { signal: input.signal }))
    for (const entry of entriesOf(resource)) {
      const found = readGlucoseObservation(entry)
      if (found === null) leftOut += 1
      else {
        const { subject, ...sample } = found
        subjects.add(subject, subject === '' ? null : subject, writtenTime(entry), sample)
      }
    }
  return { leftOut: { 'resources that are no final glucose value with a time and an offset': leftOut } }
}

/** The time that made the Observation readable. */
function writtenTime({ effectiveDateTime, effectiveInstant }: FhirResource): string {
  return String(effectiveDateTime ?? effectiveInstant)
}

interface Subjects {
  /** @param time as the file writes it: a date first */
  add(name: string, reference: string | null, time: string, sample: GlucoseSample): void
  list(): GlucoseBySubject
}

interface Moment {
  readonly timeMs: number
  readonly time: string
}

function openSubjects(timeZone: string | undefined): Subjects {
  const known = new Map<
    string,
    { readonly samples: GlucoseSample[]; readonly reference: string | null; first: Moment; last: Moment }
  >()
  const dayOf = ({ timeMs, time }: Moment): string =>
    timeZone === undefined ? time.slice(0, 10) : localDay(timeMs, timeZone)
  return {
    add(name, reference, time, sample) {
      const moment = { timeMs: sample.timeMs, time }
      const subject = known.get(name)
      if (subject === undefined) {
        known.set(name, { samples: [sample], reference, first: moment, last: moment })
        return
      }
      subject.samples.push(sample)
      if (moment.timeMs < subject.first.timeMs) subject.first = moment
      if (moment.timeMs > subject.last.timeMs) subject.last = moment
    },
    list: () =>
      new Map(
        [...known].map(([name, { samples, reference, first, last }]) => [
          name,
          { samples, reference, firstDay: dayOf(first), lastDay: dayOf(last) },
        ]),
      ),
  }
}

/** A date as FHIR writes it, by a zone's clock. */
function localDay(timeMs: number, timeZone: string): string {
  const zone = timeZone === 'Z' ? 'UTC' : timeZone
  // Swedish dates are ISO 8601's.
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(timeMs)
}
