import type { CsvRow } from '../text/csv.ts'
import type { GlucoseUnit } from './glucose-value.ts'
import type { SourceReading } from './source-reading.ts'

/** Sources that can be told apart by their header. */
export type GlucoseFormat = 'dexcom-clarity' | 'plain'

/** Rows that are no glucose reading, by kind; `preamble` is who the patient is and how alerts are set. */
export type LeftOutKind = 'preamble' | 'calibration' | 'insulin' | 'carbs' | 'exercise' | 'health' | 'other'

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
}

/** Opens a reader when the header is that of the format. */
export type OpenReader = (header: CsvRow, options: { readonly unit?: GlucoseUnit }) => GlucoseReader | null
