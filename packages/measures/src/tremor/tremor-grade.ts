import { MeasuresError } from '../errors.ts'

/**
 * How displacement goes with a clinical grade from 0 to 4: log10(cm from peak to peak) = alpha · grade + beta.
 * @see Elble et al. 2006, https://doi.org/10.1093/brain/awl190 (alpha 0.27–0.58 in posture, 0.44–0.49 at rest)
 */
export interface TremorCalibration {
  readonly alpha: number
  readonly beta: number
}

/** A calibration from a patient's own reports. */
export interface FittedCalibration extends TremorCalibration {
  /** Pairs it was made from. */
  readonly n: number
  /** Root mean square of what is left, in grades. */
  readonly residualGrades: number
}

/**
 * 1 cm is grade 4, and a grade is a factor of √10. Not calibrated on any patient: the grade it gives is
 * experimental and no diagnosis.
 */
const UNCALIBRATED: TremorCalibration = { alpha: 0.5, beta: -2 }

/** A displacement beside the grade that the patient reported for it. */
export interface ReportedTremor {
  /** From peak to peak; positive. */
  readonly displacementCm: number
  /** 0 to 4. */
  readonly grade: number
}

/** Two points would fit any line exactly. */
const FEWEST_REPORTS = 3

/** Grade before rounding; may lie outside of 0 to 4. */
export function rawGrade(displacementCm: number, { alpha, beta }: TremorCalibration = UNCALIBRATED): number {
  return (Math.log10(displacementCm) - beta) / alpha
}

/** Grade 0 to 4; experimental, not a diagnosis. */
export function gradeTremor(displacementCm: number, calibration: TremorCalibration = UNCALIBRATED): number {
  return Math.min(4, Math.max(0, Math.round(rawGrade(displacementCm, calibration))))
}

/**
 * Fits alpha and beta to a patient's own reports by least squares of log10(displacement) over the grade. Grades
 * are cut at 0 and 4, which flattens the line if many reports lie there.
 * @throws MeasuresError `VALUE_INVALID`, `CALIBRATION_UNFIT` for fewer than three reports, reports of one grade
 * only, or grades that do not rise with displacement
 */
export function calibrateTremor(reports: readonly ReportedTremor[]): FittedCalibration {
  for (const { displacementCm, grade } of reports)
    if (!(displacementCm > 0 && displacementCm < Infinity && grade >= 0 && grade <= 4))
      throw new MeasuresError(
        'VALUE_INVALID',
        'A report needs a positive displacementCm and a grade from 0 to 4.',
      )
  const n = reports.length
  const logs = reports.map(({ displacementCm }) => Math.log10(displacementCm))
  const meanGrade = reports.reduce((sum, { grade }) => sum + grade, 0) / n
  const meanLog = logs.reduce((sum, log) => sum + log, 0) / n
  const spread = reports.reduce((sum, { grade }) => sum + (grade - meanGrade) ** 2, 0)
  const joint = reports.reduce(
    (sum, { grade }, at) => sum + (grade - meanGrade) * ((logs[at] as number) - meanLog),
    0,
  )
  const alpha = joint / spread
  // Also NaN, where all grades are the same.
  if (n < FEWEST_REPORTS || !(alpha > 0))
    throw new MeasuresError(
      'CALIBRATION_UNFIT',
      `Calibration needs ${FEWEST_REPORTS} reports or more, of different grades that rise with the tremor. Collect more reports.`,
    )
  const beta = meanLog - alpha * meanGrade
  const squares = reports.reduce(
    (sum, { displacementCm, grade }) => sum + (rawGrade(displacementCm, { alpha, beta }) - grade) ** 2,
    0,
  )
  return { alpha, beta, n, residualGrades: Math.sqrt(squares / n) }
}
