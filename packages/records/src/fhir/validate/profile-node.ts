import type { JsonValue } from '../../text/fhir-json.ts'

/** What a profile asks of one element beyond the base type; what is absent is not asked. */
export interface ProfileNode {
  /** Element name such as `code` or `value[x]`; of the root, the resource type; of a slice, its name. */
  readonly name: string
  readonly min?: number
  readonly max?: number
  /** The types a choice is narrowed to. */
  readonly types?: readonly string[]
  /** The whole value, exactly. */
  readonly fixed?: JsonValue
  /** What the value must hold, at least. */
  readonly pattern?: JsonValue
  /** Value set of a required binding. */
  readonly valueSet?: string
  /** Resource types that a reference may point to. */
  readonly targets?: readonly string[]
  readonly constraints?: readonly ProfileConstraint[]
  readonly children?: readonly ProfileNode[]
  /** Paths by which instances are told apart, `$this` for the instance itself; slices are open. */
  readonly discriminators?: readonly string[]
  readonly slices?: readonly ProfileNode[]
}

/** A FHIRPath rule of a profile. */
export interface ProfileConstraint {
  readonly key: string
  readonly expression: string
  readonly human: string
}
