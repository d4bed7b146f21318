import type { JsonValue } from '../../text/fhir-json.ts'
import { isObject } from '../../text/fhir-json.ts'
import type { IssueList } from './issue.ts'
import { valueSets } from './schema.ts'

/** Every resource type of FHIR R4. */
const RESOURCE_TYPES: ReadonlySet<string> = new Set(
  [...(valueSets.get('http://hl7.org/fhir/ValueSet/resource-types')?.values() ?? [])].flatMap((codes) => [
    ...codes,
  ]),
)

/** `Type/id`, with or without version, at the end of an address or on its own. */
const LITERAL =
  /^(?:https?:\/\/\S+\/)?([A-Z][A-Za-z]+)\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/
/** A search that a transaction settles. @see https://hl7.org/fhir/R4/http.html#trules */
const CONDITIONAL = /^([A-Z][A-Za-z]+)\?\S+$/
const OPAQUE = /^(?:urn:(?:uuid|oid):[0-9a-f.-]+|https?:\/\/\S+)$/i

/**
 * Checks the form of a reference and the type it points to.
 * @param targets the types that are allowed; null when any is
 * @param contained ids of the resources inside the one that refers
 */
export function checkReference(
  value: JsonValue,
  targets: ReadonlySet<string> | null,
  contained: ReadonlySet<string>,
  path: string,
  found: IssueList,
): void {
  if (!isObject(value)) return
  const { reference, type } = value
  if (typeof type === 'string') checkTarget(type, targets, `${path}.type`, found)
  if (typeof reference !== 'string') return
  if (reference.startsWith('#')) {
    if (reference !== '#' && !contained.has(reference.slice(1)))
      found.error('REFERENCE_INVALID', path, 'must refer to a contained resource that is there')
    return
  }
  const target = (LITERAL.exec(reference) ?? CONDITIONAL.exec(reference))?.[1]
  if (target !== undefined) checkTarget(target, targets, path, found)
  else if (!OPAQUE.test(reference))
    found.error('REFERENCE_INVALID', path, 'must have the form Type/id, #id, urn:uuid:… or an address')
  if (target !== undefined && typeof type === 'string' && type !== target)
    found.error('REFERENCE_INVALID', path, 'must refer to the type it names')
}

function checkTarget(
  type: string,
  targets: ReadonlySet<string> | null,
  path: string,
  found: IssueList,
): void {
  if (targets === null ? RESOURCE_TYPES.has(type) : targets.has(type)) return
  const allowed = targets === null ? 'a FHIR R4 resource type' : [...targets].join(', ')
  found.error('REFERENCE_INVALID', path, `must refer to ${allowed}`)
}
