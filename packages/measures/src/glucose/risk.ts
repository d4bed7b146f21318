import type { GlucoseSummary } from './glucose-summary.ts'

/** Figures that weigh lows and highs by how much they harm. */
export interface GlucoseRisk {
  /** Low blood glucose index. */
  readonly LBGI: number
  /** High blood glucose index. */
  readonly HBGI: number
  /** J index, of mean and deviation; null with one reading. */
  readonly J: number | null
  /** Glycemia risk index, 0 to 100. */
  readonly GRI: number
}

/** Five disjoint shares in percent, which sum to 100: the bar of a report, from very low to very high. */
export interface GlucoseBands {
  /** Below 54 mg/dL. */
  readonly veryLow: number
  /** From 54 to below 70 mg/dL. */
  readonly low: number
  /** From 70 to 180 mg/dL, both included. */
  readonly inRange: number
  /** Above 180, up to 250 mg/dL. */
  readonly high: number
  /** Above 250 mg/dL. */
  readonly veryHigh: number
}

/** The shares of a summary without overlap. */
export function separateBands(summary: GlucoseSummary): GlucoseBands {
  return {
    veryLow: summary.below54,
    low: summary.below70 - summary.below54,
    inRange: summary.in70_180,
    high: summary.above180 - summary.above250,
    veryHigh: summary.above250,
  }
}

/**
 * @see https://doi.org/10.2337/diacare.20.11.1655 for LBGI and HBGI (Kovatchev 1997)
 * @see Wójcicki, Hormone and Metabolic Research 27 (1995) 41 for J
 * @see https://doi.org/10.1177/19322968221085273 for GRI (Klonoff 2022), which weighs disjoint bands
 */
export function measureRisk(valuesMgDl: Float64Array, summary: GlucoseSummary): GlucoseRisk {
  let low = 0
  let high = 0
  for (const glucose of valuesMgDl) {
    const skew = symmetrise(glucose)
    if (skew < 0) low += RISK_SCALE * skew ** 2
    else high += RISK_SCALE * skew ** 2
  }
  const bands = separateBands(summary)
  const weighted = 3 * bands.veryLow + 2.4 * bands.low + 1.6 * bands.veryHigh + 0.8 * bands.high
  return {
    LBGI: low / summary.n,
    HBGI: high / summary.n,
    J: summary.sd === null ? null : 0.001 * (summary.mean + summary.sd) ** 2,
    GRI: Math.min(100, weighted),
  }
}

/** 10 · 1.509², to the two decimals in use. */
const RISK_SCALE = 22.77

/** Glucose on the scale on which 112.5 mg/dL is 0 and lows weigh as much as highs. */
function symmetrise(mgDl: number): number {
  // Below 1 mg/dL the logarithm has no such power; no sensor shows it.
  return Math.log(Math.max(1, mgDl)) ** 1.084 - 5.381
}
