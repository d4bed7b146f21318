import { RESOURCE_TYPES } from '../fhir/resource-types.ts'

/** A Bundle is opened; what is in it is taken over. */
const TAKEN: ReadonlySet<string> = new Set(RESOURCE_TYPES.filter((type) => type !== 'Bundle'))

/** Types of FHIR R4 that exports of patients' records hold beside these; counted by name, not taken. */
const NAMED: ReadonlySet<string> = new Set([
  'Account',
  'Appointment',
  'AppointmentResponse',
  'Basic',
  'BodyStructure',
  'ChargeItem',
  'Claim',
  'ClaimResponse',
  'ClinicalImpression',
  'Composition',
  'Coverage',
  'DetectedIssue',
  'DeviceMetric',
  'DeviceRequest',
  'DeviceUseStatement',
  'Endpoint',
  'EpisodeOfCare',
  'ExplanationOfBenefit',
  'FamilyMemberHistory',
  'Flag',
  'HealthcareService',
  'ImagingStudy',
  'ImmunizationRecommendation',
  'InsurancePlan',
  'Invoice',
  'List',
  'Media',
  'MedicationAdministration',
  'MedicationDispense',
  'MessageHeader',
  'MolecularSequence',
  'NutritionOrder',
  'OperationOutcome',
  'Parameters',
  'Person',
  'RequestGroup',
  'RiskAssessment',
  'Schedule',
  'Slot',
  'Subscription',
  'SupplyDelivery',
  'SupplyRequest',
  'VisionPrescription',
])

/**
 * Whether resources of a type are taken over.
 * @see https://hl7.org/fhir/R4/resourcelist.html
 */
export function isTaken(resourceType: string): boolean {
  return TAKEN.has(resourceType)
}

/** The name to count a type by that is left out; what a file calls a type that is none is never repeated. */
export function nameLeftOut(resourceType: string): string {
  return NAMED.has(resourceType) ? resourceType : 'unknown-type'
}
