import { asText } from '../text/fhir-json.ts'
import { isCountryCode, isStateCode } from './addresses.ts'
import { isAgeConcept, TOP_AGE as TOP_AGE_YEARS, yearsPerUnit } from './ages.ts'
import { ALLOWED, RESOURCE_TYPES } from './allow-list.ts'
import { isClock, isSamples } from './closed-values.ts'
import type { Element } from './elements.ts'
import { isPrimitive } from './elements.ts'
import { AGE_URL, OBSERVATION_VALUE } from './finish.ts'
import { decodings, findPattern, hasHiddenText } from './identifier-patterns.ts'
import type { KnownIdentifiers } from './known-identifiers.ts'
import { minDigitsOf } from './known-identifiers.ts'
import type { DeidentificationProfile } from './profiles.ts'
import { EXTENSION_URLS, PROFILE_SYSTEM, RULES_VERSION } from './profiles.ts'
import { isKnownLinkId, isKnownQuestionnaire } from './questionnaires.ts'
import { BASE_URL } from './references.ts'
import { RELATIVE_TIME } from './times.ts'
import { isClosedUnitText, maySpell } from './ucum.ts'
import { isFhirWord, isListedSystem, isPublicCode, isPublicProfile, isPublicSystem } from './vocabulary.ts'

/** Something that may identify a person, where it stands and why it was found; never what it is. */
export interface Leak {
  readonly path: string
  readonly why: 'unlisted' | 'form' | 'pattern' | 'identifier' | 'date' | 'age'
}

/** What a check of an output takes. */
export interface CheckParts {
  readonly profile: DeidentificationProfile
  readonly known: KnownIdentifiers
  readonly deviceModels: ReadonlySet<string>
}

const PSEUDONYM = '[0-9a-f]{32}'
const ID = new RegExp(`^${PSEUDONYM}$`)
const REFERENCE = new RegExp(
  `^(?:#|#${PSEUDONYM}|[A-Z][A-Za-z]+/${PSEUDONYM}|urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12})$`,
)
const HASHED_LINK_ID = new RegExp(`^q-${PSEUDONYM}$`)
const YEAR = /^\d{4}$/
const DAY_OR_TIME = /^\d{4}(?:-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d))?)?$/
const NUMBERS = /^(?:integer|positiveInt|unsignedInt|decimal)$/
/** Written as `canonicalJson` writes it. */
const TOP_AGE =
  '{"valueQuantity":{"code":"a","comparator":">=","system":"http://unitsofmeasure.org","unit":"a","value":90}}'
const MAX_NUMBER = 10_000_000

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
type JsonObject = { readonly [key: string]: Json }

/**
 * Reads an output line again, as its recipient will, and looks at every element and every text in it. It shares
 * the lists of what may leave with the rules, and nothing of how they are applied: a mistake there is found here.
 * @param line one resource, as it is about to leave
 * @returns the first thing that must not leave; null when there is none
 */
export function findLeak(line: string, parts: CheckParts): Leak | null {
  const resource = JSON.parse(line) as Json
  return isRecord(resource) ? checkResource(resource, parts) : { path: '', why: 'unlisted' }
}

function checkResource(resource: JsonObject, parts: CheckParts): Leak | null {
  const type = asText(resource['resourceType'])
  if (!RESOURCE_TYPES.has(type)) return { path: 'resourceType', why: 'unlisted' }
  return checkObject(resource, type, type, parts)
}

function checkObject(object: JsonObject, type: string, path: string, parts: CheckParts): Leak | null {
  for (const [name, value] of Object.entries(object)) {
    if (name === 'resourceType' && RESOURCE_TYPES.has(type)) continue
    const isTwin = name.startsWith('_')
    const plain = isTwin ? name.slice(1) : name
    const element = plain === 'extension' ? null : ALLOWED.get(type)?.get(plain)
    // The name itself is not reported: it could be what must not leave.
    if (element === undefined || (isTwin && !isPrimitive(element?.type ?? 'Extension')))
      return { path: `${path}.(unlisted)`, why: 'unlisted' }
    const leak = checkElement(value, element, isTwin, object, type, `${path}.${plain}`, parts)
    if (leak !== null) return leak
  }
  return type.startsWith('Observation') ? checkAge(object, path) : null
}

function checkElement(
  value: Json,
  element: Element | null,
  isTwin: boolean,
  parent: JsonObject,
  parentType: string,
  path: string,
  parts: CheckParts,
): Leak | null {
  for (const one of Array.isArray(value) ? (value as readonly Json[]) : [value]) {
    const leak = checkOne(one, element, isTwin, parent, parentType, path, parts)
    if (leak !== null) return leak
  }
  return null
}

function checkOne(
  value: Json,
  element: Element | null,
  isTwin: boolean,
  parent: JsonObject,
  parentType: string,
  path: string,
  parts: CheckParts,
): Leak | null {
  if (value === null) return null
  if (isTwin) return checkTwin(value, path, parts)
  const type = element?.type ?? 'Extension'
  if (isPrimitive(type)) return checkPrimitive(value, type, parent, parentType, path, parts)
  if (!isRecord(value)) return { path, why: 'form' }
  if (type === 'Resource') return checkResource(value, parts)
  if (type === 'Extension') return checkExtension(value, path, parts)
  return checkObject(value, type, path, parts)
}

function checkTwin(value: Json, path: string, parts: CheckParts): Leak | null {
  if (!isRecord(value) || Object.keys(value).join() !== 'extension') return { path, why: 'unlisted' }
  return checkElement(value['extension'] ?? null, null, false, value, 'Element', `${path}.extension`, parts)
}

/** The extensions that may leave, each in its one shape. */
function checkExtension(extension: JsonObject, path: string, { known }: CheckParts): Leak | null {
  const { url, ...rest } = extension
  const text = JSON.stringify(rest)
  const [absent, uncertain] = EXTENSION_URLS
  const isShaped =
    (url === absent &&
      /^\{"valueCode":"[a-z-]{3,20}"\}$/.test(text) &&
      isFhirWord(asText(rest['valueCode']))) ||
    (url === uncertain &&
      !known.isNumber(Number(rest['valueDecimal']), minDigitsOf(null)) &&
      /^\{"valueDecimal":-?[\d.e+-]{1,26}\}$/.test(text)) ||
    (url === AGE_URL && text === TOP_AGE) ||
    (url === RELATIVE_TIME &&
      /^\{"extension":\[\{"url":"day","valueInteger":\d{1,5}\}(?:,\{"url":"second","valueDecimal":\d{1,5}(?:\.\d{1,9})?\})?(?:,\{"url":"year","valueInteger":\d{1,4}\})?\]\}$/.test(
        text,
      ))
  return isShaped ? null : { path, why: 'form' }
}

function checkPrimitive(
  value: Json,
  type: string,
  parent: JsonObject,
  parentType: string,
  path: string,
  parts: CheckParts,
): Leak | null {
  const name = path.slice(path.lastIndexOf('.') + 1)
  if (typeof value === 'boolean') return type === 'boolean' ? null : { path, why: 'form' }
  if (typeof value === 'number') return checkNumber(value, type, parent, parentType, path, parts)
  if (typeof value !== 'string') return { path, why: 'form' }
  if (type === 'date' || type === 'dateTime' || type === 'instant') return checkDate(value, path, parts)
  const form = hasForm(value, type, name, parent, parentType, parts)
  if (form === 'free') return checkText(value, path, parts)
  if (form === 'open') return parts.known.isIdentifier(value) ? { path, why: 'identifier' } : null
  return form === 'closed' ? null : { path, why: 'form' }
}

const QUANTITIES = /^(?:Quantity|Age|Duration)$/

function checkNumber(
  value: number,
  type: string,
  parent: JsonObject,
  parentType: string,
  path: string,
  { known }: CheckParts,
): Leak | null {
  if (!NUMBERS.test(type) || Math.abs(value) >= MAX_NUMBER) return { path, why: 'form' }
  const quantity = QUANTITIES.test(parentType) ? parent : null
  if (known.isNumber(value, minDigitsOf(quantity))) return { path, why: 'identifier' }
  const years = quantity === null ? null : yearsPerUnit(asText(parent['code'] ?? parent['unit']))
  return years !== null && Math.abs(value) * years > TOP_AGE_YEARS + 1e-9 ? { path, why: 'age' } : null
}

/** An age in an Observation has no figure above 90, in years or without unit; in other units {@link checkNumber} sees it. */
function checkAge(object: JsonObject, path: string): Leak | null {
  if (!isAgeConcept(object['code'])) return null
  for (const [name, value] of Object.entries(object)) {
    const quantity = name === 'valueQuantity' && isRecord(value) ? value : null
    const unit = asText(quantity?.['code'] ?? quantity?.['unit'])
    const figure = quantity === null ? value : quantity['value']
    const isFigure = name.startsWith('value') && typeof figure === 'number' && yearsPerUnit(unit) === null
    if (isFigure && figure > TOP_AGE_YEARS) return { path: `${path}.${name}`, why: 'age' }
  }
  return null
}

function checkDate(value: string, path: string, { profile }: CheckParts): Leak | null {
  const allowed = profile === 'strict' || path === 'Patient.birthDate' ? YEAR : DAY_OR_TIME
  return allowed.test(value) ? null : { path, why: 'date' }
}

/** A text that a scanner let through, and whatever could be hidden in it. */
function checkText(text: string, path: string, { known }: CheckParts): Leak | null {
  if (hasHiddenText(text)) return { path, why: 'pattern' }
  for (const one of [text, ...decodings(text)]) {
    if (findPattern(one) !== null) return { path, why: 'pattern' }
    if (known.holdsIdentifier(one)) return { path, why: 'identifier' }
  }
  return null
}

/** `closed`: from a list or made here; `open`: of a form that leaves some room; `free`: text; `wrong`: none of these. */
type Form = 'closed' | 'open' | 'free' | 'wrong'

function hasForm(
  value: string,
  type: string,
  name: string,
  parent: JsonObject,
  parentType: string,
  { deviceModels }: CheckParts,
): Form {
  if (type === 'id') return closedIf(ID.test(value))
  if (type === 'time') return closedIf(isClock(value))
  if (type === 'canonical') return closedIf(isPublicProfile(value) || isKnownQuestionnaire(value))
  if (type === 'uri') return closedIf(isUrl(value, name))
  if (parentType === 'Coding') return codingForm(value, name, parent)
  if (type === 'code' && !/^(?:Quantity|Age|Duration)$/.test(parentType)) return closedIf(isFhirWord(value))
  switch (parentType) {
    case 'Quantity':
    case 'Age':
    case 'Duration':
      if (name === 'comparator') return closedIf(isFhirWord(value))
      return isClosedUnitText(value) && maySpell(value) ? 'open' : closedIf(isClosedUnitText(value))
    case 'Reference':
      return closedIf(REFERENCE.test(value))
    case 'Identifier':
      return closedIf(ID.test(value))
    case 'SampledData':
      return closedIf(isSamples(value))
    case 'Address':
      return closedIf(isAreaForm(value, name))
    case 'Device':
    case 'Device.deviceName':
      return closedIf(deviceModels.has(value))
    case 'QuestionnaireResponse.item':
      return closedIf(isKnownLinkId(value) || HASHED_LINK_ID.test(value))
    default:
      return 'free'
  }
}

function codingForm(value: string, name: string, { system, code }: JsonObject): Form {
  if (system === OBSERVATION_VALUE) return closedIf(/^(?:PSEUDED|REDACTED|ABSTRED)$/.test(value))
  if (system === PROFILE_SYSTEM)
    return closedIf(value === RULES_VERSION || /^(?:strict|shifted)$/.test(value))
  if (name === 'version') return closedIf(/^\d\.\d\.\d$/.test(value))
  if (typeof code !== 'string' || !isPublicCode(asText(system), code)) return 'wrong'
  // People are called Exam and Survey too.
  return isListedSystem(asText(system)) ? 'closed' : 'open'
}

function isUrl(value: string, name: string): boolean {
  if (name === 'fullUrl') return value.startsWith(BASE_URL) && REFERENCE.test(value.slice(BASE_URL.length))
  if (name === 'url') return RESOURCE_TYPES.has(value) || REFERENCE.test(value)
  return isPublicSystem(value) || value === OBSERVATION_VALUE || value === PROFILE_SYSTEM
}

function isAreaForm(value: string, name: string): boolean {
  if (name === 'postalCode') return /^\d{3}$/.test(value)
  return name === 'state' ? isStateCode(value) : isCountryCode(value)
}

function closedIf(is: boolean): Form {
  return is ? 'closed' : 'wrong'
}

function isRecord(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
