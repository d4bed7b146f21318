import { RecordsError } from '../errors.ts'

/**
 * A bound or count that a caller may set.
 * @throws RecordsError `OPTION_INVALID` for anything but a whole number above 0
 */
export function checkCount(option: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value
  throw invalidOption(option, 'a whole number above 0')
}

/** The refusal of an option; says what it has to be, never what it was. */
export function invalidOption(option: string, wanted: string): RecordsError {
  return new RecordsError('OPTION_INVALID', `The option ${option} must be ${wanted}.`, { option })
}
