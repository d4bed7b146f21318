import type { ElementTable } from './elements.ts'
import { readElements } from './elements.ts'

const VALUE =
  'value[x]:Quantity|CodeableConcept|string|boolean|integer|Range|Ratio|SampledData|time|dateTime|Period'
const RESOURCE = 'id:id meta:Meta contained*:Resource'
const WHEN = 'dateTime|Age|Period|Range'

/**
 * Every element that may leave, of every resource that may leave. What is not here is removed, whatever it is
 * called; what is here still goes through a rule, which may remove it. Extensions are judged by their URL.
 * @see https://hl7.org/fhir/R4/resourcelist.html
 */
export const ALLOWED: ElementTable = readElements({
  Observation: `${RESOURCE} partOf*:Reference status!:code category*:CodeableConcept code!:CodeableConcept
    subject:Reference focus*:Reference encounter:Reference effective[x]:dateTime|Period|Timing|instant
    issued:instant ${VALUE} dataAbsentReason:CodeableConcept interpretation*:CodeableConcept note*:Annotation
    bodySite:CodeableConcept method:CodeableConcept device:Reference
    referenceRange*:Observation.referenceRange hasMember*:Reference derivedFrom*:Reference
    component*:Observation.component`,
  'Observation.referenceRange': `low:Quantity high:Quantity type:CodeableConcept appliesTo*:CodeableConcept
    age:Range`,
  'Observation.component': `code!:CodeableConcept ${VALUE} dataAbsentReason:CodeableConcept
    interpretation*:CodeableConcept referenceRange*:Observation.referenceRange`,
  Patient: `${RESOURCE} identifier*:Identifier active:boolean gender:code birthDate:date deceased[x]:boolean|dateTime
    address*:Address`,
  Device:
    'id:id meta:Meta status:code deviceName*:Device.deviceName modelNumber:string type:CodeableConcept patient:Reference',
  'Device.deviceName': 'name!:string type!:code',
  Location:
    'id:id meta:Meta status:code mode:code type*:CodeableConcept physicalType:CodeableConcept address:Address',
  QuestionnaireResponse: `${RESOURCE} questionnaire:canonical status!:code subject:Reference
    encounter:Reference authored:dateTime author:Reference source:Reference item*:QuestionnaireResponse.item`,
  'QuestionnaireResponse.item': `linkId!:string answer*:QuestionnaireResponse.item.answer
    item*:QuestionnaireResponse.item`,
  'QuestionnaireResponse.item.answer': `value[x]:boolean|decimal|integer|date|dateTime|time|string|Coding|Quantity|Reference
    item*:QuestionnaireResponse.item`,
  Provenance: `id:id meta:Meta target!*:Reference occurred[x]:Period|dateTime recorded!:instant
    activity:CodeableConcept agent!*:Provenance.agent entity*:Provenance.entity`,
  'Provenance.agent': 'type:CodeableConcept role*:CodeableConcept who!:Reference',
  'Provenance.entity': 'role!:code what!:Reference',
  Condition: `${RESOURCE} clinicalStatus:CodeableConcept verificationStatus:CodeableConcept
    category*:CodeableConcept severity:CodeableConcept code:CodeableConcept bodySite*:CodeableConcept
    subject!:Reference encounter:Reference onset[x]:${WHEN} abatement[x]:${WHEN} recordedDate:dateTime
    stage*:Condition.stage evidence*:Condition.evidence note*:Annotation`,
  'Condition.stage': 'summary:CodeableConcept assessment*:Reference type:CodeableConcept',
  'Condition.evidence': 'code*:CodeableConcept detail*:Reference',
  Encounter: `${RESOURCE} status!:code class!:Coding type*:CodeableConcept subject:Reference period:Period
    length:Duration reasonCode*:CodeableConcept reasonReference*:Reference diagnosis*:Encounter.diagnosis
    partOf:Reference`,
  'Encounter.diagnosis': 'condition!:Reference use:CodeableConcept rank:positiveInt',
  MedicationRequest: `${RESOURCE} status!:code intent!:code category*:CodeableConcept priority:code
    doNotPerform:boolean reportedBoolean:boolean medicationCodeableConcept!:CodeableConcept
    subject!:Reference encounter:Reference authoredOn:dateTime reasonCode*:CodeableConcept
    reasonReference*:Reference dosageInstruction*:Dosage note*:Annotation`,
  Procedure: `${RESOURCE} partOf*:Reference status!:code category:CodeableConcept code:CodeableConcept
    subject!:Reference encounter:Reference performed[x]:dateTime|Period|Age|Range reasonCode*:CodeableConcept
    reasonReference*:Reference bodySite*:CodeableConcept outcome:CodeableConcept report*:Reference
    complication*:CodeableConcept note*:Annotation`,
  Immunization: `${RESOURCE} status!:code statusReason:CodeableConcept vaccineCode!:CodeableConcept
    patient!:Reference encounter:Reference occurrenceDateTime!:dateTime recorded:dateTime
    primarySource:boolean site:CodeableConcept route:CodeableConcept doseQuantity:Quantity
    reasonCode*:CodeableConcept reasonReference*:Reference isSubpotent:boolean note*:Annotation`,
  DiagnosticReport: `${RESOURCE} status!:code category*:CodeableConcept code!:CodeableConcept
    subject:Reference encounter:Reference effective[x]:dateTime|Period issued:instant result*:Reference
    conclusion:string conclusionCode*:CodeableConcept`,
  AllergyIntolerance: `${RESOURCE} clinicalStatus:CodeableConcept verificationStatus:CodeableConcept
    type:code category*:code criticality:code code:CodeableConcept patient!:Reference encounter:Reference
    onset[x]:${WHEN} recordedDate:dateTime lastOccurrence:dateTime reaction*:AllergyIntolerance.reaction
    note*:Annotation`,
  'AllergyIntolerance.reaction': `substance:CodeableConcept manifestation!*:CodeableConcept onset:dateTime
    severity:code exposureRoute:CodeableConcept`,
  Bundle: 'id:id meta:Meta type!:code entry*:Bundle.entry',
  'Bundle.entry': 'fullUrl:uri resource:Resource search:Bundle.entry.search request:Bundle.entry.request',
  'Bundle.entry.search': 'mode:code',
  'Bundle.entry.request': 'method!:code url!:uri',

  Meta: 'profile*:canonical security*:Coding tag*:Coding',
  Extension: 'url!:uri extension*:Extension value[x]:code|decimal|integer|Quantity',
  Identifier: 'value:string',
  Reference: 'reference:string identifier:Identifier',
  CodeableConcept: 'coding*:Coding text:string',
  Coding: 'system:uri version:string code:code',
  Quantity: 'value:decimal comparator:code unit:string system:uri code:code',
  Age: 'value:decimal comparator:code unit:string system:uri code:code',
  Duration: 'value:decimal comparator:code unit:string system:uri code:code',
  Range: 'low:Quantity high:Quantity',
  Ratio: 'numerator:Quantity denominator:Quantity',
  SampledData: `origin!:Quantity period!:decimal factor:decimal lowerLimit:decimal upperLimit:decimal
    dimensions!:positiveInt data:string`,
  Period: 'start:dateTime end:dateTime',
  Annotation: 'time:dateTime text!:markdown',
  Address: 'state:string postalCode:string country:string',
  Timing: 'event*:dateTime repeat:Timing.repeat code:CodeableConcept',
  'Timing.repeat': `bounds[x]:Duration|Range|Period count:positiveInt countMax:positiveInt duration:decimal
    durationMax:decimal durationUnit:code frequency:positiveInt frequencyMax:positiveInt period:decimal
    periodMax:decimal periodUnit:code dayOfWeek*:code timeOfDay*:time when*:code offset:unsignedInt`,
  Dosage: `sequence:integer timing:Timing asNeeded[x]:boolean|CodeableConcept site:CodeableConcept
    route:CodeableConcept method:CodeableConcept doseAndRate*:Dosage.doseAndRate maxDosePerPeriod:Ratio
    maxDosePerAdministration:Quantity maxDosePerLifetime:Quantity`,
  'Dosage.doseAndRate': 'type:CodeableConcept dose[x]:Range|Quantity rate[x]:Ratio|Range|Quantity',
})

/** Resource types that may leave. Practitioners, organisations, claims and documents do not. */
export const RESOURCE_TYPES: ReadonlySet<string> = new Set(
  [...ALLOWED].flatMap(([type, elements]) => (elements.has('meta') ? [type] : [])),
)
