import type { JsonValue } from '../text/fhir-json.ts'
import { isObject } from '../text/fhir-json.ts'
import { RESOURCE_TYPES } from './allow-list.ts'
import type { Node } from './engine.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import type { ResourceScope } from './scope.ts'
import { readReference } from './scope.ts'

/** Where resources of a Bundle are said to be; nothing is there. */
export const BASE_URL = 'https://halo.example/fhir/'

/** The id of a resource, or of one contained in it. */
export function pseudonymOfId(
  id: JsonValue,
  scope: ResourceScope,
  pseudonyms: Pseudonyms,
): string | undefined {
  if (typeof id !== 'string') return undefined
  return scope.isContained ? pseudonymOfLocal(id, scope, pseudonyms) : pseudonyms.pseudonymOf(scope.type, id)
}

/**
 * A Reference to the pseudonym of what it refers to. Server addresses and versions go; so do references to
 * resources that may not leave, so that nothing points to what is not there.
 */
export function hashReference(
  reference: Node,
  scope: ResourceScope,
  pseudonyms: Pseudonyms,
): Node | undefined {
  const text = reference['reference']
  if (typeof text === 'string') {
    const rewritten = hashTarget(text, scope, pseudonyms)
    return rewritten === undefined ? undefined : { reference: rewritten }
  }
  const identifier = reference['identifier']
  const hashed = isObject(identifier) ? hashIdentifier(identifier, pseudonyms) : undefined
  return hashed === undefined ? undefined : { identifier: hashed }
}

/** An Identifier's value as a pseudonym; its system, type and period could name a hospital or an insurer. */
export function hashIdentifier({ system, value }: Node, pseudonyms: Pseudonyms): Node | undefined {
  if (typeof value !== 'string') return undefined
  return { value: pseudonyms.pseudonymOf(`identifier ${typeof system === 'string' ? system : ''}`, value) }
}

/** The address of a Bundle's entry. */
export function hashFullUrl(
  url: JsonValue,
  scope: ResourceScope,
  pseudonyms: Pseudonyms,
): string | undefined {
  const target = typeof url === 'string' ? readReference(url, scope.entries) : null
  return target === null ? undefined : BASE_URL + write(target, pseudonyms)
}

/** Where a Bundle's entry is to go: a type, or a type and an id; never a search. */
export function hashRequestUrl(
  url: JsonValue,
  scope: ResourceScope,
  pseudonyms: Pseudonyms,
): string | undefined {
  if (typeof url !== 'string') return undefined
  const [type = ''] = url.split('?')
  if (RESOURCE_TYPES.has(type)) return type
  const target = readReference(url, scope.entries)
  return target === null ? undefined : write(target, pseudonyms)
}

function hashTarget(text: string, scope: ResourceScope, pseudonyms: Pseudonyms): string | undefined {
  if (text === '#') return text
  if (text.startsWith('#'))
    return scope.contained.has(text.slice(1))
      ? `#${pseudonymOfLocal(text.slice(1), scope, pseudonyms)}`
      : undefined
  const target = readReference(text, scope.entries)
  if (target !== null) return write(target, pseudonyms)
  // Within a Bundle it refers to an entry that does not leave, outside to something not known here.
  const uuid = scope.entries === null ? /^urn:uuid:([0-9a-fA-F-]{36})$/.exec(text)?.[1] : undefined
  return uuid === undefined
    ? undefined
    : `urn:uuid:${uuidOf(pseudonyms.pseudonymOf('urn:uuid', uuid.toLowerCase()))}`
}

function write({ type, id }: { readonly type: string; readonly id: string }, pseudonyms: Pseudonyms): string {
  return `${type}/${pseudonyms.pseudonymOf(type, id)}`
}

/** Two containers may call different people by one local id. */
function pseudonymOfLocal(id: string, { container }: ResourceScope, pseudonyms: Pseudonyms): string {
  return pseudonyms.pseudonymOf(`# ${container}`, id)
}

/** A pseudonym as a UUID of version 8, which is for such uses. @see https://www.rfc-editor.org/rfc/rfc9562#section-5.8 */
function uuidOf(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}
