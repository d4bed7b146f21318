import type { FhirPathAtom } from '@medplum/core'
import {
  evalFhirPathTyped,
  indexStructureDefinitionBundle,
  OperationOutcomeError,
  parseFhirPath,
  validateResource,
} from '@medplum/core'
import type { FhirResource, JsonValue } from '../../text/fhir-json.ts'
import type { ElementRow } from './definitions.ts'
import type { Issue, IssueCode, IssueList } from './issue.ts'
import { toPlain } from './plain.ts'
import type { ProfileNode } from './profile-node.ts'
import { PROFILES } from './profiles.ts'
import { definitions, isSupported } from './schema.ts'

// The validator keeps its definitions for itself; they are given once, when this module is first loaded.
indexStructureDefinitionBundle(
  Object.keys(definitions.types).map(structureDefinitionOf) as Parameters<
    typeof indexStructureDefinitionBundle
  >[0],
)

/** Stands for resources inside a Bundle whose type is not known: their rules cannot be checked, its own can. */
const PLACEHOLDER = { resourceType: 'Binary', contentType: 'text/plain' }

function placeholderFor(value: { readonly [key: string]: JsonValue | undefined }): unknown {
  const type = value['resourceType']
  return typeof type === 'string' && !isSupported(type) ? PLACEHOLDER : undefined
}

/** Attachments of an ordinary record, 8 MiB decoded; the validator's own limit is 1 MiB. */
const MAX_BINARY_BYTES = 8 * 1024 * 1024

/** The definition of a type in the form the validator wants; what it does not read is left out. */
function structureDefinitionOf(name: string): unknown {
  const { kind, constraints, elements } = definitions.types[name] ?? { kind: 'type', elements: [] }
  return {
    resourceType: 'StructureDefinition',
    url: `http://hl7.org/fhir/StructureDefinition/${name}`,
    name,
    type: name,
    kind: kind === 'resource' ? 'resource' : 'complex-type',
    snapshot: {
      element: [
        { id: name, path: name, min: 0, max: '*', constraint: constraints?.map(constraintOf) },
        ...elements.map((row) => elementDefinitionOf(name, row)),
      ],
    },
  }
}

function elementDefinitionOf(type: string, row: ElementRow): unknown {
  const path = `${type}.${row.path}`
  return {
    id: path,
    path,
    min: row.min ?? 0,
    max: row.isList === true ? '*' : '1',
    type: row.types?.split(' ').map((code) => ({ code })),
    constraint: row.constraints?.map(constraintOf),
    contentReference: row.sameAs === undefined ? undefined : `#${type}.${row.sameAs}`,
  }
}

function constraintOf(key: string): unknown {
  const [expression, human] = definitions.constraints[key] ?? ['', '']
  return { key, severity: 'error', expression, human }
}

type Outcome = ReturnType<typeof validateResource>[number]

/**
 * Checks what @medplum/core checks: the form of primitive values, and the FHIRPath rules of resources and types.
 * What another check has found at the same place is not said again.
 */
export function checkInvariants(resource: FhirResource, found: IssueList): void {
  const seen = new Set(found.issues.map(({ path }) => path))
  for (const outcome of outcomesOf(toPlain(resource, placeholderFor))) {
    if (FOUND_BY_WALKING.test(outcome.details?.text ?? '')) continue
    const issue = issueOf(outcome, resource.resourceType)
    if (issue.code === 'INVARIANT_BROKEN' || !seen.has(issue.path)) found.add(issue)
  }
}

/** Said already, more strictly and without repeating what the resource holds. */
const FOUND_BY_WALKING =
  /^(?:Invalid additional property|Conflicting choice|Invalid reference|Missing required)/

function outcomesOf(plain: unknown): readonly Outcome[] {
  try {
    const options = { base64BinaryMaxBytes: MAX_BINARY_BYTES }
    return validateResource(plain as Parameters<typeof validateResource>[0], options)
  } catch (error) {
    if (error instanceof OperationOutcomeError) return error.outcome.issue ?? []
    // A structure so wrong that the validator stumbles over it; the other checks say where.
    return [{ severity: 'error', code: 'structure', details: { text: '' } } as Outcome]
  }
}

function issueOf(outcome: Outcome, root: string): Issue {
  const text = outcome.details?.text ?? ''
  return {
    severity: outcome.severity === 'error' ? 'error' : 'warning',
    code: codeOf(outcome.code, text),
    path: knownPath(outcome.expression?.[0] ?? root),
    message: messageOf(text),
    foundBy: 'medplum',
  }
}

/** Every name an element or property can have, and the types a path can begin with. */
const NAMES: ReadonlySet<string> = new Set(
  Object.entries(definitions.types).flatMap(([name, { elements }]) => [
    name,
    ...elements.flatMap(({ path }) => path.split('.')),
  ]),
)

/** A path as far as it consists of FHIR's own names: what follows was made up by whoever wrote the resource. */
function knownPath(path: string): string {
  const names = path.split('.')
  const isForeign = (name: string): boolean => !NAMES.has(name.replace(/\[\d+\]$/, '').replace(/^_/, ''))
  const foreign = names.findIndex(isForeign)
  return foreign < 0 ? path : [...names.slice(0, foreign), '?'].join('.')
}

function codeOf(code: string | undefined, text: string): IssueCode {
  if (code === 'invariant') return 'INVARIANT_BROKEN'
  return /format|value|range|integer|larger|exceeds/i.test(text) ? 'VALUE_INVALID' : 'STRUCTURE_INVALID'
}

/** Some of the validator's messages repeat what the resource holds: those are replaced. */
function messageOf(text: string): string {
  const constraint = /^Constraint ([a-z]+-[0-9a-z]+) not met: (.*)$/.exec(text)
  if (constraint !== null) return `${constraint[1]}: ${constraint[2]}`
  const isKnown =
    /^(?:Invalid [a-zA-Z0-9]+ (?:format|value)|Invalid numeric value|Expected number to be|Value did not match)/
  return isKnown.test(text) ? text : 'does not have the structure of its type'
}

/** FHIRPath rules of profiles, parsed once. */
const compiled: ReadonlyMap<string, FhirPathAtom> = new Map(
  [...PROFILES.values()].flatMap(expressionsOf).map((text) => [text, parseFhirPath(text)]),
)

function expressionsOf({ constraints = [], children = [], slices = [] }: ProfileNode): readonly string[] {
  return [
    ...constraints.map(({ expression }) => expression),
    ...[...children, ...slices].flatMap(expressionsOf),
  ]
}

/**
 * Whether a profile's FHIRPath rule holds for an element; a rule that has no answer is not broken.
 * @param resource in plain JSON, and the value a part of it
 */
export function holdsFor(
  value: JsonValue,
  type: string,
  resource: FhirResource,
  expression: string,
): boolean {
  const rule = compiled.get(expression)
  if (rule === undefined) return true
  const context = { type, value }
  const variables = { '%context': context, '%resource': { type: resource.resourceType, value: resource } }
  return evalFhirPathTyped(rule, [context], variables).every((answer) => answer.value === true)
}
