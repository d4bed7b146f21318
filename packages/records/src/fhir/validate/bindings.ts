import type { JsonValue } from '../../text/fhir-json.ts'
import { isObject } from '../../text/fhir-json.ts'
import { HALO_MEASURES } from '../codes.ts'
import { measuresCodeSystem } from '../halo-codes.ts'
import type { IssueList } from './issue.ts'
import { valueSets } from './schema.ts'

const MIME_TYPES = 'http://hl7.org/fhir/ValueSet/mimetypes'
/** @see https://www.rfc-editor.org/rfc/rfc6838#section-4.2 */
const MIME_TYPE =
  /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}(?:\s*;.*)?$/
const CURRENCIES = 'http://hl7.org/fhir/ValueSet/currencies'

/** Our own codes: the only code system outside of value sets that is known here in full. */
const HALO_CODES: ReadonlySet<JsonValue | undefined> = new Set(
  (measuresCodeSystem()['concept'] as readonly { readonly code: string }[]).map(({ code }) => code),
)

/** Checks that a value comes from the value set of a required binding. */
export function checkBinding(
  value: JsonValue,
  type: string,
  valueSet: string,
  path: string,
  found: IssueList,
): void {
  if (isMember(value, type, valueSet)) return
  found.error('CODE_INVALID', path, `must hold a code of ${valueSet}`)
}

/** Checks that a Coding of our own system is one of its codes. */
export function checkOwnCode(coding: JsonValue, path: string, found: IssueList): void {
  if (!isObject(coding) || coding['system'] !== HALO_MEASURES || HALO_CODES.has(coding['code'])) return
  found.error('CODE_INVALID', path, `must hold a code of ${HALO_MEASURES}`)
}

function isMember(value: JsonValue, type: string, valueSet: string): boolean {
  if (type === 'CodeableConcept') {
    const codings = isObject(value) ? value['coding'] : undefined
    return Array.isArray(codings) && codings.some((coding: JsonValue) => isMember(coding, 'Coding', valueSet))
  }
  if (!isObject(value)) return typeof value !== 'string' || isCode(value, valueSet)
  const { system, code } = value
  // A Quantity without unit is a number without one; whether it needs one is not for the binding to say.
  if (type !== 'Coding' && code === undefined) return true
  return typeof code === 'string' && isCodeOf(code, typeof system === 'string' ? system : '', valueSet)
}

/** Elements of type code say no system: it is that of the value set. */
function isCode(code: string, valueSet: string): boolean {
  if (valueSet === MIME_TYPES) return MIME_TYPE.test(code)
  if (valueSet === CURRENCIES) return /^[A-Z]{3}$/.test(code)
  const systems = valueSets.get(valueSet)
  if (systems === undefined) return true
  for (const codes of systems.values()) if (codes.has(code)) return true
  return false
}

function isCodeOf(code: string, system: string, valueSet: string): boolean {
  const systems = valueSets.get(valueSet)
  return systems === undefined || (systems.get(system)?.has(code) ?? false)
}
