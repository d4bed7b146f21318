/**
 * `npm run halo` and `npm start` start commands in the root of the repository; names of files mean those of the directory in
 * which a person called it, which npm tells.
 */
export function startWhereCalled(): void {
  const dir = calledIn(process.env)
  if (dir !== null) process.chdir(dir)
}

/** Where npm was called to run one of these; null when something else started the process. */
export function calledIn(env: Readonly<Record<string, string | undefined>>): string | null {
  const isOurs = ['halo', 'start'].includes(env['npm_lifecycle_event'] ?? '')
  return isOurs ? (env['INIT_CWD'] ?? null) : null
}
