import type { FhirResource, Issue, IssueCode, JsonValue } from '@halo/records'
import {
  BALANCE_QUESTIONNAIRE,
  buildBloodPressure,
  buildDevice,
  buildGlucoseSummary,
  buildQuestionnaireResponse,
  buildTremorScore,
  buildVitalSign,
  Decimal,
  openValidator,
} from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { observationOf } from '../src/glucose/observation.ts'

const test = suite('records/validate-broken')

const WHEN = { subject: 'Patient/subject-1', effective: '2026-01-31T08:05:00+01:00' }
const READING = observationOf({
  subject: 1,
  time: '2026-01-31T08:05:00+01:00',
  valueText: '101',
  unit: 'mg/dL',
  comparator: null,
}) as FhirResource
const HEART_RATE = buildVitalSign('heart-rate', 61, WHEN)
const PRESSURE = buildBloodPressure({ systolicMmHg: 120, diastolicMmHg: 80 }, WHEN)
const SCORE = buildTremorScore(3, WHEN)
const ANSWERS = buildQuestionnaireResponse(
  BALANCE_QUESTIONNAIRE,
  { age: 50, gender: 'female' },
  { subject: 'Patient/subject-1' },
)
const [MEAN, RANGES, , , , , PANEL] = buildGlucoseSummary(
  {
    mean: 154,
    meanUnit: 'mg/dL',
    cvPercent: 33,
    gmiPercent: 7,
    veryLowPercent: 1,
    lowPercent: 2,
    targetPercent: 70,
    highPercent: 20,
    veryHighPercent: 7,
    daysOfWear: 14,
    sensorActivePercent: 96,
  },
  { id: 'summary', subject: 'Patient/subject-1', start: '2026-01-01', end: '2026-01-14' },
) as readonly FhirResource[] as readonly [
  FhirResource,
  FhirResource,
  FhirResource,
  FhirResource,
  FhirResource,
  FhirResource,
  FhirResource,
]
const PATIENT: FhirResource = { resourceType: 'Patient', gender: 'female', birthDate: '1970-02-28' }
const BUNDLE: FhirResource = {
  resourceType: 'Bundle',
  type: 'collection',
  entry: [{ fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000001', resource: PATIENT }],
}
const ORGANISATION: FhirResource = { resourceType: 'Organization', id: 'lab', name: 'Laboratory' }

type Broken = readonly [
  what: string,
  resource: FhirResource,
  code: IssueCode,
  path: string,
  foundBy: Issue['foundBy'],
]

const BROKEN: readonly Broken[] = [
  // Resource types.
  ['a type that does not exist', { resourceType: 'Anna Muster' }, 'RESOURCE_UNSUPPORTED', 'Resource', 'halo'],
  ['a type that is not handled', { resourceType: 'Claim' }, 'RESOURCE_UNSUPPORTED', 'Resource', 'halo'],
  ['a type that is a data type', { resourceType: 'Quantity' }, 'RESOURCE_UNSUPPORTED', 'Resource', 'halo'],
  ['a type of every object', { resourceType: 'constructor' }, 'RESOURCE_UNSUPPORTED', 'Resource', 'halo'],
  [
    'a type that is not handled inside a Bundle',
    { ...BUNDLE, entry: [{ resource: { resourceType: 'Claim' } }] },
    'RESOURCE_UNSUPPORTED',
    'Bundle.entry[0].resource',
    'halo',
  ],
  // Properties and their number.
  [
    'a property that does not exist',
    { ...SCORE, colour: 1 },
    'STRUCTURE_INVALID',
    'Observation.colour',
    'halo',
  ],
  [
    'a property named after a person',
    { ...SCORE, 'Anna Muster': 1 },
    'STRUCTURE_INVALID',
    'Observation.?',
    'halo',
  ],
  [
    'null below a property named after a person',
    { ...SCORE, 'Anna.Muster': { x: null } },
    'STRUCTURE_INVALID',
    'Observation.?',
    'halo',
  ],
  [
    'a property that does not exist further inside',
    { ...SCORE, method: { text: 'a', txt: 'b' } },
    'STRUCTURE_INVALID',
    'Observation.method.txt',
    'halo',
  ],
  ['a missing status', without(SCORE, 'status'), 'REQUIRED_MISSING', 'Observation.status', 'halo'],
  [
    'a missing code of a component',
    { ...SCORE, component: [{ valueString: 'a' }] },
    'REQUIRED_MISSING',
    'Observation.component[0].code',
    'halo',
  ],
  [
    'one value where a list belongs',
    { ...SCORE, category: SCORE['category'], note: { text: 'a' } },
    'STRUCTURE_INVALID',
    'Observation.note',
    'halo',
  ],
  [
    'a list where one value belongs',
    { ...SCORE, status: ['final'] },
    'STRUCTURE_INVALID',
    'Observation.status',
    'halo',
  ],
  // Kinds of JSON.
  ['a number as text', withValue('1.5'), 'STRUCTURE_INVALID', 'Observation.valueQuantity.value', 'halo'],
  [
    'a text as number',
    { ...SCORE, method: { text: 5 } },
    'STRUCTURE_INVALID',
    'Observation.method.text',
    'halo',
  ],
  ['a text for an object', { ...SCORE, method: 'a' }, 'STRUCTURE_INVALID', 'Observation.method', 'halo'],
  [
    'a decimal for an object',
    { ...SCORE, method: new Decimal('1.0') },
    'STRUCTURE_INVALID',
    'Observation.method',
    'halo',
  ],
  ['a truth value as text', { ...PATIENT, active: 'true' }, 'STRUCTURE_INVALID', 'Patient.active', 'halo'],
  [
    'a decimal where a whole number belongs',
    { ...SCORE, ...without(SCORE, 'valueQuantity'), valueInteger: new Decimal('5.0') },
    'STRUCTURE_INVALID',
    'Observation.valueInteger',
    'halo',
  ],
  // Emptiness.
  ['an empty list', { ...SCORE, note: [] }, 'EMPTY_VALUE', 'Observation.note', 'halo'],
  ['an empty object', { ...SCORE, method: {} }, 'EMPTY_VALUE', 'Observation.method', 'halo'],
  ['an empty object in a list', { ...SCORE, note: [{}] }, 'EMPTY_VALUE', 'Observation.note[0]', 'halo'],
  ['an empty text', { ...SCORE, method: { text: '' } }, 'EMPTY_VALUE', 'Observation.method.text', 'halo'],
  [
    'a text of blanks',
    { ...SCORE, method: { text: ' \t' } },
    'EMPTY_VALUE',
    'Observation.method.text',
    'halo',
  ],
  ['null', { ...SCORE, method: null }, 'EMPTY_VALUE', 'Observation.method', 'halo'],
  ['null in a list', { ...SCORE, note: [null] }, 'EMPTY_VALUE', 'Observation.note[0]', 'halo'],
  [
    'an empty extension of a primitive',
    { ...PATIENT, _birthDate: {} },
    'EMPTY_VALUE',
    'Patient._birthDate',
    'halo',
  ],
  [
    'extensions of a primitive on what is none',
    { ...SCORE, _method: { id: 'a' } },
    'STRUCTURE_INVALID',
    'Observation._method',
    'halo',
  ],
  // Forms of values.
  [
    'a day that does not exist',
    { ...PATIENT, birthDate: '1970-02-30' },
    'VALUE_INVALID',
    'Patient.birthDate',
    'medplum',
  ],
  [
    'a time without offset',
    { ...SCORE, effectiveDateTime: '2026-01-31T08:05' },
    'VALUE_INVALID',
    'Observation.effective[x]',
    'medplum',
  ],
  ['an id with a blank', { ...SCORE, id: 'a b' }, 'VALUE_INVALID', 'Observation.id', 'medplum'],
  [
    'a code with two blanks',
    { ...SCORE, language: 'de  CH' },
    'VALUE_INVALID',
    'Observation.language',
    'medplum',
  ],
  [
    'bytes that are not base64',
    { resourceType: 'Binary', contentType: 'text/plain', data: '@@@' },
    'VALUE_INVALID',
    'Binary.data',
    'medplum',
  ],
  [
    'a negative count',
    { resourceType: 'CodeSystem', status: 'active', content: 'complete', count: -1 },
    'VALUE_INVALID',
    'CodeSystem.count',
    'medplum',
  ],
  // Choices.
  ['two values', { ...SCORE, valueString: 'a' }, 'CHOICE_INVALID', 'Observation.valueString', 'halo'],
  [
    'a type that the choice does not have',
    { ...without(SCORE, 'valueQuantity'), valueAddress: { text: 'a' } },
    'STRUCTURE_INVALID',
    'Observation.valueAddress',
    'halo',
  ],
  // Codes.
  [
    'a status that does not exist',
    { ...SCORE, status: 'nope' },
    'CODE_INVALID',
    'Observation.status',
    'halo',
  ],
  ['a gender that does not exist', { ...PATIENT, gender: 'f' }, 'CODE_INVALID', 'Patient.gender', 'halo'],
  [
    'a comparator that does not exist',
    withQuantity({ comparator: '=' }),
    'CODE_INVALID',
    'Observation.valueQuantity.comparator',
    'halo',
  ],
  [
    'a clinical status from another system',
    {
      resourceType: 'Condition',
      subject: { reference: 'Patient/a' },
      clinicalStatus: { coding: [{ system: 'http://loinc.org', code: 'active' }] },
    },
    'CODE_INVALID',
    'Condition.clinicalStatus',
    'halo',
  ],
  [
    'a content type that is none',
    { resourceType: 'Binary', contentType: 'text' },
    'CODE_INVALID',
    'Binary.contentType',
    'halo',
  ],
  [
    'a code that our own system does not have',
    {
      ...SCORE,
      code: { coding: [{ system: 'https://halo.example/fhir/CodeSystem/halo-measures', code: 'x' }] },
    },
    'CODE_INVALID',
    'Observation.code.coding[0]',
    'halo',
  ],
  // References.
  [
    'a subject that may not be one',
    { ...SCORE, subject: { reference: 'Binary/a' } },
    'REFERENCE_INVALID',
    'Observation.subject',
    'halo',
  ],
  [
    'a focus of no type',
    { ...SCORE, focus: [{ reference: 'Person007/a' }] },
    'REFERENCE_INVALID',
    'Observation.focus[0]',
    'halo',
  ],
  [
    'a focus of an invented type',
    { ...SCORE, focus: [{ reference: 'Persona/a' }] },
    'REFERENCE_INVALID',
    'Observation.focus[0]',
    'halo',
  ],
  [
    'a reference that is a name',
    { ...SCORE, subject: { reference: 'Anna Muster' } },
    'REFERENCE_INVALID',
    'Observation.subject',
    'halo',
  ],
  [
    'a reference to nothing contained',
    { ...SCORE, subject: { reference: '#a' } },
    'REFERENCE_INVALID',
    'Observation.subject',
    'halo',
  ],
  [
    'a reference whose type says otherwise',
    { ...SCORE, subject: { reference: 'Patient/a', type: 'Group' } },
    'REFERENCE_INVALID',
    'Observation.subject',
    'halo',
  ],
  // Rules between elements.
  [
    'a value and a reason for its absence',
    { ...SCORE, dataAbsentReason: { text: 'a' } },
    'INVARIANT_BROKEN',
    'Observation',
    'medplum',
  ],
  [
    'a contained resource nobody refers to',
    { ...SCORE, contained: [{ ...PATIENT, id: 'a' }] },
    'INVARIANT_BROKEN',
    'Observation.contained[0]',
    'halo',
  ],
  [
    'an organisation without a name',
    without(ORGANISATION, 'name'),
    'INVARIANT_BROKEN',
    'Organization',
    'halo',
  ],
  [
    'an end before the start',
    { ...without(SCORE, 'effectiveDateTime'), effectivePeriod: { start: '2026-01-02', end: '2026-01-01' } },
    'INVARIANT_BROKEN',
    'Observation.effectivePeriod',
    'halo',
  ],
  [
    'an end before the start in another zone',
    {
      ...without(SCORE, 'effectiveDateTime'),
      effectivePeriod: { start: '2026-01-01T08:00:00+01:00', end: '2026-01-01T07:59:00+01:00' },
    },
    'INVARIANT_BROKEN',
    'Observation.effectivePeriod',
    'halo',
  ],
  [
    'a unit without system',
    withQuantity({ system: undefined }),
    'INVARIANT_BROKEN',
    'Observation.valueQuantity',
    'halo',
  ],
  [
    'a system that is no address',
    withQuantity({ system: 'UCUM' }),
    'INVARIANT_BROKEN',
    'Observation.valueQuantity',
    'halo',
  ],
  [
    'an extension whose address is none',
    { ...SCORE, extension: [{ url: 'mine', valueString: 'a' }] },
    'INVARIANT_BROKEN',
    'Observation.extension[0]',
    'halo',
  ],
  [
    'a range upside down',
    { ...without(SCORE, 'valueQuantity'), valueRange: { low: { value: 2 }, high: { value: 1 } } },
    'INVARIANT_BROKEN',
    'Observation.valueRange',
    'halo',
  ],
  [
    'half a ratio',
    { ...without(SCORE, 'valueQuantity'), valueRatio: { numerator: { value: 2 } } },
    'INVARIANT_BROKEN',
    'Observation.valueRatio',
    'halo',
  ],
  [
    'data without content type',
    { ...PATIENT, photo: [{ data: 'AAAA' }] },
    'INVARIANT_BROKEN',
    'Patient.photo[0]',
    'halo',
  ],
  [
    'a telephone number without system',
    { ...PATIENT, telecom: [{ value: '1' }] },
    'INVARIANT_BROKEN',
    'Patient.telecom[0]',
    'halo',
  ],
  [
    'a contained resource with a security label',
    {
      ...SCORE,
      subject: { reference: '#a' },
      contained: [{ ...PATIENT, id: 'a', meta: { security: [{ code: 'R' }] } }],
    },
    'INVARIANT_BROKEN',
    'Observation.contained[0]',
    'halo',
  ],
  [
    'a contained resource with a version',
    {
      ...SCORE,
      subject: { reference: '#a' },
      contained: [{ ...PATIENT, id: 'a', meta: { versionId: '1' } }],
    },
    'INVARIANT_BROKEN',
    'Observation.contained[0]',
    'halo',
  ],
  [
    'a contained resource that contains another',
    {
      ...SCORE,
      subject: { reference: '#a' },
      contained: [{ ...PATIENT, id: 'a', contained: [{ ...PATIENT, id: 'b', link: [] }] }],
    },
    'INVARIANT_BROKEN',
    'Observation.contained[0]',
    'halo',
  ],
  [
    'an age of zero',
    {
      resourceType: 'Condition',
      subject: { reference: 'Patient/a' },
      onsetAge: { value: 0, code: 'a', system: 'http://unitsofmeasure.org' },
    },
    'INVARIANT_BROKEN',
    'Condition.onsetAge',
    'halo',
  ],
  [
    'an extension with value and extensions',
    {
      ...SCORE,
      extension: [{ url: 'http://a', valueString: 'a', extension: [{ url: 'b', valueString: 'c' }] }],
    },
    'INVARIANT_BROKEN',
    'Observation.extension[0]',
    'halo',
  ],
  [
    'a transaction without requests',
    { ...BUNDLE, type: 'transaction' },
    'INVARIANT_BROKEN',
    'Bundle',
    'medplum',
  ],
  [
    'a broken resource inside a Bundle',
    { ...BUNDLE, entry: [{ resource: { ...PATIENT, gender: 'f' } }] },
    'CODE_INVALID',
    'Bundle.entry[0].resource.gender',
    'halo',
  ],
  // Answers.
  [
    'an answer to a question nobody asked',
    withItem({ linkId: 'shoe-size', answer: [{ valueInteger: 43 }] }),
    'ANSWER_INVALID',
    'QuestionnaireResponse.item[0]',
    'halo',
  ],
  [
    'an answer of another type',
    withItem({ linkId: 'age', answer: [{ valueString: 'fifty' }] }),
    'ANSWER_INVALID',
    'QuestionnaireResponse.item[0]',
    'halo',
  ],
  [
    'an answer out of range',
    withItem({ linkId: 'age', answer: [{ valueInteger: 131 }] }),
    'ANSWER_INVALID',
    'QuestionnaireResponse.item[0]',
    'halo',
  ],
  [
    'an answer that is no option',
    withItem({ linkId: 'gender', answer: [{ valueCoding: { code: 'x' } }] }),
    'ANSWER_INVALID',
    'QuestionnaireResponse.item[0]',
    'halo',
  ],
  // Profiles.
  [
    'a heart rate without subject',
    without(HEART_RATE, 'subject'),
    'PROFILE_BROKEN',
    'Observation.subject',
    'halo',
  ],
  [
    'a heart rate of another category',
    { ...HEART_RATE, category: [{ text: 'a' }] },
    'PROFILE_BROKEN',
    'Observation.category:VSCat',
    'halo',
  ],
  [
    'a heart rate in another unit',
    withUnit(HEART_RATE, 'Hz'),
    'PROFILE_BROKEN',
    'Observation.valueQuantity.code',
    'halo',
  ],
  [
    'a heart rate that is a text',
    { ...without(HEART_RATE, 'valueQuantity'), valueString: 'fast' },
    'PROFILE_BROKEN',
    'Observation.valueString',
    'halo',
  ],
  [
    'a heart rate of a year',
    { ...HEART_RATE, effectiveDateTime: '2026' },
    'PROFILE_BROKEN',
    'Observation.effectiveDateTime',
    'halo',
  ],
  [
    'a heart rate that claims nothing and is none',
    { ...without(HEART_RATE, 'meta'), category: [{ text: 'a' }] },
    'PROFILE_BROKEN',
    'Observation.category:VSCat',
    'halo',
  ],
  [
    'a weight in a unit of length',
    withUnit(buildVitalSign('body-weight', 61, WHEN), 'cm'),
    'CODE_INVALID',
    'Observation.valueQuantity.code',
    'halo',
  ],
  [
    'blood pressure without its lower part',
    { ...PRESSURE, component: listOf(PRESSURE['component']).slice(0, 1) },
    'PROFILE_BROKEN',
    'Observation.component:DiastolicBP',
    'halo',
  ],
  [
    'a glucose reading of another code',
    { ...READING, code: { coding: [{ system: 'http://loinc.org', code: '2339-0' }] } },
    'PROFILE_BROKEN',
    'Observation.code',
    'halo',
  ],
  [
    'a glucose reading without value',
    without(READING, 'valueQuantity'),
    'PROFILE_BROKEN',
    'Observation',
    'halo',
  ],
  [
    'a glucose reading over a span',
    { ...without(READING, 'effectiveDateTime'), effectivePeriod: { start: '2026-01-01' } },
    'PROFILE_BROKEN',
    'Observation.effectivePeriod',
    'halo',
  ],
  [
    'a glucose reading in another unit',
    withUnit(READING, 'mmol/L'),
    'PROFILE_BROKEN',
    'Observation.valueQuantity',
    'halo',
  ],
  [
    'a glucose summary without its members',
    { ...PANEL, hasMember: listOf(PANEL['hasMember']).slice(1) },
    'PROFILE_BROKEN',
    'Observation.hasMember',
    'halo',
  ],
  [
    'times in ranges without one range',
    { ...RANGES, component: listOf(RANGES['component']).slice(1) },
    'PROFILE_BROKEN',
    'Observation.component:timeInVeryLow',
    'halo',
  ],
  [
    'a mean without an end',
    { ...MEAN, effectivePeriod: { start: '2026-01-01' } },
    'PROFILE_BROKEN',
    'Observation.effectivePeriod.end',
    'halo',
  ],
  [
    'a sensor without name',
    {
      ...buildDevice({ id: 'a' }),
      identifier: [{ value: 'a' }],
      meta: { profile: ['http://hl7.org/fhir/uv/cgm/StructureDefinition/cgm-device'] },
    },
    'PROFILE_BROKEN',
    'Device.deviceName',
    'halo',
  ],
  [
    'a profile of another type',
    { ...PATIENT, meta: { profile: ['http://hl7.org/fhir/StructureDefinition/heartrate'] } },
    'PROFILE_BROKEN',
    'Patient',
    'halo',
  ],
  [
    'a profile that is not known',
    { ...SCORE, meta: { profile: ['https://halo.example/anna'] } },
    'PROFILE_UNKNOWN',
    'Observation.meta.profile',
    'halo',
  ],
]

for (const [what, resource, code, path, foundBy] of BROKEN) {
  test(`finds ${what}, by the check of ${foundBy}`, async () => {
    const validate = await openValidator()
    const issues = validate(resource)
    const found = issues.filter((issue) => issue.code === code && issue.path === path)
    assert.is(found.map((issue) => issue.foundBy).join(), foundBy, describe(issues))
  })
}

test('says a thing once, though two checks find it', async () => {
  const validate = await openValidator()
  const broken = [
    { ...SCORE, valueString: 'a' },
    { ...SCORE, colour: 1 },
    { ...SCORE, subject: { reference: 'Binary/a' } },
    { ...SCORE, note: [] },
    without(SCORE, 'status'),
  ]
  for (const resource of broken) assert.is(validate(resource).length, 1, describe(validate(resource)))
})

test('finds nothing in the resources before they were broken', async () => {
  const validate = await openValidator()
  const whole = [
    READING,
    HEART_RATE,
    PRESSURE,
    SCORE,
    ANSWERS,
    MEAN,
    RANGES,
    PANEL,
    PATIENT,
    BUNDLE,
    ORGANISATION,
  ]
  for (const resource of whole) assert.is(describe(validate(resource)), '')
})

test('says where and what in each issue, and never what the resource holds', async () => {
  const validate = await openValidator()
  for (const [what, resource] of BROKEN) {
    for (const { message, path } of validate(resource)) {
      assert.ok(message.length > 10, what)
      assert.not.match(`${path}: ${message}`, /anna|muster|fifty|fast|shoe|@@@|1970|2026/i)
    }
  }
})

function describe(issues: readonly Issue[]): string {
  return issues.map(({ code, path, message, foundBy }) => `${foundBy} ${code} ${path}: ${message}`).join('\n')
}

function without(resource: FhirResource, name: string): FhirResource {
  return Object.fromEntries(
    Object.entries(resource).filter(([key]) => key !== name),
  ) as unknown as FhirResource
}

function withQuantity(changes: Readonly<Record<string, JsonValue | undefined>>): FhirResource {
  return { ...SCORE, valueQuantity: { ...(SCORE['valueQuantity'] as object), ...changes } }
}

function withValue(value: JsonValue): FhirResource {
  return withQuantity({ value })
}

function withUnit(resource: FhirResource, code: string): FhirResource {
  return { ...resource, valueQuantity: { ...(resource['valueQuantity'] as object), code } }
}

function withItem(item: JsonValue): FhirResource {
  return { ...ANSWERS, item: [item] }
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : []
}

test.run()
