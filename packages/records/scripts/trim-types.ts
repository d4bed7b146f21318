import type { ElementRow, TypeDefinition } from '../src/fhir/validate/definitions.ts'
import type { ElementDefinition, StructureDefinition } from './fhir-definitions.ts'
import { requiredValueSet, shortName, structureOf, typeNames } from './fhir-definitions.ts'

/** Types, constraints and bound value sets of a list of resource types. */
export interface TrimmedTypes {
  readonly types: Readonly<Record<string, TypeDefinition>>
  /** `[expression, what it says]` by key. */
  readonly constraints: Readonly<Record<string, readonly [string, string]>>
  readonly valueSets: readonly string[]
}

/** Rules that src/fhir/validate checks without FHIRPath: those of data types, of contained resources, and org-1. */
const CHECKED_IN_CODE =
  /^(?:ele-1|ext-1|dom-[2-5]|org-1|age-1|att-1|cnt-3|cpt-2|dis-1|drt-1|exp-1|per-1|qty-3|rat-1|ref-1|rng-2)$/

/** The given resource types and every data type that they can hold. */
export function trimTypes(
  structures: ReadonlyMap<string, StructureDefinition>,
  resourceTypes: readonly string[],
): TrimmedTypes {
  const types: Record<string, TypeDefinition> = {}
  const constraints: Record<string, readonly [string, string]> = {}
  const valueSets = new Set<string>()
  const open = [...resourceTypes, 'Element']
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (types[name] !== undefined) continue
    const { kind, snapshot } = structureOf(structures, name)
    if (kind === 'primitive-type') continue
    const [root, ...elements] = snapshot.element
    if (root === undefined) throw new Error(`${name} has no elements`)
    types[name] = {
      kind: kind === 'resource' ? 'resource' : 'type',
      constraints: constraintsOf(root, constraints),
      elements: elements.map((element) => rowOf(name ?? '', element, constraints)),
    }
    for (const element of elements) {
      const valueSet = requiredValueSet(element)
      if (valueSet !== undefined) valueSets.add(valueSet)
      open.push(...typeNames(element).filter((type) => /^[A-Z]/.test(type) && type !== 'Resource'))
    }
  }
  return { types: sortKeys(types), constraints: sortKeys(constraints), valueSets: [...valueSets] }
}

function rowOf(
  type: string,
  element: ElementDefinition,
  constraints: Record<string, readonly [string, string]>,
): ElementRow {
  const targets = element.type?.find(({ targetProfile }) => targetProfile !== undefined)?.targetProfile
  const row: ElementRow = {
    path: element.path.slice(type.length + 1),
    min: element.min,
    isList: element.max !== '1' && element.max !== '0',
    types: typeNames(element).join(' '),
    constraints: constraintsOf(element, constraints),
    targets: targets?.map(shortName).join(' '),
    valueSet: requiredValueSet(element),
    sameAs: element.contentReference?.split('.').slice(1).join('.'),
  }
  return JSON.parse(
    JSON.stringify(row, (_, value: unknown) => (isDefault(value) ? undefined : value)),
  ) as ElementRow
}

/** What reading fills in again. */
function isDefault(value: unknown): boolean {
  return value === 0 || value === false || value === '' || (Array.isArray(value) && value.length === 0)
}

function constraintsOf(
  { constraint = [] }: ElementDefinition,
  all: Record<string, readonly [string, string]>,
): readonly string[] {
  const kept = constraint.filter(
    ({ key, severity, expression }) =>
      severity === 'error' && expression !== undefined && !CHECKED_IN_CODE.test(key),
  )
  for (const { key, expression, human } of kept) all[key] = [expression ?? '', human]
  return kept.map(({ key }) => key)
}

function sortKeys<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}
