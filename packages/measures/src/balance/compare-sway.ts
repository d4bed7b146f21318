import { computeMedian } from '../signal/statistics.ts'
import type { ResearchSway, ScreeningSway } from './measure-sway.ts'
import { assertLikeConditions, assertLikeMethods } from './method.ts'
import type { SwayIndexName } from './sway-indices.ts'

/** One index beside a person's own earlier ones. */
export interface IndexChange {
  readonly value: number
  /** Of the earlier ones. */
  readonly median: number
  /** Median absolute deviation of the earlier ones, as it is. */
  readonly mad: number
  /** (value − median) / (1.4826 MAD); null when the earlier ones do not vary. */
  readonly robustZ: number | null
  /** Of the median; null when it is 0. */
  readonly changePercent: number | null
  /** How many earlier ones there are. */
  readonly pastCount: number
}

/** A result beside the same person's earlier ones, or how many of these are missing for that. */
export type SwayTrend =
  | { readonly isCompared: false; readonly pastCount: number; readonly neededCount: number }
  | {
      readonly isCompared: true
      readonly pastCount: number
      readonly changes: Readonly<Partial<Record<SwayIndexName, IndexChange>>>
    }

const FEWEST_PAST = 3
/** Makes the MAD of a normal distribution its standard deviation. @see Rousseeuw, Croux 1993, JASA 88:1273 */
const MAD_TO_SD = 1.4826
/** They say where someone stood, or which way, not how well. */
const NOT_COMPARED: readonly string[] = [
  'mean_value_ML',
  'mean_value_AP',
  'principal_sway_direction_ML_AND_AP',
]

/**
 * How a result stands against the same person's earlier ones: no norms, no verdict. Needs three earlier
 * results; an index is left out where it, or too many of the earlier ones, are not defined.
 * @throws MeasuresError `METHODS_DIFFER` when one of them was not done and measured in the same way
 */
export function compareSway(
  current: ResearchSway | ScreeningSway,
  past: readonly (ResearchSway | ScreeningSway)[],
): SwayTrend {
  for (const earlier of past) {
    assertLikeMethods(current, earlier)
    assertLikeConditions(current, earlier, false)
  }
  const pastCount = past.length
  if (pastCount < FEWEST_PAST) return { isCompared: false, pastCount, neededCount: FEWEST_PAST }
  const changes: Partial<Record<SwayIndexName, IndexChange>> = {}
  for (const [name, value] of Object.entries(current.indices)) {
    const change = NOT_COMPARED.includes(name) ? null : compareIndex(value, readPast(past, name))
    if (change !== null) changes[name as SwayIndexName] = change
  }
  return { isCompared: true, pastCount, changes }
}

function readPast(past: readonly (ResearchSway | ScreeningSway)[], name: string): readonly number[] {
  const values = past.map(({ indices }) => (indices as Readonly<Record<string, number | null>>)[name])
  return values.filter((value): value is number => typeof value === 'number')
}

function compareIndex(value: number | null, past: readonly number[]): IndexChange | null {
  if (value === null || past.length < FEWEST_PAST) return null
  const median = computeMedian(past)
  const mad = computeMedian(past.map((earlier) => Math.abs(earlier - median)))
  return {
    value,
    median,
    mad,
    robustZ: mad === 0 ? null : (value - median) / (MAD_TO_SD * mad),
    changePercent: median === 0 ? null : (100 * (value - median)) / Math.abs(median),
    pastCount: past.length,
  }
}
