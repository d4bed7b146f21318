import type { FhirResource } from '@halo/records'
import { canonicalJson } from '@halo/records'
import fhir from 'fhir'

const validator = new fhir.Fhir()

/** What the independent `fhir` package says against a resource: places and messages, errors only. */
export function secondOpinion(resource: FhirResource): readonly string[] {
  const { messages } = validator.validate(JSON.parse(canonicalJson(resource)), { errorOnUnexpected: true })
  return messages
    .filter(({ severity }) => severity === 'error' || severity === 'fatal')
    .map(({ location, message }) => `${location}: ${message}`)
}
