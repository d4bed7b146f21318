import { RecordsError } from '../errors.ts'
import { canonicalJson } from '../text/canonical-json.ts'
import { parseInstant, parseWrittenTime } from '../text/date-time.ts'
import type { FhirResource, JsonValue } from '../text/fhir-json.ts'
import { isObject, isResource, parseFhirJson } from '../text/fhir-json.ts'
import type { TimeZone } from '../text/time-zone.ts'

/** One resource of a stream, and what places it in time. */
export interface TimedResource {
  /** Canonical JSON with its line feed. */
  readonly line: string
  /** Line of the source, from 1. */
  readonly row: number
  /** Reference of the subject as the resource has it; empty where it has none. */
  readonly subject: string
  /** What is measured, and by which device where that is told. */
  readonly series: string
  readonly timeMs: number
  /** End of a period in milliseconds since 1970; the same as `timeMs` for an instant. */
  readonly endMs: number
}

/** Elements that say when, by type; the first that a resource has counts. */
const TIMES: ReadonlyMap<string, readonly string[]> = new Map([
  ['Observation', ['effectiveDateTime', 'effectiveInstant', 'effectivePeriod']],
  ['QuestionnaireResponse', ['authored']],
])

/**
 * Reads a line of FHIR NDJSON.
 * @param zone in which a date without a time begins
 * @throws RecordsError `JSON_MALFORMED`, `RESOURCE_UNSUPPORTED`, `TIME_INVALID`, each naming the row
 */
export function readTimedResource(text: string, row: number, zone: TimeZone): TimedResource {
  const resource = parseFhirJson(text, row)
  if (!isResource(resource))
    throw new RecordsError('JSON_MALFORMED', `Line ${row} is no FHIR resource. Export the data again.`, {
      row,
    })
  const element = timeElement(resource, row)
  const { startMs, endMs } = readTime(resource[element], row, zone)
  return {
    line: `${canonicalJson(resource)}\n`,
    row,
    subject: textAt(resource['subject'], 'reference'),
    series: seriesOf(resource),
    timeMs: startMs,
    endMs,
  }
}

/**
 * Canonical JSON without id, meta and time: equal for two resources that say the same. Made of the line
 * when it is asked for, as most resources have no other to be compared with.
 */
export function contentOf({ line, row }: TimedResource): string {
  const resource = parseFhirJson(line, row) as FhirResource
  const { [timeElement(resource, row)]: _time, id: _id, meta: _meta, ...content } = resource
  return canonicalJson(content)
}

function timeElement(resource: FhirResource, row: number): string {
  const elements = TIMES.get(resource.resourceType)
  if (elements === undefined)
    throw new RecordsError(
      'RESOURCE_UNSUPPORTED',
      `Line ${row} is not an Observation or QuestionnaireResponse, so it lies in no window. Leave it out.`,
      { row },
    )
  const element = elements.find((name) => resource[name] !== undefined)
  if (element === undefined) throw timeInvalid(row)
  return element
}

function readTime(
  value: JsonValue | undefined,
  row: number,
  zone: TimeZone,
): { readonly startMs: number; readonly endMs: number } {
  const [start, end] = isObject(value) ? [value['start'], value['end'] ?? value['start']] : [value, value]
  const startMs = readMoment(start, zone)
  const endMs = readMoment(end, zone)
  if (startMs === null || endMs === null || endMs < startMs) throw timeInvalid(row)
  return { startMs, endMs }
}

/** A date without a time is the whole day there; it counts from the day's beginning. */
function readMoment(value: JsonValue | undefined, zone: TimeZone): number | null {
  if (typeof value !== 'string') return null
  if (value.length > 10) return parseInstant(value)
  const wallMs = parseWrittenTime(`${value}T00:00`)?.wallMs
  if (wallMs === undefined) return null
  const offsetMin = zone.offsetsAt(wallMs)[0] ?? zone.offsetAt(wallMs)
  return wallMs - offsetMin * 60_000
}

/** Type, code (or questionnaire) and device, as the resource spells them. */
function seriesOf(resource: FhirResource): string {
  const code = resource['code'] ?? resource['questionnaire']
  const codings = isObject(code) ? code['coding'] : undefined
  const coding = Array.isArray(codings) ? codings[0] : undefined
  const parts = [
    resource.resourceType,
    typeof code === 'string' ? code : `${textAt(coding, 'system')}|${textAt(coding, 'code')}`,
    textAt(resource['device'], 'reference'),
  ]
  return parts.filter((part) => part !== '').join(' ')
}

function textAt(value: JsonValue | undefined, key: string): string {
  const text = isObject(value) ? value[key] : undefined
  return typeof text === 'string' ? text : ''
}

function timeInvalid(row: number): RecordsError {
  return new RecordsError(
    'TIME_INVALID',
    `Line ${row} has no time with an offset and no date that exist, or ends before it begins. Correct it, or aggregate before times are coarsened.`,
    { row },
  )
}
