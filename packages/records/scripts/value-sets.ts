import type { Bundle, DefinitionResource } from './fhir-definitions.ts'

interface Concept {
  readonly code: string
  readonly concept?: readonly Concept[]
}

interface CodeSystem extends DefinitionResource {
  readonly content: string
  readonly concept?: readonly Concept[]
}

interface Include {
  readonly system?: string
  readonly concept?: readonly Concept[]
  readonly filter?: readonly unknown[]
  readonly valueSet?: readonly string[]
}

interface ValueSet extends DefinitionResource {
  readonly compose?: { readonly include: readonly Include[]; readonly exclude?: readonly Include[] }
}

/** Codes of value sets: `{ valueSet: { system: 'code code …' } }`, and the value sets that list no codes. */
export interface Expansion {
  readonly expanded: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly open: readonly string[]
}

/** Writes out value sets that are given as lists of codes or as whole code systems. */
export function expandValueSets(bundles: readonly Bundle[], urls: ReadonlySet<string>): Expansion {
  const all = new Map<string, DefinitionResource>()
  for (const { entry } of bundles)
    for (const { resource } of entry) all.set(`${resource.resourceType} ${resource.url}`, resource)
  const expanded: Record<string, Record<string, string>> = {}
  const open: string[] = []
  for (const url of [...urls].sort()) {
    const codes = expand(url, all)
    if (codes === null) open.push(url)
    else expanded[url] = Object.fromEntries([...codes].map(([system, list]) => [system, [...list].join(' ')]))
  }
  return { expanded, open }
}

type Codes = Map<string, Set<string>>

function expand(url: string, all: ReadonlyMap<string, DefinitionResource>): Codes | null {
  const valueSet = all.get(`ValueSet ${url}`) as ValueSet | undefined
  if (valueSet?.compose === undefined || valueSet.compose.exclude !== undefined) return null
  const codes: Codes = new Map()
  for (const include of valueSet.compose.include) if (!addInclude(include, codes, all)) return null
  return codes
}

function addInclude(include: Include, codes: Codes, all: ReadonlyMap<string, DefinitionResource>): boolean {
  if (include.filter !== undefined) return false
  if (include.system === undefined)
    return (include.valueSet ?? []).every((url) => addValueSet(url, codes, all))
  const list = include.concept ?? systemConcepts(include.system, all)
  if (list === null) return false
  const known = codes.get(include.system) ?? new Set()
  for (const code of flatten(list)) known.add(code)
  codes.set(include.system, known)
  return true
}

function addValueSet(url: string, codes: Codes, all: ReadonlyMap<string, DefinitionResource>): boolean {
  const inner = expand(url.split('|')[0] ?? '', all)
  for (const [system, list] of inner ?? [])
    codes.set(system, new Set([...(codes.get(system) ?? []), ...list]))
  return inner !== null
}

function systemConcepts(
  url: string,
  all: ReadonlyMap<string, DefinitionResource>,
): readonly Concept[] | null {
  const system = all.get(`CodeSystem ${url}`) as CodeSystem | undefined
  return system?.content === 'complete' ? (system.concept ?? null) : null
}

function flatten(concepts: readonly Concept[]): readonly string[] {
  return concepts.flatMap(({ code, concept = [] }) => [code, ...flatten(concept)])
}
