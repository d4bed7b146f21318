/**
 * - `NO_READINGS`: there is nothing to summarise; choose a period with data.
 * - `VALUE_INVALID`: a value is not a positive finite number, or its unit is unknown; correct the input.
 */
export type MeasuresErrorCode = 'NO_READINGS' | 'VALUE_INVALID'

/** Why nothing could be computed; test `code`. Never holds a value. */
export class MeasuresError extends Error {
  override readonly name = 'MeasuresError'
  readonly code: MeasuresErrorCode

  constructor(code: MeasuresErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
