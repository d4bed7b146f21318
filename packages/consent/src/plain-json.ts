import { ConsentError } from './errors.ts'

/** Fields of a flat JSON object, not yet checked. */
export type Fields = Readonly<Record<string, unknown>>

/** JSON of a flat object with its keys sorted, as RFC 8785 writes it for texts and safe integers. */
export function toCanonicalJson(fields: Readonly<Record<string, string | number>>): string {
  return JSON.stringify(fields, Object.keys(fields).sort())
}

/**
 * The fields of a flat object in canonical form, and no others.
 * @throws ConsentError `BAD_REQUEST`, naming what is unexpected
 */
export function parseCanonicalJson(text: string, what: string, keys: readonly string[]): Fields {
  const fields = parseObject(text)
  if (fields === null) throw new ConsentError('BAD_REQUEST', `The ${what} is not a JSON object.`)
  const unknown = Object.keys(fields).find((key) => !keys.includes(key))
  if (unknown !== undefined) throw new ConsentError('BAD_REQUEST', `The ${what} has an unknown field.`)
  if (JSON.stringify(fields, Object.keys(fields).sort()) !== text)
    throw new ConsentError('BAD_REQUEST', `The ${what} is not in canonical form.`)
  return fields
}

function parseObject(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null
  } catch {
    return null
  }
}
