import { canonicalJson } from '../text/canonical-json.ts'
import type { JsonValue } from '../text/fhir-json.ts'
import { invalidOption } from '../text/options.ts'
import type { SettlingRule } from './note-book.ts'

/** Where the order of a file decides who gets which number, a file that overlaps it may give them to others. */
export const NUMBERED_BY_APPEARANCE: SettlingRule = {
  rule: 'numbered-by-appearance',
  text: 'Several people or rooms are numbered in the order of this file; another export may number them otherwise, and merging the two mixes them up: give all their names in one order with --names.',
}

/** The number of a name. */
export interface Numbered {
  /** Counted from 1. */
  readonly number: number
  /** Whether the file names it for the first time. */
  readonly isNew: boolean
  /** Whether another file may give the number to another name; said once, when it is new. */
  readonly isByAppearance: boolean
}

/** Numbers in place of the names of people and rooms. */
export interface Numbering {
  /** Null when the name is one too many. */
  numberOf(name: string): Numbered | null
  /** Names by number, the given ones first, whether the file has them or not. */
  list(): readonly string[]
}

/**
 * Opens a numbering: given names have the numbers of their order, others the numbers after them, in the order
 * in which the file first has them. The only name of a file without given names is not said to be by appearance.
 * @param most how many names there may be
 * @param keyOf what of a given name is compared, as {@link Numbering.numberOf} gets it
 * @throws RecordsError `OPTION_INVALID` where given names are too many, empty or repeated
 */
export function openNumbering(
  names: readonly string[] | undefined,
  most: number,
  keyOf: (name: string) => string,
): Numbering {
  const numbers = new Map((names ?? []).map((name, at) => [keyOf(checkName(name)), at + 1]))
  const given = numbers.size
  if (given !== (names?.length ?? 0) || given > most) throw namesInvalid()
  const met = new Set<number>()
  return {
    numberOf(name) {
      const known = numbers.get(name)
      if (known === undefined && numbers.size >= most) return null
      const number = known ?? numbers.size + 1
      if (known === undefined) numbers.set(name, number)
      const isNew = !met.has(number)
      met.add(number)
      return { number, isNew, isByAppearance: isNew && number > (names === undefined ? 1 : given) }
    },
    list: () => [...numbers.keys()],
  }
}

/** How a field names someone or something: its text, or else its JSON. */
export function nameIn(field: JsonValue | undefined): string {
  return typeof field === 'string' ? field : canonicalJson(field ?? null)
}

function checkName(name: unknown): string {
  if (typeof name === 'string' && name.trim() !== '') return name
  throw namesInvalid()
}

function namesInvalid(): Error {
  return invalidOption(
    'names',
    'different names, none of them empty, and no more than there may be in a file',
  )
}
