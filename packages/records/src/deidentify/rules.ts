/**
 * What happens to the elements that a path names. Rules are ordered: for each element, and for whatever lies
 * in it, the first one that matches counts.
 */
export interface Rule {
  /**
   * `Type.element.element`, `Resource.id` for any type, `nodesByType('Address')`, `nodesByType('Address').state`
   * or `Patient.nodesByType('Address')`; each may end in `.where(element='value')`. Choices go by their common
   * name: `Observation.value`.
   */
  readonly path: string
  readonly method: string
}

/** One step from a resource to an element. */
export interface Step {
  readonly name: string
  readonly choice: string | null
  readonly type: string
}

/** A rule's path, taken apart. */
export interface Matcher {
  readonly order: number
  readonly method: string
  /** Resource type that the path starts from; null for any. */
  readonly root: string | null
  /** FHIR type that `nodesByType` asks for; null for a path from the root. */
  readonly type: string | null
  readonly names: readonly string[]
  /** Child and value that the element must have. */
  readonly where: readonly [string, string] | null
}

const PATH = /^(?:([A-Z]\w*)\.)?(?:nodesByType\('([\w.]+)'\)|([a-z]\w*))((?:\.[a-z]\w*)*)$/
const WHERE = /^(.*)\.where\((\w+)='([^']*)'\)$/

/** @throws TypeError for a path outside of the language: rules are written by programmers, not by patients */
export function readRule({ path, method }: Rule, order: number): Matcher {
  const [, before, child, value] = WHERE.exec(path) ?? []
  const [, root, type, first, rest = ''] = PATH.exec(before ?? path) ?? []
  if (type === undefined && (first === undefined || root === undefined))
    throw new TypeError(`Not a path of a rule: ${path}`)
  const names = [...(first === undefined ? [] : [first]), ...rest.split('.').slice(1)]
  return {
    order,
    method,
    root: root === undefined || root === 'Resource' ? null : root,
    type: type ?? null,
    names,
    where: child === undefined || value === undefined ? null : [child, value],
  }
}

/** Whether a rule speaks of the element at the end of these steps, whatever the element holds. */
export function matchesPlace({ root, type, names }: Matcher, steps: readonly Step[]): boolean {
  if (root !== null && steps[0]?.type !== root) return false
  const from = steps.length - names.length
  if (type === null ? from !== 1 : from < 1 || steps[from - 1]?.type !== type) return false
  return names.every((name, at) => {
    const step = steps[from + at]
    return step?.name === name || step?.choice === name
  })
}
