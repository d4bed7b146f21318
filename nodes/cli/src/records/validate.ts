import type { LineIssues, ValidationReport } from '@halo/records'
import { validateNdjson } from '@halo/records'
import type { CommonOptions } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import type { Output } from '../output.ts'
import { formatCount } from '../output.ts'
import { openInput, withProgress } from './input.ts'

/** Options of `validate`. */
export interface ValidateFlags extends CommonOptions {
  readonly profile?: readonly string[]
}

/** More lines than this help nobody; the counts are of all. */
const MAX_LINES = 100

/** `halo records validate`: checks FHIR R4, and says by exit code whether all of it is valid. */
export async function validateFile(
  flags: ValidateFlags,
  output: Output,
  [path = '']: readonly string[],
): Promise<number> {
  const input = await openInput(path, 'validate', output)
  const validation = validateNdjson(withProgress(input), {
    signal: input.signal,
    profiles: flags.profile,
  })
  const lines: LineIssues[] = []
  for await (const line of validation) if (lines.length < MAX_LINES) lines.push(line)
  output.progressDone()
  const report = validation.report()
  const isValid = report.withErrors === 0 && report.resources > 0
  output.result({ isValid, ...report, lines }, [
    ...lines.flatMap(describeLine),
    ...describeReport(report, lines),
  ])
  return isValid ? EXIT.OK : EXIT.BAD_INPUT
}

function describeLine({ row, resourceType, issues }: LineIssues): readonly string[] {
  return issues.map(
    ({ severity, code, path, message }) =>
      `line ${row}: ${severity}: ${path || (resourceType ?? 'no resource')} ${message} (${code})`,
  )
}

function describeReport(report: ValidationReport, lines: readonly LineIssues[]): readonly string[] {
  const types = Object.entries(report.byType).map(([type, count]) => `${count} ${type}`)
  const withIssues = Math.max(report.withErrors, report.withWarnings)
  const more =
    withIssues > lines.length ? [`… only the first ${lines.length} lines with issues are shown.`] : []
  if (report.resources === 0) return ['There is no resource in the file.']
  return [
    ...more,
    `${formatCount(report.resources, 'resource')} (${types.join(', ')}): ${report.withErrors} with errors, ${report.withWarnings} with warnings.`,
  ]
}
