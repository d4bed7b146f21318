import type { SettlingRule } from '../sources/note-book.ts'
import type { SourceNote } from '../sources/source.ts'
import type { CsvRow } from '../text/csv.ts'
import type { GlucoseUnit } from './glucose-value.ts'
import type { SourceReading } from './source-reading.ts'

/** Sources that can be told apart by their header. */
export type GlucoseFormat = 'dexcom-clarity' | 'libreview' | 'plain'

/**
 * Rows that are no sensor reading, by kind; `preamble` is who the patient is and how alerts are set, `strip`
 * is glucose in blood.
 */
export type LeftOutKind =
  | 'preamble'
  | 'calibration'
  | 'insulin'
  | 'carbs'
  | 'exercise'
  | 'health'
  | 'strip'
  | 'ketone'
  | 'note'
  | 'other'

/** Reads the rows of one file in one format. */
export interface GlucoseReader {
  readonly format: GlucoseFormat
  readonly unit: GlucoseUnit
  /** Whether nobody named the unit, so that the values must be looked at. */
  readonly isUnitAssumed: boolean
  /** Columns whose content is dropped unread. */
  readonly columnsLeftOut: number
  /**
   * The reading of a row, or the kind of row it is instead.
   * @throws RecordsError naming the row
   */
  read(row: CsvRow): SourceReading | LeftOutKind
  /**
   * Completes the readings where a row alone does not say enough.
   * @throws RecordsError naming a row
   */
  complete?(readings: readonly SourceReading[]): readonly SourceReading[]
  /** Subjects as the file names them, in order of their numbers; absent where a file is of one person. */
  subjectIds?(): readonly string[]
  /** What was settled in numbering them, once all rows are read. */
  numberingNotes?(): readonly SourceNote[]
  /** By which rule the first of two readings at one instant with different values stands; null if by none. */
  settle?(first: SourceReading, second: SourceReading): SettlingRule | null
}

/** What the caller says of a file that does not say so itself. */
export interface ReaderOptions {
  readonly unit?: GlucoseUnit | undefined
  readonly dateOrder?: 'dmy' | 'mdy' | undefined
  /** Subjects in the order of their numbers, where a file is of several. */
  readonly names?: readonly string[] | undefined
}

/**
 * Opens a reader when the header is that of the format.
 * @throws RecordsError for a header that is nearly that of the format
 */
export type OpenReader = (header: CsvRow, options: ReaderOptions) => GlucoseReader | null
