import { Decimal } from '../../text/canonical-json.ts'
import type { FhirResource, JsonValue } from '../../text/fhir-json.ts'
import { isObject } from '../../text/fhir-json.ts'
import type { IssueList } from './issue.ts'

/**
 * Rules of the standard that are quicker without FHIRPath, dom-2 to dom-5, or that @medplum/core leaves out:
 * dom-3 and org-1.
 */
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
    if (!isObject(inner)) return
    checkInner(inner, `${path}.contained[${index}]`, found)
    const id = inner['id']
    // Referring to the resource that contains it is a reason to be there, too.
    if (typeof id === 'string' && (local.has(`#${id}`) || localReferences(inner, 0).includes('#'))) return
    found.error(
      'INVARIANT_BROKEN',
      `${path}.contained[${index}]`,
      'dom-3: must be referred to from the resource',
    )
  })
}

function checkInner(
  inner: { readonly [key: string]: JsonValue | undefined },
  path: string,
  found: IssueList,
): void {
  const meta = isObject(inner['meta']) ? inner['meta'] : {}
  if (inner['contained'] !== undefined)
    found.error('INVARIANT_BROKEN', path, 'dom-2: must not contain resources itself')
  if (meta['versionId'] !== undefined || meta['lastUpdated'] !== undefined)
    found.error('INVARIANT_BROKEN', path, 'dom-4: must not have a version or time of its own')
  if (meta['security'] !== undefined)
    found.error('INVARIANT_BROKEN', path, 'dom-5: must not have a security label of its own')
}

function localReferences(value: JsonValue | undefined, depth: number): readonly string[] {
  if (typeof value === 'string') return value.startsWith('#') ? [value] : []
  if (typeof value !== 'object' || value === null || value instanceof Decimal || depth > 64) return []
  return Object.values(value).flatMap((member: JsonValue | undefined) => localReferences(member, depth + 1))
}
