/** A word as a POSIX shell takes it: quoted where the shell would read it as more than a word. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** A name of a file for a shell; one that begins as an option is none from here on. */
export function quotePath(path: string): string {
  return quoteWord(path.startsWith('-') && path !== '-' ? `./${path}` : path)
}

/** Options with their values, to be pasted after a command; those without a value are left out. */
export function renderOptions(options: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(options)
    .filter((option): option is [string, string] => option[1] !== undefined)
    .map(([name, value]) => ` ${name} ${name === '--chain-url' ? wordUrl(value) : quotePath(value)}`)
    .join('')
}

/** Many providers have the account's key in path or query, and what a command prints is handed on. */
function wordUrl(url: string): string {
  const origin = URL.parse(url)?.origin
  return url === origin || url === `${origin}/` ? quoteWord(url) : 'URL'
}
