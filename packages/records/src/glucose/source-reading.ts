import type { WrittenTime } from '../text/date-time.ts'
import type { Comparator } from './glucose-value.ts'

/** One glucose row of a source file, before its time is an instant. */
export interface SourceReading extends WrittenTime {
  readonly row: number
  readonly subject: number
  readonly value: number
  readonly valueText: string
  readonly comparator: Comparator | null
}

/** A source reading whose instant is known. */
export interface TimedReading extends SourceReading {
  readonly timeMs: number
}
