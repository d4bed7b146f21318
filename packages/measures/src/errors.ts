/**
 * - `NO_READINGS`: there is nothing to summarise; choose a period with data.
 * - `VALUE_INVALID`: a value is not a positive finite number, or its unit is unknown; correct the input.
 * - `TIME_INVALID`: a time is no number of milliseconds between the years 1900 and 9999; correct the input.
 * - `UNIT_SUSPECT`: the values make no sense in the unit they are said to have; state the right unit.
 * - `TIME_ZONE_UNKNOWN`: the time zone has no such name; give an IANA name.
 * - `OPTION_INVALID`: an option is out of its bounds; the message names it.
 * - `TOO_SHORT`: the recording is shorter than the measure needs; record longer.
 * - `TOO_LONG`: the recording is longer than one test takes; cut out the test.
 * - `RATE_INVALID`: the sampling rate is missing, irregular beyond repair or too low; record at a higher rate.
 * - `COVERAGE_LOW`: too many samples are missing; record again.
 * - `POSTURE_INVALID`: the phone was not held upright and still enough to tell sway from movement; repeat the test.
 * - `CALIBRATION_UNFIT`: reports are too few, alike, or do not rise with the tremor; collect more.
 * - `METHODS_DIFFER`: results of different methods or sources cannot be compared; compare like with like.
 */
export type MeasuresErrorCode =
  | 'NO_READINGS'
  | 'VALUE_INVALID'
  | 'TIME_INVALID'
  | 'UNIT_SUSPECT'
  | 'TIME_ZONE_UNKNOWN'
  | 'OPTION_INVALID'
  | 'TOO_SHORT'
  | 'TOO_LONG'
  | 'RATE_INVALID'
  | 'COVERAGE_LOW'
  | 'POSTURE_INVALID'
  | 'CALIBRATION_UNFIT'
  | 'METHODS_DIFFER'

/** Why nothing could be computed; test `code`. Never holds a value. */
export class MeasuresError extends Error {
  override readonly name = 'MeasuresError'
  readonly code: MeasuresErrorCode

  constructor(code: MeasuresErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
