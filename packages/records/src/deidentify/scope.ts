import type { JsonValue } from '../text/fhir-json.ts'
import { asText, isObject } from '../text/fhir-json.ts'
import { RESOURCE_TYPES } from './allow-list.ts'
import type { Node } from './engine.ts'

/** What is known about the resource that is being gone through. */
export interface ResourceScope {
  readonly type: string
  readonly isContained: boolean
  /** Logical id of the patient whom it concerns, as the source has it; empty when it names none. */
  readonly patient: string
  /** Local ids of contained resources that stay. */
  readonly contained: ReadonlySet<string>
  /** In a Bundle: `Type/id` by fullUrl, for the entries that stay. */
  readonly entries: ReadonlyMap<string, string> | null
}

/** Elements that say whom a resource concerns, the most telling first. */
const PATIENT_ELEMENTS = ['subject', 'patient', 'individual', 'source', 'focus', 'agent'] as const

/**
 * Opens a resource, or leaves it out: types that are not in the allow-list, and resources that say, by a
 * modifier, that they mean something else than they seem to.
 * @see https://hl7.org/fhir/R4/extensibility.html#modifierExtension
 */
export function openScope(resource: Node, parent: ResourceScope | null): ResourceScope | null {
  if (!mayLeave(resource)) return null
  const type = asText(resource['resourceType'])
  const isContained = parent !== null && parent.type !== 'Bundle'
  const entries = type === 'Bundle' ? entriesOf(resource) : (parent?.entries ?? null)
  const own = patientOf(resource, entries)
  return {
    type,
    isContained,
    patient: own === '' && isContained ? parent.patient : own,
    contained: isContained ? parent.contained : containedIds(resource),
    entries,
  }
}

/** Type and id that a reference names, resolved within its Bundle; null when it names none that may leave. */
export function readReference(
  text: string,
  entries: ReadonlyMap<string, string> | null,
): { readonly type: string; readonly id: string } | null {
  const target = entries?.get(text) ?? text
  const [, type = '', id = ''] =
    /(?:^|\/)([A-Z][A-Za-z]{1,40})\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/.exec(
      target,
    ) ?? []
  return RESOURCE_TYPES.has(type) ? { type, id } : null
}

function mayLeave(resource: Node): boolean {
  return (
    RESOURCE_TYPES.has(asText(resource['resourceType'])) &&
    resource['modifierExtension'] === undefined &&
    resource['implicitRules'] === undefined
  )
}

function patientOf(resource: Node, entries: ReadonlyMap<string, string> | null): string {
  if (resource['resourceType'] === 'Patient') return asText(resource['id'])
  for (const name of PATIENT_ELEMENTS)
    for (const one of listOf(resource[name])) {
      const reference = isObject(one) ? (isObject(one['who']) ? one['who'] : one)['reference'] : undefined
      const target = typeof reference === 'string' ? readReference(reference, entries) : null
      if (target?.type === 'Patient') return target.id
    }
  return ''
}

function containedIds(resource: Node): ReadonlySet<string> {
  const ids = listOf(resource['contained']).flatMap((one) =>
    isObject(one) && mayLeave(one) ? [one['id']] : [],
  )
  return new Set(ids.filter((id) => typeof id === 'string'))
}

function entriesOf(bundle: Node): ReadonlyMap<string, string> {
  const entries = new Map<string, string>()
  for (const entry of listOf(bundle['entry'])) {
    const resource = isObject(entry) ? entry['resource'] : undefined
    if (!isObject(entry) || !isObject(resource) || !mayLeave(resource)) continue
    const fullUrl = entry['fullUrl']
    if (typeof fullUrl !== 'string') continue
    // A new resource has no id yet: its urn:uuid is one.
    const id = typeof resource['id'] === 'string' ? resource['id'] : /[A-Za-z0-9.-]{1,64}$/.exec(fullUrl)?.[0]
    if (id !== undefined) entries.set(fullUrl, `${asText(resource['resourceType'])}/${id}`)
  }
  return entries
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value as JsonValue]
}
