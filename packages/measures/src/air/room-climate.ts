import { MeasuresError } from '../errors.ts'
import { computeMedian } from '../signal/statistics.ts'
import type { AirSeries } from './air-record.ts'
import { countHours } from './time-weights.ts'

/** How long the air of a room was how much used; hours. */
export interface VentilationFigures {
  /** Up to 1000 ppm: harmless. */
  readonly hoursTo1000Ppm: number
  /** To be aired. */
  readonly hours1000To2000Ppm: number
  /** Unacceptable. */
  readonly hoursOver2000Ppm: number
}

/** How long a quantity was within its range of comfort; hours. */
export interface ComfortFigures {
  readonly range: ComfortRange
  readonly hoursBelow: number
  readonly hoursWithin: number
  readonly hoursAbove: number
}

/** Both limits are within. */
export type ComfortRange = readonly [low: number, high: number]

/** EN 16798-1:2019, annex B, category II: heating from 20 °C, cooling to 26 °C, humidity of 25 to 60 %. */
export const COMFORT_CELSIUS: ComfortRange = [20, 26]
export const COMFORT_PERCENT: ComfortRange = [25, 60]

/** Less than half of what air outdoors holds cannot be; ten percent kill. */
const POSSIBLE_PPM = [200, 100_000] as const
const POSSIBLE_CELSIUS = [-60, 60] as const

/**
 * Bands of carbon dioxide as a sign of ventilation.
 * @throws MeasuresError `UNIT_SUSPECT` where the values cannot be those of air
 * @see German Committee on Indoor Guide Values 2008, https://doi.org/10.1007/s00103-008-0707-2
 */
export function judgeVentilation(
  series: AirSeries,
  weightsMs: Float64Array,
  toPpm: (value: number) => number,
): VentilationFigures {
  checkPossible('co2', series, toPpm, POSSIBLE_PPM)
  const hoursFrom = (low: number, high: number): number =>
    countHours(series, weightsMs, (value) => toPpm(value) > low && toPpm(value) <= high)
  return {
    hoursTo1000Ppm: hoursFrom(Number.NEGATIVE_INFINITY, 1000),
    hours1000To2000Ppm: hoursFrom(1000, 2000),
    hoursOver2000Ppm: hoursFrom(2000, Number.POSITIVE_INFINITY),
  }
}

/**
 * Time within a range of comfort.
 * @throws MeasuresError `UNIT_SUSPECT` for temperatures of no room
 */
export function judgeComfort(
  quantity: 'temperature' | 'humidity',
  series: AirSeries,
  weightsMs: Float64Array,
  range: ComfortRange,
  convert: (value: number) => number,
): ComfortFigures {
  if (quantity === 'temperature') checkPossible(quantity, series, convert, POSSIBLE_CELSIUS)
  const [low, high] = range
  return {
    range,
    hoursBelow: countHours(series, weightsMs, (value) => convert(value) < low),
    hoursWithin: countHours(series, weightsMs, (value) => convert(value) >= low && convert(value) <= high),
    hoursAbove: countHours(series, weightsMs, (value) => convert(value) > high),
  }
}

function checkPossible(
  quantity: string,
  { values }: AirSeries,
  convert: (value: number) => number,
  [low, high]: readonly [number, number],
): void {
  const usual = computeMedian(values.map(convert))
  if (usual >= low && usual <= high) return
  throw new MeasuresError(
    'UNIT_SUSPECT',
    `The values of ${quantity} make no sense in the unit they are said to have. State the right one, or none.`,
  )
}
