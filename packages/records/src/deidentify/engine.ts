import type { JsonValue } from '../text/fhir-json.ts'
import { isObject } from '../text/fhir-json.ts'
import type { Element, ElementTable } from './elements.ts'
import { isPrimitive } from './elements.ts'
import type { Matcher, Rule, Step } from './rules.ts'
import { matchesPlace, readRule } from './rules.ts'

/** A JSON object. */
export type Node = { readonly [key: string]: JsonValue | undefined }

/** Where a value stands: FHIR type, and its path without indices, safe to be reported. */
export interface Place {
  readonly path: string
  readonly type: string
}

/** What becomes of a primitive: a value, extensions on it, or both; neither when it is removed. */
export interface Outcome {
  readonly value?: JsonValue | undefined
  readonly extension?: readonly JsonValue[] | undefined
}

/** What a rule can ask for. `S` is what the caller knows about the resource at hand. */
export interface Method<S> {
  /** FHIR types whose objects are taken whole; other objects are gone through element by element. */
  readonly objects?: ReadonlySet<string>
  /** @returns what takes the object's place, or undefined to remove it */
  rewriteObject?(value: Node, place: Place, scope: S): JsonValue | undefined
  rewrite(value: JsonValue, place: Place, scope: S): Outcome
}

/** What happened to a value, for the report. */
export type Change = 'removed' | 'changed'

/** What the engine asks its caller while it goes through a resource. */
export interface Visitor<S> {
  readonly methods: Readonly<Record<string, Method<S>>>
  /** Scope of a resource that is about to be gone through; null leaves the resource out. */
  enter(resource: Node, parent: S | null): S | null
  /** Last changes to an object that has something left, or null to remove it. */
  leave(output: Record<string, JsonValue>, input: Node, place: Place, scope: S): Node | null
  onChange(change: Change, place: Place, name: string | null): void
}

/** What the rules leave of a resource; null when nothing of it may leave. */
export interface Engine {
  rewrite<S>(resource: Node, visitor: Visitor<S>): Node | null
}

/** A place in the tree of types, with the rules that speak of it, in their order. */
interface Position extends Place {
  readonly isList: boolean
  readonly steps: readonly Step[]
  readonly matchers: readonly Matcher[]
  readonly children: Map<string, Position>
  readonly parent: Position | null
}

interface Walk<S> {
  readonly visitor: Visitor<S>
  readonly scope: S
}

/** Nothing that FHIR describes is nested deeper. */
const MAX_DEPTH = 64
const ANY_EXTENSION: Element = { type: 'Extension', isRequired: false, isList: true, choice: null }

/**
 * Rules over a table of elements. What the table does not know is removed; what no rule speaks of is left to
 * `otherwise`. Rules are matched once per place, not once per value.
 */
export function createEngine(table: ElementTable, rules: readonly Rule[], otherwise: string): Engine {
  const matchers = rules.map(readRule)
  const last: Matcher = {
    order: rules.length,
    method: otherwise,
    root: null,
    type: null,
    names: [],
    where: null,
  }
  const roots = new Map<string, Position>()

  function rewrite<S>(resource: Node, visitor: Visitor<S>, parent: S | null, depth: number): Node | null {
    const type = resource['resourceType']
    const scope = visitor.enter(resource, parent)
    if (scope === null || typeof type !== 'string' || !table.has(type)) return null
    let root = roots.get(type)
    if (root === undefined) {
      root = openPosition(null, type, { ...ANY_EXTENSION, type })
      roots.set(type, root)
    }
    const output = walkObject(resource, root, last, { visitor, scope }, depth)
    return output === null ? null : { resourceType: type, ...output }
  }

  function walkObject<S>(
    input: Node,
    place: Position,
    inherited: Matcher,
    walk: Walk<S>,
    depth: number,
  ): Node | null {
    const { methods, onChange, leave } = walk.visitor
    const matcher = earlier(matcherOf(place, input), inherited)
    const method = methods[matcher.method]
    if (method?.rewriteObject !== undefined && method.objects?.has(place.type) === true) {
      const whole = method.rewriteObject(input, place, walk.scope)
      if (!isObject(whole)) {
        onChange('removed', place, null)
        return null
      }
      noteChanges(input, whole, place, onChange)
      return whole
    }
    const output: Record<string, JsonValue> = {}
    for (const name of Object.keys(input)) {
      if (name === 'resourceType' || input[name] === undefined) continue
      const isTwin = name.startsWith('_')
      const plain = isTwin ? name.slice(1) : name
      // A primitive's extensions are dealt with beside its value, or here when it has none.
      if (isTwin && input[plain] !== undefined) continue
      const child = childOf(place, plain)
      if (child === null || (isTwin && !isPrimitive(child.type)) || depth > MAX_DEPTH)
        onChange('removed', place, name)
      else walkElement(plain, input, output, child, matcher, walk, depth + 1)
    }
    return Object.keys(output).length === 0 && place.parent !== null
      ? null
      : leave(output, input, place, walk.scope)
  }

  function walkElement<S>(
    name: string,
    input: Node,
    output: Record<string, JsonValue>,
    place: Position,
    inherited: Matcher,
    walk: Walk<S>,
    depth: number,
  ): void {
    // A list where FHIR has one value, or one where it has a list, is nothing that a reader could expect.
    if ([input[name], input[`_${name}`]].some((one) => one !== undefined && isArray(one) !== place.isList)) {
      walk.visitor.onChange('removed', place, null)
      return
    }
    if (isPrimitive(place.type)) {
      walkPrimitives(name, input, output, place, inherited, walk, depth)
      return
    }
    const value = input[name]
    const walkOne = (one: JsonValue): JsonValue | null => {
      if (!isObject(one)) {
        walk.visitor.onChange('removed', place, null)
        return null
      }
      if (place.type !== 'Resource') return walkObject(one, place, inherited, walk, depth)
      const resource = rewrite(one, walk.visitor, walk.scope, depth)
      if (resource === null) walk.visitor.onChange('removed', place, null)
      return resource
    }
    if (isArray(value)) {
      const left = value.map(walkOne).filter((one) => one !== null)
      if (left.length > 0) output[name] = left
    } else if (value !== undefined) {
      const left = walkOne(value)
      if (left !== null) output[name] = left
    }
  }

  function walkPrimitives<S>(
    name: string,
    input: Node,
    output: Record<string, JsonValue>,
    place: Position,
    inherited: Matcher,
    walk: Walk<S>,
    depth: number,
  ): void {
    const value = input[name]
    const twin = input[`_${name}`]
    const matcher = earlier(matcherOf(place, null), inherited)
    const walkOne = (one: JsonValue | undefined, element: JsonValue | undefined): Outcome => {
      const outcome = rewriteValue(one, place, matcher, walk)
      const own = isObject(element) ? walkExtensions(element, place, matcher, walk, depth) : []
      const extension = [...(outcome.extension ?? []), ...own]
      return { value: outcome.value, extension }
    }
    if (!isArray(value) && !isArray(twin)) {
      const { value: one, extension } = walkOne(value, twin)
      if (one !== undefined) output[name] = one
      if (extension !== undefined && extension.length > 0) output[`_${name}`] = { extension }
      return
    }
    const values = isArray(value) ? value : []
    const twins = isArray(twin) ? twin : []
    const outcomes = Array.from({ length: Math.max(values.length, twins.length) }, (_, at) =>
      walkOne(values[at] ?? undefined, twins[at]),
    ).filter(({ value: one, extension }) => one !== undefined || (extension?.length ?? 0) > 0)
    if (outcomes.some((one) => one.value !== undefined))
      output[name] = outcomes.map((one) => one.value ?? null)
    if (outcomes.some(({ extension }) => (extension?.length ?? 0) > 0))
      output[`_${name}`] = outcomes.map(({ extension }) => (extension?.length ? { extension } : null))
  }

  function rewriteValue<S>(
    value: JsonValue | undefined,
    place: Position,
    matcher: Matcher,
    walk: Walk<S>,
  ): Outcome {
    if (value === undefined || value === null) return {}
    const { methods, onChange } = walk.visitor
    // An object or a list where FHIR has a text or a number says nothing that a rule could judge.
    const isPlain = !isObject(value) && !isArray(value)
    const outcome = isPlain ? (methods[matcher.method]?.rewrite(value, place, walk.scope) ?? {}) : {}
    if (outcome.value === undefined && outcome.extension === undefined) onChange('removed', place, null)
    else if (outcome.value !== value) onChange('changed', place, null)
    return outcome
  }

  function walkExtensions<S>(
    twin: Node,
    place: Position,
    inherited: Matcher,
    walk: Walk<S>,
    depth: number,
  ): readonly JsonValue[] {
    const output: Record<string, JsonValue> = {}
    const extension = childOf(place, 'extension')
    for (const name of Object.keys(twin))
      if (name === 'extension' && extension !== null)
        walkElement(name, twin, output, extension, inherited, walk, depth)
      else walk.visitor.onChange('removed', place, name)
    const left = output['extension']
    return isArray(left) ? left : []
  }

  function matcherOf(place: Position, input: Node | null): Matcher {
    for (const matcher of place.matchers) {
      if (matcher.where === null) return matcher
      if (input?.[matcher.where[0]] === matcher.where[1]) return matcher
    }
    return last
  }

  function childOf(place: Position, name: string): Position | null {
    const known = place.children.get(name)
    if (known !== undefined) return known
    const element = name === 'extension' ? ANY_EXTENSION : table.get(place.type)?.get(name)
    if (element === undefined) return null
    const child = repeated(place, element.type) ?? openPosition(place, name, element)
    place.children.set(name, child)
    return child
  }

  function openPosition(parent: Position | null, name: string, element: Element): Position {
    const step: Step = { name, choice: element.choice, type: element.type }
    const steps = [...(parent?.steps ?? []), step]
    const own = matchers.filter((matcher) => matchesPlace(matcher, steps))
    const path = parent === null ? name : `${parent.path}.${name}`
    return {
      path,
      type: element.type,
      isList: element.isList,
      steps,
      matchers: own,
      children: new Map(),
      parent,
    }
  }

  return { rewrite: (resource, visitor) => rewrite(resource, visitor, null, 0) }
}

/** Items within items and extensions within extensions share a place, so that input cannot make them grow. */
function repeated(place: Position, type: string): Position | null {
  if (isPrimitive(type)) return null
  for (let at: Position | null = place; at !== null; at = at.parent)
    if (at.type === type && (type === 'Extension' || type.includes('.'))) return at
  return null
}

/** Values that differ and values that are gone; what lies deeper is not looked at. */
function noteChanges(input: Node, output: Node, place: Place, onChange: Visitor<unknown>['onChange']): void {
  for (const name of Object.keys(input))
    if (output[name] === undefined) onChange('removed', place, name)
    else if (output[name] !== input[name]) onChange('changed', place, name)
}

function earlier(own: Matcher, inherited: Matcher): Matcher {
  return own.order < inherited.order ? own : inherited
}

function isArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}
