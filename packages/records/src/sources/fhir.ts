import { RecordsError } from '../errors.ts'
import { canonicalJson } from '../text/canonical-json.ts'
import { parseInstant } from '../text/date-time.ts'
import type { FhirResource, JsonValue } from '../text/fhir-json.ts'
import { isObject, parseResource } from '../text/fhir-json.ts'
import { MAX_JSON_BYTES } from '../text/json-lines.ts'
import { createJsonSplitter } from '../text/json-texts.ts'
import { checkCount } from '../text/options.ts'
import { readText } from '../text/source-text.ts'
import { emptyReport } from './empty-report.ts'
import { openBundle, resolveIn } from './fhir-references.ts'
import { isTaken, nameLeftOut } from './fhir-types.ts'
import { limitGaps } from './limit-gaps.ts'
import type { SettlingRule } from './note-book.ts'
import { openNoteBook } from './note-book.ts'
import type { OpenSource, SourceReport } from './source.ts'
import { hashText } from './text-hash.ts'
import { watchCoverage } from './vital-signs-gaps.ts'

/** Repetitions and conflicts are found for sure if at most so many resources lie between the two; some 80 MB at most. */
const REMEMBERED = 262_144

/** Lines are passed on once so many characters wait. */
const PIECE_LENGTH = 65_536

/** Series of a sensor that is worn all day, so that a gap in them means something. */
const CONTINUOUS: ReadonlySet<string> = new Set(['99504-3', '105272-9'])

const BUNDLE_OPENED: SettlingRule = {
  rule: 'bundle-opened',
  text: 'Bundles were opened: their resources were taken one by one, what the Bundle says of itself was left out.',
}

/**
 * FHIR R4 as JSON: one resource or Bundle, a list of them, or NDJSON, streaming. Resources are written in the
 * file's order and canonical form; nothing in them changes but references that hold only within their Bundle.
 * What is invalid in them is for the validation to say. A resource that was there before is written once.
 */
export const openFhir: OpenSource = (source, options) => {
  let report = (): SourceReport => emptyReport('fhir')

  async function* run(): AsyncGenerator<string> {
    const splitter = createJsonSplitter(checkCount('maxLineBytes', options.maxLineBytes ?? MAX_JSON_BYTES))
    const writer = createWriter()
    report = writer.report
    let bytes = 0
    const onBytes = (size: number): void => {
      bytes += size
    }
    for await (const text of readText(source, { signal: options.signal, onBytes })) {
      for (const { text: json, row } of splitter.push(text)) {
        for (const resource of writer.open(parseResource(json, row))) {
          writer.take(resource, row)
          if (writer.waiting >= PIECE_LENGTH) yield writer.takeLines()
        }
      }
      options.onProgress?.({ bytes, records: writer.entries })
    }
    splitter.end()
    if (writer.waiting > 0) yield writer.takeLines()
    if (report().resources === 0) throw noResources()
  }
  return { [Symbol.asyncIterator]: run, report: () => report() }
}

interface ResourceWriter {
  /** The resources that one resource of the file stands for: itself, or those of a Bundle. */
  open(value: FhirResource): Iterable<FhirResource>
  /** Writes a resource, or counts why not. */
  take(resource: FhirResource, row: number): void
  takeLines(): string
  readonly waiting: number
  readonly entries: number
  report(): SourceReport
}

function createWriter(): ResourceWriter {
  const known = rememberContents()
  const coverage = watchCoverage()
  const notes = openNoteBook()
  const leftOut = new Map<string, number>()
  let lines = ''
  let entries = 0
  let resources = 0
  let duplicates = 0

  function leaveOut(kind: string, count: number): void {
    if (count > 0) leftOut.set(kind, (leftOut.get(kind) ?? 0) + count)
  }

  function* open(value: FhirResource): Iterable<FhirResource> {
    const note = (rule: SettlingRule): void => notes.add(rule, entries + 1)
    if (value.resourceType !== 'Bundle') {
      yield resolveIn(value, new Map(), note) as FhirResource
      return
    }
    notes.add(BUNDLE_OPENED, entries + 1)
    const { resources: found, withoutResource } = openBundle(value, note)
    entries += withoutResource
    leaveOut('entry-without-resource', withoutResource)
    for (const resource of found) {
      if (resource.resourceType === 'Bundle') yield* open(resource)
      else yield resource
    }
  }

  function take(resource: FhirResource, row: number): void {
    entries += 1
    const { resourceType, id } = resource
    if (!isTaken(resourceType)) {
      leaveOut(nameLeftOut(resourceType), 1)
      return
    }
    const line = writeResource(resource, row)
    const content = hashText(line)
    const identity = typeof id === 'string' ? hashText(`${resourceType}/${id}`) : content
    const before = known.setOnce(identity, content)
    if (before === content) {
      duplicates += 1
      return
    }
    if (before !== undefined) throw conflict(row, entries)
    watch(resource)
    resources += 1
    lines += `${line}\n`
  }

  function watch(resource: FhirResource): void {
    const series = continuousCode(resource)
    const { effectiveDateTime: time } = resource
    const timeMs = typeof time === 'string' ? parseInstant(time) : null
    if (series !== null && timeMs !== null) coverage.add(series, timeMs)
  }

  return {
    open,
    take,
    takeLines() {
      const taken = lines
      lines = ''
      return taken
    },
    get waiting() {
      return lines.length
    },
    get entries() {
      return entries
    },
    report() {
      const all = openNoteBook(notes.list())
      const gaps = limitGaps(coverage.gaps(), all)
      return {
        ...emptyReport('fhir'),
        recordsRead: entries,
        resources,
        duplicates,
        leftOut: Object.fromEntries([...leftOut].sort(([a], [b]) => (a < b ? -1 : 1))),
        notes: all.list(),
        gaps,
      }
    },
  }
}

/** Remembers the content of the latest resources by what names them. */
function rememberContents(): { setOnce(identity: string, content: string): string | undefined } {
  let young = new Map<string, string>()
  let old = young
  return {
    setOnce(identity, content) {
      const before = young.get(identity) ?? old.get(identity)
      if (before !== undefined) return before
      young.set(identity, content)
      if (young.size < REMEMBERED) return undefined
      old = young
      young = new Map()
      return undefined
    },
  }
}

function continuousCode(resource: FhirResource): string | null {
  const { code } = resource
  const codings = isObject(code) ? code['coding'] : undefined
  const coding: JsonValue | undefined = Array.isArray(codings) ? codings[0] : undefined
  const found = isObject(coding) ? coding['code'] : undefined
  return typeof found === 'string' && CONTINUOUS.has(found) ? found : null
}

function writeResource(resource: FhirResource, row: number): string {
  try {
    return canonicalJson(resource as JsonValue)
  } catch (error) {
    if (!(error instanceof RecordsError)) throw error
    throw new RecordsError(error.code, `Line ${row}: ${error.message} Export the data again.`, { row })
  }
}

function conflict(row: number, entry: number): RecordsError {
  return new RecordsError(
    'RESOURCE_CONFLICT',
    `Entry ${entry} (line ${row}) has the type and id of an earlier resource, but says something else. Export current versions only, or leave one out.`,
    { row, entry },
  )
}

function noResources(): RecordsError {
  return new RecordsError(
    'NO_READINGS',
    'The file holds no resource of a type that Halo takes over. Export observations, or the whole record.',
  )
}
