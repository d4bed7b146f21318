import type { AirQuantity, AirSeries } from './air-record.ts'
import type { HourOfAir } from './time-weights.ts'
import { countHours, meanByHour } from './time-weights.ts'

/** A pollutant beside its guideline. */
export interface GuidelineFigures {
  /** What the guideline's value is a mean over. */
  readonly averagingHours: number
  /** µg/m³ */
  readonly guidelineUgM3: number
  /** Hours during which the readings themselves were above the value; by itself that exceeds no guideline. */
  readonly hoursOverValue: number
  /** Running means over the averaging time, one per hour, for which three quarters of the hours have data. */
  readonly windows: number
  /** Of these, above the value. */
  readonly windowsOver: number
  /** µg/m³; null without windows. */
  readonly highestWindowUgM3: number | null
}

/**
 * WHO global air quality guidelines 2021, table 0.1: short-term levels, for air outdoors and indoors. They may be
 * exceeded on three to four days a year.
 * @see https://www.who.int/publications/i/item/9789240034228
 */
const GUIDELINES: Readonly<Partial<Record<AirQuantity, { readonly hours: number; readonly ugM3: number }>>> =
  {
    pm2_5: { hours: 24, ugM3: 15 },
    pm10: { hours: 24, ugM3: 45 },
    no2: { hours: 24, ugM3: 25 },
    o3: { hours: 8, ugM3: 100 },
    co: { hours: 24, ugM3: 4000 },
  }

/** Of an hour, and of a window's hours. @see Directive 2008/50/EC, annex XI A */
const LEAST_SHARE = 0.75

/** Compares a pollutant with its guideline; null where WHO gives none. */
export function compareWithGuideline(
  quantity: AirQuantity,
  series: AirSeries,
  weightsMs: Float64Array,
  toUgM3: (value: number) => number,
): GuidelineFigures | null {
  const guideline = GUIDELINES[quantity]
  if (guideline === undefined) return null
  const hours = meanByHour(series, weightsMs, toUgM3).filter(({ coverage }) => coverage >= LEAST_SHARE)
  const means = runningMeans(hours, guideline.hours)
  return {
    averagingHours: guideline.hours,
    guidelineUgM3: guideline.ugM3,
    hoursOverValue: countHours(series, weightsMs, (value) => toUgM3(value) > guideline.ugM3),
    windows: means.length,
    windowsOver: means.filter((mean) => mean > guideline.ugM3).length,
    highestWindowUgM3: means.length === 0 ? null : means.reduce((high, mean) => Math.max(high, mean)),
  }
}

/** Means over the `length` hours that end with each hour, where enough of them have data. */
function runningMeans(hours: readonly HourOfAir[], length: number): readonly number[] {
  const means: number[] = []
  let from = 0
  hours.forEach(({ hour }, at) => {
    while ((hours[from] as HourOfAir).hour <= hour - length) from += 1
    const window = hours.slice(from, at + 1)
    if (window.length >= LEAST_SHARE * length)
      means.push(window.reduce((sum, { mean }) => sum + mean, 0) / window.length)
  })
  return means
}
