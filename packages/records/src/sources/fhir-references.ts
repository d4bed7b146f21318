import { Decimal } from '../text/canonical-json.ts'
import type { FhirResource, JsonValue } from '../text/fhir-json.ts'
import { isObject, isResource } from '../text/fhir-json.ts'
import type { SettlingRule } from './note-book.ts'

/** The resources of a Bundle, in its order, each with what its entry lacked. */
export interface BundleEntries {
  readonly resources: readonly FhirResource[]
  /** Entries that hold no resource, such as deletions. */
  readonly withoutResource: number
}

const UNRESOLVED: SettlingRule = {
  rule: 'reference-unresolved',
  text: 'References to something that is not in the same Bundle were kept as they are.',
}
const CONDITIONAL: SettlingRule = {
  rule: 'reference-conditional',
  text: 'References by search, such as Practitioner?identifier=…, were kept as they are; they may name someone.',
}
const ABSOLUTE: SettlingRule = {
  rule: 'reference-absolute',
  text: 'References that name a server were kept as they are.',
}
const RESOLVED: SettlingRule = {
  rule: 'reference-resolved',
  text: 'References that hold only within a Bundle (urn:uuid:…) were written as Type/id.',
}

const URN_UUID = /^urn:uuid:([0-9a-f-]{36})$/i

/**
 * Takes the entries out of a Bundle. A resource without id gets the one of its `urn:uuid:` address, and
 * references by such addresses become `Type/id`, so that the resources still find each other outside.
 * @param note called for every reference that is not plainly `Type/id`
 * @see https://hl7.org/fhir/R4/bundle.html#references
 */
export function openBundle(bundle: FhirResource, note: (rule: SettlingRule) => void): BundleEntries {
  const entries = Array.isArray(bundle['entry']) ? (bundle['entry'] as readonly JsonValue[]) : []
  const addresses = new Map<string, string>()
  const resources: FhirResource[] = []
  for (const entry of entries) {
    const resource = isObject(entry) ? entry['resource'] : undefined
    if (!isObject(entry) || !isResource(resource)) continue
    const { fullUrl } = entry
    const uuid = typeof fullUrl === 'string' ? URN_UUID.exec(fullUrl)?.[1] : undefined
    const id = typeof resource['id'] === 'string' ? resource['id'] : uuid
    resources.push(id === undefined || resource['id'] !== undefined ? resource : { ...resource, id })
    if (typeof fullUrl === 'string' && fullUrl.startsWith('urn:') && id !== undefined)
      addresses.set(fullUrl, `${resource.resourceType}/${id}`)
  }
  return {
    resources: resources.map((resource) => resolveIn(resource, addresses, note) as FhirResource),
    withoutResource: entries.length - resources.length,
  }
}

/** A copy with its references resolved; notes those that stay as they are. */
export function resolveIn(
  value: JsonValue,
  addresses: ReadonlyMap<string, string>,
  note: (rule: SettlingRule) => void,
): JsonValue {
  if (value instanceof Decimal || typeof value !== 'object' || value === null) return value
  if (isList(value)) return value.map((item) => resolveIn(item, addresses, note))
  const copy: [string, JsonValue][] = []
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue
    const isReference = key === 'reference' && typeof member === 'string'
    copy.push([key, isReference ? resolve(member, addresses, note) : resolveIn(member, addresses, note)])
  }
  return Object.fromEntries(copy)
}

function resolve(
  reference: string,
  addresses: ReadonlyMap<string, string>,
  note: (rule: SettlingRule) => void,
): string {
  const address = addresses.get(reference)
  if (address !== undefined) note(RESOLVED)
  else if (reference.startsWith('urn:')) note(UNRESOLVED)
  else if (/^https?:/i.test(reference)) note(ABSOLUTE)
  else if (reference.includes('?')) note(CONDITIONAL)
  return address ?? reference
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
