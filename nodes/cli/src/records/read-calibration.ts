import type { ReportedTremor, TremorCalibration } from '@halo/measures'
import { calibrateTremor } from '@halo/measures'
import { CliError } from '../errors.ts'
import { readSmallFile } from './input.ts'

/** Far more reports than anyone writes. */
const MAX_BYTES = 1 << 20
/** What a calibration has, and what one that was fitted has beside it, so that printed ones can be given back. */
const CALIBRATION_KEYS: ReadonlySet<string> = new Set(['alpha', 'beta', 'n', 'residualGrades'])
const REPORT_KEYS: ReadonlySet<string> = new Set(['displacementCm', 'grade'])

type Fields = Readonly<Record<string, unknown>>

/**
 * A patient's own calibration of tremor grades, from a JSON file: alpha and beta, or a list of reports that they
 * are fitted to.
 * @throws CliError `FILE_UNREADABLE`, `USAGE`; MeasuresError `VALUE_INVALID`, `CALIBRATION_UNFIT`
 */
export async function readCalibration(path: string): Promise<TremorCalibration> {
  const value = parseJson(await readSmallFile(path, MAX_BYTES))
  if (Array.isArray(value)) return calibrateTremor(value.map(parseReport))
  if (!isFields(value, CALIBRATION_KEYS)) throw wrongForm()
  const { alpha, beta } = value
  const isUsable =
    typeof alpha === 'number' &&
    typeof beta === 'number' &&
    alpha > 0 &&
    Number.isFinite(alpha) &&
    Number.isFinite(beta)
  if (!isUsable)
    throw new CliError('USAGE', 'A --calibration file needs a positive number alpha and a number beta.')
  return value as Fields & TremorCalibration
}

function parseReport(report: unknown): ReportedTremor {
  if (!isFields(report, REPORT_KEYS)) throw wrongForm()
  const { displacementCm, grade } = report
  if (typeof displacementCm !== 'number' || typeof grade !== 'number') throw wrongForm()
  return { displacementCm, grade }
}

/** Unknown names may be misspelt ones, so they are refused. */
function isFields(value: unknown, names: ReadonlySet<string>): value is Fields {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject && Object.keys(value).every((name) => names.has(name))
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    // The parser's message would show what the file holds.
    throw wrongForm()
  }
}

function wrongForm(): CliError {
  return new CliError(
    'USAGE',
    'A --calibration file is JSON: {"alpha": …, "beta": …}, or a list of reports, each {"displacementCm": …, "grade": …}.',
  )
}
