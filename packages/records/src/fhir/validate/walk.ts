import { Decimal } from '../../text/canonical-json.ts'
import type { FhirResource, JsonValue } from '../../text/fhir-json.ts'
import { asText, isObject } from '../../text/fhir-json.ts'
import { checkBinding, checkOwnCode } from './bindings.ts'
import type { IssueList } from './issue.ts'
import { isPrimitive, wrongKind } from './primitives.ts'
import { checkReference } from './references.ts'
import type { ElementNode, Property, TypeNode } from './schema.ts'
import { isSupported, types } from './schema.ts'
import { checkTypeRules } from './type-rules.ts'

type JsonObject = { readonly [key: string]: JsonValue | undefined }

/** Deeper than any real resource; what is built in memory may even contain itself. */
const MAX_DEPTH = 64

/** What walking knows about where it is. */
interface Walk {
  readonly found: IssueList
  /** Told of every resource, the outermost first. */
  readonly onResource: (resource: FhirResource, path: string) => void
  /** Ids of resources contained in the one being walked. */
  contained: ReadonlySet<string>
  depth: number
}

/**
 * Checks everything of a resource that its definition says about each element by itself: which properties
 * there are, how many, of what kind, from which value set, referring to which types. Resources inside are
 * walked too.
 */
export function walkResource(
  resource: FhirResource,
  found: IssueList,
  onResource: (resource: FhirResource, path: string) => void,
): void {
  // What calls itself a type that does not exist might be called anything.
  const path = isSupported(resource.resourceType) ? resource.resourceType : 'Resource'
  enterResource(resource, path, { found, onResource, contained: new Set(), depth: 0 })
}

function enterResource(value: JsonValue, path: string, walk: Walk): void {
  const type = isObject(value) ? value['resourceType'] : undefined
  if (typeof type !== 'string' || !isSupported(type)) {
    walk.found.error('RESOURCE_UNSUPPORTED', path, 'must be a resource of a type that Halo knows')
    return
  }
  const resource = value as FhirResource
  const outer = walk.contained
  const own = containedIds(resource)
  // What is contained may refer to its siblings.
  walk.contained = own.size === 0 ? outer : own
  walk.onResource(resource, path)
  walkObject(resource, types.get(type), path, walk)
  walk.contained = outer
}

function containedIds(resource: FhirResource): ReadonlySet<string> {
  const list = resource['contained']
  if (!Array.isArray(list)) return new Set()
  return new Set(list.map((inner: JsonValue) => (isObject(inner) ? asText(inner['id']) : '')))
}

function walkObject(value: JsonObject, type: TypeNode | undefined, path: string, walk: Walk): void {
  if (type === undefined) return
  if (++walk.depth > MAX_DEPTH) {
    walk.found.isDeep = true
    walk.found.error('STRUCTURE_INVALID', path, `must not be nested deeper than ${MAX_DEPTH} levels`)
  } else walkProperties(value, type, path, walk)
  walk.depth -= 1
}

function walkProperties(value: JsonObject, type: TypeNode, path: string, walk: Walk): void {
  const choices = new Map<string, string>()
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined || (key === 'resourceType' && !type.properties.has(key))) continue
    const isExtra = key.startsWith('_')
    const spelling = isExtra ? key.slice(1) : key
    const property = type.properties.get(spelling)
    const at = `${path}.${nameable(key)}`
    if (property === undefined || (isExtra && !isPrimitive(property.type))) {
      walk.found.error('STRUCTURE_INVALID', at, 'is no property of this element')
      continue
    }
    checkChoice(property.element, spelling, choices, at, walk)
    if (isExtra) walkExtras(member, property, value[spelling], at, walk)
    else walkMember(member, property, value[`_${key}`], at, walk)
  }
  for (const { name, spellings } of type.required)
    if (spellings.every((spelling) => value[spelling] === undefined && value[`_${spelling}`] === undefined))
      walk.found.error('REQUIRED_MISSING', `${path}.${name}`, 'must be there')
}

function checkChoice(
  element: ElementNode,
  spelling: string,
  choices: Map<string, string>,
  path: string,
  { found }: Walk,
): void {
  if (!element.name.endsWith('[x]')) return
  const earlier = choices.get(element.name)
  if (earlier !== undefined && earlier !== spelling)
    found.error('CHOICE_INVALID', path, `must be the only one of ${element.name}`)
  choices.set(element.name, spelling)
}

/** A property's value or values. */
function walkMember(
  member: JsonValue,
  property: Property,
  extras: JsonValue | undefined,
  path: string,
  walk: Walk,
): void {
  if (!checkListness(member, property, path, walk)) return
  if (!Array.isArray(member)) {
    walkValue(member, property, path, walk)
    return
  }
  member.forEach((item: JsonValue, index) => {
    const hasExtra = Array.isArray(extras) && isObject(extras[index])
    // In a list of primitives, null stands for a value that has only extensions.
    if (item === null && hasExtra) return
    walkValue(item, property, `${path}[${index}]`, walk)
  })
}

/** Ids and extensions of primitive values. @see https://hl7.org/fhir/R4/json.html#primitive */
function walkExtras(
  member: JsonValue,
  property: Property,
  values: JsonValue | undefined,
  path: string,
  walk: Walk,
): void {
  if (!checkListness(member, property, path, walk)) return
  const list: readonly JsonValue[] = Array.isArray(member) ? member : [member]
  const paired = Array.isArray(values) ? values : [values]
  list.forEach((item, index) => {
    const at = Array.isArray(member) ? `${path}[${index}]` : path
    if (item === null && paired[index] !== undefined && paired[index] !== null) return
    if (isObject(item) && Object.keys(item).length > 0) walkObject(item, types.get('Element'), at, walk)
    else walk.found.error('EMPTY_VALUE', at, 'must hold an id or an extension')
  })
}

function checkListness(member: JsonValue, { element }: Property, path: string, { found }: Walk): boolean {
  if (member === null) found.error('EMPTY_VALUE', path, 'must not be null; leave it out')
  else if (element.isList !== Array.isArray(member))
    found.error(
      'STRUCTURE_INVALID',
      path,
      element.isList ? 'must be a list' : 'must be one value, not a list',
    )
  else if (Array.isArray(member) && member.length === 0)
    found.error('EMPTY_VALUE', path, 'must not be an empty list; leave it out')
  else return true
  return false
}

function walkValue(value: JsonValue, { element, type }: Property, path: string, walk: Walk): void {
  const { found } = walk
  if (value === null) {
    found.error('EMPTY_VALUE', path, 'must not be null; leave it out')
    return
  }
  if (type === 'Resource') {
    enterResource(value, path, walk)
    return
  }
  if (isPrimitive(type)) {
    const wrong = wrongKind(value, type)
    if (wrong !== null) found.error('STRUCTURE_INVALID', path, wrong)
    else if (typeof value === 'string' && value.trim() === '')
      found.error('EMPTY_VALUE', path, 'must hold text')
    else if (element.valueSet !== null) checkBinding(value, type, element.valueSet, path, found)
    return
  }
  walkComplex(value, element, type, path, walk)
}

function walkComplex(value: JsonValue, element: ElementNode, type: string, path: string, walk: Walk): void {
  const { found } = walk
  if (!isObject(value) || value instanceof Decimal) {
    found.error('STRUCTURE_INVALID', path, 'must be an object')
    return
  }
  if (Object.values(value).every((member) => member === undefined)) {
    found.error('EMPTY_VALUE', path, 'must not be empty; leave it out')
    return
  }
  if (element.valueSet !== null) checkBinding(value, type, element.valueSet, path, found)
  if (type === 'Reference') checkReference(value, element.targets, walk.contained, path, found)
  if (type === 'Coding') checkOwnCode(value, path, found)
  checkTypeRules(value, type, path, found)
  walkObject(value, element.inner ?? types.get(type), path, walk)
}

/** A key that looks like a property's name is safe to repeat; another might be anything. */
function nameable(key: string): string {
  return /^_?[a-z][A-Za-z0-9]{0,40}$/.test(key) ? key : '?'
}
