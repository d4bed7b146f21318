import { DATA_ABSENT_REASON } from '../fhir/codes.ts'
import type { JsonValue } from '../text/fhir-json.ts'
import { asText, isObject } from '../text/fhir-json.ts'
import { asksForAge, asksForBirth, isAgeConcept, isBirthConcept, TOP_AGE, yearsPerUnit } from './ages.ts'
import { ALLOWED } from './allow-list.ts'
import { closedNumber, isTopAge, topAge } from './closed-values.ts'
import { isPrimitive } from './elements.ts'
import type { Node, Place } from './engine.ts'
import type { DeidentificationProfile } from './profiles.ts'
import { DATA_ABSENT_REASON_URL, PROFILE_SYSTEM, RULES_VERSION, UNCERTAINTY_URL } from './profiles.ts'
import type { ResourceScope } from './scope.ts'
import { isPublicCode } from './vocabulary.ts'

/** Age of a patient whose year of birth is not told because they are 90 or older. */
export const AGE_URL = 'https://halo.example/fhir/StructureDefinition/age'
/** Labels of what was done to data. @see https://terminology.hl7.org/CodeSystem-v3-ObservationValue.html */
export const OBSERVATION_VALUE = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue'

const MASKED: JsonValue = { extension: [{ url: DATA_ABSENT_REASON_URL, valueCode: 'masked' }] }

type Output = Record<string, JsonValue>

/**
 * Makes what is left of an object say what it still says: elements that FHIR requires are marked as masked, a
 * value that was taken away too, and objects that say nothing without what they lost are removed.
 * @param mayBeOver89 whether a patient's age has to be told as 90 or more
 */
export function finishObject(
  output: Output,
  input: Node,
  { type }: Place,
  scope: ResourceScope,
  profile: DeidentificationProfile,
  mayBeOver89: boolean,
): Node | null {
  if (type === 'Annotation' && output['text'] === undefined) return null
  if (type === 'Extension') return closeExtension(output)
  if (type === 'Range') return closeRange(output)
  if (type === 'Bundle.entry' && input['resource'] !== undefined && output['resource'] === undefined)
    return null
  if (type === 'Device.deviceName' && output['name'] === undefined) return null
  if (type === 'QuestionnaireResponse.item') {
    if (asksForBirth(input)) removeNumbers(output)
    if (asksForAge(input)) topCodeAnswers(output)
    const isEmptied = ['answer', 'item'].some(
      (name) => input[name] !== undefined && output[name] === undefined,
    )
    // A question without its answer would say that it was not answered.
    if (isEmptied && output['answer'] === undefined && output['item'] === undefined) return null
  }
  if (type === 'Observation') closeAges(output)
  if (type === 'Observation' || type === 'Observation.component') markLostValue(output, input)
  if (type === 'Patient' && mayBeOver89 && input['birthDate'] !== undefined)
    output['extension'] = [{ url: AGE_URL, valueQuantity: topAge() }]
  if (type === 'Observation' && isVitalSign(output)) widenYear(output)
  if (type === 'Observation') maskLostTime(output, input)
  if (type === scope.type) label(output, scope, profile)
  maskRequired(output, type)
  return output
}

/** A contained resource carries no labels: its container's count. @see https://hl7.org/fhir/R4/domainresource.html dom-5 */
function label(output: Output, scope: ResourceScope, profile: DeidentificationProfile): void {
  const meta = isObject(output['meta']) ? output['meta'] : {}
  if (scope.isContained) {
    delete output['meta']
    return
  }
  const codes = profile === 'strict' ? ['PSEUDED', 'REDACTED', 'ABSTRED'] : ['PSEUDED', 'REDACTED']
  output['meta'] = {
    ...meta,
    security: codes.map((code) => ({ system: OBSERVATION_VALUE, code })),
    tag: [{ system: PROFILE_SYSTEM, version: RULES_VERSION, code: profile }],
  }
}

function markLostValue(output: Output, input: Node): void {
  const had = Object.keys(input).some(isValueName)
  if (!had || Object.keys(output).some(isValueName) || output['dataAbsentReason'] !== undefined) return
  output['dataAbsentReason'] = { coding: [{ system: DATA_ABSENT_REASON, code: 'masked' }] }
}

/**
 * LOINC codes whose Observations are vital signs by FHIR's definition, whatever they claim.
 * @see https://hl7.org/fhir/R4/observation-vitalsigns.html
 */
const VITAL_SIGNS: ReadonlySet<JsonValue | undefined> = new Set(
  '9279-1 8867-4 2708-6 8310-5 8302-2 9843-4 29463-7 39156-5 85354-9 85353-1'.split(' '),
)

function isVitalSign({ category, code }: Output): boolean {
  const codings = (concept: JsonValue | undefined): readonly JsonValue[] =>
    isObject(concept) && Array.isArray(concept['coding']) ? concept['coding'] : []
  const categories: readonly JsonValue[] = Array.isArray(category) ? category : []
  return (
    codings(code).some((one) => isObject(one) && VITAL_SIGNS.has(one['code'])) ||
    categories.flatMap(codings).some((one) => isObject(one) && one['code'] === 'vital-signs')
  )
}

/** A vital sign's dateTime has to be precise to the day, by rule vs-1: a year becomes the period of that year. */
function widenYear(output: Output): void {
  const { effectiveDateTime: year, _effectiveDateTime: element } = output
  if (typeof year !== 'string' || year.length > 4) return
  delete output['effectiveDateTime']
  delete output['_effectiveDateTime']
  output['effectivePeriod'] = {
    start: year,
    end: year,
    ...(element === undefined ? {} : { _start: element }),
  }
}

/**
 * Profiles of vital signs and of glucose require a time, and of a period both of its ends. It says that it was
 * taken away in the form that it had.
 */
function maskLostTime(output: Output, input: Node): void {
  if (isObject(input['effectivePeriod'])) maskLostEnds(output, input['effectivePeriod'])
  for (const name of ['effectiveDateTime', 'effectiveInstant', 'effectiveTiming']) {
    const had = input[name] !== undefined || input[`_${name}`] !== undefined
    if (!had || Object.keys(output).some((one) => /^_?effective/.test(one))) continue
    output[name === 'effectiveTiming' ? name : `_${name}`] = MASKED
  }
}

function maskLostEnds(output: Output, input: Node): void {
  const period: Output = isObject(output['effectivePeriod'])
    ? ({ ...output['effectivePeriod'] } as Output)
    : {}
  for (const end of ['start', 'end'])
    if (input[end] !== undefined && period[end] === undefined && period[`_${end}`] === undefined)
      period[`_${end}`] = MASKED
  if (Object.keys(period).length > 0) output['effectivePeriod'] = period
}

function isValueName(name: string): boolean {
  return /^_?value[A-Z]/.test(name)
}

function maskRequired(output: Output, type: string): void {
  for (const [name, element] of ALLOWED.get(type) ?? []) {
    if (!element.isRequired || output[name] !== undefined || output[`_${name}`] !== undefined) continue
    const key = isPrimitive(element.type) ? `_${name}` : name
    const masked = maskOf(element.type)
    output[key] = element.isList ? [masked] : masked
  }
}

/** Parts of a resource say what they must by parts of their own. */
function maskOf(type: string): JsonValue {
  const parts: Output = {}
  if (type.includes('.')) maskRequired(parts, type)
  return Object.keys(parts).length === 0 ? MASKED : parts
}

/** The extensions that may leave, in their one shape. */
function closeExtension({ url, valueCode, valueDecimal }: Output): Node | null {
  if (url === DATA_ABSENT_REASON_URL)
    return isPublicCode(DATA_ABSENT_REASON, asText(valueCode)) ? { url, valueCode } : null
  return url === UNCERTAINTY_URL && closedNumber(valueDecimal) !== undefined ? { url, valueDecimal } : null
}

/** The ends of a Range have no comparator: from 90 years on, it has no end. */
function closeRange(output: Output): Node | null {
  const { low, high } = output
  if (isObject(high) && high['comparator'] !== undefined) delete output['high']
  if (isObject(low) && low['comparator'] !== undefined) {
    const { comparator: _, ...rest } = low
    output['low'] = rest
  }
  return Object.keys(output).length === 0 ? null : output
}

/** Ages and years of birth, in whatever form an Observation or one of its components gives them. */
function closeAges(output: Output): void {
  const components = Array.isArray(output['component']) ? output['component'].filter(isObject) : []
  const isAge = isAgeConcept(output['code'])
  const isBirth = isBirthConcept(output['code'])
  if (isAge) topCodeValues(output)
  if (isBirth) removeFigures(output)
  if (components.length === 0) return
  output['component'] = components.map((one): JsonValue => {
    const component: Output = { ...(one as Output) }
    if (isAge || isAgeConcept(one['code'])) topCodeValues(component)
    if (isBirth || isBirthConcept(one['code'])) removeFigures(component)
    markLostValue(component, one)
    return component
  })
}

/** An integer or decimal has no comparator: 90 stands for 90 and more. */
function topCodeValues(output: Output): void {
  for (const name of ['valueInteger', 'valueDecimal']) if (isTopAge(output[name])) output[name] = TOP_AGE
  const { valueQuantity: quantity, valueRange: range } = output
  if (isObject(quantity)) output['valueQuantity'] = topCodeFigure(quantity)
  if (isObject(range)) {
    const ends = Object.entries(range).map(([name, end]) => [name, isObject(end) ? topCodeFigure(end) : end])
    const closed = closeRange(Object.fromEntries(ends) as Output)
    if (closed === null) delete output['valueRange']
    else output['valueRange'] = closed as JsonValue
  }
  // Ages as samples or as ratios are none that could be judged.
  delete output['valueSampledData']
  delete output['valueRatio']
}

/** A figure without a unit of time counts as years. */
function topCodeFigure(quantity: Node): JsonValue {
  const unit = asText(quantity['code'] ?? quantity['unit'])
  const isClosed = yearsPerUnit(unit) !== null || !isTopAge(quantity['value'])
  return (isClosed ? quantity : { value: TOP_AGE, comparator: '>=' }) as JsonValue
}

function removeFigures(output: Output): void {
  for (const name of ['Integer', 'Decimal', 'Quantity', 'Range', 'Ratio', 'SampledData'])
    delete output[`value${name}`]
}

function topCodeAnswers(output: Output): void {
  changeAnswers(output, topCodeValues)
}

function removeNumbers(output: Output): void {
  changeAnswers(output, removeFigures)
}

function changeAnswers(output: Output, change: (answer: Output) => void): void {
  if (!Array.isArray(output['answer'])) return
  const answers = output['answer'].filter(isObject).map((one) => {
    const answer: Output = { ...(one as Output) }
    change(answer)
    return answer as JsonValue
  })
  const left = answers.filter((answer) => isObject(answer) && Object.keys(answer).length > 0)
  if (left.length === 0) delete output['answer']
  else output['answer'] = left
}
