import type { SettlingRule } from '../sources/note-book.ts'
import { HOUR_TWICE, openNoteBook } from '../sources/note-book.ts'
import type { SourceNote } from '../sources/source.ts'
import type { TimeZone } from '../text/time-zone.ts'
import { openTimeZone } from '../text/time-zone.ts'
import type { CollectedReadings } from './collect-readings.ts'
import { collectReadings } from './collect-readings.ts'
import type { GlucoseFormat, LeftOutKind, ReaderOptions } from './format.ts'
import type { SubjectReport } from './gaps.ts'
import { reportSubjects } from './gaps.ts'
import type { GlucoseUnit } from './glucose-value.ts'
import { refuseImplausible, refuseSuspectUnit } from './glucose-value.ts'
import type { ImportOptions } from './options.ts'
import { checkOptions } from './options.ts'
import { orderReadings } from './order.ts'
import type { GlucoseRecord } from './record.ts'
import { createRecord } from './record.ts'
import { resolveTimes } from './resolve-times.ts'
import type { TimedReading } from './source-reading.ts'

/** What the import did with the file, for the patient to read; holds no identifiers and no values. */
export interface ImportReport {
  readonly format: GlucoseFormat
  /** Rows with content, without the header. */
  readonly rowsRead: number
  /** Readings in the record. */
  readonly readings: number
  /** Rows that said again what an earlier row had said. */
  readonly duplicates: number
  /** Rows that came after a row of the same subject with a later time. */
  readonly reordered: number
  /** Times that the zone's clock showed twice, settled by row order. */
  readonly ambiguousTimes: number
  /** Rows left out of the record, by kind. */
  readonly leftOut: Readonly<Record<LeftOutKind, number>>
  /** Columns dropped unread. */
  readonly columnsLeftOut: number
  /** Everything that was settled by a rule, out-of-order rows and ambiguous times included. */
  readonly notes: readonly SourceNote[]
  readonly subjects: readonly SubjectReport[]
  /** The given zone, if it was used. */
  readonly timeZone: string | null
}

/** A file that became a record. */
export interface GlucoseImport {
  readonly record: GlucoseRecord
  readonly report: ImportReport
  /**
   * Subjects as the file names them, by their number less one; empty where it names none. May be names of
   * people: for the eyes of who holds the file, and in no record, report or error.
   */
  readonly subjectIds: readonly string[]
}

/**
 * Reads a glucose export into a record. All or nothing: the first thing that cannot be read exactly is
 * an error that names the row, and no reading is dropped or changed in silence. Nothing that names
 * the patient or the device gets into record, report or error.
 * @throws RecordsError every code but `RECORD_INVALID`
 * @throws the reason of `options.signal`, and whatever the source throws
 */
export async function importGlucose(
  source: AsyncIterable<Uint8Array | string>,
  options: ImportOptions = {},
): Promise<GlucoseImport> {
  const { readings, unit, report, subjectIds } = await importReadings(source, {
    ...options,
    names: undefined,
  })
  const timeZoneSource = report.timeZone === null ? 'file' : 'given'
  return { record: createRecord(readings, { unit, timeZoneSource }), report, subjectIds }
}

/** Readings in the order of a record, and what became of their file. */
export interface ImportedReadings {
  readonly readings: readonly TimedReading[]
  readonly unit: GlucoseUnit
  readonly report: ImportReport
  readonly subjectIds: readonly string[]
  /** How subjects were numbered; of no matter to a record, which is of one file. */
  readonly numberingNotes: readonly SourceNote[]
}

/**
 * What {@link importGlucose} does, without making a record of it. Only here may `names` number the subjects, as
 * those of a record are numbered without gaps.
 */
export async function importReadings(
  source: AsyncIterable<Uint8Array | string>,
  options: ImportOptions & ReaderOptions,
): Promise<ImportedReadings> {
  const limits = checkOptions(options)
  const zone = options.timeZone === undefined ? null : openTimeZone(options.timeZone)
  const collected = await collectReadings(source, options, limits)
  if (collected.reader.isUnitAssumed) refuseSuspectUnit(collected.readings)
  refuseImplausible(collected.readings, collected.reader.unit)
  return assemble(collected, zone)
}

const OUT_OF_ORDER: SettlingRule = {
  rule: 'rows-out-of-order',
  text: 'Rows that came after a row with a later time were sorted.',
}
function assemble(collected: CollectedReadings, zone: TimeZone | null): ImportedReadings {
  const { reader, rows, leftOut } = collected
  const usedZone = collected.readings.some(({ offsetMin }) => offsetMin === null) ? zone : null
  const notes = openNoteBook()
  const timed = resolveTimes(collected.readings, usedZone)
  const ordered = orderReadings(timed.readings, reader.settle, notes)
  if (ordered.reordered > 0) notes.add(OUT_OF_ORDER, ordered.reorderedRow, ordered.reordered)
  if (timed.ambiguous > 0) notes.add(HOUR_TWICE, timed.ambiguousRow, timed.ambiguous)
  const report: ImportReport = {
    format: reader.format,
    rowsRead: rows,
    readings: ordered.readings.length,
    duplicates: ordered.duplicates,
    reordered: ordered.reordered,
    ambiguousTimes: timed.ambiguous,
    leftOut,
    columnsLeftOut: reader.columnsLeftOut,
    notes: notes.list(),
    subjects: reportSubjects(ordered.readings),
    timeZone: usedZone?.name ?? null,
  }
  return {
    readings: ordered.readings,
    unit: reader.unit,
    report,
    subjectIds: reader.subjectIds?.() ?? [],
    numberingNotes: reader.numberingNotes?.() ?? [],
  }
}
