import type { FhirResource, JsonValue } from '../../text/fhir-json.ts'
import { isObject } from '../../text/fhir-json.ts'
import { checkBinding } from './bindings.ts'
import { holdsFor } from './invariants.ts'
import type { IssueList } from './issue.ts'
import { equalsFixed, includesPattern, toPlain } from './plain.ts'
import type { ProfileNode } from './profile-node.ts'

/** A value where it was found, with its type where the property's name says it. */
interface Found {
  /** Of a primitive that has extensions instead of a value: the object that holds them. */
  readonly value: JsonValue
  /** Whether it is such a primitive, which is there, but has nothing that could be compared. */
  readonly isValueless?: boolean
  readonly path: string
  readonly type: string
}

interface Check {
  readonly resource: FhirResource
  readonly found: IssueList
}

/** Checks a resource against the tree of a profile. */
export function checkProfile(
  resource: FhirResource,
  profile: ProfileNode,
  path: string,
  found: IssueList,
): void {
  const plain = toPlain(resource) as FhirResource
  const root = { value: plain, path, type: resource.resourceType }
  if (resource.resourceType === profile.name) checkValue(root, profile, { resource: plain, found })
  else found.error('PROFILE_BROKEN', path, `must be of type ${profile.name} for its profile`)
}

/** All instances of an element below one parent, or of a slice of them. */
function checkNode(instances: readonly Found[], node: ProfileNode, path: string, check: Check): void {
  const { min = 0, max = Infinity } = node
  if (instances.length < min)
    check.found.error(
      'PROFILE_BROKEN',
      path,
      `must be there${min > 1 ? ` ${min} times` : ''} for its profile`,
    )
  if (instances.length > max)
    check.found.error('PROFILE_BROKEN', path, `must be there at most ${max} times for its profile`)
  for (const instance of instances) checkValue(instance, node, check)
  for (const slice of node.slices ?? []) {
    const members = instances.filter((instance) => isOfSlice(instance, slice, node.discriminators ?? []))
    checkNode(members, slice, `${path}:${slice.name}`, check)
  }
}

function checkValue({ value, path, type, isValueless }: Found, node: ProfileNode, check: Check): void {
  const { found, resource } = check
  const { types, fixed, pattern, valueSet } = node
  if (types !== undefined && type !== '' && !types.includes(type))
    found.error('PROFILE_BROKEN', path, `must be of type ${types.join(' or ')} for its profile`)
  const isOther =
    (fixed !== undefined && !equalsFixed(value, fixed)) ||
    (pattern !== undefined && !includesPattern(value, pattern))
  if (isOther) found.error('PROFILE_BROKEN', path, 'must have the value its profile fixes')
  if (isValueless === true) return
  if (valueSet !== undefined) checkBinding(value, type, valueSet, path, found)
  for (const { key, expression, human } of node.constraints ?? [])
    if (!holdsFor(value, type, resource, expression)) found.error('PROFILE_BROKEN', path, `${key}: ${human}`)
  for (const child of node.children ?? [])
    checkNode(childrenOf(value, path, child.name), child, `${path}.${child.name}`, check)
}

function childrenOf(value: JsonValue, path: string, name: string): readonly Found[] {
  if (!isObject(value)) return []
  if (name.endsWith('[x]')) return choiceOf(value, path, name.slice(0, -3))
  const member = value[name]
  if (member === undefined) return valuelessOf(value[`_${name}`], `${path}.${name}`, '')
  if (!Array.isArray(member)) return [{ value: member, path: `${path}.${name}`, type: '' }]
  return member.map((item: JsonValue, index) => ({
    value: item,
    path: `${path}.${name}[${index}]`,
    type: '',
  }))
}

function choiceOf(
  value: { readonly [key: string]: JsonValue | undefined },
  path: string,
  stem: string,
): readonly Found[] {
  return Object.entries(value).flatMap(([key, member]) => {
    const isExtra = key.startsWith('_')
    const spelling = isExtra ? key.slice(1) : key
    const rest = spelling.slice(stem.length)
    if (!spelling.startsWith(stem) || !/^[A-Z]/.test(rest) || member === undefined) return []
    const at = `${path}.${spelling}`
    if (!isExtra) return [{ value: member, path: at, type: typeOf(rest) }]
    return value[spelling] === undefined ? valuelessOf(member, at, typeOf(rest)) : []
  })
}

/** A primitive may say by an extension why it has no value, and is there nevertheless. @see https://hl7.org/fhir/R4/json.html#primitive */
function valuelessOf(member: JsonValue | undefined, path: string, type: string): readonly Found[] {
  return isObject(member) && Array.isArray(member['extension']) && member['extension'].length > 0
    ? [{ value: member, path, type, isValueless: true }]
    : []
}

/** `Quantity` stays, `DateTime` is the primitive `dateTime`. */
function typeOf(suffix: string): string {
  return PRIMITIVES.has(suffix) ? suffix.charAt(0).toLowerCase() + suffix.slice(1) : suffix
}

const PRIMITIVES: ReadonlySet<string> = new Set([
  'String',
  'Boolean',
  'Integer',
  'Time',
  'DateTime',
  'Instant',
  'Date',
  'Decimal',
  'Code',
  'Uri',
])

/** Slices are told apart by values that the slice itself fixes. */
function isOfSlice(instance: Found, slice: ProfileNode, discriminators: readonly string[]): boolean {
  return discriminators.every((path) => {
    if (path === '$this' && slice.types !== undefined) return slice.types.includes(instance.type)
    const names = path === '$this' ? [] : path.split('.')
    const asked = nodesAt(slice, names)
    const held = valuesAt([instance.value], names)
    return asked.some(({ fixed, pattern }) =>
      held.some((value) =>
        fixed === undefined
          ? pattern !== undefined && includesPattern(value, pattern)
          : equalsFixed(value, fixed),
      ),
    )
  })
}

function nodesAt(node: ProfileNode, names: readonly string[]): readonly ProfileNode[] {
  const [name, ...rest] = names
  if (name === undefined) return [node]
  const inside = [node, ...(node.slices ?? [])].flatMap(({ children = [] }) => children)
  return inside
    .filter((child) => child.name === name)
    .flatMap((child) => [child, ...(child.slices ?? [])].flatMap((at) => nodesAt(at, rest)))
}

function valuesAt(values: readonly JsonValue[], names: readonly string[]): readonly JsonValue[] {
  return names.reduce<readonly JsonValue[]>(
    (held, name) => held.flatMap((value) => childrenOf(value, '', name).map((child) => child.value)),
    values,
  )
}
