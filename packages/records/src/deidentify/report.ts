import { RESOURCE_TYPES } from './allow-list.ts'
import type { Change, Place } from './engine.ts'
import type { DeidentificationProfile } from './profiles.ts'
import { RULES_VERSION } from './profiles.ts'

/** What happened at one place, how often, and why. */
export interface DeidentificationChange {
  /** Without indices; `(other)` stands for elements that are not named here. */
  readonly path: string
  readonly change: Change
  /** Letter of the identifier in 45 CFR 164.514(b)(2)(i): A names … R any other. */
  readonly letter: string
  readonly reason: string
  readonly count: number
}

/** What became of an export; holds no values. */
export interface DeidentificationReport {
  readonly profile: DeidentificationProfile
  readonly rulesVersion: string
  readonly patients: number
  /** Resources written, by type; entries of Bundles too. */
  readonly resources: Readonly<Record<string, number>>
  /** Resources left out, by type; `other` for types that Halo does not know. */
  readonly leftOut: Readonly<Record<string, number>>
  readonly changes: readonly DeidentificationChange[]
  /** Times that were dates of FHIR and are not told: of unlikely years, of ages of 90, or of nobody known. */
  readonly lostTimes: number
  /** As canonical JSON, with line feeds. */
  readonly bytesBefore: number
  readonly bytesAfter: number
  /** What the output still is, for whoever receives it. */
  readonly residualRisk: string
}

/** Collects what the report says. */
export interface Tally {
  note(change: Change, place: Place, name: string | null): void
  noteResource(type: string, isLeftOut: boolean): void
  lostTimes: number
  bytesBefore: number
  bytesAfter: number
  report(profile: DeidentificationProfile, patients: number): DeidentificationReport
}

const RESIDUAL_RISK =
  'This output is pseudonymised, not free of personal data: whoever holds the secret can tell whose it is, and ' +
  'a trace of values or intervals alone can single out a person who has the same trace elsewhere. Treat it as ' +
  'personal data, keep it apart from other data about the same people, and do not try to find out who they are.'

/** What an element holds, by its name: the letter and the words for it. */
const REASONS: readonly (readonly [letter: string, reason: string, names: string])[] = [
  [
    'A',
    'names of people',
    'name family given contact generalPractitioner performer participant author requester recorder asserter practitioner link display',
  ],
  ['B', 'places smaller than a state', 'address position city line district postalCode location'],
  [
    'C',
    'dates, and ages of 90 and more',
    `birthDate effectiveDateTime effectivePeriod effectiveInstant issued start end recorded
    recordedDate authored authoredOn date onsetDateTime abatementDateTime performedDateTime occurrenceDateTime event
    deceasedDateTime lastUpdated timestamp valueDateTime valueDate time lastOccurrence onset onsetAge abatementAge`,
  ],
  ['D', 'telephone, fax and electronic mail (D to F)', 'telecom'],
  [
    'R',
    'identifiers: record, insurance, account, licence and social security numbers (G to K), or others',
    'identifier value id reference',
  ],
  [
    'M',
    'identifiers of devices',
    'serialNumber udiCarrier distinctIdentifier lotNumber deviceName modelNumber manufactureDate expirationDate partNumber',
  ],
  ['N', 'addresses on the web', 'url fullUrl source presentedForm content'],
  ['Q', 'photographs and documents', 'photo data media'],
  [
    'R',
    'free text, which can hold anything',
    'text note conclusion valueString description patientInstruction comment div linkId',
  ],
  ['R', 'names of codes, which senders can change; the code stays', 'userSelected version'],
  ['R', 'extensions, which can hold anything', 'extension modifierExtension'],
  [
    'R',
    'what is not needed',
    `meta versionId tag security profile implicitRules language contained basedOn specimen managingOrganization
    maritalStatus multipleBirthBoolean communication serviceProvider hospitalization signature policy encounter
    manufacturer owner active code system unit coding resource request response search timestamp type`,
  ],
]
const REASON_OF: ReadonlyMap<string, readonly [string, string]> = new Map(
  REASONS.flatMap(([letter, reason, names]) =>
    names.split(/\s+/).map((name) => [name, [letter, reason]] as const),
  ).reverse(),
)
const CODE_NAME: readonly [string, string] = ['R', 'names of codes, which senders can change; the code stays']
const OTHER: readonly [string, string] = ['R', 'not on the list of what may leave']

/** Types that are named when they are left out; any other word could be somebody's. */
const KNOWN_TYPES: ReadonlySet<string> = new Set([
  ...RESOURCE_TYPES,
  ...`Account Appointment AuditEvent Basic Binary CarePlan CareTeam Claim ClaimResponse CodeSystem Communication
  Composition Consent Coverage DeviceMetric DocumentReference Endpoint EpisodeOfCare ExplanationOfBenefit
  FamilyMemberHistory Goal Group HealthcareService ImagingStudy List Media Medication MedicationAdministration
  MedicationDispense MedicationStatement MessageHeader Organization Parameters Person Practitioner
  PractitionerRole Questionnaire RelatedPerson ResearchStudy ResearchSubject RiskAssessment Schedule
  ServiceRequest Slot Specimen Substance Task ValueSet`.split(/\s+/),
])

/** An empty tally. */
export function createTally(): Tally {
  const counts = new Map<string, number>()
  const resources = new Map<string, number>()
  const leftOut = new Map<string, number>()
  return {
    lostTimes: 0,
    bytesBefore: 0,
    bytesAfter: 0,
    note(change, { path }, name) {
      const plain = name?.replace(/^_/, '')
      const last = plain === undefined ? '' : `.${REASON_OF.has(plain) ? plain : '(other)'}`
      increase(counts, `${change} ${path}${last}`)
    },
    noteResource(type, isLeftOut) {
      if (isLeftOut) increase(leftOut, KNOWN_TYPES.has(type) ? type : 'other')
      else increase(resources, type)
    },
    report(profile, patients) {
      return {
        profile,
        rulesVersion: RULES_VERSION,
        patients,
        resources: Object.fromEntries([...resources].sort()),
        leftOut: Object.fromEntries([...leftOut].sort()),
        changes: [...counts].sort().map(([key, count]) => changeOf(key, count)),
        lostTimes: this.lostTimes,
        bytesBefore: this.bytesBefore,
        bytesAfter: this.bytesAfter,
        residualRisk: RESIDUAL_RISK,
      }
    },
  }
}

function changeOf(key: string, count: number): DeidentificationChange {
  const [change = '', path = ''] = key.split(' ')
  const name = path.slice(path.lastIndexOf('.') + 1)
  const isCodeName = /[cC]od(?:e|ing)\.display$|class\.display$/.test(path)
  const [letter, reason] = isCodeName ? CODE_NAME : (REASON_OF.get(name) ?? OTHER)
  return { path, change: change === 'removed' ? 'removed' : 'changed', letter, reason, count }
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
