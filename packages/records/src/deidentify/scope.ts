import type { JsonValue } from '../text/fhir-json.ts'
import { asText, isObject } from '../text/fhir-json.ts'
import { RESOURCE_TYPES } from './allow-list.ts'
import type { Node } from './engine.ts'

/** What is known about the resource that is being gone through. */
export interface ResourceScope {
  readonly type: string
  readonly isContained: boolean
  /**
   * Logical id of the patient whom it concerns, as the source has it; that of a contained patient, who is nobody
   * outside, after its container; empty when it names none.
   */
  readonly patient: string
  /** The resource itself, or the one that it is contained in: type, and id or place in the export. */
  readonly container: string
  /** Types of contained resources that stay, by local id. */
  readonly contained: ReadonlyMap<string, string>
  /** In a Bundle: `Type/id` by fullUrl, for the entries that stay. */
  readonly entries: ReadonlyMap<string, string> | null
  /** In a Bundle: ids of the resources in its entries, also of those that only their fullUrl names. */
  readonly entryIds: ReadonlyMap<Node, string> | null
}

/** Opens the resources of an export in their order; the same order gives the same scopes. */
export type OpenScope = (resource: Node, parent: ResourceScope | null) => ResourceScope | null

/** Elements that say whom a resource concerns, the most telling first. */
const PATIENT_ELEMENTS = ['subject', 'patient', 'individual', 'source', 'focus', 'agent'] as const

/**
 * Opens resources, or leaves them out: types that are not in the allow-list, and resources that say, by a
 * modifier, that they mean something else than they seem to. Take one for each time an export is gone through:
 * it counts, so that contained resources of containers without an id are told apart.
 * @see https://hl7.org/fhir/R4/extensibility.html#modifierExtension
 */
export function createScopes(): OpenScope {
  let opened = 0
  return (resource, parent) => {
    if (!mayLeave(resource)) return null
    opened += 1
    return openScope(resource, parent, opened)
  }
}

function openScope(resource: Node, parent: ResourceScope | null, place: number): ResourceScope {
  const type = asText(resource['resourceType'])
  const isContained = parent !== null && parent.type !== 'Bundle'
  const isBundle = type === 'Bundle'
  const id = asText(resource['id']) || (parent?.entryIds?.get(resource) ?? '')
  const scope = {
    type,
    isContained,
    container: isContained ? parent.container : `${type}/${id === '' ? ` ${place}` : id}`,
    contained: isContained ? parent.contained : containedIds(resource),
    entries: isBundle ? entriesOf(resource) : (parent?.entries ?? null),
    entryIds: isBundle ? entryIdsOf(resource) : (parent?.entryIds ?? null),
  }
  const own =
    type === 'Patient' ? (isContained ? localId(scope.container, id) : id) : patientOf(resource, scope)
  return { ...scope, patient: own === '' && isContained ? parent.patient : own }
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

function patientOf(resource: Node, scope: Omit<ResourceScope, 'patient'>): string {
  for (const name of PATIENT_ELEMENTS)
    for (const one of listOf(resource[name])) {
      const reference = isObject(one) ? (isObject(one['who']) ? one['who'] : one)['reference'] : undefined
      if (typeof reference !== 'string') continue
      if (reference.startsWith('#') && scope.contained.get(reference.slice(1)) === 'Patient')
        return localId(scope.container, reference.slice(1))
      const target = readReference(reference, scope.entries)
      if (target?.type === 'Patient') return target.id
    }
  return ''
}

/** No id of FHIR holds a number sign. */
function localId(container: string, id: string): string {
  return `${container}#${id}`
}

function containedIds(resource: Node): ReadonlyMap<string, string> {
  const ids = listOf(resource['contained']).flatMap((one) =>
    isObject(one) && mayLeave(one) ? [[asText(one['id']), asText(one['resourceType'])] as const] : [],
  )
  return new Map(ids.filter(([id]) => id !== ''))
}

function entriesOf(bundle: Node): ReadonlyMap<string, string> {
  const ids = entryIdsOf(bundle)
  const entries = new Map<string, string>()
  for (const entry of listOf(bundle['entry'])) {
    const resource = isObject(entry) ? entry['resource'] : undefined
    if (!isObject(entry) || !isObject(resource)) continue
    const fullUrl = entry['fullUrl']
    const id = ids.get(resource)
    if (typeof fullUrl === 'string' && id !== undefined)
      entries.set(fullUrl, `${asText(resource['resourceType'])}/${id}`)
  }
  return entries
}

/** A new resource has no id yet: its urn:uuid is one. */
function entryIdsOf(bundle: Node): ReadonlyMap<Node, string> {
  const ids = new Map<Node, string>()
  for (const entry of listOf(bundle['entry'])) {
    const resource = isObject(entry) ? entry['resource'] : undefined
    if (!isObject(entry) || !isObject(resource) || !mayLeave(resource)) continue
    const id = asText(resource['id']) || /[A-Za-z0-9.-]{1,64}$/.exec(asText(entry['fullUrl']))?.[0]
    if (id !== undefined) ids.set(resource, id)
  }
  return ids
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value as JsonValue]
}
