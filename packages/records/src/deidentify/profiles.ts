import type { Rule } from './rules.ts'

/** How far times are taken away: relative times and years, or times moved by whole days. */
export type DeidentificationProfile = 'strict' | 'shifted'

/** Version of the rules; output carries it. Any change to what may leave is a new version. */
export const RULES_VERSION = '1.1.0'
/** Code system of the tag that says which profile made an output. */
export const PROFILE_SYSTEM = 'https://halo.example/fhir/CodeSystem/deidentification'

/** Why a value is missing; with `masked` it says that privacy is the reason. */
export const DATA_ABSENT_REASON_URL = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason'
/** By how much a figure may be off. */
export const UNCERTAINTY_URL = 'http://hl7.org/fhir/StructureDefinition/iso21090-uncertainty'

/** Extensions that may leave; none of them has room for text. */
export const EXTENSION_URLS: readonly string[] = [DATA_ABSENT_REASON_URL, UNCERTAINTY_URL]

/** `keep` keeps values of a closed form only: codes of public systems, numbers, yes or no. */
const KEPT_TYPES = [
  'code',
  'boolean',
  'integer',
  'positiveInt',
  'unsignedInt',
  'decimal',
  'time',
  'canonical',
  'Coding',
  'Quantity',
  'Duration',
]

/**
 * The rules of a profile, in their order. Whatever they do not speak of is removed.
 * @see https://www.ecfr.gov/current/title-45/section-164.514 paragraph (b)(2), the identifiers A to R
 */
export function rulesOf(profile: DeidentificationProfile): readonly Rule[] {
  const time = profile === 'strict' ? 'relative' : 'shift'
  return [
    ...EXTENSION_URLS.map((url) => rule(`nodesByType('Extension').where(url='${url}')`, 'keep')),
    rule("nodesByType('Extension')", 'remove'),
    rule("nodesByType('Meta').security", 'remove'),
    rule("nodesByType('Meta').tag", 'remove'),
    // Vital signs profiles ask for days, which years are not.
    ...(profile === 'strict' ? [rule("nodesByType('Meta').profile", 'remove')] : []),
    rule('Resource.id', 'hash'),
    rule('Bundle.entry.fullUrl', 'hash'),
    rule('Bundle.entry.request.url', 'hash'),
    rule("nodesByType('Reference')", 'hash'),
    rule("nodesByType('Identifier')", 'hash'),
    rule('Patient.birthDate', 'generalise'),
    rule("nodesByType('Address')", 'generalise'),
    rule("nodesByType('Age')", 'generalise'),
    rule('Device.deviceName.name', 'list'),
    rule('Device.modelNumber', 'list'),
    rule('QuestionnaireResponse.item.linkId', 'list'),
    rule("nodesByType('SampledData').data", 'keep'),
    rule("nodesByType('string')", 'scan'),
    rule("nodesByType('markdown')", 'scan'),
    ...['date', 'dateTime', 'instant'].map((type) => rule(`nodesByType('${type}')`, time)),
    ...KEPT_TYPES.map((type) => rule(`nodesByType('${type}')`, 'keep')),
  ]
}

function rule(path: string, method: string): Rule {
  return { path, method }
}
