/** What must be in no file of the repository. Written so that this file does not match itself. */
const FORBIDDEN: readonly (readonly [string, RegExp])[] = [
  ['a path of one machine', /(?<![\w.])\/(?:work|root|Users)\/[\w.-]/],
  ["a path of one machine's home directory", /(?<![\w.])\/home\/(?!halo\b|node\b)[\w.-]/],
  ['a path of one machine', /\bC:\\Users\\/],
  [
    'a registry or mirror',
    /\b(?:registry|mirror|artifactory|nexus|verdaccio)\.[\w-]+\.[a-z]{2,}(?:[/:]|\b)/i,
  ],
  ['a private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/],
  ['a registry token', /(?:_auth[T]oken|\bnpm_[A-Za-z0-9]{36})/],
  ['a token of a code host', /\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_\w{22}/],
  ['a cloud key', /\bAKIA[0-9A-Z]{16}\b/],
]

/** Names what a text holds that the repository must not, with the line; empty when it is clean. */
export function findForbidden(path: string, text: string): readonly string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      FORBIDDEN.filter(([, pattern]) => pattern.test(line)).map(([what]) => `${path}:${index + 1}: ${what}`),
    )
}
