import { DEFINITIONS } from '../generated/definitions.ts'
import type { Definitions, ElementRow, TypeDefinition } from './definitions.ts'

/** One element, as walking needs it. */
export interface ElementNode {
  readonly name: string
  readonly isRequired: boolean
  readonly isList: boolean
  /** Types that a Reference may point to; null when any may. */
  readonly targets: ReadonlySet<string> | null
  readonly valueSet: string | null
  /** The elements inside, where the type is not one with a name. */
  readonly inner: TypeNode | null
}

/** A property as JSON spells it, such as `valueQuantity`, with the element and type it stands for. */
export interface Property {
  readonly element: ElementNode
  readonly type: string
}

/** The properties of a type, or of a part of one. */
export interface TypeNode {
  readonly properties: ReadonlyMap<string, Property>
  readonly required: readonly { readonly name: string; readonly spellings: readonly string[] }[]
}

/** The definitions as they were generated. */
export const definitions: Definitions = JSON.parse(DEFINITIONS) as Definitions

/** All types by name, resource types among them. */
export const types: ReadonlyMap<string, TypeNode> = new Map(
  Object.entries(definitions.types).map(([name, definition]) => [name, typeNodeOf(definition)]),
)

/** Codes by system by value set. */
export const valueSets: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>> = new Map(
  Object.entries(definitions.valueSets).map(([url, systems]) => [
    url,
    new Map(Object.entries(systems).map(([system, codes]) => [system, new Set(codes.split(' '))])),
  ]),
)

/** Whether Halo validates resources of this type. */
export function isSupported(resourceType: string): boolean {
  return (
    Object.hasOwn(definitions.types, resourceType) && definitions.types[resourceType]?.kind === 'resource'
  )
}

interface Part {
  readonly properties: Map<string, Property>
  readonly required: { readonly name: string; readonly spellings: readonly string[] }[]
}

function typeNodeOf({ elements }: TypeDefinition): TypeNode {
  const parts = new Map<string, Part>()
  const partAt = (path: string): Part => {
    const part: Part = parts.get(path) ?? { properties: new Map(), required: [] }
    parts.set(path, part)
    return part
  }
  for (const row of elements) {
    const at = row.path.lastIndexOf('.')
    const name = row.path.slice(at + 1)
    const part = partAt(at < 0 ? '' : row.path.slice(0, at))
    const innerPath = row.sameAs ?? (isInline(row) ? row.path : null)
    const element = elementNodeOf(name, row, innerPath === null ? null : partAt(innerPath))
    const spellings = spellingsOf(name, row)
    for (const [spelling, type] of spellings) part.properties.set(spelling, { element, type })
    if (element.isRequired) part.required.push({ name, spellings: spellings.map(([spelling]) => spelling) })
  }
  return partAt('')
}

function elementNodeOf(name: string, row: ElementRow, inner: TypeNode | null): ElementNode {
  return {
    name,
    isRequired: (row.min ?? 0) > 0,
    isList: row.isList ?? false,
    targets: row.targets === undefined || row.targets === 'Resource' ? null : new Set(row.targets.split(' ')),
    valueSet: row.valueSet ?? null,
    inner,
  }
}

function isInline({ types = '' }: ElementRow): boolean {
  return types === 'BackboneElement' || types === 'Element'
}

/** `value[x]` with types `string Quantity` is spelt `valueString` or `valueQuantity`. */
function spellingsOf(name: string, { types = '' }: ElementRow): readonly (readonly [string, string])[] {
  const names = types.split(' ')
  if (!name.endsWith('[x]')) return [[name, names[0] ?? '']]
  const stem = name.slice(0, -3)
  return names.map((type) => [stem + type.charAt(0).toUpperCase() + type.slice(1), type])
}
