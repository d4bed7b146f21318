import type { ProfileNode } from './profile-node.ts'

/** What FHIR says about an element, as the generated file holds it; defaults are left out there. */
export interface ElementRow {
  /** Below the type, such as `component.value[x]`. */
  readonly path: string
  readonly min?: number | undefined
  readonly isList?: boolean | undefined
  /** Separated by blanks. */
  readonly types?: string | undefined
  /** Keys of FHIRPath rules. */
  readonly constraints?: readonly string[] | undefined
  /** Types that a Reference may point to, separated by blanks; absent when any may. */
  readonly targets?: string | undefined
  /** Value set of a required binding. */
  readonly valueSet?: string | undefined
  /** Path of the element whose content this one repeats. */
  readonly sameAs?: string | undefined
}

/** A resource type or a data type. */
export interface TypeDefinition {
  readonly kind: 'resource' | 'type'
  readonly constraints?: readonly string[] | undefined
  readonly elements: readonly ElementRow[]
}

/** The generated file. */
export interface Definitions {
  readonly types: Readonly<Record<string, TypeDefinition>>
  /** `[expression, what it says]` by key. */
  readonly constraints: Readonly<Record<string, readonly [string, string]>>
  /** Codes separated by blanks, by system, by value set. */
  readonly valueSets: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly profiles: Readonly<Record<string, ProfileNode>>
}
