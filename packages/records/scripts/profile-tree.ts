import type { ProfileNode } from '../src/fhir/validate/profile-node.ts'
import type { ElementDefinition, StructureDefinition } from './fhir-definitions.ts'
import { requiredValueSet, structureOf, typeNames } from './fhir-definitions.ts'

/** A profile as the tree of what it adds to its base, and the value sets it binds. */
export interface TrimmedProfile {
  readonly url: string
  readonly tree: ProfileNode
  readonly valueSets: readonly string[]
}

type Draft = { -readonly [Key in keyof ProfileNode]: ProfileNode[Key] } & {
  children: Draft[]
  slices: Draft[]
}

/** Reads a profile's snapshot; elements that say no more than the base are left out. */
export function profileTree(
  structures: ReadonlyMap<string, StructureDefinition>,
  name: string,
): TrimmedProfile {
  const profile = structureOf(structures, name)
  const base = structureOf(structures, profile.type)
  const root: Draft = { name: profile.type, children: [], slices: [] }
  const valueSets = new Set<string>()
  for (const element of profile.snapshot.element) {
    const node = nodeAt(root, element.id.split('.').slice(1))
    const own = base.snapshot.element.find(({ path }) => path === element.path)
    Object.assign(node, addedBy(element, own))
    if (node.valueSet !== undefined) valueSets.add(node.valueSet)
  }
  return { url: profile.url, tree: pruned(root) ?? { name: profile.type }, valueSets: [...valueSets] }
}

/** Finds or makes the node of an element id such as `component:SystolicBP.code`. */
function nodeAt(root: Draft, segments: readonly string[]): Draft {
  let node = root
  for (const segment of segments) {
    const [name = '', slice] = segment.split(':')
    node = childOf(node.children, name)
    if (slice !== undefined) node = childOf(node.slices, slice)
  }
  return node
}

function childOf(list: Draft[], name: string): Draft {
  const found = list.find((node) => node.name === name)
  if (found !== undefined) return found
  const made: Draft = { name, children: [], slices: [] }
  list.push(made)
  return made
}

function addedBy(element: ElementDefinition, own: ElementDefinition | undefined): Partial<ProfileNode> {
  const { base, min, max, slicing, sliceName } = element
  const types = typeNames(element)
  const isSlice = sliceName !== undefined
  const fixed = Object.entries(element).find(([key]) => key.startsWith('fixed') || key.startsWith('pattern'))
  const valueSet = requiredValueSet(element)
  const ownKeys = new Set(own?.constraint?.map(({ key }) => key) ?? [])
  const constraints = (element.constraint ?? [])
    .filter(({ key, severity }) => own !== undefined && severity === 'error' && !ownKeys.has(key))
    .map(({ key, expression = '', human }) => ({ key, expression, human }))
  return {
    ...(min > (isSlice ? 0 : (base?.min ?? 0)) ? { min } : {}),
    ...(max !== '*' && (isSlice || max !== base?.max) ? { max: Number(max) } : {}),
    ...(own !== undefined && types.length < (own.type?.length ?? 0) ? { types: [...types] } : {}),
    ...(fixed === undefined ? {} : { [fixed[0].startsWith('fixed') ? 'fixed' : 'pattern']: fixed[1] }),
    ...(valueSet !== undefined && valueSet !== (own && requiredValueSet(own)) ? { valueSet } : {}),
    ...(constraints.length === 0 ? {} : { constraints }),
    ...(slicing?.discriminator === undefined || element.path.endsWith('xtension')
      ? {}
      : { discriminators: slicing.discriminator.map(({ path }) => path) }),
  }
}

/** Without nodes that ask for nothing; null when nothing is left. */
function pruned({ children, slices, ...own }: Draft): ProfileNode | null {
  const kept = children.map(pruned).filter((node) => node !== null)
  const keptSlices = slices.map(pruned).filter((node) => node !== null)
  const { name, discriminators, ...asks } = own
  if (kept.length + keptSlices.length + Object.keys(asks).length === 0) return null
  return {
    name,
    ...asks,
    ...(kept.length === 0 ? {} : { children: kept }),
    ...(keptSlices.length === 0 || discriminators === undefined
      ? {}
      : { discriminators, slices: keptSlices }),
  }
}
