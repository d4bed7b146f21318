/** What canonical JSON is made of here: no fractions, nothing undefined. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined }

/**
 * JSON with the keys of every object sorted and no white space, as RFC 8785 writes texts and safe integers.
 * Keys without a value are left out.
 */
export function toCanonicalJson(value: JsonValue): string {
  return JSON.stringify(sortKeys(value))
}

function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    item === undefined ? item : sortKeys(item),
  ])
  return Object.fromEntries(entries.sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1))) as JsonValue
}
