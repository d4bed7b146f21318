import type { FhirResource, JsonValue } from '../../text/fhir-json.ts'
import { asText, isObject } from '../../text/fhir-json.ts'
import { checkAnswers } from './answers.ts'
import { checkInvariants } from './invariants.ts'
import type { Issue } from './issue.ts'
import { IssueList } from './issue.ts'
import { checkProfile } from './profile.ts'
import { IMPLIED_PROFILES, PROFILES } from './profiles.ts'
import { checkRules } from './rules.ts'
import { walkResource } from './walk.ts'

/** How far to go, and what to hold a resource to besides what it claims. */
export interface ValidateOptions {
  /** Profiles that the resource must follow even if it does not claim them, by canonical URL. */
  readonly profiles?: readonly string[] | undefined
  /** @defaultValue 100 */
  readonly maxIssues?: number | undefined
}

/** Checks one resource and the resources inside it; see the package's README for who checks what. */
export function validateResource(resource: FhirResource, options: ValidateOptions = {}): readonly Issue[] {
  const found = new IssueList(options.maxIssues ?? 100)
  const inside: { readonly resource: FhirResource; readonly path: string }[] = []
  walkResource(resource, found, (at, path) => inside.push({ resource: at, path }))
  const [root] = inside
  if (root === undefined || found.isDeep) return found.issues
  checkInvariants(resource, found)
  for (const { resource: at, path } of inside) checkMore(at, path, found)
  for (const url of options.profiles ?? []) checkAgainst(root.resource, url, root.path, found)
  return found.issues
}

function checkMore(resource: FhirResource, path: string, found: IssueList): void {
  checkRules(resource, path, found)
  if (resource.resourceType === 'QuestionnaireResponse') checkAnswers(resource, path, found)
  for (const url of new Set([...claimedProfiles(resource), ...impliedProfiles(resource)]))
    checkAgainst(resource, url, path, found)
}

function checkAgainst(resource: FhirResource, url: string, path: string, found: IssueList): void {
  const profile = PROFILES.get(url)
  if (profile !== undefined) checkProfile(resource, profile, path, found)
  else if (url !== `http://hl7.org/fhir/StructureDefinition/${resource.resourceType}`)
    found.warn(
      'PROFILE_UNKNOWN',
      `${path}.meta.profile`,
      'holds a profile that is not known here; it was not checked',
    )
}

function claimedProfiles(resource: FhirResource): readonly string[] {
  const meta = resource['meta']
  const profiles = isObject(meta) ? meta['profile'] : undefined
  if (!Array.isArray(profiles)) return []
  return profiles
    .filter((url): url is string => typeof url === 'string')
    .map((url) => url.split('|')[0] ?? '')
}

function impliedProfiles(resource: FhirResource): readonly string[] {
  if (resource.resourceType !== 'Observation' || !isObject(resource['code'])) return []
  const codings = resource['code']['coding']
  if (!Array.isArray(codings)) return []
  return codings.flatMap((coding: JsonValue) => {
    if (!isObject(coding) || coding['system'] !== 'http://loinc.org') return []
    const url = IMPLIED_PROFILES.get(asText(coding['code']))
    return url === undefined ? [] : [url]
  })
}
