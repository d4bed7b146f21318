import type { FhirResource } from '@halo/records'
import { isResource } from '@halo/records'

/** What is in a Bundle; any other resource itself. */
export function entriesOf(resource: FhirResource): readonly FhirResource[] {
  const entries = resource.resourceType === 'Bundle' ? resource['entry'] : undefined
  if (!Array.isArray(entries)) return [resource]
  return entries.map((entry) => entry?.resource).filter(isResource)
}
