import type { GlucoseSummary } from './glucose-summary.ts'

/** A goal of the consensus and whether it is met. */
export interface GlucoseTarget {
  readonly figure: 'in70_180' | 'below70' | 'below54' | 'above180' | 'above250' | 'cv'
  readonly comparison: '>' | '<' | '<='
  readonly percent: number
  /** Null where the figure is. */
  readonly isMet: boolean | null
}

/** Non-pregnant adults with type 1 or type 2 diabetes who are neither old nor at high risk. */
const ADULTS = [
  { figure: 'in70_180', comparison: '>', percent: 70 },
  { figure: 'below70', comparison: '<', percent: 4 },
  { figure: 'below54', comparison: '<', percent: 1 },
  { figure: 'above180', comparison: '<', percent: 25 },
  { figure: 'above250', comparison: '<', percent: 5 },
  { figure: 'cv', comparison: '<=', percent: 36 },
] as const

/** Holds a summary to the goals for adults. @see https://doi.org/10.2337/dci19-0028 */
export function checkTargets(summary: GlucoseSummary): readonly GlucoseTarget[] {
  return ADULTS.map((goal) => ({ ...goal, isMet: isMet(summary[goal.figure], goal) }))
}

function isMet(value: number | null, goal: Omit<GlucoseTarget, 'isMet'>): boolean | null {
  if (value === null) return null
  switch (goal.comparison) {
    case '>':
      return value > goal.percent
    case '<':
      return value < goal.percent
    case '<=':
      return value <= goal.percent
  }
}
