import type { FhirResource, JsonValue } from '../text/fhir-json.ts'
import type { Code } from './codes.ts'
import { concept, DATA_ABSENT_REASON, invalidField, OBSERVATION_CATEGORY } from './codes.ts'

/** When something was measured: a FHIR dateTime, or the first and last of a span. */
export type EffectiveTime = string | { readonly start: string; readonly end: string }

/** What every Observation says besides its figures. References are relative, such as `Patient/subject-1`. */
export interface ObservationContext {
  /** Logical id, 1 to 64 of `A-Z a-z 0-9 - .`; must tell nothing about the patient or the device. */
  readonly id?: string | undefined
  readonly subject: string
  readonly effective: EffectiveTime
  readonly device?: string | undefined
  /** Recordings, questionnaires or observations that the figures were computed from. */
  readonly derivedFrom?: readonly string[] | undefined
}

/** What an Observation is about; `a figure, components, or `absent`. */
export interface ObservationContent {
  readonly profile?: string | undefined
  readonly category: 'vital-signs' | 'laboratory' | 'activity' | 'exam' | 'survey'
  /** Codes for the same thing, the most specific first. */
  readonly code: readonly Code[]
  readonly valueQuantity?: JsonValue | undefined
  /** A value that is a code; not both this and a Quantity. */
  readonly valueCode?: Code | undefined
  readonly absent?: string | undefined
  readonly components?: readonly JsonValue[] | undefined
  readonly method?: string | undefined
  readonly note?: string | undefined
  readonly focus?: string | undefined
  readonly hasMember?: readonly string[] | undefined
}

/**
 * An Observation with status `final`; what is not given is left out.
 * @throws RecordsError `FIELD_INVALID` for an id or a reference that FHIR does not allow
 * @see https://hl7.org/fhir/R4/observation.html
 */
export function buildObservation(content: ObservationContent, context: ObservationContext): FhirResource {
  return resource('Observation', {
    id: context.id === undefined ? undefined : checkId(context.id),
    meta: content.profile === undefined ? undefined : { profile: [content.profile] },
    status: 'final',
    category: [concept({ system: OBSERVATION_CATEGORY, code: content.category })],
    code: concept(...content.code),
    subject: reference('subject', context.subject),
    focus: content.focus === undefined ? undefined : [reference('focus', content.focus)],
    ...effectiveOf(context.effective),
    valueQuantity: content.valueQuantity,
    valueCodeableConcept: content.valueCode === undefined ? undefined : concept(content.valueCode),
    dataAbsentReason: content.absent === undefined ? undefined : absence(content.absent),
    note: content.note === undefined ? undefined : [{ text: content.note }],
    method: content.method === undefined ? undefined : { text: content.method },
    device: context.device === undefined ? undefined : reference('device', context.device),
    hasMember: references('hasMember', content.hasMember),
    derivedFrom: references('derivedFrom', context.derivedFrom),
    component: listOrNothing(content.components),
  })
}

/** A resource of these properties without those that are undefined. */
export function resource(
  resourceType: string,
  properties: Readonly<Record<string, JsonValue | undefined>>,
): FhirResource {
  const given: Record<string, JsonValue> = {}
  for (const [name, value] of Object.entries(properties)) if (value !== undefined) given[name] = value
  return { resourceType, ...given }
}

/** A component that holds a Quantity. */
export function quantityComponent(code: readonly Code[], valueQuantity: JsonValue): JsonValue {
  return { code: concept(...code), valueQuantity }
}

/** A relative or `urn:uuid:` reference. */
export function reference(field: string, target: string): JsonValue {
  if (!REFERENCE.test(target)) throw invalidField(field, 'must be a reference such as Patient/subject-1')
  return { reference: target }
}

/** @throws RecordsError `FIELD_INVALID` unless the text is a FHIR id */
export function checkId(id: string): string {
  if (!/^[A-Za-z0-9.-]{1,64}$/.test(id)) throw invalidField('id', 'must be 1 to 64 letters, digits, - or .')
  return id
}

const REFERENCE = /^(?:[A-Z][A-Za-z]{1,40}\/[A-Za-z0-9.-]{1,64}|urn:uuid:[0-9a-f-]{36})$/

function effectiveOf(time: EffectiveTime): { readonly [key: string]: JsonValue } {
  if (typeof time === 'string') return { effectiveDateTime: checkTime('effective', time) }
  return { effectivePeriod: { start: checkTime('start', time.start), end: checkTime('end', time.end) } }
}

/** A date, or a time with seconds and offset; that the day exists is for the validation to say. */
const DATE_TIME = /^\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))?)?)?$/

/** @throws RecordsError `FIELD_INVALID` unless the text has the form of a FHIR dateTime */
export function checkTime(field: string, time: string): string {
  if (!DATE_TIME.test(time)) throw invalidField(field, 'must be a date, or a time with seconds and offset')
  return time
}

function absence(reason: string): JsonValue {
  return concept({ system: DATA_ABSENT_REASON, code: reason })
}

function references(field: string, targets: readonly string[] | undefined): JsonValue | undefined {
  return listOrNothing(targets?.map((target) => reference(field, target)))
}

/** FHIR has no empty lists. */
function listOrNothing(list: readonly JsonValue[] | undefined): JsonValue | undefined {
  return list === undefined || list.length === 0 ? undefined : list
}
