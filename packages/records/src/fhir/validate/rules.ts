import { Decimal } from '../../text/canonical-json.ts'
import type { FhirResource, JsonValue } from '../../text/fhir-json.ts'
import { isObject } from '../../text/fhir-json.ts'
import type { IssueList } from './issue.ts'

/** Rules of the standard that @medplum/core leaves out: dom-3 and org-1. */
export function checkRules(resource: FhirResource, path: string, found: IssueList): void {
  const contained = resource['contained']
  if (Array.isArray(contained)) checkContained(resource, contained, path, found)
  const isNameless = resource['identifier'] === undefined && resource['name'] === undefined
  if (resource.resourceType === 'Organization' && isNameless)
    found.error('INVARIANT_BROKEN', path, 'org-1: must have a name or an identifier')
}

/** @see https://hl7.org/fhir/R4/references.html#contained */
function checkContained(
  resource: FhirResource,
  contained: readonly JsonValue[],
  path: string,
  found: IssueList,
): void {
  const local = new Set(localReferences(resource, 0))
  contained.forEach((inner, index) => {
    const id = isObject(inner) ? inner['id'] : undefined
    // Referring to the resource that contains it is a reason to be there, too.
    if (typeof id === 'string' && (local.has(`#${id}`) || localReferences(inner, 0).includes('#'))) return
    found.error(
      'INVARIANT_BROKEN',
      `${path}.contained[${index}]`,
      'dom-3: must be referred to from the resource',
    )
  })
}

function localReferences(value: JsonValue | undefined, depth: number): readonly string[] {
  if (typeof value === 'string') return value.startsWith('#') ? [value] : []
  if (typeof value !== 'object' || value === null || value instanceof Decimal || depth > 64) return []
  return Object.values(value).flatMap((member: JsonValue | undefined) => localReferences(member, depth + 1))
}
