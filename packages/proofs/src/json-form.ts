import type { FieldReader } from './field-reader.ts'

/** A full bundle has below 3 000; the rest is room for the JSON of others, which is told what it is: 32 bytes each. */
const MAX_BRACKETS = 2 ** 18

/**
 * Whether a text of JSON has more lists and objects than anything that is read here. A parser makes something of each,
 * so that millions of them in a small file are seconds and hundreds of megabytes, deep or not. Never throws, also
 * for what is no JSON: up to its first mistake the count is the parser's.
 */
export function hasTooManyBrackets(text: string): boolean {
  let brackets = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '"') at = findStringEnd(text, at)
    else if ((char === '[' || char === '{') && ++brackets > MAX_BRACKETS) return true
  }
  return false
}

/** Where the string ends that begins at a quote; the text's end for one that does not. */
function findStringEnd(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

/**
 * Reads JSON that has one form, with or without a line feed behind, which editors and shells add. What would be
 * written otherwise may say the same, but nothing can hide where there is one form.
 * @param parse throws for a value that is not in order
 * @param write the one form of what was parsed
 * @throws ProofsError with the code of `read`; field `encoding` for what is in another form
 */
export function parseOneForm<T>(
  text: string,
  read: FieldReader,
  parse: (value: unknown) => T,
  write: (parsed: T) => string,
): T {
  const line = text.replace(/\n$/, '')
  if (line.startsWith('\ufeff')) throw read.reformatted()
  const parsed = parse(parseJson(line, read))
  if (write(parsed) !== line) throw read.reformatted()
  return parsed
}

function parseJson(text: string, read: FieldReader): unknown {
  if (hasTooManyBrackets(text)) throw read.invalid('encoding')
  try {
    return JSON.parse(text) as unknown
  } catch {
    // No cause: the parser's message quotes the text.
    throw read.invalid('encoding')
  }
}
