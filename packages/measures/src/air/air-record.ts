import { MeasuresError } from '../errors.ts'
import type { AirUnit } from './air-units.ts'

/** What a sensor in a room can measure. */
export const AIR_QUANTITIES = [
  'pm2_5',
  'pm10',
  'tvoc',
  'co2',
  'co',
  'no2',
  'o3',
  'hcho',
  'c6h6',
  'temperature',
  'humidity',
  'illumination',
  'noise',
] as const

/** One of {@link AIR_QUANTITIES}. */
export type AirQuantity = (typeof AIR_QUANTITIES)[number]

/** What was measured at one time; a quantity that is absent, null or undefined was not. */
export type AirRecord = {
  /** Milliseconds since 1970. */
  readonly timeMs: number
} & { readonly [quantity in AirQuantity]?: number | null | undefined }

/** The unit of each quantity; without one the figures are those of the source, and nothing is compared. */
export type AirUnits = Readonly<Partial<Record<AirQuantity, AirUnit>>>

/** One quantity over time, ascending. */
export interface AirSeries {
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

const LAST_MS = 8.64e15

/**
 * Sorts records by time; of two at one time the later in the order given counts.
 * @throws MeasuresError `NO_READINGS`, `TIME_INVALID`, `VALUE_INVALID`
 */
export function orderRecords(records: Iterable<AirRecord>): {
  readonly ordered: readonly AirRecord[]
  readonly duplicates: number
} {
  const byTime = new Map<number, AirRecord>()
  let count = 0
  for (const record of records) {
    checkRecord(record)
    byTime.set(record.timeMs, record)
    count += 1
  }
  if (count === 0) throw new MeasuresError('NO_READINGS', 'There are no records of air to measure.')
  const ordered = [...byTime.values()].sort((a, b) => a.timeMs - b.timeMs)
  return { ordered, duplicates: count - ordered.length }
}

/** The values of one quantity where there are any. */
export function seriesOf(ordered: readonly AirRecord[], quantity: AirQuantity): AirSeries {
  const known = ordered.filter((record) => typeof record[quantity] === 'number')
  return {
    timesMs: Float64Array.from(known, ({ timeMs }) => timeMs),
    values: Float64Array.from(known, (record) => record[quantity] as number),
  }
}

function checkRecord(record: AirRecord): void {
  if (!Number.isFinite(record.timeMs) || Math.abs(record.timeMs) > LAST_MS)
    throw new MeasuresError('TIME_INVALID', 'timeMs of a record of air must be milliseconds since 1970.')
  for (const quantity of AIR_QUANTITIES) {
    const value = record[quantity]
    if (value === null || value === undefined) continue
    const isSigned = quantity === 'temperature'
    const isSound =
      Number.isFinite(value) && (isSigned || value >= 0) && (quantity !== 'humidity' || value <= 100)
    if (!isSound)
      throw new MeasuresError(
        'VALUE_INVALID',
        `${quantity} of a record must be a possible number: leave out what a sensor gives as an error.`,
      )
  }
}
