import { HALO_MEASURES } from '../fhir/codes.ts'
import { measuresCodeSystem } from '../fhir/halo-codes.ts'
import { isObject } from '../text/fhir-json.ts'
import { hasLuhnDigit, hasVerhoeffDigit } from './check-digits.ts'
import { isUcumCode } from './ucum.ts'

/** Codes of the value sets that FHIR requires for elements of type `code` in the allow-list. */
const WORDS: ReadonlySet<string> = new Set(
  `registered preliminary final amended corrected cancelled entered-in-error unknown partial appended
  male female other active inactive suspended instance kind
  udi-label-name user-friendly-name patient-reported-name manufacturer-name model-name
  in-progress completed stopped derivation revision quotation source removal
  planned arrived triaged onleave finished on-hold draft proposal plan directive order original-order
  reflex-order filler-order instance-order option routine urgent asap stat preparation not-done
  allergy intolerance food medication environment biologic low high unable-to-assess mild moderate severe
  document message transaction transaction-response batch batch-response history searchset collection
  match include outcome GET HEAD POST PUT DELETE PATCH < <= >= >
  s min h d wk mo a mon tue wed thu fri sat sun
  MORN MORN.early MORN.late NOON AFT AFT.early AFT.late EVE EVE.early EVE.late NIGHT PHS
  HS WAKE C CM CD CV AC ACM ACD ACV PC PCM PCD PCV
  asked-unknown temp-unknown not-asked asked-declined masked not-applicable unsupported as-text error
  not-a-number negative-infinity positive-infinity not-performed not-permitted`.split(/\s+/),
)

const HL7 = 'http://terminology.hl7.org/CodeSystem/'

/** Codes by system, where a system is small enough to be listed. */
const LISTED: Readonly<Record<string, string>> = {
  'http://hl7.org/fhir/administrative-gender': 'male female other unknown',
  'http://hl7.org/fhir/uv/cgm/CodeSystem/cgm-summary-codes-temporary': 'cgm-summary',
  [`${HL7}observation-category`]:
    'social-history vital-signs imaging laboratory procedure survey exam therapy activity',
  [`${HL7}data-absent-reason`]: `unknown asked-unknown temp-unknown not-asked asked-declined masked not-applicable
    unsupported as-text error not-a-number negative-infinity positive-infinity not-performed not-permitted`,
  [`${HL7}condition-clinical`]: 'active recurrence relapse inactive remission resolved',
  [`${HL7}condition-ver-status`]: 'unconfirmed provisional differential confirmed refuted entered-in-error',
  [`${HL7}condition-category`]: 'problem-list-item encounter-diagnosis',
  [`${HL7}allergyintolerance-clinical`]: 'active inactive resolved',
  [`${HL7}allergyintolerance-verification`]: 'unconfirmed confirmed refuted entered-in-error',
  [`${HL7}medicationrequest-category`]: 'inpatient outpatient community discharge',
  [`${HL7}dose-rate-type`]: 'calculated ordered',
  [`${HL7}diagnosis-role`]: 'AD DD CC CM pre-op post-op billing',
  [`${HL7}referencerange-meaning`]: `type normal recommended treatment therapeutic pre post endocrine
    pre-puberty follicular midcycle luteal postmenopausal`,
  [`${HL7}location-physical-type`]: 'si bu wi wa lvl co ro bd ve ho ca rd area jdn',
  [`${HL7}provenance-participant-type`]: `enterer performer author verifier legal attester informant custodian
    assembler composer`,
  [`${HL7}v3-ActCode`]: 'AMB EMER FLD HH IMP ACUTE NONAC OBSENC PRENC SS VR',
  [`${HL7}v3-DataOperation`]: 'CREATE DELETE UPDATE APPEND NULLIFY',
  [`${HL7}v3-ObservationInterpretation`]: `A AA HH LL H L N HU LU S I R SDD SYN-R NS POS NEG IND DET ND
    B D U W HX LX EX CAR E IE RR WR`,
  [`${HL7}v2-0074`]: `AU BG BLB CG CUS CTH CT CH CP EC EN GE HM ICU IMM LAB MB MCB MYC NMR NMS NRS OUS OT OTH
    OSL PAR PHR PT PHY PF RAD RX RUS RC RT SR SP TX VUS VR XRC`,
  [`${HL7}v2-0136`]: 'Y N',
  [HALO_MEASURES]: haloCodes(),
}

/**
 * Code systems and what their codes look like. A code with a check digit has to have the right one, so that a
 * number of another kind does not pass for a code nine times out of ten.
 */
const SYSTEMS: ReadonlyMap<string, (code: string) => boolean> = new Map([
  ...Object.entries(LISTED).map(([system, codes]) => {
    const known = new Set(codes.trim().split(/\s+/))
    return [system, (code: string) => known.has(code)] as const
  }),
  ['http://loinc.org', isLoinc],
  ['http://snomed.info/sct', (code) => /^[1-9]\d{5,17}$/.test(code) && hasVerhoeffDigit(code)],
  ['http://www.nlm.nih.gov/research/umls/rxnorm', (code) => /^[1-9]\d{0,6}$/.test(code)],
  ['http://hl7.org/fhir/sid/cvx', (code) => /^\d{1,3}$/.test(code)],
  ['http://hl7.org/fhir/sid/icd-10', (code) => /^[A-Z]\d\d(?:\.\d{1,2})?$/.test(code)],
  ['http://hl7.org/fhir/sid/icd-10-cm', (code) => /^[A-Z]\d[0-9AB](?:\.[0-9A-Z]{1,4})?$/.test(code)],
  ['http://www.whocc.no/atc', (code) => /^[A-Z](?:\d\d(?:[A-Z](?:[A-Z](?:\d\d)?)?)?)?$/.test(code)],
  ['urn:iso:std:iso:11073:10101', (code) => /^[1-9]\d{2,5}$/.test(code)],
  ['http://unitsofmeasure.org', isUcumCode],
])

/** Profiles that resources may go on claiming: they ask for nothing that de-identification takes away. */
const PROFILES: ReadonlySet<string> = new Set([
  ...[
    'vitalsigns',
    'heartrate',
    'resprate',
    'oxygensat',
    'bodytemp',
    'bodyheight',
    'bodyweight',
    'bmi',
    'bp',
  ].map((name) => `http://hl7.org/fhir/StructureDefinition/${name}`),
  ...['sensor-reading-mass-per-volume', 'sensor-reading-moles-per-volume', 'summary'].map(
    (name) => `http://hl7.org/fhir/uv/cgm/StructureDefinition/cgm-${name}`,
  ),
])

/** Whether a text is one of the codes that FHIR itself defines for elements of the allow-list. */
export function isFhirWord(text: string): boolean {
  return WORDS.has(text)
}

/** Whether a code belongs to a public system, as far as its form or a list can tell. */
export function isPublicCode(system: string, code: string): boolean {
  return SYSTEMS.get(system)?.(code) === true
}

/** Whether all codes of a system are listed here, so that none can be anything else. */
export function isListedSystem(url: string): boolean {
  return Object.hasOwn(LISTED, url)
}

/** Whether a URL names a public code system. */
export function isPublicSystem(url: string): boolean {
  return SYSTEMS.has(url)
}

/** Whether a resource may go on claiming this profile. */
export function isPublicProfile(url: string): boolean {
  return PROFILES.has(url)
}

function isLoinc(code: string): boolean {
  const [, digits, check] = /^(?:LA)?([1-9]\d{0,6})-(\d)$/.exec(code) ?? []
  return digits !== undefined && check !== undefined && hasLuhnDigit(digits, check)
}

function haloCodes(): string {
  const concepts = measuresCodeSystem()['concept']
  const codes = Array.isArray(concepts) ? concepts : []
  return codes.map((one) => (isObject(one) ? String(one['code']) : '')).join(' ')
}
