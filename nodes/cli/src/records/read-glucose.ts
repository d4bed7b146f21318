import type { GlucoseSample } from '@halo/measures'
import { importGlucose, readGlucoseObservation } from '@halo/records'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { parseUnit } from '../record-file.ts'
import type { SourceFlags } from './convert.ts'
import { parseSourceFlags } from './convert.ts'
import type { Input } from './input.ts'
import { openInput } from './input.ts'
import { entriesOf, readResources } from './resource-lines.ts'
import { withProgress } from './validate.ts'

/** Glucose readings by who they are of, as the file names them. */
export type GlucoseBySubject = ReadonlyMap<string, readonly GlucoseSample[]>

/**
 * Reads a glucose export, or FHIR with glucose Observations, whichever the file is.
 * @throws CliError `FILE_UNREADABLE`, `USAGE`; RecordsError
 */
export async function readGlucose(
  path: string,
  flags: SourceFlags,
  output: Output,
): Promise<GlucoseBySubject> {
  const input = await openInput(path, 'read', output)
  const { head, chunks } = await lookAtStart(input.chunks)
  const subjects = /^\uFEFF?\s*[[{]/.test(head)
    ? await readFhir({ ...input, chunks })
    : await readExport({ ...input, chunks }, flags)
  output.progressDone()
  if (subjects.size > 0) return subjects
  throw new CliError(
    'USAGE',
    'The file holds no glucose Observations. Name a glucose export or FHIR with glucose.',
  )
}

async function readExport(input: Input, flags: SourceFlags): Promise<GlucoseBySubject> {
  const { timeZone, dateOrder } = parseSourceFlags(flags)
  const { record, subjectIds } = await importGlucose(input.chunks, {
    timeZone,
    dateOrder,
    unit: parseUnit(flags.unit),
    signal: input.signal,
    onProgress: input.onProgress,
  })
  const subjects = new Map<string, GlucoseSample[]>()
  for (const { subject, timeMs, value, unit, comparator } of record.readings())
    addTo(subjects, subjectIds[subject - 1] ?? `subject-${subject}`, { timeMs, value, unit, comparator })
  return subjects
}

async function readFhir(input: Input): Promise<GlucoseBySubject> {
  const subjects = new Map<string, GlucoseSample[]>()
  for await (const resource of readResources(withProgress(input)))
    for (const entry of entriesOf(resource)) {
      const found = readGlucoseObservation(entry)
      if (found === null) continue
      const { subject, ...sample } = found
      addTo(subjects, subject, sample)
    }
  return subjects
}

function addTo(subjects: Map<string, GlucoseSample[]>, subject: string, sample: GlucoseSample): void {
  const samples = subjects.get(subject)
  if (samples === undefined) subjects.set(subject, [sample])
  else samples.push(sample)
}

/** The first characters of a file, and all of it: nothing is lost by looking. */
export async function lookAtStart(
  source: AsyncIterable<Uint8Array>,
): Promise<{ readonly head: string; readonly chunks: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]()
  const first = await iterator.next()
  async function* chunks(): AsyncGenerator<Uint8Array> {
    if (first.done !== true) yield first.value
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
  }
  const head = first.done === true ? '' : new TextDecoder().decode(first.value.subarray(0, 4096))
  return { head, chunks: chunks() }
}
