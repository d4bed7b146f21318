import { RecordsError } from '../errors.ts'
import type { FhirResource, JsonValue } from '../text/fhir-json.ts'
import { isResource, parseFhirJson } from '../text/fhir-json.ts'
import { createResourceSplitter, MAX_JSON_BYTES } from '../text/json-lines.ts'
import { readJsonTexts } from '../text/json-texts.ts'
import { checkCount } from '../text/options.ts'
import type { ValidateResource } from './open-validator.ts'
import { openValidator } from './open-validator.ts'
import type { Issue } from './validate/issue.ts'
import type { ValidateOptions } from './validate/validate-resource.ts'

/** What is wrong with one line of NDJSON, or with one resource of a file that is laid out otherwise. */
export interface LineIssues {
  /** Line of the file on which the resource begins, counted from 1. */
  readonly row: number
  /** Null when the line is not even a resource. */
  readonly resourceType: string | null
  readonly issues: readonly Issue[]
}

/** Counts of a whole file. */
export interface ValidationReport {
  readonly resources: number
  readonly withErrors: number
  readonly withWarnings: number
  /** Resources by type. */
  readonly byType: Readonly<Record<string, number>>
}

/** Bounds and options of {@link validateNdjson}. */
export interface NdjsonOptions extends ValidateOptions {
  readonly signal?: AbortSignal | undefined
  /** @defaultValue 16 MiB */
  readonly maxLineBytes?: number | undefined
}

/** The lines with issues, one by one; iterate once. */
export interface NdjsonValidation extends AsyncIterable<LineIssues> {
  /** Complete once the iteration has ended. */
  report(): ValidationReport
}

/**
 * Checks a file of one resource per line, holding one line at a time; empty lines are passed over. A list, and
 * JSON that goes over several lines, are checked resource by resource.
 * @throws RecordsError while iterating: `FORMAT_UNKNOWN` for bytes that are no UTF-8 text, `LINE_TOO_LONG`;
 * `JSON_MALFORMED` for JSON over several lines whose brackets do not close
 */
export function validateNdjson(
  source: AsyncIterable<Uint8Array | string>,
  options: NdjsonOptions = {},
): NdjsonValidation {
  const { signal, maxLineBytes = MAX_JSON_BYTES } = options
  const counts = { resources: 0, withErrors: 0, withWarnings: 0 }
  const byType: Record<string, number> = {}
  async function* lines(): AsyncGenerator<LineIssues> {
    const splitter = createResourceSplitter(checkCount('maxLineBytes', maxLineBytes))
    const validate = await openValidator()
    for await (const { row, text } of readJsonTexts(source, splitter, { signal })) {
      const line = validateLine(text, row, validate, options)
      const type = line.resourceType ?? 'none'
      counts.resources += 1
      byType[type] = (byType[type] ?? 0) + 1
      if (line.issues.some(({ severity }) => severity === 'error')) counts.withErrors += 1
      if (line.issues.some(({ severity }) => severity === 'warning')) counts.withWarnings += 1
      if (line.issues.length > 0) yield line
    }
  }
  return { [Symbol.asyncIterator]: lines, report: () => ({ ...counts, byType: { ...byType } }) }
}

function validateLine(
  text: string,
  row: number,
  validate: ValidateResource,
  options: ValidateOptions,
): LineIssues {
  const value = parseLine(text, row)
  if (isResource(value)) {
    const issues = validate(value as FhirResource, options)
    const isUnknown = issues.some(({ code, path }) => code === 'RESOURCE_UNSUPPORTED' && path === 'Resource')
    return { row, resourceType: isUnknown ? null : value.resourceType, issues }
  }
  return { row, resourceType: null, issues: [NO_RESOURCE] }
}

const NO_RESOURCE: Issue = {
  severity: 'error',
  code: 'JSON_MALFORMED',
  path: '',
  message: 'must be the JSON of one resource',
  foundBy: 'halo',
}

function parseLine(text: string, row: number): JsonValue | undefined {
  try {
    return parseFhirJson(text, row)
  } catch (error) {
    if (error instanceof RecordsError) return undefined
    throw error
  }
}
