import { RecordsError } from '../errors.ts'
import { createResourceSplitter, MAX_JSON_BYTES } from '../text/json-lines.ts'
import { readJsonTexts } from '../text/json-texts.ts'
import { checkCount } from '../text/options.ts'
import type { TimeZone } from '../text/time-zone.ts'
import { openTimeZone } from '../text/time-zone.ts'
import type { Period, WindowKind } from './calendar.ts'
import { openCalendar } from './calendar.ts'
import type { Gathered, WindowChain } from './chain.ts'
import { startChain } from './chain.ts'
import type { TimedResource } from './timed-resource.ts'
import { readTimedResource } from './timed-resource.ts'
import type { ConflictRule, Window } from './window.ts'

/** How a stream of resources is cut into windows. */
export interface AggregateOptions {
  readonly window: WindowKind
  /** Zone in whose local time windows begin: an IANA name or an offset. @defaultValue `'UTC'` */
  readonly timeZone?: string | undefined
  /**
   * Says that lines come subject by subject and, within a subject, never from a window before the last
   * one, as a record's lines do: then a window is given out as soon as the next begins, and one is held.
   * Otherwise everything is held and sorted. @defaultValue false
   */
  readonly isSorted?: boolean | undefined
  /** What becomes of two resources of one series and time with different content. @defaultValue `'refuse'` */
  readonly conflicts?: ConflictRule | undefined
  /** Bounds the resources of one series and time where conflicts are kept. @defaultValue 1000 */
  readonly maxConflicts?: number | undefined
  /** Whether windows say their size after gzip. @defaultValue true, but for `real-time`, where it takes longest and says least */
  readonly measureGzip?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  /** Bounds the resources held at a time. @defaultValue 500000 */
  readonly maxResources?: number | undefined
  /** Bounds the pairs of subject and series. @defaultValue 10000 */
  readonly maxSeries?: number | undefined
  /** Bounds one line, or one resource that goes over several. @defaultValue 16 MiB */
  readonly maxLineBytes?: number | undefined
}

/**
 * Cuts Observations and QuestionnaireResponses (NDJSON, or JSON over several lines, or a list) into windows of local time, one subject
 * after the other. A window without resources is not made; the gap is told in the next one.
 * @throws RecordsError `OPTION_INVALID`, `TIME_ZONE_UNKNOWN` at once; while iterating `FORMAT_UNKNOWN`,
 * `LINE_TOO_LONG`, `READINGS_TOO_MANY`, `FILE_EMPTY`, and naming the row `JSON_MALFORMED`,
 * `RESOURCE_UNSUPPORTED`, `TIME_INVALID`, `READING_CONFLICT`, `WINDOW_INVALID` (came too late for `isSorted`)
 */
export function aggregate(
  source: AsyncIterable<Uint8Array | string>,
  options: AggregateOptions,
): AsyncIterable<Window> {
  const zone = openTimeZone(options.timeZone ?? 'UTC')
  const findPeriod = openCalendar(options.window, zone)
  const chain = startChain({
    window: options.window,
    timeZone: zone.name,
    conflicts: options.conflicts ?? 'refuse',
    maxConflicts: checkCount('maxConflicts', options.maxConflicts ?? 1000),
    measureGzip: options.measureGzip ?? options.window !== 'real-time',
    maxSeries: options.maxSeries ?? 10_000,
  })
  const gather = options.isSorted === true ? gatherInOrder : gatherAll
  const resources = readTimed(source, zone, options)
  return closeAll(gather(resources, findPeriod, options.maxResources ?? 500_000), chain)
}

async function* closeAll(windows: AsyncIterable<Gathered>, chain: WindowChain): AsyncGenerator<Window> {
  for await (const gathered of windows) yield await chain.close(gathered)
  if (chain.head() === null)
    throw new RecordsError('FILE_EMPTY', 'There is no resource in the file. Choose the export again.')
}

/** Holds one window. */
async function* gatherInOrder(
  resources: AsyncIterable<TimedResource>,
  findPeriod: (timeMs: number) => Period,
  maxResources: number,
): AsyncGenerator<Gathered> {
  const mayFollow = checkOrder()
  let open: Gathered & { readonly resources: TimedResource[] } = { subject: '', period: NEVER, resources: [] }
  for await (const resource of resources) {
    const period = findPeriod(resource.timeMs)
    if (open.subject !== resource.subject || open.period.startMs !== period.startMs) {
      if (open.resources.length > 0) yield open
      if (!mayFollow(resource.subject, period)) throw tooLate(resource.row)
      open = { subject: resource.subject, period, resources: [] }
    }
    if (open.resources.push(resource) > maxResources) throw tooMany(maxResources)
  }
  if (open.resources.length > 0) yield open
}

/** Holds everything; subjects in the order in which they first appear, windows in order of time. */
async function* gatherAll(
  resources: AsyncIterable<TimedResource>,
  findPeriod: (timeMs: number) => Period,
  maxResources: number,
): AsyncGenerator<Gathered> {
  const subjects = new Map<string, Map<number, TimedResource[]>>()
  let held = 0
  for await (const resource of resources) {
    if (++held > maxResources) throw tooMany(maxResources)
    const windows = subjects.get(resource.subject) ?? new Map<number, TimedResource[]>()
    subjects.set(resource.subject, windows)
    const { startMs } = findPeriod(resource.timeMs)
    const known = windows.get(startMs)
    if (known === undefined) windows.set(startMs, [resource])
    else known.push(resource)
  }
  for (const [subject, windows] of subjects)
    for (const startMs of [...windows.keys()].sort((a, b) => a - b))
      yield { subject, period: findPeriod(startMs), resources: windows.get(startMs) ?? [] }
}

const NEVER: Period = { name: '', startMs: Number.NaN, endMs: Number.NaN }

/** Whether a window may come next: later than the last of its subject, which has not ended before. */
export function checkOrder(): (subject: string, period: Period) => boolean {
  const ended = new Set<string>()
  let last: { readonly subject: string; readonly startMs: number } | null = null
  return (subject, { startMs }) => {
    const isSame = last?.subject === subject
    if (isSame ? startMs <= (last?.startMs ?? 0) : ended.has(subject)) return false
    if (last !== null && !isSame) ended.add(last.subject)
    last = { subject, startMs }
    return true
  }
}

async function* readTimed(
  source: AsyncIterable<Uint8Array | string>,
  zone: TimeZone,
  { signal, maxLineBytes = MAX_JSON_BYTES }: AggregateOptions,
): AsyncGenerator<TimedResource> {
  const splitter = createResourceSplitter(checkCount('maxLineBytes', maxLineBytes))
  for await (const { text, row } of readJsonTexts(source, splitter, { signal }))
    yield readTimedResource(text, row, zone)
}

function tooLate(row: number): RecordsError {
  return new RecordsError(
    'WINDOW_INVALID',
    `Line ${row} belongs to a window that is closed already. Sort the lines by subject and time, or do not say that they are sorted.`,
    { row },
  )
}

function tooMany(maxResources: number): RecordsError {
  return new RecordsError(
    'READINGS_TOO_MANY',
    `More than ${maxResources} resources would have to be held at once. Split the file by period, or sort it and say so.`,
    { maxResources },
  )
}
