import { type GlucoseCoverage, measureCoverage } from './coverage.ts'
import { countEpisodes, type EpisodeFigures, type GlucoseLimit } from './episodes.ts'
import { type GlucoseSample, MG_DL_PER_MMOL_L } from './glucose-reading.ts'
import { type GlucoseSummary, summariseValues } from './glucose-summary.ts'
import { type GlucoseExcursions, measureExcursions } from './mage.ts'
import { type DayDifferences, measureDayDifferences } from './modd.ts'
import { quantileOf } from './quantile.ts'
import { type GlucoseBands, type GlucoseRisk, measureRisk, separateBands } from './risk.ts'
import { checkTargets, type GlucoseTarget } from './targets.ts'
import { traceReadings } from './trace.ts'

/**
 * All figures of one person's readings. Glucose is in mg/dL, shares are percent of readings. Names are those by which
 * the field compares its programs, hence their spelling.
 */
export interface GlucoseMeasures
  extends GlucoseSummary,
    GlucoseCoverage,
    GlucoseRisk,
    DayDifferences,
    GlucoseExcursions {
  /** Glucose management indicator in mmol/mol. */
  readonly gmi_mmol_mol: number
  readonly min: number
  readonly median: number
  readonly max: number
  /** From the 25th to the 75th percentile. */
  readonly iqr: number
  /** From 70 to 140 mg/dL, both included: the tight range. */
  readonly in70_140: number
  /** From 63 to 140 mg/dL, both included: the range in pregnancy with type 1 diabetes. */
  readonly in63_140: number
  readonly bands: GlucoseBands
  readonly episodes: Readonly<Record<GlucoseLimit, EpisodeFigures>>
  readonly targets: readonly GlucoseTarget[]
  /** Readings left out because another of the same instant has the same value. */
  readonly duplicates: number
  /** Instants with readings of different values; their mean stands for them. */
  readonly conflicts: number
  /** Readings below what the sensor can tell, counted at its bound. */
  readonly below_range: number
  /** Readings above what the sensor can tell, counted at its bound. */
  readonly above_range: number
}

/**
 * Measures one person's readings, in any order. Few readings are no reason to refuse: `days`, `has_14_days`
 * and `has_70_percent_active` say what the figures rest on.
 * @throws MeasuresError `NO_READINGS`, `VALUE_INVALID`, `TIME_INVALID`, `UNIT_SUSPECT`
 * @see https://doi.org/10.2337/dci19-0028 (Battelino 2019)
 */
export function measureGlucose(readings: Iterable<GlucoseSample>): GlucoseMeasures {
  const trace = traceReadings(readings)
  const summary = summariseValues(trace.valuesMgDl)
  return {
    ...summary,
    ...measureCoverage(trace),
    ...measureRisk(trace.valuesMgDl, summary),
    gmi_mmol_mol: estimateGmi(summary.mean),
    ...describeSpread(trace.valuesMgDl),
    bands: separateBands(summary),
    ...measureDayDifferences(trace),
    ...measureExcursions(trace, summary.sd),
    episodes: countEpisodes(trace),
    targets: checkTargets(summary),
    duplicates: trace.duplicates,
    conflicts: trace.conflicts,
    below_range: trace.belowRange,
    above_range: trace.aboveRange,
  }
}

/** GMI in mmol/mol, from the mean in mmol/L. @see https://doi.org/10.2337/dc18-1581 (Bergenstal 2018) */
function estimateGmi(meanMgDl: number): number {
  return 12.71 + 4.70587 * (meanMgDl / MG_DL_PER_MMOL_L)
}

function describeSpread(
  valuesMgDl: Float64Array,
): Pick<GlucoseMeasures, 'min' | 'median' | 'max' | 'iqr' | 'in70_140' | 'in63_140'> {
  const sorted = valuesMgDl.toSorted()
  const shareFrom = (lowMgDl: number): number =>
    (100 * sorted.filter((value) => value >= lowMgDl && value <= 140).length) / sorted.length
  return {
    min: quantileOf(sorted, 0),
    median: quantileOf(sorted, 0.5),
    max: quantileOf(sorted, 1),
    iqr: quantileOf(sorted, 0.75) - quantileOf(sorted, 0.25),
    in70_140: shareFrom(70),
    in63_140: shareFrom(63),
  }
}
