/**
 * What is wrong with a resource:
 * - `RESOURCE_UNSUPPORTED`: a resource type that FHIR R4 or Halo does not know.
 * - `JSON_MALFORMED`: a line that is not the JSON of a resource.
 * - `STRUCTURE_INVALID`: a property that does not exist there, a list where there is one value, the wrong kind of JSON.
 * - `REQUIRED_MISSING`: an element that must be there is not.
 * - `EMPTY_VALUE`: an empty list, object or text, or null; FHIR leaves such elements out.
 * - `VALUE_INVALID`: a value that does not have the form of its type, such as a date that does not exist.
 * - `CHOICE_INVALID`: more than one of the types of an element such as `value[x]`.
 * - `REFERENCE_INVALID`: a reference to a type that may not be there, to nothing, or in no known form.
 * - `CODE_INVALID`: a code that is not in the value set or code system it must come from.
 * - `INVARIANT_BROKEN`: a rule between elements does not hold.
 * - `ANSWER_INVALID`: an answer that does not fit its questionnaire.
 * - `PROFILE_BROKEN`: a claimed or implied profile asks for something else.
 * - `PROFILE_UNKNOWN`: a claimed profile is not known here, so nothing was checked against it.
 */
export type IssueCode =
  | 'RESOURCE_UNSUPPORTED'
  | 'JSON_MALFORMED'
  | 'STRUCTURE_INVALID'
  | 'REQUIRED_MISSING'
  | 'EMPTY_VALUE'
  | 'VALUE_INVALID'
  | 'CHOICE_INVALID'
  | 'REFERENCE_INVALID'
  | 'CODE_INVALID'
  | 'INVARIANT_BROKEN'
  | 'ANSWER_INVALID'
  | 'PROFILE_BROKEN'
  | 'PROFILE_UNKNOWN'

/** One thing that is wrong with a resource. It names elements and rules, and never holds what the resource says. */
export interface Issue {
  /** A resource with errors is not valid FHIR R4; warnings say what could not be checked. */
  readonly severity: 'error' | 'warning'
  readonly code: IssueCode
  /** Such as `Observation.component[2].valueQuantity`. */
  readonly path: string
  readonly message: string
  /** Which check found it: ours, or the one of @medplum/core. */
  readonly foundBy: 'halo' | 'medplum'
}

/** Collects the issues of one resource, up to a bound: a broken file may be broken everywhere. */
export class IssueList {
  readonly issues: Issue[] = []
  /** Whether the resource is nested so deep that other checks must not follow. */
  isDeep = false
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  error(code: IssueCode, path: string, message: string): void {
    this.add({ severity: 'error', code, path, message, foundBy: 'halo' })
  }

  warn(code: IssueCode, path: string, message: string): void {
    this.add({ severity: 'warning', code, path, message, foundBy: 'halo' })
  }

  add(issue: Issue): void {
    if (this.issues.length < this.#max) this.issues.push(issue)
  }
}
