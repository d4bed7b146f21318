import type { Element, ElementTable } from '../src/deidentify/elements.ts'
import { isPrimitive } from '../src/deidentify/elements.ts'
import { DEFINITIONS } from '../src/fhir/generated/definitions.ts'
import type { Definitions } from '../src/fhir/validate/definitions.ts'

/** Every element that FHIR R4 has, of every type in HL7's definitions that the package carries. */
export function readDefinitions(): ElementTable {
  const { types } = JSON.parse(DEFINITIONS) as Definitions
  const table = new Map<string, Map<string, Element>>()
  const elementsOf = (type: string): Map<string, Element> => {
    const known = table.get(type) ?? new Map<string, Element>()
    table.set(type, known)
    return known
  }
  for (const [type, { elements }] of Object.entries(types)) {
    elementsOf(type)
    for (const { path, min = 0, isList = false, types: names = '', sameAs } of elements) {
      const parent = [type, ...path.split('.').slice(0, -1)].join('.')
      const name = path.slice(path.lastIndexOf('.') + 1)
      const kinds = sameAs === undefined ? names.split(' ') : [`${type}.${sameAs}`]
      for (const kind of kinds) {
        const isBackbone = kind === 'BackboneElement' || (kind === 'Element' && !name.startsWith('value'))
        const own = isBackbone ? `${type}.${path}` : kind
        const base = name.replace('[x]', '')
        const choice = name === base ? null : base
        const full = choice === null ? name : base + kind.charAt(0).toUpperCase() + kind.slice(1)
        if (!isPrimitive(own)) elementsOf(own)
        elementsOf(parent).set(full, { type: own, isRequired: min > 0, isList, choice })
      }
    }
  }
  return table
}
