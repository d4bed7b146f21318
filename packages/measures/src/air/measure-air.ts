import { MeasuresError } from '../errors.ts'
import { quantileOf } from '../glucose/quantile.ts'
import type { AirQuantity, AirRecord, AirSeries, AirUnits } from './air-record.ts'
import { AIR_QUANTITIES, orderRecords, seriesOf } from './air-record.ts'
import type { AirUnit } from './air-units.ts'
import { checkUnits, toCelsius, toMicrograms, toPpm } from './air-units.ts'
import type { ComfortFigures, ComfortRange, VentilationFigures } from './room-climate.ts'
import { COMFORT_CELSIUS, COMFORT_PERCENT, judgeComfort, judgeVentilation } from './room-climate.ts'
import { integrate, isGap, usualStepMs, weighReadings } from './time-weights.ts'
import type { GuidelineFigures } from './who-guidelines.ts'
import { compareWithGuideline } from './who-guidelines.ts'

/** How to measure air. */
export interface AirOptions {
  /** Units that the source names, or that the caller knows. @defaultValue none: no comparison is made */
  readonly units?: AirUnits | undefined
  /** Time between readings. @defaultValue the median step, at most an hour */
  readonly intervalMs?: number | undefined
  /** °C. @defaultValue 20 to 26 */
  readonly comfortCelsius?: ComfortRange | undefined
  /** Relative humidity. @defaultValue 25 to 60 */
  readonly comfortPercent?: ComfortRange | undefined
}

/** One quantity, in the unit of the source. */
export interface AirQuantityFigures {
  readonly n: number
  /** UCUM code; null where nobody said. */
  readonly unit: AirUnit | null
  /** Share of the time from first to last record for which there are readings. */
  readonly coverage: number
  /** Each reading weighed by the time it stands for. */
  readonly mean: number
  readonly min: number
  readonly max: number
  /** Percentiles of the readings. */
  readonly p5: number
  readonly p25: number
  readonly p50: number
  readonly p75: number
  readonly p95: number
  /** Null where WHO gives no value, or the unit is not known. */
  readonly guideline: GuidelineFigures | null
}

/** The air of a room over the time of its records. */
export interface AirFigures {
  /** Records at different times. */
  readonly n: number
  /** Records that a later one at the same time took the place of. */
  readonly duplicates: number
  /** Milliseconds since 1970 of the first and last record. */
  readonly firstMs: number
  readonly lastMs: number
  readonly intervalMs: number
  /** Between records more than one and a half intervals apart, in order of time; at most 1000. */
  readonly gaps: readonly { readonly fromMs: number; readonly toMs: number }[]
  readonly gapCount: number
  /** Those that any record has. */
  readonly quantities: Readonly<Partial<Record<AirQuantity, AirQuantityFigures>>>
  /** Null without carbon dioxide or its unit. */
  readonly ventilation: VentilationFigures | null
  /** Null without the quantity or its unit. */
  readonly comfort: {
    readonly temperature: ComfortFigures | null
    readonly humidity: ComfortFigures | null
  }
}

const HOUR_MS = 3_600_000
const MAX_GAPS = 1000

/**
 * Measures the air of a room. What the source names no unit for is summarised, but compared with nothing.
 * @param records in any order
 * @throws MeasuresError `NO_READINGS`, `TIME_INVALID`, `VALUE_INVALID`, `OPTION_INVALID`, `UNIT_SUSPECT`
 */
export function measureAir(records: Iterable<AirRecord>, options: AirOptions = {}): AirFigures {
  const { units = {}, comfortCelsius = COMFORT_CELSIUS, comfortPercent = COMFORT_PERCENT } = options
  checkOptions(options)
  const { ordered, duplicates } = orderRecords(records)
  const timesMs = Float64Array.from(ordered, ({ timeMs }) => timeMs)
  const intervalMs = options.intervalMs ?? usualStepMs(timesMs)
  const [firstMs, lastMs] = [timesMs[0] as number, timesMs.at(-1) as number]
  const weigh = (quantity: AirQuantity): Weighed | null => {
    const series = seriesOf(ordered, quantity)
    return series.values.length === 0 ? null : { series, weightsMs: weighReadings(series, intervalMs) }
  }
  const spanHours = (lastMs - firstMs + intervalMs) / HOUR_MS
  const quantities = AIR_QUANTITIES.flatMap((quantity) => {
    const weighed = weigh(quantity)
    return weighed === null
      ? []
      : [[quantity, summarise(quantity, weighed, units[quantity], spanHours)] as const]
  })
  if (quantities.length === 0) throw new MeasuresError('NO_READINGS', 'No record of air holds a value.')
  const comfort = (quantity: 'temperature' | 'humidity', range: ComfortRange): ComfortFigures | null => {
    const [weighed, unit] = [weigh(quantity), units[quantity]]
    if (weighed === null || unit === undefined) return null
    return judgeComfort(quantity, weighed.series, weighed.weightsMs, range, toCelsius(unit))
  }
  const co2 = weigh('co2')
  const gaps = findGaps(timesMs, intervalMs)
  return {
    n: ordered.length,
    duplicates,
    firstMs,
    lastMs,
    intervalMs,
    gaps: gaps.slice(0, MAX_GAPS),
    gapCount: gaps.length,
    quantities: Object.fromEntries(quantities),
    ventilation:
      co2 === null || units.co2 === undefined
        ? null
        : judgeVentilation(co2.series, co2.weightsMs, toPpm(units.co2)),
    comfort: {
      temperature: comfort('temperature', comfortCelsius),
      humidity: comfort('humidity', comfortPercent),
    },
  }
}

interface Weighed {
  readonly series: AirSeries
  readonly weightsMs: Float64Array
}

function summarise(
  quantity: AirQuantity,
  { series, weightsMs }: Weighed,
  unit: AirUnit | undefined,
  spanHours: number,
): AirQuantityFigures {
  const sorted = series.values.slice().sort()
  const hours = integrate(series, weightsMs, () => 1)
  const toUgM3 = unit === undefined ? null : toMicrograms(quantity, unit)
  return {
    n: sorted.length,
    unit: unit ?? null,
    coverage: Math.min(1, hours / spanHours),
    mean: integrate(series, weightsMs, (value) => value) / hours,
    min: sorted[0] as number,
    max: sorted.at(-1) as number,
    p5: quantileOf(sorted, 0.05),
    p25: quantileOf(sorted, 0.25),
    p50: quantileOf(sorted, 0.5),
    p75: quantileOf(sorted, 0.75),
    p95: quantileOf(sorted, 0.95),
    guideline: toUgM3 && compareWithGuideline(quantity, series, weightsMs, toUgM3),
  }
}

function findGaps(timesMs: Float64Array, intervalMs: number): { fromMs: number; toMs: number }[] {
  const gaps: { fromMs: number; toMs: number }[] = []
  for (let at = 1; at < timesMs.length; at++) {
    const [fromMs, toMs] = [timesMs[at - 1] as number, timesMs[at] as number]
    if (isGap(toMs - fromMs, intervalMs)) gaps.push({ fromMs, toMs })
  }
  return gaps
}

function checkOptions({ units = {}, intervalMs, comfortCelsius, comfortPercent }: AirOptions): void {
  checkUnits(units)
  if (intervalMs !== undefined && !(intervalMs > 0 && intervalMs <= HOUR_MS))
    throw new MeasuresError('OPTION_INVALID', 'intervalMs must be above 0 and at most an hour.')
  for (const range of [comfortCelsius, comfortPercent])
    if (range !== undefined && !(range[0] < range[1]))
      throw new MeasuresError('OPTION_INVALID', 'A range of comfort must rise from low to high.')
}
