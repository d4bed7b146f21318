import { MeasuresError } from '../errors.ts'

/** One glucose reading; where the sensor said `Low` or `High`, `value` is the bound it gave. */
export interface GlucoseSample {
  readonly value: number
  /** Milliseconds since 1970. */
  readonly timeMs: number
  readonly unit: 'mg/dL' | 'mmol/L'
  /** Set where the glucose was beyond what the sensor can tell, `<` for `Low`; the value counts as it stands. */
  readonly comparator?: '<' | '<=' | '>=' | '>' | null | undefined
}

/** Molar mass of glucose, 180.156 g/mol, in the units of a lab report. */
export const MG_DL_PER_MMOL_L = 18.0156

/**
 * The reading's glucose in mg/dL, not rounded.
 * @throws MeasuresError `VALUE_INVALID`
 */
export function convertToMgDl({ value, unit }: GlucoseSample): number {
  if (!Number.isFinite(value) || value <= 0)
    throw new MeasuresError('VALUE_INVALID', 'A glucose value must be a positive number.')
  switch (unit) {
    case 'mg/dL':
      return value
    case 'mmol/L':
      return value * MG_DL_PER_MMOL_L
    default:
      throw new MeasuresError('VALUE_INVALID', 'A glucose unit must be mg/dL or mmol/L.')
  }
}
