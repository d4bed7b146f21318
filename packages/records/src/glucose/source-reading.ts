import type { Comparator } from './glucose-value.ts'

/**
 * One glucose row of a source file. There are hundreds of thousands of them, so they are made once and not
 * copied where that is not needed.
 */
export interface SourceReading {
  readonly row: number
  readonly subject: number
  /** Rows with one number follow each other in time; by default those of one subject do. */
  readonly track?: number
  /** Of two readings at one instant the lower rank comes first. @defaultValue 0 */
  readonly rank?: number
  readonly value: number
  readonly valueText: string
  readonly comparator: Comparator | null
  /** FHIR dateTime; without offset where the file gives none. */
  readonly time: string
  /** The wall clock's reading, as milliseconds since 1970 as if it were UTC. */
  readonly wallMs: number
  /** Null when the file says nothing about the zone. */
  readonly offsetMin: number | null
  /** Milliseconds since 1970; NaN where the file says nothing about the zone. */
  readonly timeMs: number
}

/** A source reading whose time is an instant: `time` has its offset, `timeMs` is a number. */
export type TimedReading = SourceReading & { readonly offsetMin: number }
