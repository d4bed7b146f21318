/** The parts of HL7's definition files that trimming reads. */
export interface Bundle {
  readonly entry: readonly { readonly resource: DefinitionResource }[]
}

export interface DefinitionResource {
  readonly resourceType: string
  readonly url: string
}

export interface StructureDefinition extends DefinitionResource {
  readonly name: string
  readonly kind: 'primitive-type' | 'complex-type' | 'resource' | 'logical'
  readonly type: string
  readonly snapshot: { readonly element: readonly ElementDefinition[] }
}

export interface ElementDefinition {
  readonly id: string
  readonly path: string
  readonly sliceName?: string
  readonly min: number
  readonly max: string
  readonly base?: { readonly path: string; readonly min: number; readonly max: string }
  readonly contentReference?: string
  readonly type?: readonly ElementType[]
  readonly constraint?: readonly ElementConstraint[]
  readonly binding?: { readonly strength: string; readonly valueSet?: string }
  readonly slicing?: { readonly discriminator?: readonly { readonly type: string; readonly path: string }[] }
  readonly [key: string]: unknown
}

export interface ElementType {
  readonly code: string
  readonly targetProfile?: readonly string[]
  readonly extension?: readonly { readonly url: string; readonly valueUrl?: string }[]
}

export interface ElementConstraint {
  readonly key: string
  readonly severity: string
  readonly human: string
  readonly expression?: string
}

const BASE = 'http://hl7.org/fhir/StructureDefinition/'

/** A type's or target's short name: without FHIR's own address, where it has that. */
export function shortName(url: string): string {
  return url.startsWith(BASE) ? url.slice(BASE.length) : url
}

/** The definition of a type or profile of the standard. */
export function structureOf(
  structures: ReadonlyMap<string, StructureDefinition>,
  name: string,
): StructureDefinition {
  const found = structures.get(BASE + name)
  if (found === undefined) throw new Error(`The definitions do not hold ${name}`)
  return found
}

/** Names of an element's types; those that FHIR writes as FHIRPath types by the FHIR type they stand for. */
export function typeNames(element: ElementDefinition): readonly string[] {
  return (element.type ?? []).map(({ code, extension }) => {
    const stated = extension?.find(({ url }) => url.endsWith('structuredefinition-fhir-type'))?.valueUrl
    // The standard says "string" of a resource's id and means the type id.
    if (code.startsWith('http')) return /^[A-Z]\w*\.id$/.test(element.path) ? 'id' : (stated ?? 'string')
    return code
  })
}

/** The value set of a required binding, without its version. */
export function requiredValueSet(element: ElementDefinition): string | undefined {
  if (element.binding?.strength !== 'required') return undefined
  return element.binding.valueSet?.split('|')[0]
}
