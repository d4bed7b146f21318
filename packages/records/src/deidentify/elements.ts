/** What is known of one element: its FHIR type, and whether FHIR wants it to be there, once or as a list. */
export interface Element {
  readonly type: string
  readonly isRequired: boolean
  readonly isList: boolean
  /** `value` for `valueQuantity`: the name that rules use for a choice of types. */
  readonly choice: string | null
}

/** Elements by name, by type: resource types, data types, and backbone elements by path. */
export type ElementTable = ReadonlyMap<string, ReadonlyMap<string, Element>>

/**
 * Reads a table written as text. An element is `name:Type`, with `!` where FHIR requires it and `*` where it
 * is a list; `name[x]:TypeA|TypeB` stands for one element per type.
 */
export function readElements(rows: Readonly<Record<string, string>>): ElementTable {
  const entries = Object.entries(rows).map(([type, row]) => [type, new Map(readRow(row))] as const)
  return new Map(entries)
}

type Entry = readonly [name: string, element: Element]

function readRow(row: string): readonly Entry[] {
  return row
    .trim()
    .split(/\s+/)
    .flatMap((word): readonly Entry[] => {
      const [, name = '', isChoice, required, list, types = ''] =
        /^(\w+)(\[x\])?(!)?(\*)?:(\S+)$/.exec(word) ?? []
      const element = {
        isRequired: required !== undefined,
        isList: list !== undefined,
        type: types,
        choice: null,
      }
      if (isChoice === undefined) return [[name, element]]
      return types.split('|').map((type) => [name + capital(type), { ...element, type, choice: name }])
    })
}

/** Whether values of a type are texts, numbers or booleans; FHIR writes such types in lower case. */
export function isPrimitive(type: string): boolean {
  return type.charCodeAt(0) > 0x60
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
