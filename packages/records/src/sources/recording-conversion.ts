import { RecordsError } from '../errors.ts'
import type { Channel } from '../fhir/recording.ts'
import { buildRecording } from '../fhir/recording.ts'
import { canonicalJson } from '../text/canonical-json.ts'
import { offsetText, parseWrittenTime, utcText } from '../text/date-time.ts'
import type { JsonValue } from '../text/fhir-json.ts'
import { invalidOption } from '../text/options.ts'
import { limitGaps, MAX_GAPS } from './limit-gaps.ts'
import type { Sample, SampleBatch, SampleLayout, SampleTally } from './motion-samples.ts'
import { createTally } from './motion-samples.ts'
import type { RecordingStart } from './motion-time.ts'
import { openNoteBook } from './note-book.ts'
import type { Conversion, SourceGap, SourceKind, SourceNote, SourceOptions, SourceReport } from './source.ts'

/** What the samples of a file are, once its first is known. */
export interface SignalDescription {
  readonly code: 'acceleration' | 'centre-of-pressure'
  readonly channels: readonly Omit<Channel, 'samples'>[]
  readonly method: string
  readonly notes: readonly SourceNote[]
  /** One for each channel. */
  valuesOf(sample: Sample): readonly number[]
}

/** A minute at a time, so that a day needs no more memory than a minute. */
const BLOCK_SEC = 60
/** After a longer pause a new Observation begins. */
const LONGEST_PAUSE_SEC = 1
/** Times are not worth writing where none is further from its place than this share of a step. */
const REGULAR_SHARE = 0.01

/**
 * Writes a recording as Observations with SampledData, at most a minute each. Where samples do not follow each
 * other regularly, a channel more holds the seconds from the first, and the period is the mean step.
 */
export function convertRecording<Layout extends SampleLayout>(
  kind: SourceKind,
  options: SourceOptions,
  read: (tally: SampleTally) => AsyncIterable<SampleBatch<Layout>>,
  describe: (layout: Layout, first: Sample) => SignalDescription,
): Conversion {
  const tally = createTally()
  const gaps: SourceGap[] = []
  let pauses = 0
  let resources = 0
  let lone = 0
  let notes: readonly SourceNote[] = []

  async function* run(): AsyncGenerator<string> {
    let signal: SignalDescription | null = null
    let start: RecordingStart = { timeMs: 0, offsetMin: 0 }
    let block: Sample[] = []
    for await (const { layout, samples } of read(tally)) {
      if (signal === null) {
        start = findStart(tally, options)
        signal = describe(layout, samples[0] as Sample)
        notes = signal.notes
      }
      for (const sample of samples) {
        const [first, last] = [block[0], block.at(-1)]
        const isPause = last !== undefined && sample.timeSec - last.timeSec > LONGEST_PAUSE_SEC
        if (isPause) addGap(signal.code, start, last, sample)
        if (isPause || (first !== undefined && sample.timeSec - first.timeSec >= BLOCK_SEC)) {
          yield* writeBlock(signal, start, block)
          block = []
        }
        block.push(sample)
      }
    }
    if (signal !== null) yield* writeBlock(signal, start, block)
    if (resources === 0)
      throw new RecordsError('NO_READINGS', 'No two samples are within a second. Export the recording again.')
  }

  function* writeBlock(signal: SignalDescription, start: RecordingStart, block: Sample[]): Generator<string> {
    const line = buildBlock(signal, start, block)
    if (line === null) lone += block.length
    else {
      resources += 1
      yield `${line}\n`
    }
  }

  function addGap(series: string, start: RecordingStart, before: Sample, after: Sample): void {
    pauses += 1
    if (gaps.length < MAX_GAPS)
      gaps.push({ series, from: timeText(start, before.timeSec), to: timeText(start, after.timeSec) })
  }

  return {
    [Symbol.asyncIterator]: run,
    report(): SourceReport {
      const all = openNoteBook([...notes, ...notesOf(tally, options)])
      const listed = limitGaps(gaps, all, pauses)
      return {
        kind,
        recordsRead: Math.max(0, tally.rows - 1),
        resources,
        duplicates: tally.duplicates,
        leftOut: { 'missing-value': tally.missing, 'lone-sample': lone },
        notes: all.list(),
        gaps: listed,
        timeZone: tally.start !== null && tally.needsZone ? (options.timeZone ?? null) : null,
      }
    },
  }
}

/** Null for samples without duration, whose period nobody knows. */
function buildBlock(
  signal: SignalDescription,
  start: RecordingStart,
  block: readonly Sample[],
): string | null {
  const [first, last] = [block[0], block.at(-1)]
  if (first === undefined || last === undefined || last.timeSec === first.timeSec) return null
  const stepSec = (last.timeSec - first.timeSec) / (block.length - 1)
  const offsets = block.map(({ timeSec }) => timeSec - first.timeSec)
  const values = block.map((sample) => signal.valuesOf(sample))
  const channels: Channel[] = signal.channels.map((channel, at) => ({
    ...channel,
    samples: values.map((row) => row[at] ?? Number.NaN),
  }))
  if (offsets.some((offset, at) => Math.abs(offset - at * stepSec) > REGULAR_SHARE * stepSec))
    channels.push({
      code: 'sample-time',
      unit: 's',
      samples: offsets.map((offset) => Number(offset.toFixed(6))),
    })
  const effective = { start: timeText(start, first.timeSec), end: timeText(start, last.timeSec) }
  const observation = buildRecording(
    { code: signal.code, periodMs: Number((stepSec * 1000).toPrecision(12)), channels },
    { subject: 'Patient/subject-1', effective },
  )
  return canonicalJson({ ...observation, method: { text: signal.method } } as JsonValue)
}

/** When the first row was written; by the file, or else as given. */
function findStart(tally: SampleTally, { startTime }: SourceOptions): RecordingStart {
  const given = startTime === undefined ? null : readStartTime(startTime)
  const start = tally.start ?? (tally.needsZone ? null : given)
  if (start !== null) return start
  if (tally.needsZone)
    throw new RecordsError(
      'TIME_ZONE_NEEDED',
      'The times have no offset from UTC. Name the time zone that they were written in (--tz Europe/Rome).',
      { field: 'time' },
    )
  throw new RecordsError(
    'START_NEEDED',
    'The times count from the start of the recording. Say when that was (--start 2026-01-31T08:05:00+01:00).',
    { field: 'time' },
  )
}

function readStartTime(text: string): RecordingStart {
  const time = parseWrittenTime(text)
  if (time === null || time.offsetMin === null)
    throw invalidOption('startTime', 'a date and time with offset, such as 2026-01-31T08:05:00+01:00')
  return { timeMs: time.wallMs - time.offsetMin * 60_000, offsetMin: time.offsetMin }
}

/** FHIR dateTime to the millisecond. */
export function timeText(start: RecordingStart, timeSec: number): string {
  const timeMs = Math.round(start.timeMs + timeSec * 1000)
  if (start.offsetMin === 0) return utcText(timeMs)
  return utcText(timeMs + start.offsetMin * 60_000).replace('Z', offsetText(start.offsetMin))
}

/** What was settled by a rule while reading. */
export function notesOf(tally: SampleTally, { startTime }: SourceOptions): readonly SourceNote[] {
  const notes: SourceNote[] = []
  if (tally.missing > 0)
    notes.push({
      rule: 'value-missing',
      text: 'Rows without a value were left out.',
      count: tally.missing,
      firstAt: tally.firstMissingAt,
    })
  if (tally.isTimeUnitInferred)
    notes.push({
      rule: 'time-unit-inferred',
      text: 'The header names no unit of the times; the only one in which a sensor can have sampled was taken.',
      count: 1,
      firstAt: 1,
    })
  if (tally.start !== null && startTime !== undefined)
    notes.push({
      rule: 'start-in-file',
      text: 'The file says when the recording began; the given start was not used.',
      count: 1,
      firstAt: 1,
    })
  return notes
}
