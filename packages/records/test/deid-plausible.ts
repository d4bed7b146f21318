import type { FhirResource, JsonValue } from '@halo/records'
import type { ElementTable } from '../src/deidentify/elements.ts'
import { isPrimitive } from '../src/deidentify/elements.ts'
import { readDefinitions } from './deid-definitions.ts'

const PLAUSIBLE: Readonly<Record<string, JsonValue>> = {
  id: 'p1',
  code: 'final',
  uri: 'http://loinc.org',
  url: 'https://example.org/a',
  canonical: 'http://hl7.org/fhir/StructureDefinition/vitalsigns',
  string: 'plain words',
  markdown: 'plain words',
  xhtml: '<div>plain words</div>',
  boolean: true,
  integer: 7,
  positiveInt: 7,
  unsignedInt: 7,
  decimal: 7.5,
  date: '2021-03-04',
  dateTime: '2021-03-04T05:06:07+01:00',
  instant: '2021-03-04T05:06:07.891Z',
  time: '05:06:07',
  base64Binary: 'cGxhaW4=',
}

/** Objects whose parts have to fit together to be let through. */
const FITTING: Readonly<Record<string, JsonValue>> = {
  Coding: { system: 'http://loinc.org', version: '2.77', code: '8867-4', display: 'Heart rate' },
  Quantity: { value: 7.5, comparator: '<', unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  Age: { value: 50, unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' },
  Duration: { value: 5, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' },
  Reference: { reference: 'Patient/p1', type: 'Patient', display: 'plain words' },
  Address: {
    line: ['plain'],
    city: 'plain',
    district: 'plain',
    state: 'WA',
    postalCode: '98053',
    country: 'US',
  },
}

/** With one of these a resource is left out as a whole. */
const LEAVES_OUT: ReadonlySet<string> = new Set(['modifierExtension', 'implicitRules'])

const DEEPEST = 4

let table: ElementTable | null = null

/**
 * A resource in which every element of R4 is there, with plausible values; each object and each primitive has
 * an extension. More than valid: all types of a choice are there at once.
 */
export function buildFull(type: string): FhirResource {
  table ??= readDefinitions()
  return { resourceType: type, ...(buildObject(table, type, 0) as object) } as FhirResource
}

function buildObject(elements: ElementTable, type: string, depth: number): JsonValue {
  const built: Record<string, JsonValue> = { ...(FITTING[type] as Record<string, JsonValue> | undefined) }
  for (const [name, element] of elements.get(type) ?? []) {
    if (built[name] !== undefined || LEAVES_OUT.has(name)) continue
    if (element.type === 'Extension') {
      if (depth < DEEPEST && name === 'extension') built[name] = [extension()]
      continue
    }
    const value = buildValue(elements, element.type, depth + 1)
    if (value === undefined) continue
    built[name] = element.isList ? [value] : value
    if (isPrimitive(element.type))
      built[`_${name}`] = element.isList ? [{ extension: [extension()] }] : { extension: [extension()] }
  }
  return built
}

function buildValue(elements: ElementTable, type: string, depth: number): JsonValue | undefined {
  if (isPrimitive(type)) return PLAUSIBLE[type] ?? 'plain words'
  if (depth > DEEPEST) return undefined
  if (type === 'Resource')
    return {
      resourceType: 'Observation',
      id: 'inner',
      status: 'final',
      code: { coding: [FITTING['Coding'] ?? null], text: 'plain' },
      valueString: 'plain',
    }
  return elements.has(type) ? buildObject(elements, type, depth) : undefined
}

function extension(): JsonValue {
  return {
    url: 'https://example.org/extension',
    valueString: 'plain words',
    extension: [{ url: 'inner', valueCode: 'final' }],
  }
}

/** Where a leaf stands. */
export type LeafPath = readonly (string | number)[]

/** Every leaf of a value, but for the type of the resource. */
export function leavesOf(value: JsonValue | undefined, path: LeafPath = []): readonly LeafPath[] {
  if (typeof value !== 'object' || value === null) return path.at(-1) === 'resourceType' ? [] : [path]
  if (Array.isArray(value)) return value.flatMap((one: JsonValue, at) => leavesOf(one, [...path, at]))
  return Object.entries(value).flatMap(([name, one]) => leavesOf(one as JsonValue, [...path, name]))
}

/** A copy with another value at one place; everything else is shared. */
export function replaceAt(value: JsonValue, [first, ...rest]: LeafPath, replacement: JsonValue): JsonValue {
  if (first === undefined) return replacement
  if (Array.isArray(value))
    return value.map((one: JsonValue, at) => (at === first ? replaceAt(one, rest, replacement) : one))
  const object = value as Record<string, JsonValue>
  return { ...object, [first]: replaceAt(object[first] ?? null, rest, replacement) }
}

/** A copy with every leaf replaced but for the types of resources. */
export function mapLeaves(value: JsonValue, replace: (leaf: JsonValue) => JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return replace(value)
  if (Array.isArray(value)) return value.map((one: JsonValue) => mapLeaves(one, replace))
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      name === 'resourceType' ? one : mapLeaves(one as JsonValue, replace),
    ]),
  ) as JsonValue
}
