import type { FhirResource } from '../text/fhir-json.ts'
import type { Issue } from './validate/issue.ts'
import type { ValidateOptions } from './validate/validate-resource.ts'

/** Checks one resource; the list is empty when nothing is wrong and nothing was left unchecked. */
export type ValidateResource = (resource: FhirResource, options?: ValidateOptions) => readonly Issue[]

/**
 * Loads the definitions of FHIR R4 and the validator, which are not loaded before; nothing is fetched.
 * @returns a function that checks resources and never throws for what they hold
 */
export async function openValidator(): Promise<ValidateResource> {
  const { validateResource } = await import('./validate/validate-resource.ts')
  return validateResource
}
