import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { VitalSignKind } from '../fhir/vital-signs.ts'
import { canonicalJson } from '../text/canonical-json.ts'
import type { FhirResource } from '../text/fhir-json.ts'
import { checkCount } from '../text/options.ts'
import { limitGaps } from './limit-gaps.ts'
import type { SettlingRule } from './note-book.ts'
import { openNoteBook } from './note-book.ts'
import type { SourceKind, SourceOptions, SourceReport } from './source.ts'
import { watchCoverage } from './vital-signs-gaps.ts'
import type { MeasuredFigure, SourceTime } from './vital-signs-line.ts'
import { createLineWriter } from './vital-signs-line.ts'
import { rememberKeys } from './vital-signs-seen.ts'

/** An Observation of several figures. */
export interface MeasuredResource {
  /** What was measured when, in one spelling; two entries with one key say the same. */
  readonly key: string
  readonly start: SourceTime
  readonly end?: SourceTime | undefined
  build(id: string): FhirResource
}

/** What an entry says, or why it says nothing: the rule by which it is left out, or the kind it is counted as. */
export type Outcome = MeasuredFigure | MeasuredResource | SettlingRule | string

/** Gathers the lines and the report of one file of vital signs. */
export interface VitalSignWriter {
  readonly maxLineBytes: number
  readonly maxReadings: number
  /** Counts the next row, element or entry with content. */
  nextEntry(): void
  /** Writes what the present entry says, unless it was written before or is impossible; or counts it as left out. */
  take(outcome: Outcome): void
  /** Counts something that does not become a resource. */
  leaveOut(kind: string, count?: number): void
  /** Counts entries that say again what others said. */
  repeat(count?: number): void
  note(rule: SettlingRule): void
  /** Says that the given zone was needed. */
  useTimeZone(name: string): void
  /** Lines since the last call. */
  takeLines(): string
  /** How many characters {@link takeLines} would give. */
  readonly waiting: number
  readonly records: number
  readonly resources: number
  report(): SourceReport
}

/** Enough of a SHA-256 hash that no two figures of a lifetime share it. */
const ID_BYTES = 16

/** What a living person can have, in any unit that the kind is written in; wide, to catch a sensor's zeros. */
const PLAUSIBLE: Readonly<Record<VitalSignKind, readonly [min: number, max: number]>> = {
  'heart-rate': [10, 400],
  'resting-heart-rate': [10, 400],
  'respiratory-rate': [1, 200],
  'oxygen-saturation': [1, 100],
  'body-temperature': [10, 125],
  'body-weight': [0.2, 1_000_000],
  'body-height': [8, 300],
  'heart-rate-variability': [0, 10_000],
  steps: [0, 1_000_000],
  'steps-per-day': [0, 1_000_000],
  'energy-burned': [0, 100_000],
  'energy-burned-per-day': [0, 100_000],
  distance: [0, 10_000_000],
  'blood-glucose-mass': [1, 3000],
  'blood-glucose-moles': [0.1, 170],
}

/** Series that a worn device measures all day, by the LOINC code that their gaps are reported under. */
const CONTINUOUS: Partial<Readonly<Record<VitalSignKind, string>>> = {
  'heart-rate': '8867-4',
  steps: '55423-8',
}

const VALUE_IMPLAUSIBLE: SettlingRule = {
  rule: 'value-implausible',
  text: 'Values that no living person has were left out; devices write such when they measured nothing.',
}
const VALUE_UNREADABLE: SettlingRule = {
  rule: 'value-unreadable',
  text: 'Values that are no plain decimal number were left out.',
}
const TIME_REVERSED: SettlingRule = {
  rule: 'time-reversed',
  text: 'Entries that end before they begin were left out.',
}

/** @see https://hl7.org/fhir/R4/datatypes.html#decimal */
const DECIMAL = /^-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?$/

/**
 * Opens a writer for one file.
 * @throws RecordsError `OPTION_INVALID`
 */
export function createVitalSignWriter(
  kind: SourceKind,
  options: Pick<SourceOptions, 'maxLineBytes' | 'maxReadings'>,
): VitalSignWriter {
  const maxLineBytes = checkCount('maxLineBytes', options.maxLineBytes ?? 65_536)
  const maxReadings = checkCount('maxReadings', options.maxReadings ?? 500_000)
  const seen = rememberKeys(maxReadings)
  const coverage = watchCoverage()
  const writeLine = createLineWriter()
  const leftOut = new Map<string, number>()
  const notes = openNoteBook()
  let lines = ''
  let entries = 0
  let resources = 0
  let duplicates = 0
  let timeZone: string | null = null

  function note(rule: SettlingRule): void {
    notes.add(rule, entries)
  }

  function leaveOut(what: string, count = 1): void {
    if (count > 0) leftOut.set(what, (leftOut.get(what) ?? 0) + count)
  }

  function refuse(rule: SettlingRule): void {
    note(rule)
    leaveOut(rule.rule)
  }

  /** The id for a key, or null if it was given before. */
  function idOf(key: string): string | null {
    const hash = sha256(utf8ToBytes(key))
    const id = hash.subarray(0, ID_BYTES)
    if (seen.add(new Uint32Array(hash.buffer, hash.byteOffset, ID_BYTES / 4))) {
      duplicates += 1
      return null
    }
    resources += 1
    return bytesToHex(id)
  }

  function isReversed(start: SourceTime, end: SourceTime | undefined): boolean {
    if (end === undefined || end.timeMs >= start.timeMs) return false
    refuse(TIME_REVERSED)
    return true
  }

  function writeFigure(figure: MeasuredFigure): void {
    const { valueText, start, end, unit = '', device = '' } = figure
    const [min, max] = PLAUSIBLE[figure.kind]
    const value = DECIMAL.test(valueText) ? Number(valueText) : null
    if (value === null) refuse(VALUE_UNREADABLE)
    else if (!(value >= min && value <= max)) refuse(VALUE_IMPLAUSIBLE)
    else if (!isReversed(start, end)) {
      // By instant, not by text: the same export made in another time zone writes other offsets.
      const id = idOf(`${figure.kind} ${start.timeMs}/${end?.timeMs ?? ''} ${valueText} ${unit} ${device}`)
      if (figure.settledBy !== undefined) note(figure.settledBy)
      if (id === null) return
      const series = CONTINUOUS[figure.kind]
      if (series !== undefined) coverage.add(series, start.timeMs)
      lines += writeLine(figure, id)
    }
  }

  function writeResource({ key, start, end, build }: MeasuredResource): void {
    if (isReversed(start, end)) return
    const id = idOf(`${key} ${start.timeMs}/${end?.timeMs ?? ''}`)
    if (id !== null) lines += `${canonicalJson(build(id))}\n`
  }

  return {
    maxLineBytes,
    maxReadings,
    nextEntry() {
      entries += 1
    },
    take(outcome) {
      if (typeof outcome === 'string') leaveOut(outcome)
      else if ('rule' in outcome) refuse(outcome)
      else if ('build' in outcome) writeResource(outcome)
      else writeFigure(outcome)
    },
    leaveOut,
    repeat(count = 1) {
      duplicates += count
    },
    note,
    useTimeZone(name) {
      timeZone = name
    },
    takeLines() {
      const taken = lines
      lines = ''
      return taken
    },
    get waiting() {
      return lines.length
    },
    get records() {
      return entries
    },
    get resources() {
      return resources
    },
    report() {
      const all = openNoteBook(notes.list())
      const gaps = limitGaps(coverage.gaps(), all)
      return {
        kind,
        recordsRead: entries,
        resources,
        duplicates,
        leftOut: Object.fromEntries([...leftOut].sort(([a], [b]) => (a < b ? -1 : 1))),
        notes: all.list(),
        gaps,
        timeZone,
      }
    },
  }
}
