/** A word as a POSIX shell takes it: quoted where the shell would read it as more than a word. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** Options with their values, to be pasted after a command; those without a value are left out. */
export function renderOptions(options: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(options)
    .filter((option): option is [string, string] => option[1] !== undefined)
    .map(([name, value]) => ` ${name} ${quoteWord(value)}`)
    .join('')
}
